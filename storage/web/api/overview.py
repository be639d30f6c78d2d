"""The corpus as a whole, and how each of its sources does."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from storage.records import status_record, totals_record
from storage.web.api.answering import answer
from storage.web.api.source_schemas import SourceRecord, StatisticsRecord
from storage.web.service import CorpusOf, ServiceOf

router = APIRouter(tags=["corpus"])


@router.get("/sources", response_model=list[SourceRecord])
def sources(corpus: CorpusOf, service: ServiceOf) -> Response:
    """The health of every source and of its feeds, enabled ones first."""
    now = service.now()
    return answer([status_record(each, now) for each in corpus.status(now=now)])


@router.get("/sources/{name}", response_model=SourceRecord)
def source(corpus: CorpusOf, service: ServiceOf, name: str) -> Response:
    """One source by its name or address, and what became of it over time."""
    now = service.now()
    found = corpus.status(name, now=now)
    if not found:
        raise HTTPException(404, "there is no source of this name")
    return answer(status_record(found[0], now, corpus.history(name, now=now)))


@router.get("/statistics", response_model=StatisticsRecord)
def statistics(corpus: CorpusOf) -> Response:
    """The corpus in numbers."""
    return answer(totals_record(corpus.totals()))
