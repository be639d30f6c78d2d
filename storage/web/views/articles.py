"""What the page of one article shows beside its text: where each fact is from, and what became of the text. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from storage.answers import Explanation, Revision, Sighting, StoredArticle
from storage.changes import Run, words_diff
from storage.copies import LinkKind
from storage.model import Capture
from storage.stories import ArticleLink
from storage.web import wording

WORDS_A_MINUTE = 230
"""Silent reading of plain prose (Brysbaert 2019, doi 10.1016/j.jml.2019.104047: 238 for English)."""
MOST_TIES = 30
"""Other articles that are told of on one page."""
_FIELDS = (
    *("title", "authors", "published", "updated", "language", "section", "tags", "description", "image", "licence"),
    *("free", "canonical", "syndicated_from", "text"),
)
_RULES = {
    "json-ld": "the page's JSON-LD",
    "meta": "the page's meta tags",
    "feed": "the feed",
    "url": "the address",
    "text": "the text",
    "title": "the title of the page",
    "h1": "the headline (h1)",
    "h2": "the headline (h2)",
    "h3": "the headline (h3)",
    "time": "a time printed on the page",
    "byline": "the by-line",
    "link": "a link in the page",
    "breadcrumbs": "the breadcrumbs",
    "source": "feeds.yaml",
    "og:title": "the page's og:title",
}
_KINDS = {
    LinkKind.COPY: ("a copy of", "copied in"),
    LinkKind.EXCERPT: ("an excerpt of", "excerpted in"),
    LinkKind.COMPILATION: ("a compilation that holds", "held in the compilation"),
    LinkKind.RELATED: ("related to", "related to"),
    LinkKind.TEMPLATE: ("the same form as", "the same form as"),
    LinkKind.SYNDICATED_FROM: ("syndicated from", "named as its origin by"),
}
_DIFF = re.compile(r"(?:([0-9]{1,9}):)?([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one field of an article is from, and what other rules would have given."""

    name: str
    value: str
    rule: str
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties the article to another, in words: `a copy of`, and how much of the text they share."""

    words: str
    link: ArticleLink
    shared: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One text of an article against an earlier one."""

    old: Revision
    new: Revision
    title: tuple[Run, ...]
    text: tuple[Run, ...]

    @property
    def is_same_title(self) -> bool:
        """Whether the headline stayed."""
        return all(run.op == "equal" for run in self.title)


def origins(article: StoredArticle) -> tuple[Origin, ...]:
    """The fields that have a value or would have had one, in the order in which a reader asks for them."""
    known = (*_FIELDS, *sorted({*article.provenance, *article.runners_up} - set(_FIELDS)))
    return tuple(
        Origin(
            name.replace("_", " "),
            value_of(article, name),
            rule_words(article.provenance.get(name)),
            tuple((rule_words(rule), value) for rule, value in article.runners_up.get(name, ())),
        )
        for name in known
        if name in article.provenance or name in article.runners_up
    )


def rule_words(rule: str | None) -> str:
    """A rule's token in words."""
    return "nothing gave it" if rule is None else _RULES.get(rule, rule)


def value_of(article: StoredArticle, name: str) -> str:
    """A field as it is shown in a table."""
    if name == "text":
        return wording.counted(article.word_count, "word")
    value = getattr(article, name, None)
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return wording.moment(value) if hasattr(value, "isoformat") else str(value)


def sightings(ways: Sequence[Explanation]) -> tuple[Sighting, ...]:
    """Who named the article and when, over all its pages, the earliest first."""
    return tuple(sorted((one for way in ways for one in way.sightings), key=lambda one: one.at))


def captures(ways: Sequence[Explanation]) -> tuple[Capture, ...]:
    """Its raw pages in the archive, the earliest first."""
    return tuple(sorted((one for way in ways for one in way.captures), key=lambda one: one.at))


def minutes(article: StoredArticle) -> int:
    """How long reading it takes."""
    return max(1, round(article.word_count / WORDS_A_MINUTE))


def ties(links: Sequence[ArticleLink]) -> tuple[Tie, ...]:
    """The links of an article in words."""
    return tuple(Tie(_KINDS[link.kind][not link.is_backward], link, shared(link)) for link in links)


def shared(link: ArticleLink) -> str | None:
    """How much of the shorter text both have; None where nobody measured."""
    return None if link.containment is None else f"{link.containment:.0%} of the shorter text"


def compared(revisions: Sequence[Revision], asked: str) -> Comparison | None:
    """The texts that `2` (with the one before) or `1:3` name; None where the article has no such texts."""
    match = _DIFF.fullmatch(asked)
    if match is None:
        return None
    known = {revision.number: revision for revision in revisions}
    new = known.get(int(match[2]))
    old = known.get(int(match[1]) if match[1] else int(match[2]) - 1)
    if old is None or new is None or old.number >= new.number:
        return None
    return Comparison(
        old, new, tuple(words_diff(old.title or "", new.title or "")), tuple(words_diff(old.text, new.text))
    )
