"""Which links of a front page lead to articles, which to sections, and which to neither; each with its reasons.

    links of the page, by address    every occurrence: words, picture, place              (_links)
    evidence of each                 address, words, place                                (crawler.link_evidence)
    evidence of its like             links of one shape, or in one kind of spot           (_of_groups)
    what was learned                 shapes whose pages were articles, or never were      (crawler.link_memory)
    verdict                          article, section, other

Everything is linear in the size of the page. Why these rules: docs/decisions/0012-sites-without-feeds.md.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lxml import etree

from crawler import link_evidence as evidence
from crawler import urls
from crawler.discover import MAX_HTML_BYTES, Candidate, base_of, feeds_behind, sitemaps_in, tree_of
from crawler.link_evidence import Evidence, Place
from crawler.link_memory import is_barred, is_trusted, may_try_again, said_of
from crawler.urls.parameters import words
from crawler.urls.shapes import LIST_WORDS, MEDIA_WORDS, shape
from storage import LinkShape

Verdict = Literal["article", "section", "other"]

MAX_LINKS = 20_000
MAX_ADDRESSES = 5_000
"""Different addresses of the site that are judged, the first: 0.2 ms each."""
MAX_TEXT_CHARS = 300
ARTICLE_SCORE = 2.5
"""Points from which on a link is taken for an article's: one strong piece of evidence and nothing against it."""

_NAVIGATION = words("nav navbar navigation menu menubar submenu breadcrumb breadcrumbs pagination pager toolbar")
_FOOTER = words("footer colophon impressum bottombar site-footer page-footer")
_ASIDE = words("aside sidebar complementary widget-area")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


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


@dataclass(slots=True)
class _Link:
    """Every occurrence of one address, gathered."""

    url: str
    shape: str
    texts: list[str] = field(default_factory=list)
    place: Place | None = None
    spot: str = ""
    """What the elements around it look like: equal for the items of one list."""
    in_navigation: bool = False
    in_navigation_only: bool = True
    has_image: bool = False
    evidence: list[Evidence] = field(default_factory=list)


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
    found = _links(root, url, base_of(root, url))
    repeated = Counter(text for link in found for text in set(link.texts))
    for link in found:
        link.evidence = _own_evidence(link, repeated)
    groups = _groups(found, repeated)
    known = {one.shape: one for one in learned}
    tried_again: set[str] = set()
    judged = tuple(_judge(link, groups, known, repeated, now, tried_again) for link in found)
    title = root.find(".//title")
    return FrontPage(
        title=_text_of(title, 20) if title is not None else None,
        links=judged,
        feeds=feeds_behind(html, url, content_type),
        sitemaps=sitemaps_in(robots) if robots else (),
    )


# --- gathering -----------------------------------------------------------------------------------------------------


def _links(root: etree._Element, url: str, base: str) -> list[_Link]:
    site, own = urls.site(url), urls.identity(url)
    by_href: dict[str, _Link | None] = {}
    by_key: dict[str, _Link] = {}
    for element, place in itertools.islice(_anchors(root), MAX_LINKS):
        href = (element.get("href") or "").strip()
        if href not in by_href:
            by_href[href] = _link_of(href, base, site, own, by_key)
        link = by_href[href]
        if link is not None:
            _add_occurrence(link, element, place)
    return list(by_key.values())


def _link_of(href: str, base: str, site: str, own: str, by_key: dict[str, _Link]) -> _Link | None:
    if not href or href.startswith("#") or len(href) > urls.MAX_URL_CHARS:
        return None
    address = urls.normalize(href, base)
    if address is None or urls.site(address) != site:
        return None
    address = address.split("#")[0]
    key = urls.identity(address)
    if key == own:
        return None
    if key not in by_key and len(by_key) < MAX_ADDRESSES:
        by_key[key] = _Link(address, shape(address))
    return by_key.get(key)


def _add_occurrence(link: _Link, element: etree._Element, place: Place) -> None:
    heading = next((inner for inner in itertools.islice(element.iter(*_HEADINGS), 1)), None)
    inner_text = _text_of(heading if heading is not None else element, 60)
    text = inner_text or _line(element.get("title") or element.get("aria-label") or "")
    has_image = next(iter(element.iter("img", "picture", "svg", "video")), None) is not None
    if text and len(link.texts) < 10:
        link.texts.append(text)
    link.has_image = link.has_image or has_image
    here = Place(
        place.in_navigation,
        place.in_footer,
        place.in_aside,
        place.in_article,
        place.in_heading or heading is not None,
        has_image,
    )
    if link.place is None or _worth(here) > _worth(link.place):
        link.place, link.spot = here, _spot(element)
    link.in_navigation = link.in_navigation or place.in_navigation
    link.in_navigation_only = link.in_navigation_only and (place.in_navigation or place.in_footer)


