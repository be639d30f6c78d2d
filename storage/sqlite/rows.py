"""How values of the model are written in columns, and read back.

Times are `datetime.isoformat()` of UTC: lossless, and in the order of time when compared as text, because `+` sorts
before `.` and a bare date before every time of its day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from storage.model import Ending, Entry, Outcome, Validators

MAX_CONTENT_CHARACTERS = 500_000
"""Of an entry's `content`; `summary` gets a tenth. Keeps one hostile feed from growing the corpus without bound."""
MAX_LINE_CHARACTERS = 4_000
"""Of an entry's title."""


def clean(text: str) -> str:
    """The text without what SQLite cannot keep or would cut at: lone surrogates become `?`, NUL goes."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def cleaned(text: str | None, most: int | None = None) -> str | None:
    """`clean` for a column that may be empty, cut after `most` characters."""
    return None if text is None else clean(text[:most])


def time_text(moment: date | None) -> str | None:
    """A date or an aware datetime as a column holds it."""
    if moment is None:
        return None
    return moment_text(moment) if isinstance(moment, datetime) else moment.isoformat()


def moment_text(moment: datetime) -> str:
    """An aware datetime as a column holds it."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).isoformat()


def moment(text: str) -> datetime:
    """The datetime of a column."""
    return datetime.fromisoformat(text)


def moment_or_none(text: str | None) -> datetime | None:
    """The datetime of a column that may be empty."""
    return None if text is None else datetime.fromisoformat(text)


def date_or_none(text: str | None) -> date | None:
    """The date, or the datetime, of a column that may be empty."""
    if text is None:
        return None
    return date.fromisoformat(text) if len(text) == len("2000-01-01") else datetime.fromisoformat(text)


def list_text(values: Sequence[str]) -> str:
    """A JSON array."""
    return json.dumps([clean(value) for value in values], ensure_ascii=False) if values else "[]"


def list_of(text: str) -> tuple[str, ...]:
    """The strings of a JSON array."""
    return () if text == "[]" else tuple(json.loads(text))


def mapping_text(values: Mapping[str, str]) -> str:
    """A JSON object."""
    return clean(json.dumps(dict(values), ensure_ascii=False)) if values else "{}"


def mapping_of(text: str) -> dict[str, str]:
    """The strings of a JSON object."""
    return {} if text == "{}" else dict(json.loads(text))


def pairs_text(values: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """A JSON object of arrays of pairs."""
    return clean(json.dumps({name: list(pairs) for name, pairs in values.items()}, ensure_ascii=False))


def pairs_of(text: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The pairs of strings in a JSON object of arrays."""
    if text == "{}":
        return {}
    return {name: tuple((rule, value) for rule, value in pairs) for name, pairs in json.loads(text).items()}


def outcome_or_none(outcome: str | None, reason: str | None, detail: str | None) -> Outcome | None:
    """The outcome that three columns hold."""
    return None if outcome is None else Outcome(Ending(outcome), reason, detail)


def validators_or_none(etag: str | None, last_modified: str | None) -> Validators | None:
    """The validators that two columns hold."""
    return None if etag is None and last_modified is None else Validators(etag, last_modified)


ENTRY_COLUMNS = (
    "url",
    "title",
    "authors",
    "published",
    "updated",
    "language",
    "tags",
    "image",
    "flags",
    "summary",
    "content",
)


def entry_values(entry: Entry) -> tuple[str | None, ...]:
    """What `ENTRY_COLUMNS` hold of an entry."""
    return (
        cleaned(entry.url),
        cleaned(entry.title, MAX_LINE_CHARACTERS),
        list_text(entry.authors),
        time_text(entry.published),
        time_text(entry.updated),
        cleaned(entry.language),
        list_text(entry.tags),
        cleaned(entry.image),
        list_text(entry.flags),
        cleaned(entry.summary, MAX_CONTENT_CHARACTERS // 10),
        cleaned(entry.content, MAX_CONTENT_CHARACTERS),
    )


def entry_of(key: str, values: Sequence[str | None]) -> Entry:
    """The entry that `ENTRY_COLUMNS` hold."""
    url, title, authors, published, updated, language, tags, image, flags, summary, content = values
    return Entry(
        key=key,
        url=url,
        title=title,
        authors=list_of(authors or "[]"),
        published=date_or_none(published),
        updated=date_or_none(updated),
        summary=summary,
        content=content,
        language=language,
        tags=list_of(tags or "[]"),
        image=image,
        flags=list_of(flags or "[]"),
    )
