"""What the corpus promises about articles, their addresses, revisions and stories."""

from __future__ import annotations

from datetime import timedelta

import pytest
from contract.scenes import (
    A_DAY,
    HOUR,
    LEASE_S,
    LONG_TEXT,
    NOW,
    STORED,
    article,
    discovered,
    discovery,
    file_article,
    lease_pages,
    poll,
    source,
    subscribe,
)

from storage import Address, Article, Corpus, Ending, Host, Outcome, StorageError, Visit


def filed(corpus: Corpus, name: str, cut: Article, *addresses: Address, host: str = "harbour.example") -> int:
    """File an article under a page of its own."""
    subscribe(corpus)
    feeds = corpus.lease_feeds(NOW, 1, LEASE_S, polled_before=NOW + HOUR)
    poll(corpus, feeds[0], discovery(name, host))
    (page,) = lease_pages(corpus)
    return file_article(corpus, page, cut, addresses)


def test_an_article_comes_back_as_it_was_filed(corpus: Corpus) -> None:
    cut = article(
        LONG_TEXT,
        url="https://harbour.example/story",
        authors=("A. Writer", "B. Writer"),
        published=NOW,
        updated=A_DAY,
        language="en",
        site="harbour.example",
        tags=("sea",),
        description="About the ferry",
        image="https://harbour.example/i.jpg",
        provenance={"published": "json-ld", "text": "trafilatura 2.3.1"},
        section="Town",
        licence="https://creativecommons.org/licenses/by/4.0/",
        free=False,
        canonical="https://wire.example/story",
        syndicated_from="https://wire.example/story",
        runners_up={"title": (("og:title", "Überfahrt\nabgesagt"), ("title", "Ferry"))},
    )
    corpus.subscribe([(source(tags=("local",)), "harbour.example")], NOW)
    poll(corpus, corpus.lease_feeds(NOW, 1, LEASE_S)[0], discovery("a"))
    (page,) = lease_pages(corpus)
    canonical = Address("https://harbour.example/story", "harbour.example/story", "canonical")
    article_id = file_article(corpus, page, cut, [canonical], NOW + HOUR)
    found = corpus.article(article_id)
    assert found is not None
    for name in ("title", "text", "html", "url", "authors", "published", "updated", "language", "site"):
        assert getattr(found, name) == getattr(cut, name), name
    for name in ("description", "image", "word_count", "content_hash", "provenance"):
        assert getattr(found, name) == getattr(cut, name), name
    for name in ("section", "licence", "free", "canonical", "syndicated_from", "runners_up"):
        assert getattr(found, name) == getattr(cut, name), name
    assert (found.first_seen, found.fetched, found.published_from) == (NOW, NOW + HOUR, "json-ld")
    assert found.urls == ("https://harbour.example/story", "https://harbour.example/a")
    assert (found.sources, found.tags) == (("Harbour",), ("sea", "local"))
    assert (found.story_id, found.copies, found.revision, found.snippet) == (article_id, 1, 1, None)
    assert corpus.article_at("harbour.example/a") == corpus.article_at("harbour.example/story") == found


def test_what_is_not_known_is_none_and_never_invented(corpus: Corpus) -> None:
    article_id = filed(corpus, "a", Article(None, "Text", "<p>Text</p>"))
    found = corpus.article(article_id)
    assert found is not None
    assert (found.title, found.published, found.updated, found.language, found.published_from) == (None,) * 5
    assert (found.section, found.licence, found.free, found.canonical, dict(found.runners_up)) == (*(None,) * 4, {})
    assert (found.url, found.site) == ("https://harbour.example/a", "harbour.example")
    assert (corpus.article(article_id + 1), corpus.article_at("nowhere"), corpus.explain("nowhere")) == (None,) * 3
    assert corpus.revisions(article_id + 1) == []


def test_a_day_stays_a_day(corpus: Corpus) -> None:
    found = corpus.article(filed(corpus, "a", article(published=A_DAY)))
    assert found is not None
    assert found.published == A_DAY
    assert type(found.published) is type(A_DAY)


