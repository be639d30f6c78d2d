"""Print the pages of the sample newspaper: articles, front pages, sections, in the site's theme."""

import functools
import html
import json
import re
from datetime import datetime
from string import Template
from typing import assert_never

from crawler.sample import ballast
from crawler.sample.manuscript import Block, inline_html
from crawler.sample.newspaper import Newspaper, Sample, Section, Site, data

_PART = re.compile(r"^=== (\S+)\n", re.MULTILINE)
_FRENCH_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_ENGLISH_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_INFORMATION = {
    "about": "{title} is a fictional newspaper. It ships with a press-cuttings service as its sample.",
    "contact": "{title} has no newsroom. Nobody reads letters that are sent to it.",
    "privacy": "{title} sets no cookies and counts nobody, whatever its banners say.",
}


@functools.cache
def _parts(theme: str) -> dict[str, Template]:
    text = data().joinpath("themes", f"{theme}.html").read_text(encoding="utf-8")
    pieces = _PART.split(text)[1:]
    return {name: Template(part.strip()) for name, part in zip(pieces[::2], pieces[1::2], strict=True)}


def _fill(site: Site, part: str, **values: str) -> str:
    return _parts(site.theme)[part].substitute(values)


def article_page(paper: Newspaper, sample: Sample, port: int) -> str:
    """The page of one article."""
    return _article_page(paper, sample, port, sample.blocks, headed=True)


def furniture_page(paper: Newspaper, sample: Sample) -> str:
    """The same page with title, standfirst and text of the article taken out: what is left is the site's own."""
    boxes = tuple(block for block in sample.blocks if block.kind == "box")
    return _article_page(paper, sample, 80, boxes, headed=False)


def _article_page(paper: Newspaper, sample: Sample, port: int, blocks: tuple[Block, ...], *, headed: bool) -> str:
    site = sample.site
    others = _others(paper, sample)
    author = html.escape(" and ".join(sample.authors))
    author_path = _author_path(sample.authors[0]) if sample.authors else ""
    facts = {
        **_dates(sample.published),
        "section": html.escape(sample.section),
        "section_path": _section_path(site, sample.section),
        "author": author,
        "path": sample.path,
    }
    content = _fill(
        site,
        "article",
        **facts,
        title=html.escape(sample.title) if headed else "",
        summary=html.escape(sample.summary) if headed else "",
        number=str(4000 + len(sample.title)),
        lang=sample.language,
        dir=_direction(sample.language),
        byline=_fill(site, "byline", author=author, author_path=author_path) if author else "",
        body=_body(site, blocks, others),
        related=_links(site, others[1:4]),
        next_path=others[0].path,
        next_title=html.escape(others[0].title),
        comment_count=str(len(sample.comments)),
        comments="\n".join(
            _fill(site, "comment", name=html.escape(c.name), date=c.date, text=html.escape(c.text))
            for c in sample.comments
        ),
    )
    meta = _fill(site, "meta", **facts, json_ld=_json_ld(sample, port))
    return _page(
        paper,
        site,
        port,
        path=sample.path,
        title=sample.title,
        summary=sample.summary,
        content=content,
        language=sample.language,
        head_meta=meta,
        recent=others,
    )


def front_page(paper: Newspaper, site: Site, port: int) -> str:
    """The site's front page: every article with its summary."""
    return _listing(paper, site, port, "/", site.title, site.tagline, paper.samples_of(site))


def section_page(paper: Newspaper, site: Site, section: Section, port: int) -> str:
    """One section page; a section that has no article of its own lists the whole site."""
    samples = paper.samples_of(site)
    own = tuple(sample for sample in samples if sample.section == section.name)
    return _listing(paper, site, port, section.path, section.name, site.tagline, own or samples)


def author_page(paper: Newspaper, site: Site, path: str, port: int) -> str | None:
    """The page that lists one author's articles, or None where ``path`` names no author of the site."""
    own = tuple(s for s in paper.samples_of(site) if s.authors and _author_path(s.authors[0]) == path)
    return _listing(paper, site, port, path, own[0].authors[0], site.tagline, own) if own else None


def information_page(paper: Newspaper, site: Site, path: str, port: int) -> str | None:
    """About, contact and privacy pages, or None for any other path."""
    name = path.strip("/").removesuffix(".html")
    if name not in _INFORMATION:
        return None
    return _listing(paper, site, port, path, name.capitalize(), _INFORMATION[name].format(title=site.title), ())


def members_page(paper: Newspaper, site: Site, title: str, path: str, port: int) -> str:
    """A page behind robots.txt; it answers, so that a crawler that comes in spite of it is caught."""
    text = "Nobody who reads robots.txt reads this page. It answers so that visitors who do not are noticed."
    return _listing(paper, site, port, path, title, text, ())


