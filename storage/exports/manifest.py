"""The manifest of an export: what was asked, what came of it, and the sums by which each file is known again.

Every time in it is one of the data, none is the clock's: an unchanged corpus gives the same manifest, byte by byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Literal

from storage.answers import Query, StoredArticle
from storage.export import escaped_json
from storage.exports.asked import in_words
from storage.exports.warc import WarcCounts
from storage.numbers import NumberSet
from storage.records import moment_of, text_record, time_record
from storage.selections import Progress, Selection
from storage.versions import software, version_of

VERSION = 1
"""Of the manifest's own form."""
ExportKind = Literal["jsonl", "csv", "parquet", "markdown", "epub", "warc"]
_FORMATS: dict[ExportKind, tuple[str, str | None]] = {
    "jsonl": ("1", None),
    "csv": ("1", None),
    "parquet": ("1", "pyarrow"),
    "markdown": ("1", "markdownify"),
    "epub": ("EPUB 3.3", None),
    "warc": ("WARC/1.1", None),
}
"""The version of each format, which goes up when a program that reads it would have to change, and who else writes it:
the bytes are equal for equal versions."""


@dataclass(frozen=True, slots=True)
class FileSum:
    """One file of an export."""

    name: str
    """As seen from where the manifest lies."""
    size_bytes: int
    sha256: str


def sum_of_file(path: Path, name: str) -> FileSum:
    """The sum of a file, in flat memory."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileSum(name, file.tell(), digest)


def sum_of_bytes(data: bytes, name: str) -> FileSum:
    """The sum of a file with these bytes."""
    return FileSum(name, len(data), hashlib.sha256(data).hexdigest())


@dataclass(slots=True)
class Span:
    """The first and the last of some times."""

    first: date | None = None
    last: date | None = None

    def add(self, moment: date) -> None:
        """A further one."""
        if self.first is None or moment_of(moment) < moment_of(self.first):
            self.first = moment
        if self.last is None or moment_of(moment) > moment_of(self.last):
            self.last = moment

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {"first": time_record(self.first), "last": time_record(self.last)}


@dataclass(slots=True)
class Tally:
    """What is counted of the articles of an export while they pass, in flat memory."""

    articles: int = 0
    undated: int = 0
    given: NumberSet = field(default_factory=NumberSet)
    stories: NumberSet = field(default_factory=NumberSet)
    sources: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)
    published: Span = field(default_factory=Span)
    first_seen: Span = field(default_factory=Span)
    fetched: Span = field(default_factory=Span)

    def counting(self, articles: Iterable[StoredArticle]) -> Iterator[StoredArticle]:
        """The same articles, counted."""
        for article in articles:
            self.articles += 1
            self.given.add(article.id)
            self.stories.add(article.story_id)
            self.sources.update(article.sources)
            self.sites.add(article.site)
            if article.published is None:
                self.undated += 1
            else:
                self.published.add(article.published)
            self.first_seen.add(article.first_seen)
            self.fetched.add(article.fetched)
            yield article

    def progress(self, selection: Selection) -> Progress:
        """How far an export has come that has all articles of the selection."""
        former = selection.after.given if selection.after is not None else NumberSet()
        return Progress(selection.position, former.union(self.given))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest tells besides its files."""

    kind: ExportKind
    query: Query
    one_per_story: bool
    selection: Selection
    tally: Tally
    warc: WarcCounts | None = None

    def write(self, stream: IO[str], files: Iterable[FileSum]) -> None:
        """Write it as JSON in UTF-8, the files one a line at its end."""
        head = escaped_json(json.dumps(self._head(), ensure_ascii=False, indent=1))
        stream.write(f'{head.removesuffix("}").rstrip()},\n "files": [')
        for number, one in enumerate(files):
            found = {"sha256": one.sha256, "bytes": one.size_bytes, "name": text_record(one.name)}
            stream.write(f"{',' if number else ''}\n  {escaped_json(json.dumps(found, ensure_ascii=False))}")
        stream.write("\n ]\n}\n")

    def _head(self) -> dict[str, object]:
        form, writer = _FORMATS[self.kind]
        found: dict[str, object] = {
            "manifest": VERSION,
            "software": software(),
            "format": {"name": self.kind, "version": form, **({"writer": version_of(writer)} if writer else {})},
            "query": query_record(self.query),
            "one_per_story": self.one_per_story,
            "corpus": {
                "position": self.selection.position.seq,
                "after": self.selection.after and self.selection.after.position.seq,
                "as_of": time_record(self.selection.position.at),
            },
            "articles": self.tally.articles,
            "stories": len(self.tally.stories),
            "sources": len(self.tally.sources),
            "sites": len(self.tally.sites),
            "published": {**self.tally.published.as_dict(), "undated": self.tally.undated},
            "first_seen": self.tally.first_seen.as_dict(),
            "fetched": self.tally.fetched.as_dict(),
        }
        if self.warc is not None:
            named = [
                {"id": one.article_id, "url": text_record(one.url), "why": text_record(one.why)}
                for one in self.warc.named
            ]
            found["raw_pages"] = {"pages": self.warc.pages, "missing": self.warc.missing, "named": named}
        return found | {"cite": self.citation()}

    def citation(self) -> str:
        """How to name the export in a paper; the sums of the files stand below it."""
        count, sources, asked = self.tally.articles, len(self.tally.sources), in_words(self.query)
        span = self.tally.published
        parts = [
            f"{count:,} article{'' if count == 1 else 's'} from {sources:,} source{'' if sources == 1 else 's'}",
            f'that match "{asked}"' if asked else "all of the corpus",
        ]
        if self.one_per_story:
            parts.append("one of each story")
        after, position = self.selection.after, self.selection.position
        if after is not None and after.position.seq:
            parts.append(f"new since position {after.position.seq}")
        if span.first is not None and span.last is not None:
            parts.append(f"published {_day(span.first)} to {_day(span.last)}")
        if position.at is not None:
            parts.append(f"as of {time_record(position.at)} (position {position.seq} of the corpus)")
        return f"{software()}, {self.kind} export: {', '.join(parts)}."


def query_record(query: Query) -> dict[str, object]:
    """What is asked, as JSON has it; what is not asked for is left out."""
    found = {
        "words": " ".join((text_record(query.words) or "").split()),
        "since": time_record(query.since),
        "until": time_record(query.until),
        "source": text_record(query.source),
        "site": text_record(query.site),
        "language": text_record(query.language),
        "tag": text_record(query.tag),
        "story": query.story,
    }
    return {name: value for name, value in found.items() if value is not None}


def _day(moment: date) -> str:
    return str(time_record(moment))[:10]