def test_text_that_no_encoding_can_hold_is_made_storable(corpus: Corpus) -> None:
    found = corpus.article(filed(corpus, "a", article("a\ud800b\x00c", title="\udcff", authors=("\ud801",))))
    assert found is not None
    assert (found.text, found.title, found.authors) == ("a?bc", "?", ("?",))


def test_an_article_is_known_by_each_of_its_addresses(corpus: Corpus) -> None:
    """D2"""
    alias = Address("https://harbour.example/amp", "harbour.example/amp", "amphtml")
    article_id = filed(corpus, "a", article(), alias)
    with corpus.filing() as filing:
        match = filing.match(["harbour.example/nothing", alias.key], "elsewhere.example", "no such hash")
        assert match is not None
        assert (match.article_id, match.by, match.title) == (article_id, "address", "Ferry late")
        assert match.content_hash == article().content_hash
        assert len(match.page_ids) == 1
        assert filing.match(["harbour.example/nothing"], "harbour.example", "") is None


def test_an_equal_text_of_the_same_site_is_the_same_article_if_it_is_long(corpus: Corpus) -> None:
    long_id = filed(corpus, "a", article(LONG_TEXT, site="harbour.example"))
    filed(corpus, "b", article("Page not found", site="harbour.example"))
    with corpus.filing() as filing:
        match = filing.match([], "harbour.example", article(LONG_TEXT).content_hash)
        assert match is not None
        assert (match.article_id, match.by) == (long_id, "content")
        assert filing.match([], "ledger.example", article(LONG_TEXT).content_hash) is None
        assert filing.match([], "harbour.example", article("Page not found").content_hash) is None


def test_an_address_belongs_to_the_article_that_had_it_first(corpus: Corpus) -> None:
    shared = Address("https://harbour.example/latest", "harbour.example/latest", "canonical")
    first = filed(corpus, "a", article("One text"), shared)
    filed(corpus, "b", article("Another text"), shared)
    found = corpus.article_at(shared.key)
    assert found is not None
    assert found.id == first


def test_a_revision_keeps_the_former_text(corpus: Corpus) -> None:
    article_id = filed(corpus, "a", article("First text", title="One"))
    address = Address("https://harbour.example/new", "harbour.example/new", "redirect")
    with corpus.filing() as filing:
        assert filing.revise_article(article_id, article("Second text", title="Two"), [address], NOW + HOUR) == 2
    with corpus.filing() as filing:
        assert filing.revise_article(article_id, article("Third text", title="Three"), [], NOW + 2 * HOUR) == 3
    assert [(each.number, each.title, each.text, each.fetched) for each in corpus.revisions(article_id)] == [
        (1, "One", "First text", NOW),
        (2, "Two", "Second text", NOW + HOUR),
        (3, "Three", "Third text", NOW + 2 * HOUR),
    ]
    found = corpus.article_at(address.key)
    assert found is not None
    assert (found.text, found.revision, found.fetched, found.first_seen) == ("Third text", 3, NOW + 2 * HOUR, NOW)
    assert corpus.totals().revisions == 2


def test_seeing_an_article_again_adds_its_addresses_and_no_revision(corpus: Corpus) -> None:
    article_id = filed(corpus, "a", article())
    before = corpus.article(article_id)
    with corpus.filing() as filing:
        filing.confirm_article(article_id, [Address("https://h/m", "h/m", "redirect")], NOW + HOUR)
    after = corpus.article(article_id)
    assert before is not None
    assert after is not None
    assert after.urls == (*before.urls, "https://h/m")
    assert (after.revision, after.fetched) == (1, before.fetched)


def test_every_article_is_streamed_by_id(corpus: Corpus) -> None:
    ids = [filed(corpus, f"p{number}", article(f"Text {number}")) for number in range(7)]
    assert [found.id for found in corpus.articles()] == ids == sorted(ids)


