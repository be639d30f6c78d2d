"""The links of a page, gathered: every address of the same site once, with its words and the places where it stands."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from crawler import link_evidence as evidence
from crawler import urls
from crawler.link_evidence import Evidence, Place
from crawler.urls.parameters import words
from crawler.urls.shapes import shape

MAX_LINKS = 20_000
MAX_ADDRESSES = 5_000
"""Different addresses of the site that are judged, the first: 0.2 ms each."""
MAX_TEXT_CHARS = 300

_NAVIGATION = words("nav navbar navigation menu menubar submenu breadcrumb breadcrumbs pagination pager toolbar")
_FOOTER = words("footer colophon impressum bottombar site-footer page-footer")
_ASIDE = words("aside sidebar complementary widget-area")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


@dataclass(slots=True)
class Link:
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


def links_of(root: etree._Element, url: str, base: str) -> list[Link]:
    """The links to the site of `url` in the document, in order; relative ones are relative to `base`."""
    site, own = urls.site(url), urls.identity(url)
    by_href: dict[str, Link | None] = {}
    by_key: dict[str, Link] = {}
    for element, place in itertools.islice(_anchors(root), MAX_LINKS):
        href = (element.get("href") or "").strip()
        if href not in by_href:
            by_href[href] = _link_of(href, base, site, own, by_key)
        link = by_href[href]
        if link is not None:
            _add_occurrence(link, element, place)
    return list(by_key.values())


def _link_of(href: str, base: str, site: str, own: str, by_key: dict[str, Link]) -> Link | None:
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
        by_key[key] = Link(address, shape(address))
    return by_key.get(key)


def _add_occurrence(link: Link, element: etree._Element, place: Place) -> None:
    heading = next((inner for inner in itertools.islice(element.iter(*_HEADINGS), 1)), None)
    inner_text = text_of(heading if heading is not None else element, 60)
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


def text_of(element: etree._Element, most_pieces: int) -> str | None:
    """The words of an element on one line, of at most so many pieces of text."""
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
