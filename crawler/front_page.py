"""Which links of a front page lead to articles, which to sections, and which to neither; each with its reasons.

    links of the page, by address    every occurrence: words, picture, place              (crawler.page_links)
    evidence of each                 address, words, place                                (crawler.link_evidence)
    evidence of its like             links of one shape, or in one kind of spot           (_of_groups)
    what was learned                 shapes whose pages were articles, or never were      (crawler.link_memory)
    verdict                          article, section, other

Everything is linear in the size of the page. Why these rules: docs/decisions/0012-sites-without-feeds.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crawler import link_evidence as evidence
from crawler.discover import MAX_HTML_BYTES, Candidate, base_of, feeds_behind, sitemaps_in, tree_of
from crawler.link_evidence import Evidence, Place
from crawler.link_memory import is_barred, is_trusted, may_try_again, said_of
from crawler.page_links import Link, links_of, text_of
from crawler.urls.parameters import words
from crawler.urls.shapes import LIST_WORDS, MEDIA_WORDS
from storage import LinkShape

Verdict = Literal["article", "section", "other"]

ARTICLE_SCORE = 2.5
"""Points from which on a link is taken for an article's: one strong piece of evidence and nothing against it."""


@dataclass(frozen=True, slots=True)
class JudgedLink:
    """One address that the page links to, and what it was taken for."""

    url: str
    text: str | None
    """Its longest words that no other link shares: mostly the headline."""
    verdict: Verdict
    score: float
    reasons: tuple[str, ...]
    shape: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What a site's front page, or a page of one of its sections, leads to. All addresses are absolute and normal."""

    title: str | None
    links: tuple[JudgedLink, ...] = ()
    """Of the same site, each address once, in the order of the page."""
    feeds: tuple[Candidate, ...] = ()
    """Feeds that it declares or links to."""
    sitemaps: tuple[Candidate, ...] = ()
    """Sitemaps that the robots.txt of its host names."""

    def of(self, verdict: Verdict) -> tuple[JudgedLink, ...]:
        """The links that were taken for one kind."""
        return tuple(link for link in self.links if link.verdict == verdict)


def read_front_page(
    html: bytes,
    url: str,
    content_type: str | None,
    now: datetime,
    learned: Sequence[LinkShape] = (),
    robots: bytes | None = None,
) -> FrontPage | None:
    """Judge the links of the HTML page at `url`; `learned` is what the corpus knows of the shapes of the site, `robots`
    the site's robots.txt. None for what is no HTML. Never fetches."""
    root = tree_of(html[:MAX_HTML_BYTES], content_type)
    if root is None:
        return None
    found = links_of(root, url, base_of(root, url))
    repeated = Counter(text for link in found for text in set(link.texts))
    for link in found:
        link.evidence = _own_evidence(link, repeated)
    groups = _groups(found, repeated)
    known = {one.shape: one for one in learned}
    tried_again: set[str] = set()
    judged = tuple(_judge(link, groups, known, repeated, now, tried_again) for link in found)
    title = root.find(".//title")
    return FrontPage(
        title=text_of(title, 20) if title is not None else None,
        links=judged,
        feeds=feeds_behind(html, url, content_type),
        sitemaps=sitemaps_in(robots) if robots else (),
    )


# --- judging -------------------------------------------------------------------------------------------------------

_MANY = 3
"""Addresses under one text from which on the text says nothing of each: "Read more", in any language."""


def _own_text(link: Link, repeated: Mapping[str, int]) -> str | None:
    own = [text for text in link.texts if repeated[text] < _MANY]
    return max(own, key=len, default=None)


def _own_evidence(link: Link, repeated: Mapping[str, int]) -> list[Evidence]:
    text = _own_text(link, repeated)
    place = link.place or Place()
    return [
        *evidence.of_address(link.url),
        *evidence.of_text(text or "", is_repeated=text is None and bool(link.texts)),
        *evidence.of_place(place, link.has_image and text is not None and evidence.count_words(text) >= 4),
    ]


@dataclass(slots=True)
class _Group:
    """Links of this page that are alike."""

    count: int = 0
    points: float = 0.0
    words: int = 0
    in_navigation: int = 0
    good: int = 0
    """Those that are taken for articles by what they are themselves."""

    def add(self, link: Link, points: float, spoken: int) -> None:
        self.count += 1
        self.points += points
        self.words += spoken
        self.in_navigation += link.in_navigation_only
        self.good += points >= ARTICLE_SCORE


@dataclass(slots=True)
class _Groups:
    """The links of a page by the shape of their address, and by the spot on the page."""

    by_shape: defaultdict[str, _Group] = field(default_factory=lambda: defaultdict(_Group))
    by_spot: defaultdict[str, _Group] = field(default_factory=lambda: defaultdict(_Group))
    folders: Counter[str] = field(default_factory=Counter)
    """Paths under which links to articles stand, and how many."""


