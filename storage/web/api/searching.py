"""Asking the corpus: articles that match, what they have in common, when they were, and what rises."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from storage.answers import Sort
from storage.facet_records import facets_record, timeline_record, trend_record
from storage.facets import MOST_FACETS, FacetName, Step
from storage.records import record
from storage.search import notices
from storage.web.api.answering import Cursor, OnePerStory, Rows, Words, answer, following
from storage.web.api.schemas import FacetsRecord, SearchRecord, TimelineRecord, TrendsRecord
from storage.web.service import CorpusOf, ServiceOf

router = APIRouter(tags=["searching"])


@router.get("/search", response_model=SearchRecord)
def search(
    request: Request,
    corpus: CorpusOf,
    q: Words = "",
    sort: Annotated[Sort, Query(description="Where no words are sought, relevance is newest.")] = "relevance",
    limit: Rows = 20,
    after: Cursor = None,
    one_per_story: OnePerStory = False,
) -> Response:
    """Articles that match, page by page. What is filed while pages are read moves none of them."""
    page = corpus.page(q, sort=sort, limit=limit, after=after or None, one_per_story=one_per_story)
    counted = corpus.facets(q, fields=())
    total = corpus.count(q, one_per_story=True) if one_per_story else counted.total
    found: dict[str, object] = {
        "query": q,
        "sort": sort,
        "total": total,
        "is_exact": one_per_story or counted.is_exact,
        "articles": [record(article) for article in page.articles],
        "next": page.next,
        "notices": [{"start": each.start, "end": each.end, "message": each.message} for each in notices(q)],
        "did_you_mean": None if total else corpus.did_you_mean(q),
    }
    return answer(found, next_address=following(request, page.next))


@router.get("/facets", response_model=FacetsRecord)
def facets(
    corpus: CorpusOf,
    q: Words = "",
    limit: Annotated[int, Query(ge=1, le=MOST_FACETS, description="Values of each field at most.")] = 10,
    field: Annotated[list[FacetName] | None, Query(description="Fields to count; repeated. Nothing: all.")] = None,
) -> Response:
    """How many articles match, and their most frequent sources, sites, languages, tags, authors and months."""
    return answer({"query": q} | facets_record(corpus.facets(q, limit=limit, fields=field)))


@router.get("/timeline", response_model=TimelineRecord)
def timeline(
    corpus: CorpusOf,
    q: Words = "",
    by: Annotated[Step | None, Query(description="Nothing: the finest step of at most 120 bars.")] = None,
) -> Response:
    """How many of the articles that match are dated when, without holes; `end` is the day behind a bar."""
    return answer({"query": q} | timeline_record(corpus.timeline(q, by=by)))


@router.get("/trends", response_model=TrendsRecord)
def trends(
    corpus: CorpusOf,
    service: ServiceOf,
    days: Annotated[int, Query(ge=1, le=365, description="How long the time is that is compared with the past.")] = 7,
    limit: Rows = 50,
) -> Response:
    """Words that more stories begin with in these days than the eight times as many before them let expect."""
    found = corpus.trends(now=service.now(), days=days, past_days=8 * days, limit=limit)
    return answer({"days": days, "trends": [trend_record(one) for one in found]})
