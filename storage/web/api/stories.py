"""Stories: texts that several articles share."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from storage.stories import StorySort
from storage.story_records import story_record, summary_record
from storage.web.api.answering import Number, Offset, Rows, Words, answer
from storage.web.api.schemas import StoriesRecord, StoryRecord
from storage.web.service import CorpusOf

router = APIRouter(tags=["stories"])


@router.get("/stories", response_model=StoriesRecord)
def stories(
    corpus: CorpusOf,
    q: Words = "",
    sort: Annotated[StorySort, Query(description="`widest`: those that most sites ran first.")] = "widest",
    limit: Rows = 20,
    offset: Offset = 0,
) -> Response:
    """Stories of several articles of which one matches."""
    found = corpus.stories(q, sort=sort, limit=limit, offset=offset)
    return answer({"query": q, "total": corpus.count_stories(q), "stories": [summary_record(each) for each in found]})


@router.get("/stories/{story_id}", response_model=StoryRecord)
def story(corpus: CorpusOf, story_id: Number, limit: Rows = 20, offset: Offset = 0) -> Response:
    """A story: its articles whole, in the order in which they ran, each with its links."""
    found = corpus.story(story_id, limit=limit, offset=offset)
    if found is None:
        raise HTTPException(404, f"there is no story {story_id}")
    return answer(story_record(found))
