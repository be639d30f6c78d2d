"""From the bytes of one page to an article, or to the reason why it holds none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml.html import HtmlElement

from crawler.extract.addresses import claimed_addresses, syndicated_from
from crawler.extract.blocks import INLINE, Layout, lay_out
from crawler.extract.body import Body, write_body
from crawler.extract.byline import read_byline
from crawler.extract.choosing import ask, choose
from crawler.extract.chrome import mark_chrome
from crawler.extract.claims import Claims, absolute, read_claims, text_of
from crawler.extract.dates import Dates, find_dates
from crawler.extract.judged import Judged, judge
from crawler.extract.language import language_of
from crawler.extract.parse import decode, lighten, parse_markup, part_paragraphs
from crawler.extract.people import find_authors
from crawler.extract.titles import Headline, find_headline, site_names
from crawler.extract.verdict import why_empty, why_listing, why_not
from crawler.extract.votes import EXTRACTOR
from crawler.extract.words import content_hash, count_words, without_controls
from crawler.urls import site
from storage import Article, Entry, Rejected, SiteMemory

_MAX_TAGS = 50
_MAX_TAG_CHARS = 100
_MAX_DESCRIPTION_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Cut:
    """What was made of one page: the article, or the reason why there is none, and how its blocks were judged."""

    result: Article | Rejected
    page: Judged | None = None
    """None where the page has no blocks to judge."""


def extract(
    html: bytes | str,
    url: str | None = None,
    *,
    content_type: str | None = None,
    entry: Entry | None = None,
    strip: Sequence[str] = (),
    content: str | None = None,
    memory: SiteMemory | None = None,
    now: datetime | None = None,
) -> Article | Rejected:
    """Cut the article out of a page. Pure: nothing is fetched, nothing stored, and nothing in the page makes it raise.

    `url` is the page's final address, `content_type` its HTTP header, `entry` the feed's item that named it: it fills
    fields that the page leaves empty. `strip` and `content` are a source's own CSS selectors and win over everything
    learned; an invalid one raises `cssselect.SelectorError`. `memory` is what the pages of this host repeat. `now`
    bounds dates. The same arguments give the same article; every field says in `provenance` which rule gave it.

    >>> extract("<h1>Rain</h1><p>It rained in Port Alder all night, and nobody minded much.</p>").text
    'It rained in Port Alder all night, and nobody minded much.'
    """
    return cut_page(
        html, url, content_type=content_type, entry=entry, strip=strip, content=content, memory=memory, now=now
    ).result


def cut_page(
    html: bytes | str,
    url: str | None = None,
    *,
    content_type: str | None = None,
    entry: Entry | None = None,
    strip: Sequence[str] = (),
    content: str | None = None,
    memory: SiteMemory | None = None,
    now: datetime | None = None,
) -> Cut:
    """As `extract`, with the blocks of the page as they were judged: for learning from them, and for explaining."""
    try:
        markup = html if isinstance(html, str) else decode(html, content_type)
        tree = parse_markup(markup)
        if tree is None:
            return Cut(Rejected("not_an_article", "the page is empty"))
        made = _extract(markup, tree, url, entry, strip, content, memory, now or datetime.now(UTC))
        return Cut(why_empty(html, made.result), made.page) if isinstance(made.result, Rejected) else made
    except RecursionError:
        return Cut(Rejected("not_an_article", "the page nests its elements too deeply to be read"))


def _extract(
    markup: str,
    tree: HtmlElement,
    url: str | None,
    entry: Entry | None,
    strip: Sequence[str],
    content: str | None,
    memory: SiteMemory | None,
    now: datetime,
) -> Cut:
    claims = read_claims(tree, url)
    lighten(tree)
    part_paragraphs(tree)
    headline = find_headline(tree, claims, entry.title if entry else None)
    layout = lay_out(tree)
    byline = read_byline(layout, headline.element) if layout else []
    people = find_authors(tree, claims, byline, entry.authors if entry else (), site_names(claims, headline.text))
    feed_dates = (entry.published, entry.updated) if entry else (None, None)
    dates = find_dates(tree, claims, url, now, headline.element, feed_dates, layout)
    if layout and not content and (listing := why_listing(layout, claims, headline.element)):
        return Cut(Rejected("not_an_article", listing))
    stripped = _strip(tree, strip) if strip else []
    if stripped:
        layout = lay_out(tree)
    page = None
    if layout is not None:
        page = judge(tree, layout, headline.element, people[0], site_names(claims, headline.text))
        for element in stripped:
            page.drop(page.inside(element), "strip")
        _choose(page, layout, markup, content, memory)
    body = write_body(page, claims.base) if page is not None else None
    reason = why_not(layout, claims, body, headline, chosen=bool(content))
    if isinstance(reason, Rejected) or body is None:
        return Cut(reason or Rejected("not_an_article", "no text was found"), page)
    return Cut(_article(claims, url, entry, headline, people, dates, body), page)


def _strip(tree: HtmlElement, selectors: Sequence[str]) -> list[HtmlElement]:
    """The elements that a source does not want; those that run within a text are gone from the tree at once."""
    found: list[HtmlElement] = []
    for element in dict.fromkeys(e for selector in selectors for e in tree.cssselect(selector)):
        if element.getparent() is not None and element.tag in INLINE:
            element.drop_tree()
        else:
            found.append(element)
    return found


def _choose(page: Judged, layout: Layout, markup: str, content: str | None, memory: SiteMemory | None) -> None:
    """Judge every block. What the source itself says wins over everything else (X9)."""
    chosen = page.tree.cssselect(content) if content else []
    if chosen:
        inside = {i for element in chosen for i in page.inside(element)}
        page.kept.update({i: "content" for i in sorted(inside) if i not in page.chrome})
        page.drop(set(range(len(page.blocks))) - page.kept.keys(), "outside content")
        return
    column = mark_chrome(page, layout, memory)
    choose(page, ask(page, markup, column))


def _article(
    claims: Claims,
    url: str | None,
    entry: Entry | None,
    headline: Headline,
    people: tuple[tuple[str, ...], str],
    dates: Dates,
    body: Body,
) -> Article:
    language, language_rule = language_of(body.text, claims.html_language or claims.meta("og:locale"))
    tags, tags_rule = _tags(claims, entry)
    description, description_rule = _description(claims, entry)
    image, image_rule = _image(claims, entry)
    fields: dict[str, tuple[object, str | None]] = {
        "title": (headline.text, headline.rule),
        "text": (body.text, EXTRACTOR),
        "authors": people,
        "published": (dates.published, dates.published_from),
        "updated": (dates.updated, dates.updated_from),
        "language": (language, language_rule),
        "tags": (tags, tags_rule),
        "description": (description, description_rule),
        "image": (image, image_rule),
    }
    return Article(
        title=_plain(headline.text),
        text=body.text,
        html=body.html,
        url=url,
        authors=tuple(map(without_controls, people[0])),
        published=dates.published,
        updated=dates.updated,
        language=language,
        site=site(url) if url else None,
        tags=tuple(map(without_controls, tags)),
        description=_plain(description),
        image=image,
        canonical=claims.canonical,
        addresses=claimed_addresses(claims),
        syndicated_from=syndicated_from(claims, url),
        word_count=count_words(body.text),
        content_hash=content_hash(body.text, headline.text),
        provenance={name: rule for name, (value, rule) in fields.items() if value and rule},
    )


def _plain(text: str | None) -> str | None:
    return without_controls(text) if text else None


def _tags(claims: Claims, entry: Entry | None) -> tuple[tuple[str, ...], str]:
    keywords = claims.article.get("keywords")
    listed = [k for k in keywords if isinstance(k, str)] if isinstance(keywords, list) else [text_of(keywords) or ""]
    for raw, rule in (
        (listed, "json-ld"),
        (claims.metas.get("article:tag", []), "meta"),
        (claims.metas.get("news_keywords", []) or claims.metas.get("keywords", []), "meta"),
        (list(entry.tags) if entry else [], "feed"),
    ):
        words = (" ".join(word.split()) for item in raw[:_MAX_TAGS] for word in item[:5000].split(","))
        kept = {word.casefold(): word for word in words if 0 < len(word) <= _MAX_TAG_CHARS}
        if kept:
            return tuple(kept.values())[:_MAX_TAGS], rule
    return (), ""


def _description(claims: Claims, entry: Entry | None) -> tuple[str | None, str | None]:
    for value, rule in (
        (claims.meta("og:description", "description", "twitter:description"), "meta"),
        (text_of(claims.article.get("description")), "json-ld"),
        (entry.summary if entry else None, "feed"),
    ):
        if value and value.strip():
            return " ".join(value.split())[:_MAX_DESCRIPTION_CHARS], rule
    return None, None


def _image(claims: Claims, entry: Entry | None) -> tuple[str | None, str | None]:
    node = claims.article.get("image")
    node = node[0] if isinstance(node, list) and node else node
    listed = node.get("url") if isinstance(node, dict) else node
    for value, rule in (
        (claims.meta("og:image", "og:image:url", "og:image:secure_url", "twitter:image"), "meta"),
        (listed, "json-ld"),
        (entry.image if entry else None, "feed"),
    ):
        if found := absolute(value, claims.base):
            return found, rule
    return None, None
