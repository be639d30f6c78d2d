"""A headline that stands inside the article too is kept once, in the title."""

from __future__ import annotations

from crawler.extract import Article, extract, without_headline

BODY = "<p>The ferries will run to one timetable this winter.</p>"


def made(text: str, html: str, title: str = "One timetable & three lines") -> Article:
    return Article(title, text, html, word_count=99, content_hash="kept")


def test_a_first_block_that_repeats_the_title_goes_from_text_and_html() -> None:
    headed = made(
        "One timetable & three lines\n\nThe ferries will run to one timetable this winter.",
        f"<h1>One <b>timetable</b> &amp; three lines</h1>{BODY}",
    )
    cleaned = without_headline(headed)
    assert (cleaned.text, cleaned.html) == ("The ferries will run to one timetable this winter.", BODY)
    assert (cleaned.word_count, cleaned.content_hash) == (9, "kept")


def test_a_text_that_is_nothing_but_its_headline_stays() -> None:
    only = made("One timetable & three lines", "<p>One timetable &amp; three lines</p>")
    assert without_headline(only) is only


def test_a_first_paragraph_that_merely_begins_like_the_title_stays() -> None:
    other = made("One timetable & three lines, at last\n\nMore.", "<p>One timetable &amp; three lines, at last</p>")
    assert without_headline(other) is other


def test_text_and_html_are_never_torn_apart() -> None:
    elsewhere = made("One timetable & three lines\n\nMore.", f"{BODY}<h1>One timetable &amp; three lines</h1>")
    assert without_headline(elsewhere) is elsewhere


def test_one_text_under_two_headlines_has_one_hash() -> None:
    pages = [
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{BODY * 1}"
        f"<p>{'Freight is not part of the agreement between the operators. ' * 6}</p></article></body></html>"
        for title in ("Ferries agree on the winter", "One timetable for three lines")
    ]
    first, second = (extract(page, "https://a.example/1") for page in pages)
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert first.content_hash == second.content_hash
    assert first.title != second.title
