"""The time line of a story: who ran it when, and how each text is related to those before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from storage.stories import Story, StoryCopy
from storage.web import wording
from storage.web.views.articles import shared


@dataclass(frozen=True, slots=True)
class Appearance:
    """One article of a story on the time line."""

    copy: StoryCopy
    delay: str | None
    """How long after the first; None for the first itself."""
    relation: str
    is_first: bool


def appearances(story: Story) -> tuple[Appearance, ...]:
    """The articles of a story in the order in which they ran."""
    return tuple(_appearance(copy, story) for copy in story.copies)


def _appearance(copy: StoryCopy, story: Story) -> Appearance:
    is_first = copy.article.id == story.first.article.id
    span = copy.ran - story.first.ran
    delay = None if is_first else "at the same time" if span.total_seconds() < 60 else f"{wording.length(span)} later"
    return Appearance(copy, delay, "ran it first" if is_first else _relation(copy, story), is_first)


def _relation(copy: StoryCopy, story: Story) -> str:
    """The strongest tie to another text of the story, whichever of the two was filed first."""
    tie = next((link for link in copy.links if link.other.story_id == story.id), None)
    if tie is None:
        return "of the same story"
    other = "the first" if tie.other.id == story.first.article.id else f"that of {tie.other.site}"
    kind = tie.kind.value.replace("_", " ")
    measured = shared(tie)
    return f"{kind}: shares {measured} with {other}" if measured else f"{kind}: tied to {other}"
