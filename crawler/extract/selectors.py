"""CSS selectors that will still fit tomorrow: for the element that holds an article, and for boxes that do not belong.

A page of the same site tomorrow has other numbers and other words, and after the next release of its theme other
generated class names. So ids, semantic elements and class names that a person wrote are preferred; positions are the
last resort, and for boxes none at all.
"""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extract.words import fold

_NAME = re.compile(r"[A-Za-z_][\w-]{1,39}", re.ASCII)
_GENERATED = re.compile(
    r"\d{3}"  # post-4711, or a hash
    r"|[-_]\d+$"  # mt-4, widget-2: a size or a position
    r"|^(?:css|sc|jsx|emotion|svelte|astro|ng|_ng\w*|ember|react)-"
    r"|^(?:category|tag|author|postid|page-id|parent-pageid|term|format)-"  # what WordPress says of this one page
    r"|^(?:is|has|no|js|wp-image|align)-"
    r"|^(?:active|open|hidden|visible|show|loaded|lazy|lazyload|selected|first|last|odd|even|clearfix|row|col|container"
    r"|flex|grid|block|hentry|post|left|right)$",
    re.IGNORECASE,
)
_PART = re.compile(r"[-_]+")
_HUMP = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_SEMANTIC = frozenset({"article", "main", "aside", "nav", "footer", "form", "address", "details", "menu"})
_ATTRIBUTES = ("itemprop", "data-testid", "data-component", "data-qa", "data-test", "role")
_VALUE = re.compile(r"[A-Za-z][\w-]{1,39}", re.ASCII)
_COLUMNS = frozenset({"div", "section", "article", "main", "td", "body", "center", "span", "table", "form"})
_WIDER = 1.5
"""The doubt about an element that holds more than the article: as much as about a data attribute."""
_MORE_WORDS = 1.3
"""An element around the column holds at most so many times its words; one that holds more is the page's, not its."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A selector, and how little it is trusted: 0 for an id, more for what changes more easily."""

    selector: str
    doubt: float


class Names:
    """The elements of one page by the selectors that people would write for them. `title` is the page's: an id made
    of its words is this page's alone."""

    def __init__(self, tree: HtmlElement, title: str | None) -> None:
        self._title = frozenset(fold(title or "").split())
        self._elements = [element for element in tree.iter() if isinstance(element.tag, str)]
        self._taken: dict[str, list[HtmlElement]] = defaultdict(list)
        for element in self._elements:
            for named in self._simple(element):
                self._taken[named.selector].append(element)
        self._places: dict[HtmlElement, tuple[int, int]] = {}

    def of(self, element: HtmlElement) -> list[_Named]:
        """Selectors of one part that take an element, perhaps others too; the most trusted first."""
        return sorted(self._simple(element), key=lambda named: (named.doubt, len(named.selector)))

    def taken(self, selector: str) -> list[HtmlElement]:
        """What a selector of one part takes on this page."""
        return self._taken.get(selector, [])

    def only(self, element: HtmlElement) -> _Named | None:
        """The best selector that takes this element and no other: of one part, else below a named ancestor."""
        names = self.of(element)
        for named in names:
            if len(self.taken(named.selector)) == 1:
                return named
        below = [*names, _Named(str(element.tag), 2.0)]
        for ancestor in element.iterancestors():
            for outer in self.of(ancestor):
                for named in below:
                    if self._count_below(outer.selector, named.selector, element) == 1:
                        return _Named(f"{outer.selector} {named.selector}", outer.doubt + named.doubt + 1.0)
        return None

    def path(self, element: HtmlElement, steps: int = 8) -> str:
        """Where an element stands: at most `steps` elements, from an id or the body down."""
        parts: list[str] = []
        for at in (element, *element.iterancestors()):
            if at.tag in ("body", "html") and parts:
                break
            name = at.get("id") or ""
            if _NAME.fullmatch(name) and len(self.taken(f"#{name}")) == 1:
                parts.append(f"{at.tag}#{name}")
                break
            number, among = self._place(at)
            parts.append(f"{at.tag}:nth-of-type({number})" if among > 1 else str(at.tag))
            if len(parts) == steps:
                break
        return " > ".join(reversed(parts))

    def _simple(self, element: HtmlElement) -> Iterator[_Named]:
        tag = str(element.tag)
        name = element.get("id")
        if name and is_stable(name) and not self._is_of_this_page(name):
            yield _Named(f"#{name}", 0.0)
        for attribute in _ATTRIBUTES:
            value = element.get(attribute)
            if value and _VALUE.fullmatch(value) and is_stable(value):
                yield _Named(f"[{attribute}={value}]", 0.0 if value == "articleBody" else 1.5)
        if tag in _SEMANTIC:
            yield _Named(tag, 0.5)
        for name in (element.get("class") or "").split()[:20]:
            if is_stable(name) and not self._is_of_this_page(name):
                yield _Named(f"{tag}.{name}", 1.0)

    def _is_of_this_page(self, name: str) -> bool:
        words = fold(_PART.sub(" ", name)).split()
        return len(words) >= 2 and self._title.issuperset(words)

    def _count_below(self, outer: str, inner: str, element: HtmlElement) -> int:
        outers = set(self.taken(outer))
        same = self.taken(inner) or [e for e in self._elements if e.tag == element.tag]
        return sum(any(a in outers for a in e.iterancestors()) for e in same[:200]) + max(0, len(same) - 200)

    def _place(self, element: HtmlElement) -> tuple[int, int]:
        """Its number among the children of its parent with that tag, and how many those are."""
        parent = element.getparent()
        if parent is None:
            return 1, 1
        if element not in self._places:
            total = Counter(child.tag for child in parent)
            seen: Counter[object] = Counter()
            for child in parent:
                seen[child.tag] += 1
                self._places[child] = (seen[child.tag], total[child.tag])
        return self._places[element]


