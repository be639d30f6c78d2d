"""The pages of stories: the list, and who ran one when."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from storage.errors import QueryError
from storage.stories import StorySort
from storage.web.pages.articles import MOST_ID
from storage.web.rendering import page
from storage.web.service import CorpusOf
from storage.web.views import articles as article_view
from storage.web.views.results import Asked, chips, sortings, trouble
from storage.web.views.stories import appearances

PAGE = 20
COPIES_PAGE = 100
MOST_PAGES = 50
"""Of a list; who looks for something further down narrows the search."""
_SORTS = {"widest": "Widest", "newest": "Newest", "oldest": "Oldest"}
router = APIRouter()


@router.get("/stories")
def list_stories(request: Request, corpus: CorpusOf, q: str = "", sort: str | None = None, after: str = "") -> Response:
    """Stories, widest first; `after` is the number of the page."""
    asked = Asked(q, sort, after, path="/stories")
    number = _number(after)
    values: dict[str, Any] = {
        "title": "Stories",
        "asked": asked,
        "chips": chips(asked),
        "sortings": sortings(asked, _SORTS, "widest"),
    }
    chosen: StorySort = "newest" if sort == "newest" else "oldest" if sort == "oldest" else "widest"
    try:
        found = corpus.stories(q, sort=chosen, limit=PAGE, offset=(number - 1) * PAGE)
        total = corpus.count_stories(q)
    except QueryError as error:
        return page(request, "stories.html", status=400, trouble=trouble(error), stories=None, **values)
    return page(request, "stories.html", trouble=None, stories=found, total=total, number=number, size=PAGE, **values)


@router.get("/stories/{story_id}")
def show_story(request: Request, corpus: CorpusOf, story_id: int, after: str = "") -> Response:
    """One story as a time line."""
    number = _number(after)
    start = (number - 1) * COPIES_PAGE
    story = corpus.story(story_id, limit=COPIES_PAGE, offset=start) if 0 < story_id <= MOST_ID else None
    if story is None:
        raise HTTPException(404, f"There is no story {story_id}.")
    here = f"/stories/{story_id}"
    links = {link.other.id: link for copy in story.copies for link in copy.links if link.other.story_id != story_id}
    return page(
        request,
        "story.html",
        title=story.first.article.title or f"Story {story_id}",
        story=story,
        appearances=appearances(story),
        elsewhere=article_view.ties(list(links.values())[: article_view.MOST_TIES]),
        articles=Asked(f"story:{story_id}", "oldest").address,
        former=None if number == 1 else here if number == 2 else f"{here}?after={number - 1}",
        next=f"{here}?after={number + 1}" if start + len(story.copies) < story.total else None,
    )


def _number(after: str) -> int:
    return min(max(int(after), 1), MOST_PAGES) if after.isascii() and after.isdecimal() and len(after) < 9 else 1
