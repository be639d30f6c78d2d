"""One article: as it is, as it was, where each field is from, and what it is tied to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from storage.records import diff_record, explanation_record, provenance_record, record, revision_record
from storage.story_records import link_record
from storage.web.api.answering import Number, answer, article_of
from storage.web.api.schemas import (
    ArticleRecord,
    DiffRecord,
    ExplanationRecord,
    LinkRecord,
    ProvenanceRecord,
    RevisionRecord,
)
from storage.web.service import CorpusOf, ServiceOf

router = APIRouter(tags=["articles"])
Revision = Annotated[int | None, Query(ge=1, le=1_000_000)]


@router.get("/articles/{article_id}", response_model=ArticleRecord)
def article(corpus: CorpusOf, article_id: Number) -> Response:
    """An article in its current text."""
    return answer(record(article_of(corpus, article_id)))


@router.get("/articles/{article_id}/revisions", response_model=list[RevisionRecord])
def revisions(corpus: CorpusOf, article_id: Number) -> Response:
    """Every text of an article, first to current."""
    article_of(corpus, article_id)
    return answer([revision_record(each) for each in corpus.revisions(article_id)])


@router.get("/articles/{article_id}/diff", response_model=DiffRecord)
def diff(
    corpus: CorpusOf,
    article_id: Number,
    old: Annotated[Revision, Query(alias="from", description="Nothing: the one before `to`.")] = None,
    new: Annotated[Revision, Query(alias="to", description="Nothing: the current text.")] = None,
) -> Response:
    """What one text of an article became in another, word by word."""
    article_of(corpus, article_id)
    texts = {each.number: each for each in corpus.revisions(article_id)}
    to = max(texts) if new is None else new
    before = max(to - 1, 1) if old is None else old
    for number in (before, to):
        if number not in texts:
            raise HTTPException(404, f"article {article_id} has no text {number}; it has {len(texts)}")
    return answer(diff_record(texts[before], texts[to]))


@router.get("/articles/{article_id}/provenance", response_model=ProvenanceRecord)
def provenance(corpus: CorpusOf, article_id: Number) -> Response:
    """Which rule gave each field, and what others would have given."""
    return answer(provenance_record(article_of(corpus, article_id)))


@router.get("/articles/{article_id}/links", response_model=list[LinkRecord])
def links(corpus: CorpusOf, article_id: Number) -> Response:
    """What ties an article to others, the strongest first."""
    article_of(corpus, article_id)
    return answer([link_record(each) for each in corpus.links(article_id)])


@router.get("/explain", response_model=ExplanationRecord)
def explain(
    corpus: CorpusOf,
    service: ServiceOf,
    url: Annotated[str, Query(min_length=1, max_length=8_000, description="The address of a page, as it is.")],
) -> Response:
    """The way of a page: who named it when, each attempt to fetch it, and how it ended."""
    key = service.identity(url)
    found = None if key is None else corpus.explain(key)
    if found is None:
        raise HTTPException(404, "no source ever named this address")
    return answer(explanation_record(found))
