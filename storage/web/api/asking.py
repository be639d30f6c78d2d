"""What requests to the API have in common: their parameters, and answers that come page by page."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Query, Request
from fastapi.responses import Response

from storage.facets import MOST_CURSOR_CHARACTERS
from storage.search import MAX_CHARACTERS
from storage.web.api.schemas.found import Problem
from storage.web.json_answers import JsonAnswer

MOST = 100
"""Articles or stories of one answer: each may hold a million characters."""
MOST_ID = 2**63 - 1
MOST_OFFSET = 10_000
"""Into a list that has no cursor; who looks for something further down narrows the query."""

Words = Annotated[
    str,
    Query(max_length=MAX_CHARACTERS, description="The query, in the search language; empty finds everything."),
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
Offset = Annotated[int, Query(ge=0, le=MOST_OFFSET, description="How many to pass over.")]
After = Annotated[
    str | None,
    Query(max_length=MOST_CURSOR_CHARACTERS, description="The cursor that the page before this one gave as `next`."),
]
OnePerStory = Annotated[bool, Query(description="Of copies that match, only the one that ran first.")]
Id = Annotated[int, Path(ge=1, le=MOST_ID)]

PROBLEMS: dict[int | str, dict[str, Any]] = {
    304: {"description": "You have this answer already: its ETag was named in `If-None-Match`"},
    "4XX": {"model": Problem, "description": "Something is wrong with the request"},
    "5XX": {"model": Problem, "description": "The corpus could not be read; `Retry-After` says when to ask again"},
}


def gives(model: type) -> dict[int | str, dict[str, Any]]:
    """What an operation answers, for the document."""
    return {200: {"model": model, "description": (model.__doc__ or "").strip()}}


def answer(content: dict[str, object], request: Request | None = None, **following: object) -> Response:
    """A record as an answer. `following` is the parameter that leads to the next page, for the header `Link`
    (RFC 8288); None where this is the last."""
    headers = {}
    if request is not None and (link := next_link(request, **following)) is not None:
        headers["link"] = link
    return JsonAnswer(content, headers=headers)


def next_link(request: Request, **following: object) -> str | None:
    """The header that names the next page; relative, for who asks may call us by another name than we know."""
    ((name, value),) = following.items()
    if value is None:
        return None
    kept = [(key, given) for key, given in request.query_params.multi_items() if key != name]
    return f'<?{urlencode([*kept, (name, str(value))])}>; rel="next"'
