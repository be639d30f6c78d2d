"""The search language in one table, for the documentation and for the page that helps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LanguageGroup:
    """What belongs together: `mark` names it in an address."""

    mark: str
    title: str
    lines: tuple[tuple[str, str], ...]
    """What is typed, which can be searched for as it stands, and what it finds."""


LANGUAGE = (
    LanguageGroup(
        "words",
        "Words",
        (
            ("harbour ferry", "articles with both words, in title, text, authors, tags or description"),
            ('"harbour dues"', "the words next to each other, in this order"),
            ("ferr*", "words that begin so; two letters at least"),
            ('"harbour du"*', "words next to each other, of which the last begins so"),
            ("COVID-19", "a thing of several words or characters is a phrase; 日本 as well"),
            ("title:harbour", "the word in the title"),
            ('author:"Chinua Achebe"', "the words next to each other among the authors"),
            ("title:(harbour OR ferr*)", "either in the title"),
        ),
    ),
    LanguageGroup(
        "joined",
        "Joined and excluded",
        (
            ("-ferry", "articles without it; also NOT ferry"),
            ("harbour OR ferry", "either; a OR b c is (a or b) and c"),
            ("(harbour dues) OR ferry", "parentheses join more, and may stand within others"),
            ("harbour -(ferry OR tag:sport)", "the harbour, but neither ferries nor sport"),
        ),
    ),
    LanguageGroup(
        "filters",
        "Filters",
        (
            ("source:Courier", "what the source of that name in feeds.yaml named"),
            ('source:"Two Words"', "a name of several words"),
            ("site:example.org", "what that site published"),
            ("language:en", "what is in that language; en-GB as well"),
            ("tag:sport", "what has that tag in feeds.yaml or from its publisher"),
            ("since:2020-05", "from the first of May on; also a day, since:2020-05-25, or a year"),
            ("until:2020-06", "before the first of June"),
            ("story:12", "every copy of that story"),
            ("-site:example.org", "everything else; every filter can be excluded"),
            ("tag:(sport OR chess)", "either tag"),
            ("title:strike OR source:Courier", "OR joins words and filters alike"),
        ),
    ),
    LanguageGroup(
        "has",
        "What an article has",
        (
            ("has:author", "articles that name an author"),
            ("has:image", "articles with an image"),
            ("has:date", "articles that say when they were published"),
            ("has:copies", "articles of a story that ran elsewhere, too"),
            ("has:revisions", "articles whose text was changed later"),
            ("has:tags", "articles with a tag"),
            (
                "-has:description",
                "articles without one; also has:title, has:language, has:section, has:licence, has:updated",
            ),
        ),
    ),
)
"""Everything that may be typed, in the order in which to learn it."""
