"""Feeds of any search, source, tag or story, and a list of them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response

from storage.answers import Query as Question
from storage.corpus import Corpus
from storage.plain import plain_line
from storage.syndication import Channel, FeedOutline, write_atom, write_json_feed, write_opml, write_rss
from storage.syndication.channel import item_of
from storage.web.safe import article_html
from storage.web.service import CorpusOf, ServiceOf, service_of

ENTRIES = 50
"""Of a feed; what was filed before is on its next pages."""
_LARGEST = (1 << 63) - 1

router = APIRouter(prefix="/feeds", include_in_schema=False)
Format = Literal["atom", "rss", "json"]
After = Annotated[str | None, Query(max_length=200)]
_WRITERS: dict[Format, tuple[Callable[[Channel], bytes], str]] = {
    "atom": (write_atom, "application/atom+xml; charset=utf-8"),
    "rss": (write_rss, "application/rss+xml; charset=utf-8"),
    "json": (write_json_feed, "application/feed+json; charset=utf-8"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a feed is of: `home` is the path of the page that shows it, `path` that of the feed without its ending."""

    question: Question
    title: str
    path: str
    home: str
    arguments: tuple[tuple[str, str], ...] = ()


@router.get("/search.{ending}")
def search(
    request: Request, corpus: CorpusOf, ending: Format, q: str = "", after: After = None, one_per_story: bool = False
) -> Response:
    """What matches a search, filed last first."""
    arguments = [("q", q)] if q else []
    if one_per_story:
        arguments.append(("one_per_story", "1"))
    home = f"/?{urlencode(arguments)}" if arguments else "/"
    title = plain_line(q)[:200] or "All articles"
    asked = _Asked(Question(q), title, "/feeds/search", home, tuple(arguments))
    return _feed(request, corpus, asked, ending, after, one_per_story=one_per_story)


@router.get("/sources/{name:path}.{ending}")
def source(request: Request, corpus: CorpusOf, name: str, ending: Format, after: After = None) -> Response:
    """What a source named."""
    if not corpus.status(name):
        raise HTTPException(404, "there is no source of this name")
    part = quote(name, safe="")
    asked = _Asked(Question(source=name), plain_line(name), f"/feeds/sources/{part}", f"/sources/{part}")
    return _feed(request, corpus, asked, ending, after)


@router.get("/tags/{tag:path}.{ending}")
def tag(request: Request, corpus: CorpusOf, tag: str, ending: Format, after: After = None) -> Response:
    """What has a tag, of its own or of a source."""
    home = f"/?{urlencode({'q': _tagged(tag)})}"
    asked = _Asked(Question(tag=tag), f"Tag {plain_line(tag)}", f"/feeds/tags/{quote(tag, safe='')}", home)
    return _feed(request, corpus, asked, ending, after)


@router.get("/stories/{story_id}.{ending}")
def story(
    request: Request,
    corpus: CorpusOf,
    story_id: Annotated[int, Path(ge=1, le=_LARGEST)],
    ending: Format,
    after: After = None,
) -> Response:
    """Every copy of a story, so that further ones are heard of."""
    found = corpus.story(story_id, limit=1)
    if found is None:
        raise HTTPException(404, f"there is no story {story_id}")
    title = f"Copies of {plain_line(found.first.article.title or '') or f'story {story_id}'}"
    asked = _Asked(Question(story=story_id), title, f"/feeds/stories/{story_id}", f"/stories/{story_id}")
    return _feed(request, corpus, asked, ending, after)


@router.get("/all.opml")
def everything(request: Request, corpus: CorpusOf, service: ServiceOf) -> Response:
    """The feeds of every source and of every tag of sources."""
    root, outlines = service.root(request), []
    sources = [status for status in corpus.status() if status.enabled]
    for status in sources:
        part = quote(status.name, safe="")
        address, home = f"{root}/feeds/sources/{part}.rss", f"{root}/sources/{part}"
        outlines.append(FeedOutline("Sources", status.name, address, home, tuple(status.tags)))
    for name in sorted({tag for status in sources for tag in status.tags}):
        home = f"{root}/?{urlencode({'q': _tagged(name)})}"
        outlines.append(FeedOutline("Tags", name, f"{root}/feeds/tags/{quote(name, safe='')}.rss", home))
    outlines.append(FeedOutline("Everything", "All articles", f"{root}/feeds/search.rss", f"{root}/"))
    return Response(write_opml(service.serving.title, outlines), media_type="text/x-opml; charset=utf-8")


def _feed(
    request: Request, corpus: Corpus, asked: _Asked, ending: Format, after: str | None, *, one_per_story: bool = False
) -> Response:
    service = service_of(request)
    page = corpus.page(
        asked.question, sort="last-filed", limit=ENTRIES, after=after or None, one_per_story=one_per_story
    )
    root = service.root(request)
    base = f"{root}{asked.path}.{ending}"

    def address(cursor: str | None) -> str:
        arguments = [*asked.arguments, *([("after", cursor)] if cursor else [])]
        return f"{base}?{urlencode(arguments)}" if arguments else base

    channel = Channel(
        id=address(None),
        title=f"{asked.title} · {service.serving.title}",
        home=f"{root}{asked.home}",
        address=address(after),
        items=tuple(item_of(article, article_html) for article in page.articles),
        next=address(page.next) if page.next else None,
    )
    write, kind = _WRITERS[ending]
    headers = {"last-modified": format_datetime(channel.updated, usegmt=True)} if channel.items else {}
    return Response(write(channel), media_type=kind, headers=headers)


def _tagged(tag: str) -> str:
    return f'tag:"{tag}"'
