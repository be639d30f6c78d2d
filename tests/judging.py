"""A judge of copies that is small enough to see through: equal runs of five words, furniture known from three stories.

It asks the index everything that the product's own judge may ask, so that what the index answers decides the stories.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from storage import Article, CopyIndex, Link, LinkKind, Placement, Prints

VERSION = 1
MOST_LINE_WORDS = 20
FURNITURE = 3


def hashed(text: str) -> int:
    """63 bits of a text."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1


def lines_of(text: str) -> tuple[int, ...]:
    """The short lines."""
    lines = (line for line in text.splitlines() if line.strip() and len(line.split()) <= MOST_LINE_WORDS)
    return tuple(sorted({hashed(line) for line in lines}))


def shingles(text: str, left_out: Sequence[int]) -> set[int]:
    """Every five words in a row, without the lines that are left out."""
    unwanted = set(left_out)
    words = " ".join(line for line in text.splitlines() if hashed(line) not in unwanted).split()
    return {hashed(" ".join(words[place : place + 5])) for place in range(max(len(words) - 4, 0))}


def prints(text: str, left_out: Sequence[int]) -> Prints:
    """What the index keeps of a text: a quarter of its shingles, and its short lines."""
    return Prints(tuple(sorted(hash_ for hash_ in shingles(text, left_out) if hash_ % 4 == 0)), lines_of(text))


def place(article: Article, index: CopyIndex) -> Placement:
    """The story of a text: that with which it shares most, if that is half of the shorter one."""
    lines = index.line_stories(lines_of(article.text))
    left_out = tuple(sorted(line for line, stories in lines.items() if len(stories) >= FURNITURE))
    own, found = shingles(article.text, left_out), prints(article.text, left_out)
    links, story = [], None
    for candidate, _ in index.stories(found.fingerprints):
        for member in index.members(candidate):
            theirs = shingles(member.text, member.left_out)
            shared = own & theirs
            containment = len(shared) / max(min(len(own), len(theirs)), 1)
            kind = LinkKind.COPY if containment >= 0.5 else LinkKind.RELATED
            if kind is LinkKind.COPY and story is None:
                story = member.story_id
            if shared:
                resemblance = len(shared) / len(own | theirs)
                links.append(Link(member.article_id, kind, containment, resemblance, len(shared)))
    strongest = sorted(links, key=lambda link: (-link.containment, link.other_id))
    return Placement(story, tuple(strongest), left_out, found)
