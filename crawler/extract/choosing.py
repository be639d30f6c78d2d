"""Choose the blocks that are the article: rules first, then the votes of two extractors, then the block model.

Where both extractors agree about a page nearly to the word, their vote stands. Elsewhere the block model decides on
each block; it sees both votes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extract.block_model import block_model
from crawler.extract.features import agreement, candidates, features
from crawler.extract.judged import Judged
from crawler.extract.votes import ask_resiliparse, ask_trafilatura, squeeze, votes

SOFT_RULES = frozenset(
    {"before the headline", "by-line", "link box", "promo", "imprint", "rest of a box", "button box"}
)
"""Rules that the model may overrule: each is right most of the time and wrong on pages that the model knows."""
MODEL = "block model"
BOTH = "both extractors"
COLUMN = "short column"
AGREED = 0.99


@dataclass(frozen=True, slots=True)
class Ballot:
    """The votes on the blocks of a page: `t` trafilatura's, `r` resiliparse's, each 0 to 1."""

    squeezed: list[str]
    """The blocks' texts without white space."""
    t: list[float]
    r: list[float]


def ask(page: Judged, markup: str, column: HtmlElement | None) -> Ballot:
    """Let both extractors vote. What a final rule called chrome gets no vote.

    `markup` is the page as it came, `column` the article's own column where it is too short for trafilatura.
    """
    squeezed = [squeeze(block.text) for block in page.blocks]
    t = _votes_of_trafilatura(page, squeezed, column)
    r = votes(squeezed, squeeze(ask_resiliparse(markup)))
    for i, rule in page.chrome.items():
        if rule not in SOFT_RULES:
            t[i] = r[i] = 0.0
    return Ballot(squeezed, t, r)


def choose(page: Judged, ballot: Ballot) -> None:
    """Fill `page.kept`: each block of the article with the judge that kept it."""
    t, r = ballot.t, ballot.r
    if agreement(page.blocks, t, r) >= AGREED:
        page.kept.update({i: BOTH for i in range(len(page.blocks)) if t[i] >= 0.5 and i not in page.chrome})
        return
    chosen = candidates(page, t, r)
    scores = block_model().scores(features(page, ballot.squeezed, t, r))
    for i, score in zip(chosen, scores, strict=True):
        if score > 0 and page.chrome.get(i, "") in ("", *SOFT_RULES):
            page.kept[i] = MODEL
            page.chrome.pop(i, None)
    if not page.kept:
        page.kept.update({i: "trafilatura" for i in chosen if t[i] >= 0.5 and i not in page.chrome})


def _votes_of_trafilatura(page: Judged, squeezed: Sequence[str], column: HtmlElement | None) -> list[float]:
    if column is None:
        return votes(squeezed, squeeze(ask_trafilatura(page.tree)))
    inside = page.inside(column)
    return [float(i in inside and i not in page.chrome and i != page.headline) for i in range(len(page.blocks))]
