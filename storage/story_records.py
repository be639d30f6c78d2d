"""Turns stories and links into records for other programs: values that JSON has."""

from __future__ import annotations

from storage.changes import changed_words
from storage.records import record, text_record, time_record
from storage.stories import ArticleLink, Brief, Story, StoryCopy, StorySummary


def brief_record(article: Brief) -> dict[str, object]:
    """An article in short."""
    return {
        "id": article.id,
        "story_id": article.story_id,
        "title": text_record(article.title),
        "url": text_record(article.url),
        "site": text_record(article.site),
        "language": text_record(article.language),
        "published": time_record(article.published),
        "first_seen": time_record(article.first_seen),
        "ran": time_record(article.ran),
        "word_count": article.word_count,
    }


def link_record(link: ArticleLink) -> dict[str, object]:
    """What ties an article to another: `article` is the other one."""
    return {
        "kind": str(link.kind),
        "is_backward": link.is_backward,
        "containment": link.containment,
        "resemblance": link.resemblance,
        "shared_words": link.shared_words,
        "article": brief_record(link.other),
    }


def summary_record(story: StorySummary) -> dict[str, object]:
    """A story in a list: `first` is who ran it first."""
    return {
        "story_id": story.id,
        "copies": story.copies,
        "sites": story.sites,
        "last_ran": time_record(story.last_ran),
        "first": brief_record(story.first),
    }


def story_record(story: Story) -> dict[str, object]:
    """A story: its articles whole, in the order in which they ran."""
    return {
        "story_id": story.id,
        "copies": story.total,
        "first": story.first.article.id,
        "articles": [_copy_record(copy, story.first) for copy in story.copies],
    }


def _copy_record(copy: StoryCopy, first: StoryCopy) -> dict[str, object]:
    found = record(copy.article)
    gone, come = changed_words(first.article.text, copy.article.text)
    found["against_first"] = {"deleted": gone, "inserted": come}
    found["ran"] = time_record(copy.ran)
    found["links"] = [link_record(link) for link in copy.links]
    return found