def _spot(element: etree._Element) -> str:
    """The element and the two around it, by tag and class."""
    names: list[str] = []
    here: etree._Element | None = element
    while here is not None and len(names) < 3:
        names.append(f"{here.tag}.{(here.get('class') or '')[:100]}")
        here = here.getparent()
    return " ".join(names)


def _worth(place: Place) -> float:
    return sum(points for points, _ in evidence.of_place(place, False))


def _anchors(root: etree._Element) -> Iterator[tuple[etree._Element, Place]]:
    """Every <a href> with its place; one walk over the tree, whatever its depth."""
    depth: Counter[str] = Counter()
    marks: list[tuple[etree._Element, str]] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if event == "end":
            if marks and marks[-1][0] is element:
                depth[marks.pop()[1]] -= 1
            continue
        if tag == "a" and element.get("href"):
            yield element, _place(depth)
        mark = _mark(tag, element)
        if mark:
            marks.append((element, mark))
            depth[mark] += 1


def _place(depth: Counter[str]) -> Place:
    return Place(
        in_navigation=bool(depth["navigation"] or (depth["header"] and not depth["article"])),
        in_footer=bool(depth["footer"]),
        in_aside=bool(depth["aside"]),
        in_article=bool(depth["article"]),
        in_heading=bool(depth["heading"]),
    )


def _mark(tag: str, element: etree._Element) -> str | None:
    """What an element makes of the links in it, by its tag, its role, or the words of its class and id."""
    if tag in _HEADINGS:
        return "heading"
    if tag in ("nav", "menu"):
        return "navigation"
    if tag in ("footer", "aside", "header"):
        return tag
    if tag in ("article", "main"):
        return "article"
    if tag not in ("div", "ul", "ol", "section", "td", "table", "p", "form", "dl"):
        return None
    role = element.get("role")
    if role in ("navigation", "menu", "menubar"):
        return "navigation"
    if role in ("main", "article"):
        return "article"
    names = f"{element.get('class') or ''} {element.get('id') or ''}"[:300].lower().split()
    for name in names:
        found = {name, *name.replace("_", "-").split("-")}
        if found & _FOOTER:
            return "footer"
        if found & _NAVIGATION:
            return "navigation"
        if found & _ASIDE:
            return "aside"
    return None


def _text_of(element: etree._Element, most_pieces: int) -> str | None:
    return _line(" ".join(itertools.islice(_pieces(element), most_pieces)))


def _pieces(element: etree._Element) -> Iterator[str]:
    """The text of an element as a reader sees it: without the styles and scripts that some sites put into links."""
    hidden = 0
    for event, inner in etree.iterwalk(element, events=("start", "end", "comment")):
        invisible = inner.tag in ("style", "script", "noscript", "template")
        if event == "start":
            hidden += invisible
            piece = inner.text
        else:
            hidden -= event == "end" and invisible
            piece = inner.tail if inner is not element else None
        if piece and not hidden:
            yield str(piece)


def _line(text: str) -> str | None:
    return " ".join(text[: MAX_TEXT_CHARS * 4].split())[:MAX_TEXT_CHARS] or None


# --- judging -------------------------------------------------------------------------------------------------------

_MANY = 3
"""Addresses under one text from which on the text says nothing of each: "Read more", in any language."""


def _own_text(link: _Link, repeated: Mapping[str, int]) -> str | None:
    own = [text for text in link.texts if repeated[text] < _MANY]
    return max(own, key=len, default=None)


def _own_evidence(link: _Link, repeated: Mapping[str, int]) -> list[Evidence]:
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

    def add(self, link: _Link, points: float, spoken: int) -> None:
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


def _groups(found: Sequence[_Link], repeated: Mapping[str, int]) -> _Groups:
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


def _of_groups(link: _Link, groups: _Groups) -> list[Evidence]:
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
    link: _Link,
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


def _is_menu(link: _Link, score: float) -> bool:
    """Whether a link of a trusted shape stands only where sections do, and reads like one."""
    return link.in_navigation_only and score < 0


def _steps(url: str) -> list[str]:
    return [step.lower() for step in url.split("?")[0].split("/")[3:] if step]


def _section_or_other(link: _Link, text: str | None, folders: Mapping[str, int]) -> Verdict:
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
