"""How every answer of the API is written, and the parameters that several of them take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import HTTPException, Path, Query, Request
from fastapi.responses import Response

from storage.answers import StoredArticle
from storage.corpus import Corpus
from storage.web.service import service_of

MOST_ROWS = 100
"""Articles, stories or sources in one answer: about a megabyte of text."""
PROBLEM_TYPE = "application/problem+json"
"""RFC 9457 section 3."""
_LARGEST = (1 << 63) - 1
"""Of a number that the corpus can hold."""


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: _problem("What is asked cannot be understood: a filter or a cursor."),
    404: _problem("There is no such thing in this corpus."),
    422: _problem("A parameter is missing or out of its bounds."),
    503: _problem("The corpus cannot be read now; `Retry-After` says when to ask again."),
}

Words = Annotated[
    str,
    Query(
        description="What is searched for, in the search language; nothing: everything.", examples=["ferry since:2020"]
    ),
]
Rows = Annotated[int, Query(ge=1, le=MOST_ROWS, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the answer before.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="How many to pass over.")]
OnePerStory = Annotated[bool, Query(description="Of each story, the article that ran first of those that match.")]
Number = Annotated[int, Path(ge=1, le=_LARGEST)]


def answer(found: Mapping[str, object] | list[object], *, next_address: str | None = None) -> Response:
    """JSON in UTF-8; with the address of what follows as a link (RFC 8288)."""
    body = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    headers = {"link": f'<{next_address}>; rel="next"'} if next_address else {}
    return Response(body, media_type="application/json", headers=headers)


def following(request: Request, cursor: str | None) -> str | None:
    """The address of the next page of what was asked."""
    if cursor is None:
        return None
    asked = request.url.include_query_params(after=cursor)
    return f"{service_of(request).root(request)}{asked.path}?{asked.query}"


def article_of(corpus: Corpus, article_id: int) -> StoredArticle:
    """The article with this number, or 404."""
    found = corpus.article(article_id)
    if found is None:
        raise HTTPException(404, f"there is no article {article_id}")
    return found
