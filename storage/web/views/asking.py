"""The search language in examples, for the page that explains it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Examples:
    """What may be typed for one purpose, and what it finds."""

    mark: str
    title: str
    lines: tuple[tuple[str, str], ...]


GROUPS = (
    Examples(
        "words",
        "Words",
        (
            ("harbour ferry", "Articles with both words, anywhere in headline, text, authors, tags or description."),
            (
                '"harbour ferry"',
                "The words next to each other, in this order. “Curly” quotes and «guillemets» do as well.",
            ),
            ("harb*", "Words that begin so; two letters at least."),
            ("harbour OR ferry", "Either word. OR joins its two neighbours first."),
            ("ferry -harbour", "Ferry without harbour; NOT harbour says the same."),
            ("ferry (harbour OR port)", "Ferry, and one of the two others."),
            ("title:ferry", "In the headline."),
            ("日本", "Words of scripts without spaces are found wherever they stand."),
        ),
    ),
    Examples(
        "filters",
        "Filters",
        (
            ('source:"Port Gazette"', "What this source named."),
            ("site:paper.example", "What this site printed."),
            ('author:"Ada Byron"', "By this author."),
            ("tag:sea", "With this tag, of the article or of its source."),
            ("language:fr", "In this language."),
            ("story:12", "All copies of one text."),
            ("-site:paper.example", "Everything from elsewhere: each filter can be turned round."),
            ("tag:sea OR tag:air", "Either tag."),
        ),
    ),
    Examples(
        "time",
        "Time",
        (
            ("since:2020-05-25", "Published on this day or later."),
            ("since:2020-05 until:2020-06", "In May 2020: until is the first day that does not count."),
            ("until:2020", "Before 2020."),
        ),
    ),
    Examples(
        "facts",
        "What an article has",
        (
            ("has:copies", "Texts that others ran too."),
            ("has:revisions", "Texts that changed after they were printed."),
            ("has:author -has:date", "Signed, and without a date. Also has:image, has:description and has:tags."),
        ),
    ),
)
