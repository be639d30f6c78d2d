"""One line of a file becomes an article, or a reason why not. Runs inside the box: a line may hold anything."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from crawler import urls
from crawler.extract.headline import without_headline
from crawler.extract.language import language_of
from crawler.extract.words import content_hash, count_words, without_controls
from crawler.importing.columns import READ, values_of
from crawler.importing.moments import BadDate, fetched, printed
from crawler.importing.texts import NoText, texts_of
from storage import Article, plain_line

RULE = "import"
"""In `provenance`, before the name of the file and the number of the line."""
MOST_URLS = 50
MOST_NAMES = 100
MOST_SOURCES = 20
MOST_LINE_CHARS = 1_000
MOST_PROSE_CHARS = 10_000
_SHOWN_CHARS = 60
_RULE_NAME = re.compile(r"[a-z][a-z0-9:+ _-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=[-_]|$)")
_CREDENTIALS = re.compile(r"\s*https?://[^/?#]*@", re.IGNORECASE)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that can be filed."""

    line: int
    digest: str
    """Of its bytes: a row that was filed is known by it."""
    url: str
    article: Article
    sources: tuple[str, ...]
    """Names that the row gives for where it comes from; may be none."""
    fetched: datetime | None = None
    first_seen: datetime | None = None
    remarks: tuple[str, ...] = ()
    """What was left out of it, and why."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be filed."""

    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class RowsOrder:
    """Lines to read, each with its number, and what their file is called."""

    lines: tuple[tuple[int, bytes], ...]
    file: str
    now: datetime


def warm() -> None:
    """Load what a worker needs before its first line."""
    read_line(
        1, b'{"url": "http://localhost/", "text": "' + b"Warm words. " * 9 + b'"}', "", datetime.now().astimezone()
    )


def read_rows(order: RowsOrder) -> tuple[ReadRow | BadRow, ...]:
    """What each line of the order holds."""
    return tuple(read_line(number, line, order.file, order.now) for number, line in order.lines)


def read_line(number: int, line: bytes, file: str, now: datetime) -> ReadRow | BadRow:
    """The article of one line. Pure, and nothing in the line makes it raise."""
    try:
        row = _parse(line)
        url = _url(row)
        reading = _Reading(row, url, now)
        article, remarks = reading.article(f"{RULE} {file}:{number}")
    except _Unusable as error:
        return BadRow(number, str(error))
    except NoText as error:
        return BadRow(number, str(error))
    return ReadRow(
        line=number,
        digest=hashlib.sha256(line.strip()).hexdigest()[:32],
        url=url,
        article=article,
        sources=reading.sources(),
        fetched=reading.fetched,
        first_seen=reading.first_seen,
        remarks=tuple(remarks),
    )


class _Unusable(ValueError):
    """A row that cannot be filed; the message says why."""


def _parse(line: bytes) -> Mapping[str, object]:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise _Unusable(f"is no UTF-8 (byte {error.start + 1})") from error
    try:
        row = json.loads(text, object_pairs_hook=_object)
    except RecursionError as error:
        raise _Unusable("nests too deeply to be read") from error
    except json.JSONDecodeError as error:
        if text == "[":
            raise _Unusable("begins a JSON array; `jq -c '.[]'` writes its objects a line each") from error
        raise _Unusable(f"is no JSON ({error.msg} at character {error.pos + 1})") from error
    except _Unusable:
        raise
    except ValueError as error:  # a number of more digits than Python reads
        raise _Unusable("holds a number that cannot be read") from error
    if not isinstance(row, dict):
        kind = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}.get(type(row), "a number")
        raise _Unusable(f"is {kind}, not an object; write one object a line")
    return row


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object in which no column that is read stands twice with different values: nobody knows which is meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        for name, value in pairs:
            if name in READ and found[name] != value:
                raise _Unusable(f"has {name} twice, with different values")
    return found