def test_a_slow_stream_does_not_hold_up_the_writer_nor_miss_what_it_files(corpus: Corpus) -> None:
    for number in range(3):
        filed(corpus, f"p{number}", article(f"Text {number}"))
    stream = corpus.articles()
    next(stream)
    late = filed(corpus, "late", article("Late text"))
    assert late in {found.id for found in stream} | {late}
    assert corpus.totals().articles == 4


def test_nothing_of_a_filing_that_raises_is_kept(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    (page,) = lease_pages(corpus)
    with pytest.raises(ZeroDivisionError), corpus.filing() as filing:  # noqa: PT012
        filing.add_article(page.id, article(), [], NOW)
        filing.end_page(Visit(page.id, NOW, STORED))
        filing.remember_host(Host("h"))
        raise ZeroDivisionError
    told = corpus.explain(page.key)
    assert told is not None
    assert (told.outcome, told.attempts, corpus.totals().articles, corpus.host("h")) == (None, (), 0, None)
    file_article(corpus, page)


def test_a_filing_that_met_an_error_cannot_commit_the_half_of_it(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    (page,) = lease_pages(corpus)
    with pytest.raises(StorageError), corpus.filing() as filing:  # noqa: PT012
        filing.add_article(page.id, article(), [], NOW)
        with pytest.raises(StorageError):
            filing.end_page(Visit(99, NOW, STORED))
        with pytest.raises(StorageError, match="failed before"):
            filing.remember_host(Host("h"))
    assert corpus.totals().articles == 0


def test_what_is_known_of_a_server_is_remembered(corpus: Corpus) -> None:
    host = Host("h.example", NOW + HOUR, 200, b"User-agent: *\nDisallow: /\xff", NOW)
    with corpus.filing() as filing:
        filing.remember_host(host)
    assert corpus.host("h.example") == host
    with corpus.filing() as filing:
        filing.remember_host(Host("h.example"))
    assert (corpus.host("h.example"), corpus.host("other.example")) == (Host("h.example"), None)


def test_times_of_any_zone_and_precision_come_back_equal(corpus: Corpus) -> None:
    odd = (NOW + timedelta(microseconds=1)).astimezone(tz=None)
    with corpus.filing() as filing:
        filing.remember_host(Host("h.example", odd))
    found = corpus.host("h.example")
    assert found is not None
    assert found.paused_until == odd


def test_the_totals_and_the_status_tell_how_everything_ended(corpus: Corpus) -> None:
    discovered(corpus, *(discovery(name) for name in "abcd"))
    pages = corpus.lease_pages(NOW, 1, LEASE_S) + corpus.lease_pages(NOW, 1, LEASE_S)
    file_article(corpus, pages[0], at=NOW + HOUR)
    totals = corpus.totals()
    assert (totals.sources, totals.feeds, totals.entries, totals.sightings, totals.pages) == (1, 1, 4, 4, 4)
    assert (totals.waiting, totals.articles, totals.stories, totals.outcomes) == (3, 1, 1, {"stored": 1})
    assert totals.size_bytes > 0
    (status,) = corpus.status()
    assert (status.waiting, status.articles, status.outcomes, status.last_article) == (3, 1, {"stored": 1}, NOW + HOUR)


def test_the_ways_of_an_article_are_those_of_all_pages_that_led_to_it(corpus: Corpus) -> None:
    first, second = discovery("a"), discovery("amp/a")
    discovered(corpus, first, second)
    pages = {page.key: page for page in lease_pages(corpus)}
    article_id = file_article(corpus, pages["harbour.example/a"])
    with corpus.filing() as filing:
        filing.end_page(Visit(pages["harbour.example/amp/a"].id, NOW, Outcome(Ending.SAME_ARTICLE)), article_id)
    told = corpus.ways(article_id)
    assert told == [corpus.explain("harbour.example/a"), corpus.explain("harbour.example/amp/a")]
    assert [way.sightings[0].source for way in told] == ["Harbour", "Harbour"]
    assert corpus.ways(article_id + 1) == []
