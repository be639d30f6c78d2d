"""How sources do, and the corpus in numbers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from storage.health import by_severity, judge, stalled
from storage.plain import plain_line
from storage.records import status_record, time_record, totals_record
from storage.web.api.asking import answer, gives
from storage.web.api.schemas import sources as shapes
from storage.web.service import CorpusOf, ServiceOf

router = APIRouter(tags=["sources"])


@router.get("/sources", responses=gives(shapes.SourcesAnswer))
def sources(
    corpus: CorpusOf,
    service: ServiceOf,
    removed: Annotated[bool, Query(description="Also those that are in feeds.yaml no longer.")] = False,
) -> Response:
    """The health of every source, and the corpus in numbers."""
    now = service.now()
    known = [one for one in corpus.status(now=now) if removed or one.removed is None or one.is_file]
    return answer(
        {
            "totals": totals_record(corpus.totals()),
            "stalled_since": time_record(stalled(known, now)),
            "summary": {str(health): n for health, n in by_severity([judge(one, now) for one in known]).items()},
            "sources": [status_record(one, now) for one in known],
        }
    )


@router.get("/sources/{name:path}", responses=gives(shapes.SourceWithHistory))
def source(corpus: CorpusOf, service: ServiceOf, name: str) -> Response:
    """The source with that name or address: its health, what became of it, and what the links of its site taught."""
    now = service.now()
    known = corpus.status(name, now=now)
    if not known:
        raise HTTPException(404, f"There is no source {plain_line(name)[:200]}.")
    first = known[0]
    return answer(status_record(first, now, corpus.history(first.url, now=now), corpus.link_memory(first.name).shapes))


@router.get("/statistics", responses=gives(shapes.Totals))
def statistics(corpus: CorpusOf) -> Response:
    """The corpus in numbers."""
    return answer(totals_record(corpus.totals()))