def _url(row: Mapping[str, object]) -> str:
    given = list(values_of(row, "url"))
    if not given:
        raise _Unusable("has no url")
    for value in given:
        if isinstance(value, str) and (url := urls.normalize(value)):
            return url
    first = given[0]
    if not isinstance(first, str):
        raise _Unusable("has a url that is no string")
    if _CREDENTIALS.match(first):
        raise _Unusable("has a url with a user name or password in it")
    raise _Unusable(f"has a url that is no address of the web: {_shown(first)}")


@dataclass(slots=True)
class _Reading:
    """Reads one row field by field; what cannot be used is left out, and remarked upon."""

    row: Mapping[str, object]
    url: str
    now: datetime
    remarks: list[str] = field(default_factory=list)
    fetched: datetime | None = None
    first_seen: datetime | None = None

    def article(self, rule: str) -> tuple[Article, list[str]]:
        """The article, each of its fields by this rule, and the remarks."""
        title = self._line("title")
        texts = texts_of(self._text(), self._html(), self.url)
        self.fetched = self._when("fetched", fetched)
        self.first_seen = self._when("first_seen", fetched)
        language, language_rule = self._language(texts.text, rule)
        canonical = self._address("canonical")
        urls_claimed = self._urls(canonical)
        article = Article(
            title=title,
            text=texts.text,
            html=texts.html,
            url=self.url,
            authors=self._names("authors", ";"),
            published=self._when("published", printed),
            updated=self._when("updated", printed),
            language=language,
            site=urls.site(self.url),
            tags=self._names("tags", ";,"),
            description=self._line("description", MOST_PROSE_CHARS),
            image=self._address("image"),
            canonical=canonical,
            addresses=tuple((RULE, url) for url in urls_claimed),
            syndicated_from=self._syndicated(canonical),
            section=self._line("section"),
            licence=self._line("licence"),
            free=self._flag("free"),
            word_count=count_words(texts.text),
            content_hash=content_hash(texts.text, title),
        )
        article = without_headline(article)
        rules = {"language": language_rule, "text": f"{rule}; {texts.rule}" if texts.rule else rule}
        return replace(article, provenance=self._provenance(article, rule, rules)), self.remarks

    def sources(self) -> tuple[str, ...]:
        """Who the row says that it comes from: the sources of an export, else the site."""
        names = self._names("sources", ";")[:MOST_SOURCES]
        site = None if names else next((v for v in values_of(self.row, "site") if isinstance(v, str)), None)
        return names or ((_one_line(site)[:MOST_LINE_CHARS],) if site and _one_line(site) else ())

    def _text(self) -> str | None:
        values = list(values_of(self.row, "text"))
        for value in values:
            if isinstance(value, str):
                return value
            if isinstance(value, dict) and (said := _body_text(value)):
                return said
        if values:
            raise _Unusable("has a text that is no string")
        return None

    def _html(self) -> str | None:
        return next((value for value in values_of(self.row, "html") if isinstance(value, str)), None)

    def _line(self, name: str, most: int = MOST_LINE_CHARS) -> str | None:
        for value in values_of(self.row, name):
            if isinstance(value, str):
                return _one_line(value)[:most] or None
            self._leave_out(name, value, "is no string")
        return None

    def _names(self, name: str, separators: str) -> tuple[str, ...]:
        """Several short strings, from a list (of strings, or of objects with a name) or from one string."""
        found: list[str] = []
        for value in values_of(self.row, name):
            parts = re.split(f"[{separators}]", value) if isinstance(value, str) else value
            if not isinstance(parts, list):
                self._leave_out(name, value, "is no list of strings")
                continue
            for part in parts:
                said = part.get("name") if isinstance(part, dict) else part
                if isinstance(said, str):
                    found.append(_one_line(said)[:MOST_LINE_CHARS])
                elif said is not None:
                    self._leave_out(name, said, "is no string")
            if name != "tags" and found:
                break
        return tuple(dict.fromkeys(filter(None, found)))[:MOST_NAMES]

    def _when(self, name: str, read: Callable[[object, datetime], T]) -> T | None:
        for value in values_of(self.row, name):
            try:
                return read(value, self.now)
            except BadDate as error:
                self._leave_out(name, value, str(error))
        return None

    def _address(self, name: str) -> str | None:
        for value in values_of(self.row, name):
            url = urls.normalize(value, self.url) if isinstance(value, str) else None
            if url:
                return url
            self._leave_out(name, value, "is no address of the web")
        return None

    def _urls(self, canonical: str | None) -> tuple[str, ...]:
        """The other addresses that the row knows; as claims of a page they count on its own site alone."""
        given = next(values_of(self.row, "urls"), [])
        texts = [value for value in given if isinstance(value, str)] if isinstance(given, list) else []
        found = [canonical, *(urls.normalize(text) for text in texts[:MOST_URLS])]
        return tuple(dict.fromkeys(url for url in found if url and url != self.url))

    def _syndicated(self, canonical: str | None) -> str | None:
        """Whose text it is: as the row says, else the canonical address where that is on another site."""
        said = self._line("syndicated_from")
        return said or (canonical if canonical and not urls.same_site(canonical, self.url) else None)

    def _flag(self, name: str) -> bool | None:
        for value in values_of(self.row, name):
            if isinstance(value, bool):
                return value
            self._leave_out(name, value, "is neither true nor false")
        return None

    def _language(self, text: str, rule: str) -> tuple[str | None, str | None]:
        for value in values_of(self.row, "language"):
            code = _LANGUAGE.match(value.strip().lower()) if isinstance(value, str) else None
            if code:
                return code[0], rule
        return language_of(text)

    def _provenance(self, article: Article, rule: str, rules: Mapping[str, str | None]) -> dict[str, str]:
        """Field to rule. A date keeps the rule that an export says it is by: what gave it is known, and columns that
        are grouped by it stay few."""
        names = ("title", "text", "authors", "published", "updated", "language", "tags", "description", "image")
        further = ("section", "licence", "free", "canonical", "syndicated_from")
        held = [name for name in (*names, *further) if getattr(article, name) not in (None, "", ())]
        found = {name: said for name in held if (said := rules.get(name, rule))}
        if article.published is not None:
            said_by = next(values_of(self.row, "published_from"), None)
            is_rule = isinstance(said_by, str) and _RULE_NAME.fullmatch(said_by)
            found["published"] = str(said_by) if is_rule else RULE
        if self.fetched is not None:
            found["fetched"] = rule
        return found

    def _leave_out(self, name: str, value: object, why: str) -> None:
        self.remarks.append(f"{name} {_shown(value)} {why}; kept without it")


def _body_text(body: Mapping[str, object]) -> str:
    """The text of an article's body as Fundus writes it: a summary, and sections of headlines and paragraphs."""
    sections = body.get("sections")
    parts = [body.get("summary")]
    for section in sections if isinstance(sections, list) else ():
        if isinstance(section, dict):
            parts += [section.get("headline"), section.get("paragraphs")]
    return "\n\n".join(_strings(parts))


def _strings(parts: Iterable[object]) -> list[str]:
    return [text for part in parts if isinstance(part, list) for text in part if isinstance(text, str)]


def _one_line(text: str) -> str:
    return " ".join(without_controls(text.replace("\n", " ").replace("\r", " ").replace("\t", " ")).split())


def _shown(value: object) -> str:
    """A value as a message tells it: short, and without what would act on a terminal."""
    text = value if isinstance(value, str) else type(value).__name__ if isinstance(value, list | dict) else str(value)
    text = plain_line(text[: _SHOWN_CHARS + 1])
    return f"'{text[:_SHOWN_CHARS]}…'" if len(text) > _SHOWN_CHARS else f"'{text}'"
