"""X1, X3, X5: what stands below a headline and between paragraphs: by-lines in one piece, fact boxes, credits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from crawler.extract import Article, extract

STORY = (
    "<p>The harbour board decided on Monday to close the eastern basin for eleven weeks while divers repair the lock "
    "gates that were damaged in the storm of last January.</p><p>Fishing boats will have to land their catch at "
    "Saltmarsh, nine miles to the north, where a temporary auction hall has been put up on the car park.</p>{between}"
    "<p>The repair costs two million, of which the insurance pays half, and the board hopes that the county will come "
    "up with the rest before the end of the winter.</p>"
)


def _story(below_headline: str = "", between: str = "") -> Article:
    title = "Eastern basin to close for eleven weeks"
    page = (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{below_headline}"
        f"{STORY.format(between=between)}</article></body></html>"
    )
    found = extract(page, "https://example.org/a-story", now=datetime(2026, 12, 1, tzinfo=UTC))
    assert isinstance(found, Article)
    return found


WINTER = timezone(timedelta(hours=-5))


@pytest.mark.parametrize(
    ("line", "authors", "published", "updated"),
    [
        (
            "<div>By Ines Carrow<br>Published: November 23, 2026 2:06 AM EST | "
            "Updated: November 24, 2026 5:12 PM EST</div>",
            ("Ines Carrow",),
            datetime(2026, 11, 23, 2, 6, tzinfo=WINTER),
            datetime(2026, 11, 24, 17, 12, tzinfo=WINTER),
        ),
        (
            "<p>By Ines Carrow and Marek Vild<br>Published: 02:06 GMT, 23 November 2026 | "
            "Updated: 17:12 GMT, 24 November 2026</p>",
            ("Ines Carrow", "Marek Vild"),
            datetime(2026, 11, 23, 2, 6, tzinfo=UTC),
            datetime(2026, 11, 24, 17, 12, tzinfo=UTC),
        ),
        (
            "<p>By Ines Carrow, Staff Writer<br>PUBLISHED: 2:06 a.m. Nov. 23, 2026 | "
            "UPDATED: 5:12 p.m. Nov. 24, 2026</p>",
            ("Ines Carrow",),
            date(2026, 11, 23),
            date(2026, 11, 24),
        ),
        (
            "<div><span>By Ines Carrow</span><br><span>Published Mon, Nov 23 2026 2:06 AM CST</span><br>"
            "<span>Updated Tue, Nov 24 2026 5:12 PM CST</span></div>",
            ("Ines Carrow",),
            date(2026, 11, 23),
            date(2026, 11, 24),
        ),
        (
            "<div>Von Ines Carrow<br>Veröffentlicht am 23.11.2026 um 02:06 Uhr | "
            "Aktualisiert am 24.11.2026 um 17:12 Uhr</div>",
            ("Ines Carrow",),
            date(2026, 11, 23),
            date(2026, 11, 24),
        ),
        (
            "<div>By Ines Carrow | Published Nov. 23, 2026 | Updated 10:00 a.m. EST Nov. 24, 2026</div>",
            ("Ines Carrow",),
            date(2026, 11, 23),
            datetime(2026, 11, 24, 10, tzinfo=WINTER),
        ),
    ],
)
def test_x1_x5_a_by_line_in_one_piece_gives_names_and_dates_and_is_no_text(
    line: str, authors: tuple[str, ...], published: date, updated: date
) -> None:
    """X1, X5: parts of a by-line are told apart; a zone that means two things is none."""
    article = _story(line)
    assert (article.authors, article.published, article.updated) == (authors, published, updated)
    assert article.text.startswith("The harbour board decided")


@pytest.mark.parametrize(
    "line", ["<p>Boats &amp; locks<br>a poem in two lines</p>", "<p>Since 1911<br>nothing like it</p>"]
)
def test_lines_below_the_headline_that_are_no_by_line_stay_together(line: str) -> None:
    assert "By" not in _story(line).authors
    parted = extract(f"<h1>Boats</h1>{line}{STORY.format(between='')}", "https://example.org/a")
    assert isinstance(parted, Article)
    assert len(parted.text.split("\n\n")[0].splitlines()) in (1, 2)


def test_x3_a_fact_box_among_the_paragraphs_stays_and_an_offer_does_not() -> None:
    """X1, X3: an aside of sentences tells something; one with a link, a button or a field wants something."""
    facts = (
        "<aside class=factbox><h4>The facts</h4><p>The lock was built in 1911. It is forty metres long and lifts boats "
        "by three metres and a half.</p></aside>"
    )
    offer = "<aside><h4>Our letter</h4><p>What happens in the harbour, every Friday in your letter box.</p>{}</aside>"
    assert "The lock was built in 1911." in _story(between=facts).text
    for asking in ('<input type="email">', "<button>Yes</button>", '<a href="/letter">Read it</a>'):
        assert "Our letter" not in _story(between=offer.format(asking)).text


def test_x1_a_line_that_only_says_whose_a_picture_is_is_no_text() -> None:
    """X1: `Photo: ...` below a picture; the caption itself stays."""
    credit = "<div class=pic><img src=/p.jpg width=700 height=400><div>Photo: Greta Amundsen</div></div>"
    assert "Greta Amundsen" not in _story(between=credit).text
    caption = "<figure><img src=/p.jpg><figcaption>The basin on Tuesday. Photo: Greta Amundsen</figcaption></figure>"
    assert "<figcaption>The basin on Tuesday.</figcaption>" in _story(between=caption).html
