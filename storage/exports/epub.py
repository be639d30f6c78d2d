"""Articles as an EPUB 3 book (https://www.w3.org/TR/epub-33/): a chapter for each, for reading on paper-like screens.

Written straight into the zip file, chapter by chapter; only titles and dates are kept for the table of contents.
Nothing in it depends on the clock, so the same articles give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from storage.answers import StoredArticle
from storage.records import text_record, time_record

_MIMETYPE = "application/epub+zip"
_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_STYLE = """body { font-family: serif; line-height: 1.5; margin: 1em; }
h1 { font-size: 1.5em; line-height: 1.2; }
.from { color: #555; font-size: 0.85em; }
blockquote { border-left: 2px solid #aaa; margin-left: 0; padding-left: 1em; }
"""
_TAGS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "br", "hr", "table"}
    | {"thead", "tbody", "tr", "td", "th", "caption", "a", "b", "strong", "i", "em", "del", "ins", "sub", "sup", "q"}
    | {"cite", "abbr", "figure", "figcaption", "dl", "dt", "dd", "div", "span", "small"}
)
_XHTML = "http://www.w3.org/1999/xhtml"
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class _Chapter:
    """What the table of contents says of an article."""

    number: int
    title: str
    site: str
    day: str

    @property
    def file(self) -> str:
        return f"a{self.number}.xhtml"


def write_epub(articles: Iterable[StoredArticle], stream: IO[bytes], title: str) -> int:
    """Write a book of this title, in the order of publication; gives how many chapters it has."""
    chapters: list[_Chapter] = []
    languages: dict[str, int] = {}
    hashed, changed = hashlib.sha256(title.encode("utf-8", "replace")), datetime.fromtimestamp(0, UTC)
    with ZipFile(stream, "w") as book:
        _write(book, "mimetype", _MIMETYPE, packed=False)
        _write(book, "META-INF/container.xml", _CONTAINER)
        _write(book, "book/style.css", _STYLE)
        for article in articles:
            site = _said(article.site)
            chapter = _Chapter(article.id, _said(article.title) or site, site, _day(article))
            _write(book, f"book/{chapter.file}", _page(article, chapter))
            chapters.append(chapter)
            language = (article.language or "").partition("-")[0]
            languages[language] = languages.get(language, 0) + 1
            changed = max(changed, article.fetched)
            hashed.update(f"{article.id} {article.content_hash}".encode())
        chapters.sort(key=lambda chapter: (chapter.day, chapter.number))
        spoken = max(languages, key=lambda name: (languages[name], name), default="")
        _write(book, "book/contents.xhtml", _contents(title, chapters))
        _write(book, "book/book.opf", _package(title, chapters, spoken or "und", hashed.hexdigest(), changed))
    return len(chapters)


def _write(book: ZipFile, name: str, text: str, *, packed: bool = True) -> None:
    entry = ZipInfo(name)  # dated 1980, the beginning of time for zip files
    entry.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
    entry.external_attr = 0o644 << 16
    book.writestr(entry, text.encode())


def _page(article: StoredArticle, chapter: _Chapter) -> str:
    tag = article.language if article.language and _LANGUAGE.fullmatch(article.language) else None
    names = ", ".join(filter(None, map(_said, article.authors)))
    told = " · ".join(filter(None, (chapter.site, chapter.day, names)))
    url = _said(article.url)
    link = f'<p class="from"><a href="{escape(url)}">{escape(url)}</a></p>' if url.startswith("http") else ""
    body = f'<h1>{escape(chapter.title)}</h1>\n<p class="from">{escape(told)}</p>\n{_inner(article)}\n{link}'
    return _document(chapter.title, body, f' xml:lang="{tag}" lang="{tag}"' if tag else "")


def _inner(article: StoredArticle) -> str:
    """The text as well-formed XHTML in which nothing acts and nothing is loaded."""
    import lxml.html  # as late as this, for whoever only asks the corpus
    import nh3
    from lxml import etree

    safe = nh3.clean(_plain(article.html), tags=set(_TAGS), attributes={"a": {"href"}}, url_schemes={"http", "https"})
    try:
        root = lxml.html.fragment_fromstring(safe, create_parent="div")
        return str(etree.tostring(root, encoding="unicode", method="xml", with_tail=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, RecursionError):
        return "".join(f"<p>{escape(part)}</p>" for part in _plain(article.text).split("\n\n"))


def _contents(title: str, chapters: list[_Chapter]) -> str:
    rows = "\n".join(f'<li><a href="{each.file}">{escape(each.title)}</a></li>' for each in chapters)
    listed = f"<ol>\n{rows}\n</ol>" if rows else "<ol><li><span>Nothing matched.</span></li></ol>"
    return _document(title, f'<nav epub:type="toc" id="toc"><h1>{escape(_said(title))}</h1>\n{listed}</nav>', "")


def _document(title: str, body: str, attributes: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        f'<html xmlns="{_XHTML}" xmlns:epub="http://www.idpf.org/2007/ops"{attributes}>\n<head><title>'
        f"{escape(_said(title)) or 'Articles'}</title>"
        '<link rel="stylesheet" type="text/css" href="style.css"/></head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _package(title: str, chapters: list[_Chapter], language: str, digest: str, changed: datetime) -> str:
    items = "\n".join(
        f'<item id="a{each.number}" href="{each.file}" media-type="application/xhtml+xml"/>' for each in chapters
    )
    spine = "\n".join(f'<itemref idref="a{each.number}"/>' for each in chapters)
    moment = changed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:sha256:{digest}</dc:identifier>
<dc:title>{escape(_said(title)) or "Articles"}</dc:title>
<dc:language>{language}</dc:language>
<dc:publisher>Cuttings</dc:publisher>
<meta property="dcterms:modified">{moment}</meta>
</metadata>
<manifest>
<item id="toc" href="contents.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="style" href="style.css" media-type="text/css"/>
{items}
</manifest>
<spine>
<itemref idref="toc"/>
{spine}
</spine>
</package>
"""


def _day(article: StoredArticle) -> str:
    moment: date = article.published or article.first_seen
    return str(time_record(moment))[:10]


def _plain(text: str) -> str:
    return _NO_XML.sub("", text_record(text) or "")


def _said(text: str | None) -> str:
    return " ".join(_plain(text or "").split())
