"""Articles one by one and all in order, what became of them, and the way of an address."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response

from storage.answers import Revision, StoredArticle
from storage.corpus import Corpus
from storage.facets import filed_behind
from storage.plain import plain_line
from storage.records import diff_record, explanation_record, provenance_record, record, revision_record
from storage.story_records import link_record
from storage.web.api.asking import MOST_ID, Id, Limit, answer, gives
from storage.web.api.schemas import articles as shapes
from storage.web.api.schemas.found import ArticlesAnswer
from storage.web.known import as_of_a_version
from storage.web.service import CorpusOf, ServiceOf

router = APIRouter(tags=["articles"], dependencies=[Depends(as_of_a_version)])


@router.get("/articles", responses=gives(ArticlesAnswer))
def articles(
    request: Request,
    corpus: CorpusOf,
    limit: Limit = 20,
    after: Annotated[int, Query(ge=0, le=MOST_ID, description="The id of the last article that is known.")] = 0,
) -> Response:
    """All articles in the order in which they were filed. Whoever keeps the last id goes on there another day."""
    page = corpus.page(sort="first-filed", limit=limit, after=filed_behind(after))
    following = page.articles[-1].id if page.next else None
    whole = [record(replace(article, snippet=None)) for article in page.articles]
    return answer({"articles": whole, "next": following}, request, after=following)


@router.get("/articles/{article_id}", responses=gives(shapes.ArticleWithLinks))
def article(corpus: CorpusOf, article_id: Id) -> Response:
    """One article, and what ties it to others."""
    found = _article(corpus, article_id)
    return answer(record(found) | {"links": [link_record(link) for link in corpus.links(article_id)]})


@router.get("/articles/{article_id}/revisions", responses=gives(shapes.Revisions))
def revisions(corpus: CorpusOf, article_id: Id) -> Response:
    """Every text that the article has had."""
    texts = _texts(corpus, article_id)
    return answer({"article_id": article_id, "revisions": [revision_record(text) for text in texts]})


@router.get("/articles/{article_id}/diff", responses=gives(shapes.Diff))
def diff(
    corpus: CorpusOf,
    article_id: Id,
    older: Annotated[
        int | None, Query(alias="from", ge=1, le=MOST_ID, description="Without it, the text before.")
    ] = None,
    newer: Annotated[
        int | None, Query(alias="to", ge=1, le=MOST_ID, description="Without it, the current one.")
    ] = None,
) -> Response:
    """What one text of the article became, word by word."""
    texts = _texts(corpus, article_id)
    to = newer or texts[-1].number
    start = older or to - 1
    by_number = {text.number: text for text in texts}
    if start not in by_number or to not in by_number:
        has = "one text only" if len(texts) == 1 else f"texts 1 to {texts[-1].number}"
        raise HTTPException(404, f"Article {article_id} has {has}; {start} and {to} cannot be compared.")
    return answer(diff_record(by_number[start], by_number[to]))


@router.get("/articles/{article_id}/provenance", responses=gives(shapes.Provenance))
def provenance(corpus: CorpusOf, article_id: Id) -> Response:
    """Which rule gave each field, and what other rules would have given."""
    return answer({"article_id": article_id, **provenance_record(_article(corpus, article_id))})


@router.get("/explain", responses=gives(shapes.Explanation))
def explain(
    corpus: CorpusOf,
    service: ServiceOf,
    url: Annotated[str, Query(min_length=1, max_length=2_083, description="The address of a page.")],
) -> Response:
    """The whole way of one address: who named it, what was tried, how it ended and why."""
    key = service.identity(url)
    if key is None:
        raise HTTPException(400, f"{plain_line(url)[:200]}: is no address of a page.")
    found = corpus.explain(key)
    if found is None:
        raise HTTPException(404, f"No source has ever named {plain_line(url)[:200]}.")
    return answer(explanation_record(found))


def _article(corpus: Corpus, article_id: int) -> StoredArticle:
    found = corpus.article(article_id)
    if found is None:
        raise HTTPException(404, f"There is no article {article_id}.")
    return found


def _texts(corpus: Corpus, article_id: int) -> list[Revision]:
    texts = corpus.revisions(article_id)
    if not texts:
        raise HTTPException(404, f"There is no article {article_id}.")
    return texts
