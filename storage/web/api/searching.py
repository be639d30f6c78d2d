"""Questions to the whole corpus: search, and what its results sum up to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from storage.answers import Sort
from storage.corpus import Corpus
from storage.errors import QueryError
from storage.facets import FacetName, Step
from storage.records import record
from storage.search import notices
from storage.summary_records import facets_record, notice_record, timeline_record, trend_record
from storage.web.api.asking import After, Limit, OnePerStory, Words, answer, gives
from storage.web.api.schemas import found
from storage.web.known import as_of_a_version
from storage.web.service import CorpusOf, ServiceOf

router = APIRouter(tags=["search"])
_kept = [Depends(as_of_a_version)]


@router.get("/search", responses=gives(found.SearchAnswer), dependencies=_kept)
def search(
    request: Request,
    corpus: CorpusOf,
    q: Words = "",
    sort: Annotated[Sort | None, Query(description="Without words: newest; else relevance.")] = None,
    limit: Limit = 20,
    after: After = None,
    one_per_story: OnePerStory = False,
) -> Response:
    """Articles that match, page by page. By date or by filing no article comes twice or is passed over, whatever is
    filed meanwhile."""
    order: Sort = sort or ("relevance" if q.strip() else "newest")
    page = corpus.page(q, sort=order, limit=limit, after=after, one_per_story=one_per_story)
    total, is_exact = _total(corpus, q)
    is_nothing = not page.articles and after is None
    return answer(
        {
            "query": q,
            "total": total,
            "is_exact": is_exact,
            "articles": [record(article) for article in page.articles],
            "next": page.next,
            "notices": [notice_record(one) for one in notices(q)],
            "did_you_mean": corpus.did_you_mean(q) if is_nothing else None,
        },
        request,
        after=page.next,
    )


def _total(corpus: Corpus, words: str) -> tuple[int | None, bool]:
    try:
        counted = corpus.facets(words, fields=())
    except QueryError:
        return None, False
    return counted.total, counted.is_exact


@router.get("/facets", responses=gives(found.FacetsAnswer), dependencies=_kept)
def facets(
    corpus: CorpusOf,
    q: Words = "",
    limit: Limit = 10,
    field: Annotated[list[FacetName] | None, Query(description="Only these; may be repeated.")] = None,
) -> Response:
    """How many articles match, and their most frequent sources, sites, languages, tags, authors and months."""
    return answer(facets_record(corpus.facets(q, limit=limit, fields=field)))


@router.get("/timeline", responses=gives(found.TimelineAnswer), dependencies=_kept)
def timeline(
    corpus: CorpusOf,
    q: Words = "",
    by: Annotated[Step | None, Query(description="Without it, what gives at most about 120 bars.")] = None,
) -> Response:
    """How many of the articles that match are dated when."""
    return answer(timeline_record(corpus.timeline(q, by=by)))


@router.get("/trends", responses=gives(found.TrendsAnswer))
def trends(
    corpus: CorpusOf,
    service: ServiceOf,
    days: Annotated[int, Query(ge=1, le=90, description="The present.")] = 7,
    past_days: Annotated[int, Query(ge=1, le=730, description="The past that it is compared with.")] = 56,
    limit: Limit = 50,
) -> Response:
    """Words that more stories begin with now than their past lets expect."""
    rising = corpus.trends(now=service.now(), days=days, past_days=past_days, limit=limit)
    return answer({"days": days, "past_days": past_days, "trends": [trend_record(one) for one in rising]})
