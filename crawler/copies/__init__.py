"""Which articles are copies of one text. Pure: it asks an index that it is given.

Two texts are copies where they are equal but for case and white space.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from storage import Article, CopyIndex, Link, LinkKind, Placement, Prints

VERSION = 1
"""Goes up with every change of what `prints` gives."""


def prints(text: str, left_out: Sequence[int]) -> Prints:
    """What the index keeps of a text: one fingerprint of all of it."""
    del left_out
    folded = _folded(text)
    if not folded:
        return Prints((), ())
    digest = hashlib.blake2b(folded.encode("utf-8", "replace"), digest_size=8).digest()
    return Prints((int.from_bytes(digest, "big") >> 1,), ())


def place(article: Article, index: CopyIndex) -> Placement:
    """The story that a new article joins, and the articles that it is a copy of."""
    found = prints(article.text, ())
    folded = _folded(article.text)
    for story_id, _ in index.stories(found.fingerprints):
        equal = [member for member in index.members(story_id) if _folded(member.text) == folded]
        if equal:
            words = len(folded.split())
            links = tuple(Link(member.article_id, LinkKind.COPY, 1.0, 1.0, words) for member in equal)
            return Placement(story_id, links, prints=found)
    return Placement(None, prints=found)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
