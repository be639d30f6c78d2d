"""Which words rise: those that more stories begin with now than their own past lets expect. Pure.

A word's count is compared with that of the past by the log-likelihood ratio of two binomials (T. Dunning, "Accurate
methods for the statistics of surprise and coincidence", 1993), which holds for rare words too. Stories are counted and
not articles, so that a wire that fifty papers run is one; words that are always frequent fall out by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from storage.facets import Trend
from storage.folding import words_of

FEWEST_STORIES = 3
FEWEST_SITES = 2
"""A word of one site only is its own furniture; unless the corpus has no other."""
LEAST_RISE = 1.5
LEAST_SCORE = 6.63
"""The log-likelihood ratio that chance reaches once in a hundred words (chi squared, one degree of freedom)."""
PAIR_SHARE = 0.7
"""A word that stands beside the same other one in so many of its stories is told as the two."""
FEWEST_LETTERS = 3
EXAMPLES = 3
"""Articles that are named for each word."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How an article begins: its title and the first lines of its text."""

    article_id: int
    story_id: int
    site: str
    text: str


def rising(now: Sequence[Beginning], past: Sequence[Beginning], limit: int) -> list[Trend]:
    """The terms that rise most, the first the most; words, and pairs of words that always come together."""
    recent, sites = _holders(now)
    former, _ = _holders(past)
    article_ids = {one.story_id: one.article_id for one in reversed(now)}
    stories, past_stories = len({one.story_id for one in now}), len({one.story_id for one in past})
    least_sites = min(FEWEST_SITES, len({one.site for one in now}))
    found = []
    for term, holding in recent.items():
        count, before = len(holding), len(former.get(term, ()))
        if count < FEWEST_STORIES or len(sites[term]) < least_sites:
            continue
        expected = (before + 0.5) * stories / (past_stories + 1)
        if count < LEAST_RISE * expected:
            continue
        score = likelihood_ratio(count, stories, before, past_stories)
        if score >= LEAST_SCORE:
            examples = tuple(article_ids[story] for story in sorted(holding, reverse=True)[:EXAMPLES])
            found.append(Trend(term, count, expected, score, examples))
    found.sort(key=lambda trend: (-trend.score, trend.term))
    return _without_parts(found)[: max(limit, 0)]


def likelihood_ratio(count: int, total: int, before: int, total_before: int) -> float:
    """Dunning's -2 log lambda for `count` of `total` now and `before` of `total_before` then."""
    together = (count + before) / max(total + total_before, 1)

    def likelihood(share: float, found: int, of: int) -> float:
        return (found * log(share) if found else 0.0) + ((of - found) * log(1 - share) if of > found else 0.0)

    if not 0 < together < 1 or not total or not total_before:
        return 0.0
    apart = likelihood(count / total, count, total) + likelihood(before / total_before, before, total_before)
    return 2 * (apart - likelihood(together, count, total) - likelihood(together, before, total_before))


def _holders(beginnings: Iterable[Beginning]) -> tuple[dict[str, set[int]], dict[str, set[str]]]:
    """The stories, and the sites, that hold each term."""
    stories: defaultdict[str, set[int]] = defaultdict(set)
    sites: defaultdict[str, set[str]] = defaultdict(set)
    for one in beginnings:
        for term in terms(one.text):
            stories[term].add(one.story_id)
            sites[term].add(one.site)
    return stories, sites


def terms(text: str) -> set[str]:
    """The words of a text, and its pairs of neighbours; numbers and very short words are neither."""
    words = words_of(text)
    told = [len(word) >= FEWEST_LETTERS and not any(sign.isdigit() for sign in word) for word in words]
    single = {word for word, is_told in zip(words, told, strict=True) if is_told}
    pairs = {f"{words[n]} {words[n + 1]}" for n in range(len(words) - 1) if told[n] and told[n + 1]}
    return single | pairs


def _without_parts(found: Sequence[Trend]) -> list[Trend]:
    """Without words that a pair of rising words says better, and without other pairs: "the strike" says no more than
    "strike" does."""
    counts = {trend.term: trend.count for trend in found}
    pairs = {term for term in counts if " " in term and counts.keys() >= set(term.split())}
    said = {word for pair in pairs for word in pair.split() if counts[pair] >= PAIR_SHARE * counts[word]}
    kept = []
    used: set[str] = set()
    for trend in found:
        words = trend.term.split()
        if len(words) == 1 and trend.term in said:
            continue
        if len(words) == 2 and (trend.term not in pairs or not set(words) & said or used & set(words)):
            continue
        used.update(words)
        kept.append(trend)
    return kept
