"""The page of one article."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from storage.web import filters, safe
from storage.web.rendering import page
from storage.web.service import CorpusOf
from storage.web.views import articles as view
from storage.web.views.results import Asked

MOST_ID = 2**63 - 1
router = APIRouter()


@router.get("/articles/{article_id}")
def show_article(request: Request, corpus: CorpusOf, article_id: int, diff: str = "") -> Response:
    """An article to read, and what is known of it; `diff` shows what changed."""
    article = corpus.article(article_id) if 0 < article_id <= MOST_ID else None
    if article is None:
        raise HTTPException(404, f"There is no article {article_id}.")
    revisions = corpus.revisions(article_id)
    comparison = view.compared(revisions, diff) if diff else None
    if diff and comparison is None:
        texts = f"text {revisions[0].number}" if len(revisions) == 1 else f"texts 1 to {revisions[-1].number}"
        raise HTTPException(404, f"Article {article_id} has {texts}; there is no such comparison.")
    ways = corpus.ways(article_id)
    return page(
        request,
        "article.html",
        title=article.title or "Without a title",
        article=article,
        html=safe.article_html(article.html),
        minutes=view.minutes(article),
        origins=view.origins(article),
        sightings=view.sightings(ways),
        captures=view.captures(ways),
        revisions=revisions,
        comparison=comparison,
        story=corpus.story(article.story_id, limit=1) if article.copies > 1 else None,
        ties=view.ties(corpus.links(article_id)[: view.MOST_TIES]),
        filtered=_filtered,
    )


def _filtered(name: str, value: str) -> str:
    """The search with one filter; without one for a value that cannot be typed."""
    return Asked(filters.put_in("", name, value) or "").address
