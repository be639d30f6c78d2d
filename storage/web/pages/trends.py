"""What rises this week."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from storage.web.rendering import page
from storage.web.service import CorpusOf, ServiceOf
from storage.web.views.trends import rising

router = APIRouter()


@router.get("/trends")
def trends(request: Request, corpus: CorpusOf, service: ServiceOf) -> Response:
    """Words that rise this week against their own past."""
    now = service.now()
    found = corpus.trends(now=now)
    examples = {one.article_ids[0]: corpus.article(one.article_ids[0]) for one in found if one.article_ids}
    return page(request, "trends.html", title="Trends", terms=rising(found, examples, now))