def _groups(found: Sequence[Link], repeated: Mapping[str, int]) -> _Groups:
    groups = _Groups()
    for link in found:
        points = sum(points for points, _ in link.evidence)
        spoken = evidence.count_words(_own_text(link, repeated) or "")
        groups.by_shape[link.shape].add(link, points, spoken)
        groups.by_spot[link.spot].add(link, points, spoken)
        if points >= ARTICLE_SCORE:
            steps = _steps(link.url)
            groups.folders.update("/".join(steps[:depth]) for depth in range(1, min(len(steps), 4)))
    return groups


def _of_groups(link: Link, groups: _Groups) -> list[Evidence]:
    found: list[Evidence] = []
    alike = groups.by_shape[link.shape]
    if alike.count >= 4:
        spoken = alike.words / alike.count
        if spoken >= 4 and alike.points >= 1.5 * alike.count and alike.in_navigation * 2 < alike.count:
            found.append((1.5, f"{alike.count} links of its shape read like headlines"))
        elif spoken < 2.5 or alike.in_navigation * 3 > alike.count * 2:
            found.append((-1.0, f"{alike.count} links of its shape read like a menu"))
    beside = groups.by_spot[link.spot]
    if beside.count >= 4 and beside.good * 3 >= beside.count * 2 and not link.in_navigation_only:
        found.append((3.0, f"{beside.good} of {beside.count} links in such a spot lead to articles"))
    return found


def _judge(
    link: Link,
    groups: _Groups,
    known: Mapping[str, LinkShape],
    repeated: Mapping[str, int],
    now: datetime,
    tried_again: set[str],
) -> JudgedLink:
    found = sorted((*link.evidence, *_of_groups(link, groups)), key=lambda one: -abs(one[0]))
    score = sum(points for points, _ in found)
    reasons = [f"{points:+g} {reason}" for points, reason in found if points]
    text = _own_text(link, repeated) or next(iter(link.texts), None)
    never = evidence.never_an_article(link.url)
    past = known.get(link.shape)
    verdict: Verdict
    if never:
        verdict, reasons = "other", [never, *reasons]
    elif past is not None and is_trusted(past) and not _is_menu(link, score):
        verdict, reasons = "article", [said_of(past), *reasons]
    elif past is not None and is_barred(past):
        reasons = [said_of(past), *reasons]
        if score >= ARTICLE_SCORE and may_try_again(past, now) and link.shape not in tried_again:
            tried_again.add(link.shape)
            verdict, reasons = "article", ["tried again after a long time", *reasons]
        else:
            verdict = _section_or_other(link, text, groups.folders)
    else:
        verdict = "article" if score >= ARTICLE_SCORE else _section_or_other(link, text, groups.folders)
    return JudgedLink(link.url, text, verdict, round(score, 2), tuple(reasons), link.shape)


def _is_menu(link: Link, score: float) -> bool:
    """Whether a link of a trusted shape stands only where sections do, and reads like one."""
    return link.in_navigation_only and score < 0


def _steps(url: str) -> list[str]:
    return [step.lower() for step in url.split("?")[0].split("/")[3:] if step]


def _section_or_other(link: Link, text: str | None, folders: Mapping[str, int]) -> Verdict:
    """A section is named in a word or three, in the navigation or by its address, or has articles under it; lists by
    tag, author or date are none."""
    steps = _steps(link.url)
    query = "?" in link.url
    place = link.place or Place()
    named = text is not None and 1 <= evidence.count_words(text) <= 3
    if not named or place.in_heading or place.in_footer or len(steps) > 3 or (not steps and not query):
        return "other"
    if (set(steps[:-1]) & LIST_WORDS - _SECTION_LISTS) or set(steps) & (MEDIA_WORDS | LIST_WORDS - _SECTION_LISTS):
        return "other"
    if any("0" in step or step[:1] in "YD" for step in link.shape.split("?")[0].split("/") if step):
        return "other"
    lists = bool(set(steps[:-1]) & _SECTION_LISTS)
    if query:
        lists = any(f"{name}=" in link.shape for name in _SECTION_PARAMETERS)
        return "section" if lists else "other"
    return "section" if lists or link.in_navigation or folders.get("/".join(steps), 0) >= 2 else "other"


_SECTION_PARAMETERS = ("cat", "category", "catid", "rubrik", "rubric", "section")
_SECTION_LISTS = words(
    "category categories kategorie kategorien categoria categorie rubrik rubrique rubrica section sections "
    "channel channels c topic topics thema themen"
)
"""Of the steps after which lists come, those whose lists are a site's sections."""
