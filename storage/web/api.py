"""The JSON API: the same objects as the command line gives with `--json`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from storage.records import totals_record
from storage.web.service import CorpusOf

router = APIRouter(prefix="/api/v1", tags=["corpus"])


@router.get("/statistics")
def statistics(corpus: CorpusOf) -> dict[str, Any]:
    """The corpus in numbers."""
    return totals_record(corpus.totals())
