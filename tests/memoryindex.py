"""A `CopyIndex` in memory: the contract in its plainest form, for the tests of the judgement and its benchmark."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from storage import CANDIDATES, LINE_STORIES, MEMBERS, Article, Member, Placement


class MemoryIndex:
    """Everything that was added, by story."""

    def __init__(self) -> None:
        self._fingerprints: defaultdict[int, set[int]] = defaultdict(set)
        self._lines: defaultdict[int, list[int]] = defaultdict(list)
        self._members: defaultdict[int, list[Member]] = defaultdict(list)

    def stories(self, fingerprints: Sequence[int]) -> Sequence[tuple[int, int]]:
        counts: Counter[int] = Counter()
        for fingerprint in fingerprints:
            counts.update(self._fingerprints.get(fingerprint, ()))
        return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:CANDIDATES]

    def line_stories(self, lines: Sequence[int]) -> Mapping[int, Sequence[int]]:
        return {line: self._lines[line] for line in lines if line in self._lines}

    def members(self, story_id: int) -> Sequence[Member]:
        members = self._members[story_id]
        return members if len(members) <= MEMBERS else [members[0], *members[1 - MEMBERS :]]

    def add(self, article_id: int, article: Article, placement: Placement) -> int:
        """File an article; gives its story."""
        story = article_id if placement.story_id is None else placement.story_id
        for fingerprint in placement.prints.fingerprints:
            self._fingerprints[fingerprint].add(story)
        for line in placement.prints.lines:
            if story not in (known := self._lines[line]):
                known.append(story)
                known.sort()
                del known[LINE_STORIES:]
        self._members[story].append(
            Member(
                article_id,
                story,
                article.title,
                article.text,
                article.site or "",
                article.content_hash,
                placement.left_out,
            )
        )
        return story

    def tables(self) -> dict[str, list[tuple[int, int]]]:
        """Its rows as a database would keep them, by table: (hash, story)."""
        return {
            "fingerprints": [(one, story) for one, stories in self._fingerprints.items() for story in stories],
            "lines": [(one, story) for one, stories in self._lines.items() for story in stories],
        }
