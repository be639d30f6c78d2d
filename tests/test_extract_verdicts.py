"""What `crawler.extract` promises about pages that hold no article: each is told apart, with the measure that decided.

Every kind has pages of three variations at least, in several languages, and beside them stand articles that look like
one of these and are kept.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.extract import Article, Rejected, extract

NOW = datetime(2026, 4, 1, tzinfo=UTC)
NOWHERE = "https://paper.example/x"
PAGES = Path(__file__).parent / "pages" / "verdicts"
RECORDED = sorted(PAGES.glob("*.json"))
KINDS = {
    *("section page", "gallery", "login page", "paywall", "error page", "no text", "consent wall", "browser check"),
    *("parked domain", "search results", "archive", "product listing", "video page", "calendar", "contact form"),
    "empty shell",
}


@pytest.mark.parametrize("recorded", [p for p in RECORDED if not p.stem.startswith("kept")], ids=lambda p: p.stem)
def test_x8_a_page_that_is_no_article_is_told_apart_with_the_measure(recorded: Path) -> None:
    expected = json.loads(recorded.read_text(encoding="utf-8"))
    got = extract(recorded.with_suffix(".html").read_bytes(), expected["url"], now=NOW)
    assert isinstance(got, Rejected), got
    assert got.reason in expected.get("reasons", [expected["reason"]])
    assert (got.detail or "").startswith(expected.get("detail") or "")
    assert any(c.isdigit() for c in got.detail or "") or "no text" in (got.detail or ""), got.detail


@pytest.mark.parametrize("recorded", [p for p in RECORDED if p.stem.startswith("kept")], ids=lambda p: p.stem)
def test_x8_an_article_that_looks_like_another_kind_of_page_is_kept(recorded: Path) -> None:
    expected = json.loads(recorded.read_text(encoding="utf-8"))
    got = extract(recorded.with_suffix(".html").read_bytes(), expected["url"], now=NOW)
    assert isinstance(got, Article), got
    assert expected["says"] in got.text


def test_x8_every_kind_is_recorded_in_three_variations_and_several_languages() -> None:
    kinds = Counter[str]()
    languages: dict[str, set[str]] = {}
    for path in RECORDED:
        got = extract(path.with_suffix(".html").read_bytes(), NOWHERE, now=NOW)
        if isinstance(got, Rejected):
            kind = (got.detail or "").partition(":")[0].partition(" was found")[0]
            kinds[kind] += 1
            languages.setdefault(kind, set()).add(path.stem.rpartition("-")[2])
    assert set(kinds) == KINDS
    assert all(count >= 3 for count in kinds.values()), kinds
    assert all(len(found) >= 2 for found in languages.values()), languages


@pytest.mark.parametrize("kind", ["list", "gallery", "video"])
def test_x9_what_a_selector_of_the_source_names_is_taken_for_the_article(kind: str) -> None:
    page = {"list": "products-de", "gallery": "gallery-de", "video": "video-de"}[kind]
    html = (PAGES / f"{page}.html").read_bytes()
    assert isinstance(extract(html, NOWHERE, now=NOW), Rejected)
    assert isinstance(extract(html, NOWHERE, content=".col1", now=NOW), Article)


@pytest.mark.parametrize("claim", [False, "False", "https://schema.org/False"])
def test_x8_a_page_that_says_it_is_not_free_and_holds_a_fraction_of_its_words_is_a_stub(claim: object) -> None:
    node = json.dumps({"@type": "NewsArticle", "headline": "Rain", "isAccessibleForFree": claim, "wordCount": "900"})
    html = f"<title>Rain</title><script type='application/ld+json'>{node}</script><h1>Rain</h1><p>{'It rained. ' * 40}"
    got = extract(html, NOWHERE, now=NOW)
    assert got == Rejected(
        "paywall", "paywall: 80 of 900 words of 'Rain' can be read, and the page says that it is not free"
    )


def test_x8_a_page_that_says_it_is_free_has_no_paywall_whatever_its_boxes_say() -> None:
    node = json.dumps({"@type": "NewsArticle", "headline": "Rain", "isAccessibleForFree": True})
    html = (
        f"<title>Rain</title><script type='application/ld+json'>{node}</script><article><h1>Rain</h1>"
        f"<p>{'It rained in the hills. ' * 8}</p><p>Subscribe to continue reading our magazine on paper.</p></article>"
    )
    assert isinstance(extract(html, NOWHERE, now=NOW), Article)


@pytest.mark.parametrize("count", [-5, "many", True, 10**30, [1], {}, None])
def test_x8_no_claim_of_a_page_makes_the_verdict_raise(count: object) -> None:
    node = json.dumps({"@type": "NewsArticle", "headline": ["x"], "isAccessibleForFree": "no", "wordCount": count})
    html = f"<script type='application/ld+json'>{node}</script><h1>Rain</h1><p>{'It rained. ' * 9}"
    got = extract(html, NOWHERE, now=NOW)
    assert isinstance(got, Rejected)
    assert got.reason == "paywall"
