"""What strangers wrote, made fit to stand in a page of ours: nothing active, nothing that is loaded, nothing that
pretends to stand elsewhere. Pure.

Templates escape every value; this is for what escaping alone does not answer: the HTML of articles, addresses, snippets
with marks, and the direction of scripts.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import lxml.html
import nh3
from lxml import etree
from markupsafe import Markup, escape

from storage.answers import SNIPPET_END, SNIPPET_START

_TAGS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "br", "hr", "table"}
    | {"thead", "tbody", "tr", "td", "th", "caption", "a", "b", "strong", "i", "em", "u", "s", "del", "ins", "sub"}
    | {"sup", "q", "cite", "abbr", "figure", "figcaption", "dl", "dt", "dd", "div", "span", "bdi", "small"}
)
_ATTRIBUTES = {"*": {"dir"}, "a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\ue000\ue001]"
)
"""Controls, overrides and embeddings of direction (Unicode UAX 9), which an isolated element needs not; marks and
joiners of right-to-left scripts stay. And our own marks of a snippet."""
_HREF = re.compile(r"https?://[^\s\x00-\x20\x7f\"<>\\^`{|}]+", re.IGNORECASE)
_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_MAX_HREF_CHARACTERS = 4_000
_PICTURE = "picture"


def shown(text: str) -> str:
    """The text without characters that nobody sees and that move what stands around them."""
    return _UNSEEN.sub("", text)


def href(url: str | None) -> str | None:
    """The address, if it leads to a page of the web and to nothing else; None for all others."""
    if url is None or len(url) > _MAX_HREF_CHARACTERS or not _HREF.fullmatch(url):
        return None
    try:
        return url if urlsplit(url).hostname else None
    except ValueError:
        return None


def article_html(markup: str) -> Markup:
    """The HTML of an article to stand below a headline: sanitised whatever was done before, headings from the second
    level on, pictures as links that nobody follows unasked."""
    safe = _clean(markup, {*_TAGS, "img"}, {**_ATTRIBUTES, "img": {"src", "alt"}})
    if "<img" in safe or "<h" in safe:
        safe = _rearranged(safe)
    return Markup(_clean(safe, set(_TAGS), {**_ATTRIBUTES, "a": {"href", "class"}}))  # noqa: S704 - what nh3 gives is safe, and it had the last word


def marked(snippet: str) -> Markup:
    """A snippet with its matches as `<mark>`; marks that do not match up are left out."""
    parts, inside = [], False
    for piece in re.split(f"([{SNIPPET_START}{SNIPPET_END}])", snippet):
        if piece == SNIPPET_START:
            inside = True
        elif piece == SNIPPET_END:
            inside = False
        elif piece:
            parts.append(Markup("<mark>%s</mark>") % shown(piece) if inside else escape(shown(piece)))
    return Markup("").join(parts)


def language_tag(language: str | None) -> str | None:
    """The language as `lang` may hold it (BCP 47)."""
    return language if language and _LANGUAGE.fullmatch(language) else None


def direction(language: str | None) -> str:
    """How a text in this language runs: `rtl`, `ltr`, or `auto` where nobody knows."""
    tag = language_tag(language)
    if tag is None:
        return "auto"
    return "rtl" if tag.lower().partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def _clean(markup: str, tags: set[str], attributes: dict[str, set[str]]) -> str:
    return nh3.clean(
        shown(markup),
        tags=tags,
        attributes=attributes,
        attribute_filter=_attribute,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name in ("href", "src"):
        return href(value)
    if name == "class":
        return value if (tag, value) == ("a", _PICTURE) else None
    if name == "dir":
        return value if value in ("rtl", "ltr", "auto") else None
    return value


def _rearranged(safe: str) -> str:
    root = lxml.html.fragment_fromstring(safe, create_parent="div")
    _lower_headings(root)
    for image in list(root.iter("img")):
        _replace_by_link(image)
    return str(lxml.html.tostring(root, encoding="unicode"))


def _lower_headings(root: etree._Element) -> None:
    """The headings from the second level on, none skipped: a reader who goes by headings finds the article's own."""
    levels: list[int] = []
    for element in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(element.tag[1])
        while levels and levels[-1] >= level:
            levels.pop()
        levels.append(level)
        element.tag = f"h{min(len(levels) + 1, 6)}"


def _replace_by_link(image: etree._Element) -> None:
    parent = image.getparent()
    if parent is None:
        return
    words = " ".join((image.get("alt") or "").split())
    source = image.get("src")
    is_linked = source is None or next(image.iterancestors("a"), None) is not None
    link = parent.makeelement("span" if is_linked else "a", {"class": _PICTURE, "href": source or ""})
    link.text = f"Picture: {words}" if words else "Picture"
    link.tail = image.tail
    parent.replace(image, link)
