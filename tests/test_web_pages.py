"""The pages of `cuttings serve`, as a browser without a script gets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import lxml.html
import pytest
from pressroom import CORRECTED, FAILING, WITHDRAWN, titled
from served import Served, served

from storage import LANGUAGE, Bar, StoredArticle, open_corpus
from storage.search import understand
from storage.web import chart, filters, safe, wording
from storage.web.views import articles as article_view
from storage.web.views.results import Asked, chips

pytestmark = pytest.mark.xdist_group("press")


@dataclass(frozen=True)
class Press:
    """The sample newspaper, served."""

    site: Served
    db: Path

    def page(self, path: str, status: int = 200) -> lxml.html.HtmlElement:
        """A page as a tree."""
        answer = self.site.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:500])
        return lxml.html.document_fromstring(answer.text)

    def article(self, beginning: str) -> StoredArticle:
        """The article with this in its title."""
        with open_corpus(self.db) as corpus:
            return titled(corpus, beginning)


@pytest.fixture(scope="module")
def press(press_db: Path) -> Iterator[Press]:
    with served(press_db) as site:
        yield Press(site, press_db)


def texts(tree: lxml.html.HtmlElement, path: str) -> list[str]:
    """The texts of elements, with single spaces."""
    return [" ".join(node.text_content().split()) for node in tree.cssselect(path)]


def asked_by(link: str) -> str:
    """The search of a link."""
    return parse_qs(urlsplit(link).query).get("q", [""])[0]


def test_the_front_page_has_the_newest_articles_the_chart_and_the_facets(press: Press) -> None:
    tree = press.page("/")
    assert texts(tree, ".headline")[0] == "Pilots call off Thursday's strike"
    assert len(tree.cssselect(".result")) == 20
    assert texts(tree, ".total") == ["30 articles"]
    assert "English 24" in texts(tree, ".facet li")
    assert len(tree.cssselect(".chart svg a")) == 9
    assert texts(tree, ".chart tbody th, .chart tbody td")[-2:] == ["26 May 2020", "3"]


def test_the_next_page_goes_on_where_this_one_ends(press: Press) -> None:
    first = press.page("/")
    second = press.page(first.cssselect(".paging .next")[0].get("href"))
    assert len(second.cssselect(".result")) == 10
    assert not set(texts(first, ".headline")) & set(texts(second, ".headline"))
    assert not second.cssselect(".paging .next")


def test_matches_are_marked_in_snippets_and_feeds_of_the_search_are_named(press: Press) -> None:
    tree = press.page("/?q=libya")
    assert [text.lower() for text in texts(tree, ".snippet mark")] == ["libya"]
    named = [link.get("href") for link in tree.cssselect("link[rel=alternate]")]
    assert named == [f"/feeds/search.{kind}?q=libya" for kind in ("atom", "rss", "json")]
    assert texts(tree, ".command") == ["cuttings export -o articles.jsonl libya"]


def test_every_facet_leads_to_as_many_articles_as_it_says_and_back(press: Press) -> None:
    for link in press.page("/?q=the").cssselect(".facet li"):
        (anchor,), (count,) = link.cssselect("a"), texts(link, ".count")
        narrowed = press.page(anchor.get("href"))
        assert texts(narrowed, ".total")[0].split()[0] == count, anchor.get("href")
        assert narrowed.cssselect(".chip"), anchor.get("href")
    back = narrowed.cssselect(".chip")[0].get("href")
    assert len(filters.filters_in(asked_by(back))) < len(filters.filters_in(asked_by(anchor.get("href"))))


def test_every_bar_of_the_chart_leads_to_as_many_articles_as_it_shows(press: Press) -> None:
    for bar in press.page("/?q=language:en").cssselect(".chart svg a")[:4]:
        shown = texts(press.page(bar.get("href")), ".total")
        assert shown
        assert shown[0].split()[0] == bar.get("data-count")


def test_one_per_story_is_a_link(press: Press) -> None:
    tree = press.page("/?q=ferry")
    assert len(tree.cssselect(".result")) == 2
    once = press.page(tree.cssselect(".switch a")[0].get("href"))
    assert len(once.cssselect(".result")) == 1


@pytest.mark.parametrize("words", ["since:yesterday", "story:x", "tag:x language:"])
def test_an_error_of_a_search_is_shown_under_the_box(press: Press, words: str) -> None:
    answer = press.site.get(f"/?q={quote(words)}")
    tree = lxml.html.document_fromstring(answer.text)
    assert tree.cssselect("#q")[0].get("value") == words
    if answer.status_code == 400:
        assert texts(tree, "[role=alert] p")


def test_what_was_typed_wrongly_is_told_and_a_nearer_word_offered(press: Press) -> None:
    assert texts(press.page("/?q=(ferry"), "ul.told li") == [
        "( this parenthesis is never closed; it ends with the text"
    ]
    (misnamed,) = texts(press.page("/?q=lang:en"), "ul.told li")
    assert misnamed.startswith("lang: is no filter")
    tree = press.page("/?q=libia")
    assert texts(tree, ".told em") == ["libya"]
    assert asked_by(tree.cssselect(".told a")[0].get("href")) == "libya"
    assert "No article matches." in texts(tree, ".none p")


def test_an_article_is_shown_with_its_origins_and_who_named_it(press: Press) -> None:
    article = press.article(CORRECTED)
    tree = press.page(f"/articles/{article.id}")
    (body,) = tree.cssselect(".body")
    assert (body.get("lang"), body.get("dir")) == ("en", "ltr")
    assert len(body.cssselect("p")) == 8
    assert "Harbour Courier" in texts(tree, "#sightings-title ~ ul a")
    assert "Meridian Gazette" in texts(tree, "#sightings-title ~ ul a")
    rows = {row[0]: row for row in (texts(line, "th, td") for line in tree.cssselect(".origins tbody tr"))}
    assert rows["title"][2:] == ["the headline (h1)", "Fighters leave the front near Tripoli the page's og:title"]
    assert rows["published"][1] == "25 May 2020, 14:20 UTC"
    assert any("cuttings-" in fact for fact in texts(tree, ".facts dd"))


def test_what_changed_is_shown_word_by_word(press: Press) -> None:
    article = press.article(CORRECTED)
    tree = press.page(f"/articles/{article.id}?diff=2")
    assert " ".join(texts(tree, ".difference del")) == "over the weekend"
    assert " ".join(texts(tree, ".difference ins")) == "on Friday and Saturday"
    whole = press.page(f"/articles/{article.id}?diff=1:3")
    assert "several hundred" in " ".join(texts(whole, ".difference ins"))
    for wrong in ("4", "1", "3:1", "2:2", "x", "1:9"):
        assert "no such comparison" in " ".join(texts(press.page(f"/articles/{article.id}?diff={wrong}", 404), "p"))


def test_a_withdrawn_article_stays_and_says_so(press: Press) -> None:
    tree = press.page(f"/articles/{press.article(WITHDRAWN).id}")
    assert any("found gone" in told for told in texts(tree, ".told"))


def test_scripts_that_run_from_right_to_left_do_so(press: Press) -> None:
    with open_corpus(press.db) as corpus:
        (arabic,) = corpus.search("language:ar")
    (body,) = press.page(f"/articles/{arabic.id}").cssselect(".body")
    assert (body.get("lang"), body.get("dir")) == ("ar", "rtl")


def test_a_story_tells_who_ran_it_first_and_how_the_copies_are_related(press: Press) -> None:
    listed = press.page("/stories")
    assert texts(listed, ".kicker") == ["2 articles on 2 sites"]
    tree = press.page(listed.cssselect(".headline")[0].get("href"))
    first, second = texts(tree, ".timeline .result")
    assert "ran it first" in first
    assert "1 hour later" in second
    assert "copy: shares 100% of the shorter text with the first" in second
    assert texts(press.page("/stories?q=libya"), ".none p") == ["No story of several articles matches."]
    press.page("/stories?q=since:x", 400)


def test_sources_are_listed_worst_first_with_their_details(press: Press) -> None:
    tree = press.page("/sources")
    assert texts(tree, ".sources tbody th")[0] == FAILING
    assert "failing" in texts(tree, ".sources tbody tr")[0]
    assert tree.cssselect("svg.days title")[0].text == "no article in 28 days"
    for link in tree.cssselect(".sources th a"):
        detail = press.page(link.get("href"))
        assert texts(detail, "h1") == texts(link, "bdi")
    assert "HTTP 503" in " ".join(texts(press.page(f"/sources/{quote(FAILING)}"), ".lead"))
    assert texts(press.page("/sources/Harbour%20Courier"), "table.plainly td.number")


def test_trends_say_what_they_need(press: Press) -> None:
    assert texts(press.page("/trends"), ".none p")


def test_every_example_of_the_help_is_understood(press: Press) -> None:
    for typed in (line for group in LANGUAGE for line, _ in group.lines):
        understand(typed)
        press.page(Asked(typed).address)
    assert len(press.page("/help").cssselect("code")) > 20


def test_an_empty_corpus_says_what_to_do(tmp_path: Path) -> None:
    open_corpus(tmp_path / "cuttings.db", write=True, create=True).close()
    with served(tmp_path / "cuttings.db") as site:
        assert "cuttings crawl" in site.get("/").text
        assert "No text has been seen twice yet" in site.get("/stories").text
        assert "cuttings add" in site.get("/sources").text
        assert site.get("/trends").status_code == 200
        assert site.get("/nowhere").status_code == 404


def test_colours_are_remembered_but_not_at_the_word_of_another_site(press: Press) -> None:
    answer = press.site.get("/theme?colours=dark&back=/help")
    assert (answer.status_code, answer.headers["location"]) == (303, "/help")
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert 'data-theme="dark"' in press.site.get("/help", headers={"cookie": "theme=dark"}).text
    assert 'data-theme="' not in press.site.get("/help", headers={"cookie": "theme=pink"}).text
    foreign = press.site.get("/theme?colours=dark", headers={"sec-fetch-site": "cross-site"})
    assert "set-cookie" not in foreign.headers
    assert "Max-Age=0" in press.site.get("/theme?colours=auto").headers["set-cookie"]


def test_files_of_ours_have_their_contents_in_their_address(press: Press) -> None:
    tree = press.page("/")
    for address in (tree.cssselect("script")[0].get("src"), tree.cssselect("link[rel=stylesheet]")[0].get("href")):
        answer = press.site.get(address)
        assert "immutable" in answer.headers["cache-control"]
        assert re.fullmatch(r"/static/[0-9a-f]{12}/[a-z.]+", address)


# --- the pure parts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "without"),
    [
        ("ferry tag:sea", "ferry"),
        ("tag:sea OR tag:air ferry", "tag:air ferry"),
        ('ferry OR tag:"two words"', "ferry"),
        ("ferry NOT site:a.example libya", "ferry libya"),
        ("ferry -site:a.example", "ferry"),
        ("author:“Ada Byron” x", "x"),
    ],
)
def test_a_filter_is_taken_out_with_what_joined_it(words: str, without: str) -> None:
    assert filters.taken_out(words, filters.filters_in(words)[0]) == without


@pytest.mark.parametrize("words", ["note:x", '"tag:sea"', "(tag:sea OR x)", "http://tag:sea", "tag:", "a:tag:x", ""])
def test_what_is_no_filter_of_its_own_is_none(words: str) -> None:
    assert filters.filters_in(words) == ()


@pytest.mark.parametrize(
    ("words", "value", "typed"),
    [
        ("", "sea", "tag:sea"),
        ("ferry OR", "Two Words", 'ferry tag:"Two Words"'),
        ('"harb', "sea", '"harb" tag:sea'),
        ("x", "a(b", 'x tag:"a(b"'),
        ("x", 'a"b', None),
        ("x", " ", None),
    ],
)
def test_a_filter_is_put_in_so_that_it_can_be_taken_out(words: str, value: str, typed: str | None) -> None:
    assert filters.put_in(words, "tag", value) == typed
    if typed is not None:
        assert filters.active(typed, "tag", value) is not None


def test_a_span_takes_the_place_of_another() -> None:
    day = date(2020, 5, 1)
    assert filters.put_in_span("a since:2019 b until:2021", day, day + timedelta(1)) == (
        "a b since:2020-05-01 until:2020-05-02"
    )


def test_chips_name_filters_in_words() -> None:
    found = chips(Asked("x language:fr -tag:sea since:2020-05-01"))
    assert [chip.label for chip in found] == ["in French", "not tag sea", "since 1 May 2020"]


def bars(number: int) -> list[Bar]:
    first = date(2020, 1, 1)
    return [Bar(first + timedelta(n), first + timedelta(n + 1), n % 7) for n in range(number)]


@pytest.mark.parametrize("number", [1, 2, 9, 40, 120])
def test_a_chart_fits_whatever_it_shows(number: int) -> None:
    made = chart.drawn(bars(number), "day", lambda start, end: f"/{start}/{end}")
    assert made is not None
    ends = [float(bar.place_x[:-1]) + float(bar.place_width[:-1]) for bar in made.bars]
    assert ends == sorted(ends)
    assert ends[-1] <= 100.01
    assert all(0 <= bar.y <= chart.HEIGHT and bar.y + bar.height <= chart.HEIGHT + 0.1 for bar in made.bars)
    assert 1 <= len(made.labels) <= chart.MOST_LABELS
    assert chart.drawn([], "day", lambda *_: "") is None


def test_pictures_become_links_and_headings_begin_at_the_second_level() -> None:
    made = safe.article_html('<h1>A</h1><h4>B</h4><p><img src="https://a.example/p.png" alt="A pier"></p>')
    assert "<h2>A</h2><h3>B</h3>" in made
    assert ">Picture: A pier</a>" in made
    assert "<img" not in made


@pytest.mark.parametrize(
    ("span", "words"),
    [(timedelta(minutes=5), "5 minutes"), (timedelta(hours=1), "1 hour"), (timedelta(days=400), "1 year")],
)
def test_lengths_of_time_are_told_in_their_largest_unit(span: timedelta, words: str) -> None:
    assert wording.length(span) == words


def test_an_unknown_rule_is_shown_as_it_is() -> None:
    assert article_view.rule_words("press.jsonl line 3") == "press.jsonl line 3"
