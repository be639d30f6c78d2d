"""`cuttings demo`: the bundled newspaper, crawled by the installed command, checked word for word."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from newsroom import Newsroom
from pressroom import Demonstrated

from crawler import urls
from crawler.sample import Sample, leaked, lost, newspaper
from storage import Corpus, StoredArticle, open_corpus

PAPER = newspaper()


@pytest.fixture(scope="module")
def kept(demo: Demonstrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Corpus, str]]:
    """The corpus that a demo keeps, and what the demo said."""
    with open_corpus(demo.copy(tmp_path_factory.mktemp("demo")) / "cuttings.db") as corpus:
        yield corpus, demo.said


def found(corpus: Corpus, sample: Sample) -> StoredArticle:
    """The article that the demo filed for a sample, whatever port it was served on."""
    port = int(next(corpus.articles()).url.split(":")[2].split("/")[0])
    article = corpus.article_at(urls.identity(sample.url(port)))
    assert article is not None, f"{sample.url(port)} is not in the corpus"
    return article


@pytest.mark.parametrize("sample", PAPER.samples, ids=lambda sample: sample.key)
def test_x1_x2_no_word_of_chrome_and_every_paragraph(kept: tuple[Corpus, str], sample: Sample) -> None:
    article = found(kept[0], sample)
    assert leaked(sample, article.text) == ()
    assert lost(sample, article.text) == ()
    assert article.title == sample.title


def test_the_comment_form_is_left_behind(kept: tuple[Corpus, str]) -> None:
    corpus, _ = kept
    assert corpus.count('"Leave a Reply"') == 0
    assert corpus.count('"Your email address will not be published"') == 0
    assert corpus.count("libya") == 1


def test_words_are_found_whatever_their_script_and_accents(kept: tuple[Corpus, str]) -> None:
    corpus, _ = kept
    by_language = {article.language for article in corpus.articles()}
    assert {"en", "fr", "ja", "zh", "th", "ar"} <= by_language
    for sample in PAPER.samples:
        if sample.language in ("ja", "zh", "th", "ar"):
            fragment = (
                sample.paragraphs[1].split()[0][1:6] if sample.language != "ar" else sample.paragraphs[0].split()[1]
            )
            assert sample.title in {hit.title for hit in corpus.search(fragment)}, (sample.key, fragment)
    assert "fr" in {hit.language for hit in corpus.search("pecheurs")}


def test_one_article_of_two_sites_is_one_story_of_two_articles(kept: tuple[Corpus, str]) -> None:
    corpus, _ = kept
    runs = Counter(sample.story for sample in PAPER.samples)
    ours = [found(corpus, sample) for sample in PAPER.samples if runs[sample.story] == 2]
    assert len(ours) == 2
    assert ours[0].id != ours[1].id
    assert ours[0].story_id == ours[1].story_id
    assert len(list(corpus.articles(one_per_story=True))) == len(PAPER.samples) - 1


def test_c17_the_demo_says_what_came_of_every_page(kept: tuple[Corpus, str]) -> None:
    corpus, said = kept
    totals = corpus.totals()
    assert sum(totals.outcomes.values()) == totals.pages
    assert f"{len(PAPER.samples)}  stored" in said
    assert "Russia's fighters retreat from Western Libya as Haftar counts losses" in said
    assert all(status.feeds[0].failures == 0 for status in corpus.status())


def test_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, {"TMPDIR": str(tmp_path)})
    assert "sample newspaper" in room.ok("demo")
    assert os.listdir(tmp_path) == []
