"""The pages of sources: how they all do, and everything about one."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from storage.health import by_severity, stalled
from storage.web import filters
from storage.web.rendering import page
from storage.web.service import CorpusOf, ServiceOf
from storage.web.views import sources as view
from storage.web.views.results import Asked

router = APIRouter()


@router.get("/sources")
def list_sources(request: Request, corpus: CorpusOf, service: ServiceOf) -> Response:
    """Every source, the worst first."""
    now = service.now()
    sources = corpus.status(now=now)
    rows = view.rows(sources, corpus.daily(view.DAYS, now=now), now)
    return page(
        request,
        "sources.html",
        title="Sources",
        rows=rows,
        days=view.DAYS,
        healths=by_severity([row.verdict for row in rows]),
        stalled=stalled(sources, now),
        now=now,
    )


@router.get("/sources/{name:path}")
def show_source(request: Request, corpus: CorpusOf, service: ServiceOf, name: str) -> Response:
    """One source."""
    now = service.now()
    found = corpus.status(name, now=now)
    if not found:
        raise HTTPException(404, f"There is no source {name[:200]}.")
    source = found[0]
    history = corpus.history(source.url, now=now)
    row = view.row(source, corpus.daily(view.DAYS, now=now).get(source.url, (0,) * view.DAYS), now)
    return page(
        request,
        "source.html",
        title=source.name,
        row=row,
        days=view.DAYS,
        feeds=view.feeds(source, now),
        troubles=view.troubles(history.troubles if history else ()),
        articles=Asked(filters.put_in("", "source", source.name) or "").address,
        feed=f"/feeds/sources/{quote(source.name, safe='')}.atom",
        now=now,
    )
