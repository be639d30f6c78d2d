"""What surrounds the results of a search: its address, its filters as chips, the facets as links. Pure.

The whole state of the page is its address; each link is the same address with one thing changed.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from storage.answers import Sort
from storage.errors import QueryError
from storage.facets import Facet, Facets
from storage.web import filters, wording

_FACETS = {
    "source": "Source",
    "language": "Language",
    "tag": "Tag",
    "author": "Author",
    "month": "Month",
    "site": "Site",
}
"""Field of a facet and what stands above it, in the order of the page."""
_LANGUAGES = {
    **{"ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish"},
    **{"de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque"},
    **{"fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "he": "Hebrew"},
    **{"hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "it": "Italian"},
    **{"ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nb": "Norwegian"},
    **{"nl": "Dutch", "nn": "Norwegian", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian"},
    **{"ru": "Russian", "sk": "Slovak", "sl": "Slovene", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish"},
    **{"sw": "Swahili", "ta": "Tamil", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu"},
    **{"vi": "Vietnamese", "zh": "Chinese"},
}
_SPAN = ("since", "until")
FEED_KINDS = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a page with a search box asks for."""

    words: str = ""
    sort: str | None = None
    """None: as the page likes."""
    after: str | None = None
    one_per_story: bool = False
    path: str = "/"

    @property
    def address(self) -> str:
        """The address that asks for this."""
        values = [("q", self.words), ("sort", self.sort), ("one_per_story", "1" if self.one_per_story else None)]
        return self._with([*values, ("after", self.after)])

    def but(self, **changes: Any) -> str:
        """The address of the same page with something changed, from its beginning."""
        return replace(self, **{"after": None, **changes}).address

    def feed(self, kind: str) -> str:
        """Where the same search is a feed."""
        return replace(self, path=f"/feeds/search.{kind}", sort=None, after=None, one_per_story=False).address

    def _with(self, values: Sequence[tuple[str, str | None]]) -> str:
        given = [(name, value.encode("utf-8", "replace").decode()) for name, value in values if value]
        return f"{self.path}?{urlencode(given, quote_via=quote)}" if given else self.path


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the page without it."""

    label: str
    href: str
    is_excluded: bool


@dataclass(frozen=True, slots=True)
class FacetLink:
    """One value of a facet; its link puts the filter in, or takes it out again."""

    label: str
    count: int
    href: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """One facet."""

    name: str
    title: str
    links: tuple[FacetLink, ...]
    is_estimated: bool = False
    """Whether its counts are those of a sample."""

    @property
    def is_active(self) -> bool:
        """Whether one of its values is asked for."""
        return any(link.is_active for link in self.links)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a search, and where in it, if that is known."""

    message: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Sorting:
    """One way to sort, as a link."""

    label: str
    href: str
    is_current: bool


def command(words: str) -> str:
    """The command that writes what a search finds into a file, fit for a shell."""
    typed = shlex.quote(" ".join(words.split()))
    query = "" if not words.strip() else f" -- {typed}" if words.lstrip().startswith("-") else f" {typed}"
    return f"cuttings export -o articles.jsonl{query}"


def chips(asked: Asked) -> tuple[Chip, ...]:
    """The filters of a search."""
    return tuple(
        Chip(
            f"{'not ' if one.excluded else ''}{_told(one.name, one.value)}",
            asked.but(words=filters.taken_out(asked.words, one)),
            one.excluded,
        )
        for one in filters.filters_in(asked.words)
        if one.value
    )


def facet_groups(asked: Asked, facets: Facets) -> tuple[FacetGroup, ...]:
    """The facets that say something: those with more than one value, or with one that is asked for."""
    found = []
    for name, title in _FACETS.items():
        links = tuple(_facet_link(asked, name, one) for one in facets.counts.get(name, ()))
        group = FacetGroup(name, title, links, name in facets.estimated)
        if len(links) > 1 or group.is_active:
            found.append(group)
    return tuple(found)


def trouble(error: QueryError) -> Trouble:
    """What to show of an error."""
    return Trouble(str(error), getattr(error, "start", None), getattr(error, "end", None))


def sortings(asked: Asked, labels: Mapping[str, str], default: str) -> tuple[Sorting, ...]:
    """The ways to sort; the first that is asked for is the current one."""
    current = asked.sort if asked.sort in labels else default
    return tuple(
        Sorting(label, asked.but(sort=None if name == default else name), name == current)
        for name, label in labels.items()
    )


def sort_of(asked: Asked) -> Sort:
    """How the articles of a search are sorted: without words the newest come first."""
    match asked.sort:
        case "newest" | "oldest" as sort:
            return sort
    return "relevance" if has_words(asked.words) else "newest"


def has_words(words: str) -> bool:
    """Whether something besides filters is asked for."""
    return bool(filters.taken_out_all(words, filters.NAMES).strip())


def language_name(code: str) -> str:
    """What people call a language: `English`; the code where we know no name."""
    return _LANGUAGES.get(code.partition("-")[0].casefold(), code)


def month_of(value: str) -> tuple[date, date] | None:
    """The first day of `2020-05`, and the first that is not in it."""
    try:
        start = date.fromisoformat(f"{value}-01")
    except ValueError:
        return None
    return start, date(start.year + start.month // 12, start.month % 12 + 1, 1)


def _told(name: str, value: str) -> str:
    if name in ("since", "until"):
        try:
            return f"{name} {wording.day(date.fromisoformat(value))}"
        except ValueError:
            return f"{name} {value}"
    if name == "language":
        return f"in {language_name(value)}"
    return f"{name} {value}"


def _facet_link(asked: Asked, name: str, one: Facet) -> FacetLink:
    if name == "month":
        return _month_link(asked, one)
    label = language_name(one.value) if name == "language" else one.value
    if (active := filters.active(asked.words, name, one.value)) is not None:
        return FacetLink(label, one.count, asked.but(words=filters.taken_out(asked.words, active)), True)
    words = filters.put_in(asked.words, name, one.value)
    return FacetLink(label, one.count, None if words is None else asked.but(words=words), False)


def _month_link(asked: Asked, one: Facet) -> FacetLink:
    span = month_of(one.value)
    if span is None:
        return FacetLink(one.value, one.count, None, False)
    since, until = (filters.active(asked.words, name, day.isoformat()) for name, day in zip(_SPAN, span, strict=True))
    if since is not None and until is not None:
        words = filters.taken_out_all(asked.words, {"since", "until"})
        return FacetLink(wording.month(span[0]), one.count, asked.but(words=words), True)
    return FacetLink(wording.month(span[0]), one.count, asked.but(words=filters.put_in_span(asked.words, *span)), False)
