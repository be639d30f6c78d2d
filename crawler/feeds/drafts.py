"""From what a format says of an item to the entry record that is the same for every format."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html

from crawler.feeds.dates import read_date
from storage import Entry

MAX_TITLE_CHARS = 1_000
MAX_SUMMARY_CHARS = 10_000
MAX_CONTENT_CHARS = 500_000
MAX_URL_CHARS = 8_000
"""Servers refuse longer request lines: RFC 9110 section 4.1 recommends to support 8,000 octets."""
MAX_KEY_CHARS = 2_000
"""Longer ids are kept as their hash."""
MAX_AUTHORS = 20
MAX_TAGS = 50
MAX_NAME_CHARS = 200

_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(r"<[^<>]*>")
_NO_LETTERS = re.compile(r"[\W\d_]+")
_SPACE_IN_URL = re.compile("[\t\n\r]")
_ABSOLUTE = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?/[\w/.~%+,@-]*(?:\?[\w/.~%+,@&=-]+)?", re.ASCII
)
"""An address that joining and splitting would leave as it is: nearly every one, and else a fifth of a feed's time."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_RELATIVE = re.compile(
    r"""(?:href|src)\s*=\s*(?:"(?!\s*(?:[a-z][a-z0-9+.-]*:|\#))|'(?!\s*(?:[a-z][a-z0-9+.-]*:|\#)))""", re.I
)
_BREAKING = frozenset(
    {"p", "br", "div", "li", "ul", "ol", "dl", "dt", "dd", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"blockquote", "pre", "figure", "figcaption"}
)
_HIDDEN = frozenset({"script", "style", "template", "noscript", "iframe", "head"})


@dataclass(frozen=True, slots=True)
class Prose:
    """A piece of text and whether it is HTML."""

    value: str = ""
    is_html: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """One item as its format gives it: nothing resolved, bounded or checked."""

    id: str = ""
    links: tuple[str, ...] = ()
    """Candidates for the address of the article, best first."""
    base: str = ""
    title: Prose = Prose()
    authors: tuple[str, ...] = ()
    published: str = ""
    updated: str = ""
    summary: Prose = Prose()
    content: Prose = Prose()
    language: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""
    flags: tuple[str, ...] = ()


def absolute(link: str, base: str) -> str | None:
    """The http(s) address that `link` means on a page at `base`, or None: any other scheme is refused (S4)."""
    link = _SPACE_IN_URL.sub("", link.strip())
    if len(link) <= MAX_URL_CHARS and _ABSOLUTE.fullmatch(link):
        return link
    try:
        url = urljoin(base, link)
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= MAX_URL_CHARS
    except ValueError:
        return None
    return url if usable and link else None


def clean(text: str, limit: int) -> str | None:
    """One line of text without control characters, at most `limit` characters; None where nothing is left."""
    return " ".join(_UNSAFE.sub("", text[: limit * 4]).split())[:limit].rstrip() or None


def language_of(raw: str) -> str | None:
    """A language tag of BCP 47 shape, or None."""
    raw = raw.strip()
    return raw.replace("_", "-") if _LANGUAGE.fullmatch(raw) else None


