"""What a page says beside its article and what must not be taken for a claim: dates, names, forms, site names."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from crawler.extract import Article, Rejected, extract
from crawler.extract.words import content_hash

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://paper.example/rain"
TEXT = (
    "It rained in Port Alder all night, and nobody in the lower town minded very much, because the wells had been"
    " low since March and the gardens were grey with dust."
)


def page(body: str = f"<p>{TEXT}</p>", head: str = "", title: str = "Rain at last") -> str:
    return (
        f"<!doctype html><html lang='en'><head><title>{title} | The Alder Post</title>{head}</head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )


def cut(html: str) -> Article:
    article = extract(html, URL, now=NOW)
    assert isinstance(article, Article), article
    return article


def ld(**claims: object) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **claims}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def test_a_year_in_the_line_of_rights_dates_no_article() -> None:
    undated = page(f"<p>{TEXT}</p></article><footer><p>© 2019 The Alder Post</p></footer><article>")
    assert cut(undated).published is None


def test_a_day_in_the_foot_of_the_site_dates_no_article_and_one_below_the_headline_does() -> None:
    foot = "".join(f"<p>Line {n} of the site</p>" for n in range(9)) + "<p>Last change 12 May 2019</p>"
    assert cut(page(f"<p>{TEXT}</p></article><footer>{foot}</footer><article>")).published is None
    dated = cut(page(f"<p>12 May 2019</p><p>{TEXT}</p>"))
    assert (dated.published, dated.provenance["published"]) == (date(2019, 5, 12), "text")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("<span>Written by</span><a>Ada Sample</a><span>Published: May</span>", ("Ada Sample",)),
        ("<span>By Ada Sample</span><span>Last Updated: June 2</span>", ("Ada Sample",)),
        ("By Ada Sample Oct", ("Ada Sample",)),
        ("By Theresa May", ("Theresa May",)),
        ("By Jul", ()),
        ("By Sign in", ()),
    ],
)
def test_a_byline_gives_names_and_no_words_that_stand_beside_them(written: str, names: tuple[str, ...]) -> None:
    assert cut(page(f"<p class='byline'>{written}</p><p>{TEXT}</p><p>{TEXT}</p>")).authors == names


@pytest.mark.parametrize(
    ("claimed", "names"),
    [
        ("Center for Invented Drugs and Research", ("Center for Invented Drugs and Research",)),
        ("Ada Sample and Bo Specimen", ("Ada Sample", "Bo Specimen")),
        ("Bo O&#39;Specimen", ("Bo O'Specimen",)),
        ("ALDERPOST.PL", ()),
        ("@alderpost", ()),
    ],
)
def test_authors_are_parted_between_people_and_a_domain_is_none(claimed: str, names: tuple[str, ...]) -> None:
    assert cut(page(head=ld(author=claimed))).authors == names


SIGN_IN = "<form><p>Sign in</p><input type=text name=u><input type=password name=p><button>Go</button></form>"


def test_a_short_article_beside_a_form_to_sign_in_is_an_article() -> None:
    assert cut(page(f"<p>{TEXT}</p></article>{SIGN_IN}<article>")).text.endswith("grey with dust.")


def test_a_page_about_signing_in_is_none() -> None:
    asked = "<p>Please enter the name and the password that we sent to you by post last week.</p>"
    found = extract(page(asked + SIGN_IN, title="Sign in"), URL, now=NOW)
    assert isinstance(found, Rejected)
    assert found.detail is not None
    assert found.detail.startswith("login page")


def test_a_title_keeps_a_guillemet_within_it() -> None:
    head = "<meta property='og:title' content='Scandal of the «royal» wells'>"
    untitled = f"<html><head>{head}</head><body><p>{TEXT}</p></body></html>"
    assert cut(untitled).title == "Scandal of the «royal» wells"
    spaced = untitled.replace("«royal»", "« royal »")
    assert cut(spaced).title == "Scandal of the « royal » wells"


def test_the_site_named_behind_a_heading_is_cut_off() -> None:
    head = "<meta property='og:site_name' content='Alder Shop'>"
    assert cut(page(head=head, title="Rain at last | Alder Shop")).title == "Rain at last"


def test_one_wire_text_has_one_content_hash_under_every_headline() -> None:
    one, other = cut(page(title="Rain at last")), cut(page(title="The wells of Port Alder fill again"))
    assert one.title != other.title
    assert one.content_hash == other.content_hash


def test_the_headline_within_the_text_does_not_reach_the_content_hash() -> None:
    assert content_hash("Rain at last\n\nIt rained.", "Rain at last!") == content_hash("It rained.", "Wells fill")
    assert content_hash("Rain at last", "Rain at last") != content_hash("", "Rain at last")
