"""From the bytes of one page to an article, or to the reason why it holds none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml.html import HtmlElement

from crawler.extract.addresses import claimed_addresses
from crawler.extract.belonging import keep_parts
from crawler.extract.blocks import INLINE, Layout, is_beside, lay_out
from crawler.extract.body import Body, write_body
from crawler.extract.byline import read_byline
from crawler.extract.choosing import ask, choose
from crawler.extract.chrome import mark_chrome
from crawler.extract.claims import Claims, read_claims
from crawler.extract.dates import Dates, find_dates
from crawler.extract.judged import Judged, judge
from crawler.extract.language import language_of
from crawler.extract.parse import decode, lighten, parse_markup, part_paragraphs
from crawler.extract.particulars import Particulars, find_particulars, runners_up
from crawler.extract.people import Authors, find_authors
from crawler.extract.pictures import frame_pictures
from crawler.extract.titles import Headline, find_headline, site_names
from crawler.extract.verdict import why_empty, why_listing, why_not
from crawler.extract.votes import EXTRACTOR
from crawler.extract.words import content_hash, count_words, fold, without_controls
from crawler.urls import identity, site
from storage import Article, Entry, Rejected, SiteMemory


@dataclass(frozen=True, slots=True)
class Cut:
    """What was made of one page: the article, or the reason why there is none, and how its blocks were judged."""

    result: Article | Rejected
    page: Judged | None = None
    """None where the page has no blocks to judge."""
    missed: bool = False
    """The source's own `content` matches nothing on the page, so that it was judged as any other."""


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
        return Cut(why_empty(html, made.result), made.page, made.missed) if isinstance(made.result, Rejected) else made
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
    elements = list(tree.iter())
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
    if strip:
        layout = lay_out(tree)
    page, missed = None, False
    if layout is not None:
        page = judge(tree, layout, headline.element, people[0], site_names(claims, headline.text))
        page.said = fold(f"{claims.meta('og:description', 'description') or ''} {(entry and entry.summary) or ''}")
        for element in stripped:
            page.drop(page.inside(element), "strip")
        missed = not _choose(page, layout, markup, content, memory)
        frame_pictures(page)
        if not content:
            keep_parts(page)
    small = find_particulars(tree, claims, entry, url, headline.text)
    body = write_body(page, claims.base) if page is not None else None
    del elements  # held until here: lxml makes an element's object anew whenever no one holds it
    reason = why_not(layout, claims, body, headline, chosen=bool(content))
    if isinstance(reason, Rejected) or body is None or page is None:
        return Cut(reason or Rejected("not_an_article", "no text was found"), page, missed)
    return Cut(_article(url, headline, people, dates, small, claims, body, _judge_of_text(page)), page, missed)


def _strip(tree: HtmlElement, selectors: Sequence[str]) -> list[HtmlElement]:
    """The elements that a source does not want; those that run within a text are gone from the tree at once."""
    found: list[HtmlElement] = []
    for element in dict.fromkeys(e for selector in selectors for e in tree.cssselect(selector)):
        if element.getparent() is not None and element.tag in INLINE:
            element.drop_tree()
        else:
            found.append(element)
    return found


def _choose(page: Judged, layout: Layout, markup: str, content: str | None, memory: SiteMemory | None) -> bool:
    """Judge every block. What the source itself says wins over everything else (X9); gives whether that was to be
    had: `content` that matches nothing leaves the page to the other judges."""
    chosen = page.tree.cssselect(content) if content else []
    if chosen:
        _keep_content(page, chosen)
        return True
    column = mark_chrome(page, layout, memory)
    choose(page, ask(page, markup, column))
    return not content


def _keep_content(page: Judged, chosen: Sequence[HtmlElement]) -> None:
    """Keep what the elements hold but the headline, what `strip` named, and menus, asides, feet and parts of forms."""
    elements = frozenset(chosen)
    inside = {i for element in elements for i in page.inside(element)} - {page.headline}
    page.drop(set(range(len(page.blocks))) - inside - {page.headline}, "outside content")
    page.drop((i for i in inside if is_beside(page.blocks[i].element, elements)), "aside in content")
    page.kept.update({i: "content" for i in sorted(inside) if i not in page.chrome})


def _judge_of_text(page: Judged) -> str:
    """The judge that kept the most words."""
    words: Counter[str] = Counter()
    for i, judge_of_block in page.kept.items():
        words[judge_of_block] += page.blocks[i].words
    return max(words, key=lambda one: (words[one], one))


def _article(
    url: str | None,
    headline: Headline,
    people: Authors,
    dates: Dates,
    small: Particulars,
    claimed: Claims,
    body: Body,
    judge_of_text: str,
) -> Article:
    language, language_rule = language_of(body.text, claimed.html_language or claimed.meta("og:locale"))
    fields: dict[str, tuple[object, str | None]] = {
        "title": (headline.text, headline.rule),
        "text": (body.text, f"{judge_of_text}; {EXTRACTOR}"),
        "authors": (people.names, people.rule),
        "published": (dates.published, dates.published_from),
        "updated": (dates.updated, dates.updated_from),
        "language": (language, language_rule),
    }
    told = {"title": headline.others, "authors": people.others, "published": dates.others, **small.told}
    chosen = {
        "title": headline.text,
        "authors": ", ".join(people.names),
        **{field: found[0][1] for field, found in small.told.items() if found},
    }
    return Article(
        title=_plain(headline.text),
        text=body.text,
        html=body.html,
        url=url,
        authors=tuple(map(without_controls, people.names)),
        published=dates.published,
        updated=dates.updated,
        language=language,
        site=site(url) if url else None,
        tags=tuple(map(without_controls, small.tags)),
        description=_plain(small.description),
        image=small.image,
        canonical=small.canonical,
        addresses=claimed_addresses(claimed),
        syndicated_from=small.syndicated_from,
        origin_key=identity(small.syndicated_from) if small.syndicated_from else None,
        section=_plain(small.section),
        licence=_plain(small.licence),
        free=small.free,
        word_count=count_words(body.text),
        content_hash=content_hash(body.text, headline.text),
        provenance={name: rule for name, (value, rule) in fields.items() if value and rule} | small.rules(),
        runners_up=runners_up(told, chosen),
    )


def _plain(text: str | None) -> str | None:
    return without_controls(text) if text else None