def plain(prose: Prose, limit: int) -> str | None:
    """The text of a piece of prose on one line, at most `limit` characters."""
    value = prose.value[: limit * 20]  # markup around a text is rarely twenty times as long
    if not prose.is_html or ("<" not in value and "&" not in value):
        return clean(value, limit)
    try:
        root = lxml_html.fragment_fromstring(_UNSAFE.sub("", value), create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return clean(re.sub(r"<[^<>]*>", " ", value), limit)
    return clean("".join(_pieces(root, limit * 4)), limit)


def _pieces(root: etree._Element, limit: int) -> Iterable[str]:
    size = 0
    hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        piece = ""
        if event == "start":
            hidden += tag in _HIDDEN
            piece = (" " if tag in _BREAKING else "") + ("" if hidden else element.text or "")
        else:
            if event == "end":
                hidden -= tag in _HIDDEN
            if element is not root and not hidden:
                piece = (" " if tag in _BREAKING else "") + (element.tail or "")
        yield piece
        size += len(piece)
        if size > limit:
            return


def finish(draft: Draft, url: str, now: datetime) -> Entry:
    """The entry record of one item of the document at `url`."""
    base = urljoin(url, draft.base) if draft.base else url
    flags = list(draft.flags)
    links = [absolute(link, base) for link in draft.links if link.strip()]
    link = next((found for found in links if found), None)
    if link is None:
        flags.append("refused_link" if links else "no_link")
    published = read_date(draft.published, now)
    updated = read_date(draft.updated, now)
    flags.extend(published.flags)
    flags.extend(flag for flag in updated.flags if flag not in published.flags)
    if published.value is None and updated.value is None:
        flags.append("no_date")
    title = plain(draft.title, MAX_TITLE_CHARS)
    content = _content(draft.content, base)
    if content is not None and len(content) > MAX_CONTENT_CHARS:
        content = content[:MAX_CONTENT_CHARS]
        flags.append("content_cut")
    summary = plain(draft.summary, MAX_SUMMARY_CHARS)
    return Entry(
        key=_key(draft.id, link, title, draft.published or draft.updated),
        url=link,
        title=title,
        authors=_names(draft.authors, MAX_AUTHORS),
        published=published.value,
        updated=updated.value,
        summary=summary,
        content=content,
        language=language_of(draft.language),
        tags=_names(draft.tags, MAX_TAGS),
        image=absolute(draft.image, base) if draft.image else None,
        flags=tuple(dict.fromkeys(flags)),
        fingerprint=fingerprint(title, content or summary, updated.value),
    )


def fingerprint(title: str | None, words: str | None, updated: date | None) -> str | None:
    """What changes when an entry is edited: its letters, and the time that it says it was changed. Digits, punctuation
    and markup are left out, so that counters, relative times and new image sizes are no edits (P38). None where there
    is nothing to go by."""
    letters = _NO_LETTERS.sub("", _TAG.sub(" ", f"{title or ''} {words or ''}")).casefold()
    if not letters and updated is None:
        return None
    return _digest(f"{letters}\n{updated.isoformat() if updated else ''}")[:16]


def _key(id_: str, link: str | None, title: str | None, when: str) -> str:
    """The id byte for byte (RFC 4287 section 4.2.6), else the link, else a hash of title and date (P36)."""
    key = id_.strip().encode("utf-8", "replace").decode() or link
    if key is None:
        return "hash:" + _digest(f"{title or ''}\n{when.strip()}")
    return key if len(key) <= MAX_KEY_CHARS else "hash:" + _digest(key)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _content(prose: Prose, base: str) -> str | None:
    value = _UNSAFE.sub("", prose.value[: MAX_CONTENT_CHARS + 1]).strip()
    if not value:
        return None
    if not prose.is_html:
        value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return "".join(f"<p>{part.strip()}</p>" for part in re.split(r"\n\s*\n", value))
    if not _RELATIVE.search(value):
        return value
    try:
        root = lxml_html.fragment_fromstring(value, create_parent="div")
        root.make_links_absolute(base, resolve_base_href=False, handle_failures="ignore")
        whole = lxml_html.tostring(root, encoding="unicode")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return value
    return str(whole)[len("<div>") : -len("</div>")]


def _names(raw: Sequence[str], limit: int) -> tuple[str, ...]:
    names = (clean(name, MAX_NAME_CHARS) for name in raw[: limit * 4])
    return tuple(dict.fromkeys(name for name in names if name))[:limit]


def newest_first(entries: Iterable[Entry]) -> list[Entry]:
    """Dated entries first, newest first; the rest in the order of the document."""
    return sorted(entries, key=lambda entry: sort_moment(entry.published or entry.updated), reverse=True)


def sort_moment(value: date | None) -> datetime:
    """A moment to sort by: the start of a day for a plain date, the beginning of time for none."""
    if value is None:
        return datetime.min.replace(tzinfo=UTC)
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def distinct(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries in order, one for each key. Entries that share a key but not the link are all kept (P36): the oldest
    keeps the key, because it had it when it was alone, the others get one derived from their link."""
    groups: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        groups.setdefault(entry.key, []).append(index)
    kept: dict[int, Entry] = {}
    for indexes in groups.values():
        seen: set[str | None] = set()
        # feeds list the newest first, so among equal dates the last one is the oldest
        for index in sorted(indexes, key=lambda index: (sort_moment(entries[index].published), -index)):
            entry = entries[index]
            if entry.url in seen:
                continue
            if seen:
                derived = f"{entry.key[:MAX_KEY_CHARS]} {_digest(entry.url or '')[:16]}"
                entry = replace(entry, key=derived, flags=(*entry.flags, "reused_id"))
            seen.add(entry.url)
            kept[index] = entry
    return tuple(kept[index] for index in sorted(kept))
