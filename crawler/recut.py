"""What a text that is cut again from its raw page has become: compared, counted by source, shown line by line. Pure."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime

from storage import Article, RawPage

SEEN = ("title", "text", "html", "authors", "published", "updated")
"""Fields that every text keeps, a former one too."""
SEEN_OF_CURRENT = ("language", "tags", "description", "image", "section", "licence", "free")
UNSEEN = ("provenance", "content_hash")
UNSEEN_OF_CURRENT = ("canonical", "syndicated_from", "runners_up")

MOST_EXAMPLES = 3
"""Texts of a source whose change is shown."""
MOST_REFUSED = 1_000
"""Articles whose pages are none any more that are named; the rest is counted."""
MOST_LINES = 40
"""Of one such change."""


@dataclass(slots=True)
class Counts:
    """What became of the raw pages of one source."""

    compared: int = 0
    """Texts that were cut again, former ones too."""
    changed: int = 0
    """Of these, those of which a reader would notice something."""
    words_before: int = 0
    words_after: int = 0
    titles: int = 0
    texts: int = 0
    dates: int = 0
    authors: int = 0
    rejected: int = 0
    """Texts whose pages are no article for today's rules; they stay as they are."""
    overrun: int = 0
    """Texts whose pages could not be cut within the bounds of the box; they stay as they are."""
    stored: int = 0
    """Articles of pages that were rejected before."""
    known: int = 0
    """Pages that were rejected before and are articles that are known under another address."""
    lost: int = 0
    """Raw pages that the archive holds no more, or damaged."""
    without: int = 0
    """Articles that have no raw page."""

    def add(self, other: Counts) -> None:
        """Count the other's too."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(frozen=True, slots=True)
class Example:
    """One change, as people compare texts."""

    source: str
    url: str
    article_id: int | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """An article whose page is none by today's rules."""

    source: str
    url: str
    article_id: int | None
    reason: str


@dataclass(slots=True)
class LostFile:
    """A file of the archive that raw pages cannot be read from."""

    pages: int
    problem: str
    """Of the first of them."""


@dataclass(slots=True)
class RecutReport:
    """What a run through the archive found."""

    counts: defaultdict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    """By source."""
    examples: list[Example] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    """The first of those that `Counts.rejected` counts."""
    lost: dict[str, LostFile] = field(default_factory=dict)
    """By the name of the file."""
    went_on: bool = False
    """An earlier run with the same aim was stopped, and this one began where that ended."""
    stopped: bool = False

    @property
    def total(self) -> Counts:
        """All sources together."""
        total = Counts()
        for counts in self.counts.values():
            total.add(counts)
        return total

    def count_refused(self, raw: RawPage, reason: str) -> None:
        """Count a text whose page is no article any more."""
        self.counts[raw.page.source].rejected += 1
        if len(self.refused) < MOST_REFUSED:
            self.refused.append(Refused(raw.page.source, raw.capture.url, raw.page.article_id, reason))

    def count_lost(self, raw: RawPage, problem: str) -> None:
        """Count a raw page that cannot be read."""
        self.counts[raw.page.source].lost += 1
        file = self.lost.setdefault(raw.capture.file, LostFile(0, problem))
        file.pages += 1

    def count_change(self, raw: RawPage, after: Article) -> None:
        """Count a text that was cut again."""
        assert raw.before is not None
        counts, before = self.counts[raw.page.source], raw.before
        counts.compared += 1
        counts.words_before += _words(before)
        counts.words_after += _words(after)
        if not differs(raw, after, seen_only=True):
            return
        counts.changed += 1
        counts.titles += before.title != after.title
        counts.texts += before.text != after.text
        counts.dates += (before.published, before.updated) != (after.published, after.updated)
        counts.authors += before.authors != after.authors
        shown = sum(example.source == raw.page.source for example in self.examples)
        if shown < MOST_EXAMPLES:
            lines = tuple(changed_lines(before, after))
            self.examples.append(Example(raw.page.source, raw.capture.url, raw.page.article_id, lines))

    def as_dict(self) -> dict[str, object]:
        """For programs."""
        return {
            "total": asdict(self.total),
            "sources": [{"name": name, **asdict(counts)} for name, counts in sorted(self.counts.items())],
            "examples": [asdict(example) for example in self.examples],
            "rejected": [asdict(refused) for refused in self.refused],
            "lost": [{"file": name, **asdict(file)} for name, file in self.lost.items()],
            "went_on": self.went_on,
            "stopped": self.stopped,
        }


def differs(raw: RawPage, after: Article, *, seen_only: bool = False) -> bool:
    """Whether a text is not what its page gives today; with `seen_only`, whether a reader would notice."""
    is_current = raw.stands == "current"
    names = (*SEEN, *(SEEN_OF_CURRENT if is_current else ()))
    if not seen_only:
        names = (*names, *UNSEEN, *(UNSEEN_OF_CURRENT if is_current else ()))
    return any(_plain(getattr(raw.before, name)) != _plain(getattr(after, name)) for name in names)


def changed_lines(before: Article, after: Article) -> Iterator[str]:
    """A unified diff of what readers see, a line for each field and paragraph."""
    lines = difflib.unified_diff(_lines(before), _lines(after), "before", "after", n=1, lineterm="")
    for number, line in enumerate(lines):
        if number >= MOST_LINES:
            yield "..."
            return
        yield line


def _lines(article: Article) -> list[str]:
    head = [
        f"title: {article.title or ''}",
        f"authors: {', '.join(article.authors)}",
        f"published: {_when(article.published)}",
        f"updated: {_when(article.updated)}",
    ]
    return [*head, *(line for line in article.text.splitlines() if line.strip())]


def _when(value: date | None) -> str:
    """The same for one instant in two zones."""
    return str(value.astimezone(UTC) if isinstance(value, datetime) else value or "")


def _plain(value: object) -> object:
    """Equal for what is stored alike."""
    return dict(value) if isinstance(value, Mapping) else value or None


def _words(article: Article) -> int:
    return article.word_count
