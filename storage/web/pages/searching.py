"""The search page, which is the front page too."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from storage.errors import QueryError
from storage.search import notices
from storage.web import chart, filters
from storage.web.looking import Found, look
from storage.web.rendering import page
from storage.web.service import CorpusOf
from storage.web.views import results as view
from storage.web.views.results import Asked

router = APIRouter()


@router.get("/")
def search(
    request: Request,
    corpus: CorpusOf,
    q: str = "",
    sort: str | None = None,
    after: str | None = None,
    one_per_story: str = "",
) -> Response:
    """Articles that match, with what narrows the search further; without words the newest of all."""
    asked = Asked(q, sort, after or None, one_per_story not in ("", "0"))
    bare = filters.taken_out_all(q, filters.NAMES)
    labels = {"relevance": "Best match"} if bare.strip() else {}
    values: dict[str, Any] = {
        "title": q.strip()[:80] or "Articles",
        "asked": asked,
        "bare": bare,
        "notices": notices(q),
        "chips": view.chips(asked),
        "sortings": view.sortings(asked, {**labels, "newest": "Newest", "oldest": "Oldest"}, view.sort_of(Asked(q))),
        "feed_kinds": view.FEED_KINDS,
        "command": view.command(q),
    }
    try:
        found = look(corpus, asked)
    except QueryError as error:
        nothing: dict[str, Any] = {"results": None, "nearer": None, "is_empty": False}
        return page(request, "search.html", status=400, trouble=view.trouble(error), **nothing, **values)
    return page(request, "search.html", trouble=None, **_shown(found, asked), **values)


def _shown(found: Found, asked: Asked) -> dict[str, Any]:
    """What the template shows of an answer."""
    line = found.timeline
    return {
        "results": found.articles,
        "next": found.next,
        "total": found.facets.total,
        "is_exact": found.facets.is_exact,
        "groups": view.facet_groups(asked, found.facets),
        "chart": chart.drawn(
            line.bars,
            line.by,
            lambda start, end: asked.but(words=filters.put_in_span(asked.words, start, end)),
        ),
        "chart_words": filters.put_out_span(asked.words),
        "chart_address": asked.but(words=""),
        "nearer": {"words": found.nearer, "href": asked.but(words=found.nearer)} if found.nearer else None,
        "is_empty": not asked.words.strip() and not found.facets.total and not asked.after,
    }