def _listing(
    paper: Newspaper, site: Site, port: int, path: str, heading: str, intro: str, samples: tuple[Sample, ...]
) -> str:
    teasers = "\n".join(
        _fill(
            site,
            "teaser",
            path=sample.path,
            title=html.escape(sample.title),
            summary=html.escape(sample.summary),
            **_dates(sample.published),
        )
        for sample in samples
    )
    content = _fill(site, "listing", heading=html.escape(heading), intro=html.escape(intro), teasers=teasers)
    return _page(
        paper,
        site,
        port,
        path=path,
        title=heading,
        summary=site.tagline,
        content=content,
        language=site.language,
        head_meta="",
        recent=paper.samples_of(site),
    )


def _page(
    paper: Newspaper,
    site: Site,
    port: int,
    *,
    path: str,
    title: str,
    summary: str,
    content: str,
    language: str,
    head_meta: str,
    recent: tuple[Sample, ...],
) -> str:
    return _fill(
        site,
        "page",
        lang=language,
        dir=_direction(language),
        charset=site.charset,
        page_title=html.escape(title),
        site_title=html.escape(site.title),
        site_tagline=html.escape(site.tagline),
        description=html.escape(summary),
        canonical=site.url(port, path),
        feed_url=site.feed_url(port),
        og_type="article" if head_meta else "website",
        body_class="single single-post" if head_meta else "home archive",
        head_meta=head_meta,
        nav="".join(_fill(site, "nav", path=s.path, text=html.escape(s.name)) for s in site.sections),
        recent=_links(site, recent[:5]),
        content=content,
        styles=ballast.styles(site.theme, 12_000),
        state=ballast.state((sample.title for sample in paper.samples_of(site)), 4_000),
        script=ballast.script("metrics", 6_000),
    )


def _body(site: Site, blocks: tuple[Block, ...], others: tuple[Sample, ...]) -> str:
    return "\n".join(_block(site, block, others) for block in blocks)


def _block(site: Site, block: Block, others: tuple[Sample, ...]) -> str:
    first = inline_html(block.rows[0][0])
    match block.kind:
        case "paragraph" | "heading" | "quote":
            return _fill(site, block.kind, text=first)
        case "list":
            items = "".join(_fill(site, "item", text=inline_html(row[0])) for row in block.rows)
            return _fill(site, "list", items=items)
        case "table":
            return _fill(site, "table", rows=_rows(site, block))
        case "figure":
            return _fill(site, "figure", name=block.name, text=first)
        case "box":
            other = others[-1]
            return _parts(site.theme)[f"box-{block.name}"].substitute(
                text=first or html.escape(other.title), path=other.path, links=_links(site, others[1:3])
            )
    assert_never(block.kind)


def _rows(site: Site, block: Block) -> str:
    rows = []
    for number, row in enumerate(block.rows):
        part = "cell" if number else "head-cell"
        rows.append(_fill(site, "row", cells="".join(_fill(site, part, text=inline_html(c)) for c in row)))
    return "".join(rows)


def _links(site: Site, samples: tuple[Sample, ...]) -> str:
    return "".join(_fill(site, "link", path=s.path, text=html.escape(s.title)) for s in samples)


def _others(paper: Newspaper, sample: Sample) -> tuple[Sample, ...]:
    """The site's other articles, beginning with the next older one."""
    samples = paper.samples_of(sample.site)
    place = samples.index(sample)
    return (*samples[place + 1 :], *samples[:place])


def _section_path(site: Site, name: str) -> str:
    return next(section.path for section in site.sections if section.name == name)


def _author_path(author: str) -> str:
    return f"/author/{re.sub(r'[^a-z0-9]+', '-', author.lower()).strip('-')}/"


def _direction(language: str) -> str:
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def _dates(moment: datetime) -> dict[str, str]:
    return {
        "date_iso": moment.isoformat(),
        "date_long": f"{_ENGLISH_MONTHS[moment.month - 1]} {moment.day}, {moment.year}",
        "date_numeric": f"{moment:%d.%m.%Y}",
        "date_french": f"{moment.day} {_FRENCH_MONTHS[moment.month - 1]} {moment.year}",
        "time": f"{moment:%H:%M}",
        "time_french": f"{moment.hour} h {moment:%M}",
    }


def _json_ld(sample: Sample, port: int) -> str:
    document = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": sample.title,
        "datePublished": sample.published.isoformat(),
        "dateModified": (sample.updated or sample.published).isoformat(),
        "author": [{"@type": "Person", "name": name} for name in sample.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": sample.site.title},
        "mainEntityOfPage": sample.url(port),
        "articleSection": sample.section,
        "isAccessibleForFree": True,
        "description": sample.summary,
    }
    return json.dumps(document, ensure_ascii=False).replace("</", "<\\/")
