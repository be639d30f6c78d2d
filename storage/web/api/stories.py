"""Stories: texts that several articles share."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response

from storage.stories import StorySort
from storage.story_records import story_record, summary_record
from storage.web.api.asking import MOST_OFFSET, Id, Limit, Offset, Words, answer, gives
from storage.web.api.schemas import found
from storage.web.known import as_of_a_version
from storage.web.service import CorpusOf

router = APIRouter(tags=["stories"], dependencies=[Depends(as_of_a_version)])


@router.get("/stories", responses=gives(found.StoriesAnswer))
def stories(
    request: Request,
    corpus: CorpusOf,
    q: Words = "",
    sort: Annotated[StorySort, Query(description="`widest`: on most sites.")] = "widest",
    limit: Limit = 20,
    offset: Offset = 0,
) -> Response:
    """Stories of several articles of which one matches, whichever; figures are of the whole story."""
    page = corpus.stories(q, sort=sort, limit=limit, offset=offset)
    total = corpus.count_stories(q)
    following = _following(offset, len(page), total)
    content = {"query": q, "total": total, "stories": [summary_record(one) for one in page], "next": following}
    return answer(content, request, offset=following)


@router.get("/stories/{story_id}", responses=gives(found.Story))
def story(request: Request, corpus: CorpusOf, story_id: Id, limit: Limit = 100, offset: Offset = 0) -> Response:
    """One story: its articles whole, in the order in which they ran, each with what it changed and what ties it to
    others."""
    page = corpus.story(story_id, limit=limit, offset=offset)
    if page is None:
        raise HTTPException(404, f"There is no story {story_id}.")
    following = _following(offset, len(page.copies), page.total)
    return answer(story_record(page) | {"next": following}, request, offset=following)


def _following(offset: int, given: int, total: int) -> int | None:
    """The offset of the next page."""
    end = offset + given
    return end if given and end < total and end <= MOST_OFFSET else None
