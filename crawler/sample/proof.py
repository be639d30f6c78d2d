"""Hold a cut text against the page it was cut from: what of the site leaked in, what of the article is lost."""

import functools
from html.parser import HTMLParser

from crawler.sample.newspaper import Sample, Site, newspaper
from crawler.sample.pages import furniture_page

_SILENT = frozenset({"head", "script", "style", "svg", "template"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "em", "font", "i", "label", "q", "small", "span", "strong", "sub", "sup", "time"}
)
_BUTTON_TYPES = frozenset({"submit", "button"})
_SEARCHABLE_CHARS = 4
"""Shorter strings ("0", "By", "|") also occur by chance; they count as lines of their own only."""


class _Strings(HTMLParser):
    """Collects every string that a reader could see: single text nodes, whole lines, texts of form fields."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, None] = {}
        self._silent = 0
        self._line: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if tag not in _INLINE:
            self.flush()
        if tag == "input":
            field = dict(attrs)
            self._add(field.get("placeholder") or "")
            if field.get("type") in _BUTTON_TYPES:
                self._add(field.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent -= 1
        if tag not in _INLINE:
            self.flush()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._add(data)
            self._line.append(data)

    def flush(self) -> None:
        self._add("".join(self._line))
        self._line.clear()

    def _add(self, text: str) -> None:
        if any(character.isalnum() for character in text):
            self.found[fold(text)] = None


def fold(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


@functools.cache
def furniture(sample: Sample) -> tuple[str, ...]:
    """Every string on the page of ``sample`` that is not of the article, the shortest included ("0", "By").

    Title and standfirst are neither: a cut text may begin with them or not.
    """
    reader = _Strings()
    reader.feed(furniture_page(newspaper(), sample))
    reader.close()
    reader.flush()
    return tuple(reader.found)


def chrome(site: Site, sample: Sample) -> tuple[str, ...]:
    """The strings of ``furniture`` that may stand nowhere in a cut text, not even within a line.

    Left out are strings that the article itself contains (the name of a section, say) and very short ones;
    :func:`leaked` also looks for those, as lines of their own. Raises ValueError when the article is not the
    site's.
    """
    if sample.site != site:
        raise ValueError(f"{sample.key} was not printed by {site.host}")
    own = fold("\n".join((sample.title, sample.summary, *sample.paragraphs)))
    return tuple(s for s in furniture(sample) if len(s) >= _SEARCHABLE_CHARS and s not in own)


def leaked(sample: Sample, text: str) -> tuple[str, ...]:
    """The site's own strings that stand in ``text``: anywhere, or as a whole line that the article has not."""
    folded = fold(text)
    anywhere = [string for string in chrome(sample.site, sample) if string in folded]
    own = {sample.title, sample.summary, *(fold(paragraph) for paragraph in sample.paragraphs)}
    lines = {fold(line).strip("-*•| ") for line in text.splitlines()} - own
    return tuple(dict.fromkeys((*anywhere, *(string for string in furniture(sample) if string in lines))))


def lost(sample: Sample, text: str) -> tuple[str, ...]:
    """The article's strings that are missing in ``text`` or stand in another order, white space aside."""
    folded, place, missing = fold(text), 0, []
    for paragraph in sample.paragraphs:
        found = folded.find(fold(paragraph), place)
        if found < 0:
            missing.append(paragraph)
        else:
            place = found + len(fold(paragraph))
    return tuple(missing)
