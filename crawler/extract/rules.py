"""Every rule and judge that decides about a block, in a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    "before the headline": "It stands before the headline, where the head and the menus of a site are.",
    "by-line": "It stands between headline and first paragraph and names authors, dates, sections or tools.",
    "comments": "It is the comment form, the readers' thread, or what follows them.",
    "next article": "It belongs to another article that the page appends below this one.",
    "counter": "It is a number that stands alone, as counters of shares and comments do, or the word beside it.",
    "share links": "It consists of links to places where pages are shared.",
    "link box": "It is in a box of nothing but links to other pages, or it is the label of one.",
    "field box": "It is in a box around a field to write in: a newsletter, a search, a sign-in.",
    "button box": "It is in a small box around a button.",
    "promo": "It is a short box between the paragraphs that advertises the site itself.",
    "imprint": "It is the line that claims the rights, or stands below it.",
    "photo credit": "It names who made or lent a picture, in a line of its own.",
    "rest of a box": "It is what was left of a box of which most had been dropped already.",
    "pull quote": "Another paragraph of the article holds it word for word: it was lifted out to be seen.",
    "printed twice": "The article has the very same words above.",
    "repeated": "Other pages of the same host have the very same words.",
}
"""Why a block was dropped: the names that `Judged.drop` is given."""

JUDGES: Mapping[str, str] = {
    "both extractors": "trafilatura and resiliparse agree about nearly every word of this page.",
    "block model": "The block model finds it more likely than not, by its looks, its place and the extractors' votes.",
    "its column": "The block model doubted it, and it stands in one column, list or row of entries with what was kept.",
    "trafilatura": "The block model kept nothing of this page, so trafilatura's vote stood.",
}
"""Why a block was kept: the names in `Judged.kept`."""

OTHERS: Mapping[str, str] = {
    "headline": "It is the headline, which is kept as the title.",
    "strip": "A selector of `strip` takes it out.",
    "content": "It is in the element that `content` names.",
    "outside content": "It is outside the element that `content` names.",
    "aside in content": "A menu, an aside, a foot or a part of a form holds it, inside the element of `content`.",
    "no judge": "No rule dropped it, and no judge kept it.",
    "not judged": "The page was refused before its blocks were judged.",
    "refused": "No rule dropped it, but the page as a whole was refused.",
}
"""What else a report says of a block."""


def in_words(rule: str) -> str:
    """The sentence for a rule or judge; the name itself for one that has none."""
    if rule.startswith("repeated"):
        return f"{RULES['repeated'][:-1]}: it is {rule}."
    return RULES.get(rule) or JUDGES.get(rule) or OTHERS.get(rule) or rule