def is_stable(name: str) -> bool:
    """Whether an id or class name looks as if a person had chosen it, for more pages than this one.

    >>> [name for name in ("story-body", "articleText", "css-1x2y3z", "post-4711", "bdVaJa", "mt-4") if is_stable(name)]
    ['story-body', 'articleText']
    """
    if not _NAME.fullmatch(name) or _GENERATED.search(name):
        return False
    for part in _PART.split(name):
        letters = sum(c.isalpha() for c in part)
        if len(part) >= 5 and letters != len(part) and not part.rstrip("0123456789").isalpha():
            return False
        if len(part) >= 5 and not _VOWEL.search(part):
            return False
        humps = _HUMP.findall(part)
        if len(humps) > 2 and letters < 3 * len(humps):
            return False
    return True


def column_of(kept: Iterable[HtmlElement]) -> HtmlElement | None:
    """The innermost element that may hold paragraphs and holds all of these."""
    common: list[HtmlElement] | None = None
    for element in kept:
        line = [element, *element.iterancestors()]
        line.reverse()
        if common is None:
            common = line
        else:
            same = 0
            while same < min(len(common), len(line)) and common[same] is line[same]:
                same += 1
            del common[same:]
    while common and common[-1].tag not in _COLUMNS:
        common.pop()
    return common[-1] if common else None


def name_column(column: HtmlElement, words_in: dict[HtmlElement, int], names: Names) -> tuple[str, HtmlElement] | None:
    """A selector that takes exactly one element, the column or one around it that holds little more; with the element.

    `words_in` counts the words of every element's blocks. None where that element is the whole body.
    """
    found: list[tuple[float, str, HtmlElement]] = []
    own = max(words_in.get(column, 0), 1)
    for element in (column, *column.iterancestors()):
        share = words_in.get(element, 0) / own
        if element.tag in ("body", "html") or share > _MORE_WORDS:
            break
        if named := names.only(element):
            wider = _WIDER + 10 * (share - 1) if share > 1 else 0.0
            found.append((named.doubt + wider, named.selector, element))
    if found:
        _, selector, element = min(found, key=lambda one: one[0])
        return selector, element
    return None if column.tag in ("body", "html") else (names.path(column), column)


def name_boxes(
    dropped: Iterable[HtmlElement], held: dict[HtmlElement, int], kept: frozenset[HtmlElement], names: Names
) -> dict[HtmlElement, str]:
    """For each dropped block that has one: a selector of the largest box around it that holds no block of the article.

    `held` counts the article's blocks in every element. What the selector takes elsewhere holds none of them either.
    """
    known: dict[HtmlElement, str | None] = {}
    harmless = functools.cache(lambda selector: _is_harmless(selector, held, kept, names))
    found: dict[HtmlElement, str] = {}
    for element in dropped:
        line = [e for e in (element, *element.iterancestors()) if e.tag not in ("body", "html")]
        boxes = line[: next((n for n, e in enumerate(line) if held.get(e)), len(line))]
        for box in reversed(boxes):
            if box not in known:
                known[box] = next((named.selector for named in names.of(box) if harmless(named.selector)), None)
            if selector := known[box]:
                found[element] = selector
                break
    return found


def _is_harmless(selector: str, held: dict[HtmlElement, int], kept: frozenset[HtmlElement], names: Names) -> bool:
    """Whether all that a selector takes holds no block of the article and is no part of one."""
    return not any(
        held.get(element) or any(ancestor in kept for ancestor in element.iterancestors())
        for element in names.taken(selector)
    )


def name_kept(
    kept: Iterable[HtmlElement], held: dict[HtmlElement, int], most: int, names: Names
) -> dict[HtmlElement, str]:
    """For each kept block that has one: a selector to be rid of it. It takes as few other blocks of the article as can
    be, and `most` at most."""
    takes = functools.cache(lambda selector: sum(held.get(element, 0) for element in names.taken(selector)))
    found: dict[HtmlElement, str] = {}
    for element in kept:
        best: tuple[int, float, str] | None = None
        for box in (element, *element.iterancestors()):
            if held.get(box, 0) > most or box.tag in ("body", "html"):
                break
            for named in names.of(box):
                rank = (takes(named.selector), named.doubt, named.selector)
                if rank[0] <= most and (best is None or rank[:2] < best[:2]):
                    best = rank
        if best is not None:
            found[element] = best[2]
    return found
