"""X4, X5, X6: titles, authors, dates, sections, licences; where each came from, and what other rules gave."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.extract import extract
from crawler.extract.days import parse_when
from storage import Article, Entry

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
URL = "https://alderpost.example/2021/05/12/rain"
TEXT = (
    "It rained in Port Alder all night, and nobody in the lower town minded very much, because the wells had been"
    " low since March and the gardens were grey with dust."
)


def cut(
    body: str = "",
    head: str = "",
    h1: str = "<h1>Rain at last</h1>",
    entry: Entry | None = None,
    url: str | None = URL,
) -> Article:
    html = f"<!doctype html><html lang='en'><head>{head}</head><body><article>{h1}{body}<p>{TEXT}</p></article></body>"
    article = extract(html, url, entry=entry, now=NOW)
    assert isinstance(article, Article), article
    return article


def ld(**claims: object) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **claims}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def meta(**named: str) -> str:
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{value}">' for name, value in named.items())


# --- titles


def test_x5_the_printed_headline_is_the_title_where_the_head_words_it_for_search_engines() -> None:
    article = cut(
        head=meta(
            og__title="7 Ways to Save Rain Water in Your Garden | The Alder Post", og__site_name="The Alder Post"
        ),
        h1="<h1>How we save rain water in the garden</h1>",
    )
    assert (article.title, article.provenance["title"]) == ("How we save rain water in the garden", "h1")
    assert article.runners_up["title"] == (("og:title", "7 Ways to Save Rain Water in Your Garden"),)


def test_x5_a_heading_that_shares_no_word_with_the_claims_is_no_headline() -> None:
    article = cut(head=meta(og__title="Rain at last in the lower town"), h1="<h1>Our newsletters</h1>")
    assert (article.title, article.provenance["title"]) == ("Rain at last in the lower town", "og:title")


def test_x5_the_sites_name_over_the_page_is_no_headline() -> None:
    article = cut(
        head=meta(og__title="Rain at last", og__site_name="Alder Post") + "<title>Rain at last | Alder Post</title>",
        h1="<h1>Alder Post</h1>",
    )
    assert article.title == "Rain at last"


@pytest.mark.parametrize(
    "claimed",
    [
        "Rain comes to the lower town | AlderPost",
        "Rain comes to the lower town - Alderpost News",
        "Rain comes to the lower town – Alder Post",
    ],
)
def test_x5_the_domain_tells_the_sites_name_where_no_meta_does(claimed: str) -> None:
    assert cut(head=f"<title>{claimed}</title>", h1="").title == "Rain comes to the lower town"


@pytest.mark.parametrize(
    "h1",
    [
        "<span>Weather</span> <span>Rain at last in town</span>",
        "Weather | Rain at last in town",
        "Weather : Rain at last in town",
        "Headline: Rain at last in town",
        "Rain at last in town <small>Posted on May 12, 2021 by Ada Sample</small>",
    ],
)
def test_x5_a_kicker_or_a_date_within_the_heading_is_not_the_title(h1: str) -> None:
    assert cut(head=meta(og__title="Rain at last in town"), h1=f"<h1>{h1}</h1>").title == "Rain at last in town"


def test_x5_a_colon_within_the_headline_stays() -> None:
    h1 = "<h1>The wells are full: Rain at last in town</h1>"
    article = cut(head=meta(og__title="Rain at last in town"), h1=h1)
    assert article.title == "The wells are full: Rain at last in town"


def test_x5_a_line_break_parts_words_of_a_title_and_a_soft_hyphen_does_not() -> None:
    article = cut(
        head=meta(og__title="Regen endlich Wasserversorgung"), h1="<h1>Regen<br>endlich Wasser&shy;versorgung</h1>"
    )
    assert article.title == "Regen endlich Wasserversorgung"


# --- authors


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Ada Sample, MD, RN", ("Ada Sample",)),
        ("Guide by Ada Sample Former Deputy Tech Editor", ("Ada Sample",)),
        ("View all posts by Ada Sample", ("Ada Sample",)),
        ("Ada Sample im Gespräch", ("Ada Sample",)),
        ("By Ada Sample, Alder Press", ("Ada Sample",)),
        ("Joe S.", ("Joe S.",)),
        ("Juan de la Muestra", ("Juan de la Muestra",)),
        ("View more posts", ()),
        ("12 min read", ()),
        ("Personal finance", ()),
    ],
)
def test_x5_a_printed_name_ends_where_the_line_goes_on(line: str, authors: tuple[str, ...]) -> None:
    assert cut(f'<div class="author">{line}</div>').authors == authors


@pytest.mark.parametrize("name", ["Mobasir hassan", "Ada Sample", "Center for Invented Drugs and Research"])
def test_x5_a_name_in_json_ld_is_kept_whole(name: str) -> None:
    assert cut(head=ld(author={"@type": "Person", "name": name})).authors == (name,)


def test_x5_a_byline_below_the_standfirst_is_read() -> None:
    article = cut(
        "<p>The wells had been low since March, and the gardens were grey with dust until Thursday.</p>"
        '<p>By <a href="/authors/ada-sample">Ada Sample</a></p>'
    )
    assert (article.authors, article.provenance["authors"]) == (("Ada Sample",), "byline")


def test_x5_the_site_is_an_author_only_where_it_prints_its_name_as_one() -> None:
    head = meta(og__site_name="Alder Post") + '<meta name="author" content="Alder Post">'
    assert cut(head=head).authors == ()
    assert cut('<p class="byline">By Alder Post</p>', head).authors == ("Alder Post",)


def test_x5_a_desk_in_the_byline_is_named_where_no_person_is() -> None:
    assert cut('<p class="author">By Alder Post Staff</p>').authors == ("Alder Post Staff",)


def test_x4_an_author_that_another_rule_names_otherwise_is_a_runner_up() -> None:
    article = cut(head=ld(author="Ada Sample") + '<meta name="author" content="Bo Specimen">')
    assert (article.authors, article.runners_up["authors"]) == (("Ada Sample",), (("meta", "Bo Specimen"),))
    assert "authors" not in cut(head=ld(author="Ada Sample") + '<meta name="author" content="Ada Sample">').runners_up


# --- dates


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("March 27, 2025", date(2025, 3, 27)),
        ("27. März 2025", date(2025, 3, 27)),
        ("27 de marzo de 2025", date(2025, 3, 27)),
        ("27.03.2025", date(2025, 3, 27)),
        ("27/03/2025 09:21", date(2025, 3, 27)),
        ("03/27/2025", date(2025, 3, 27)),
        ("03/04/2025", None),
        ("31.02.2025", None),
        ("Blursday 27, 2025", None),
    ],
)
def test_x5_a_day_is_read_as_people_write_it_but_not_where_it_could_be_two(written: str, day: date | None) -> None:
    assert parse_when(written) == day


def test_x5_a_time_keeps_the_zone_in_which_the_page_writes_it() -> None:
    published = cut(head=ld(datePublished="2021-05-12T22:05:41-05:00")).published
    assert isinstance(published, datetime)
    assert published.isoformat() == "2021-05-12T22:05:41-05:00"


@pytest.mark.parametrize("printed", ["2021-05-12T20:48:19-05:00", "2021-05-12 20:48:19"])
def test_x5_an_instant_in_utc_gets_the_zone_in_which_the_page_prints_it(printed: str) -> None:
    article = cut(f'<time datetime="{printed}">May 12</time>', ld(datePublished="2021-05-13T01:48:19Z"))
    assert isinstance(article.published, datetime)
    assert article.published.isoformat() == "2021-05-12T20:48:19-05:00"


def test_x5_another_time_on_the_page_gives_no_zone() -> None:
    article = cut('<time datetime="2021-05-12 20:31:07">May 12</time>', ld(datePublished="2021-05-13T01:48:19Z"))
    assert isinstance(article.published, datetime)
    assert article.published.utcoffset() == timedelta(0)


def test_x5_the_page_node_dates_an_article_whose_own_node_does_not() -> None:
    page = '<script type="application/ld+json">{"@type": "WebPage", "datePublished": "2021-05-11"}</script>'
    assert cut(head=page + ld(headline="Rain at last")).published == date(2021, 5, 11)


def test_x5_digits_with_points_are_read_day_first() -> None:
    html = f"<h1>Regen</h1><p>Port Alder, 04.02.2021</p><p>{TEXT}</p>"
    article = extract(html, "https://alderpost.example/regen", now=NOW)
    assert isinstance(article, Article)
    assert (article.published, article.provenance["published"]) == (date(2021, 2, 4), "text")


def test_x5_the_future_and_the_time_before_the_web_are_refused_and_the_next_rule_is_asked() -> None:
    for impossible in ("2031-05-12T08:00:00Z", "1970-01-01T00:00:00Z"):
        article = cut(head=ld(datePublished=impossible) + meta(article__published_time="2021-05-10"))
        assert (article.published, article.provenance["published"]) == (date(2021, 5, 10), "meta")


def test_x4_a_date_of_another_day_is_a_runner_up() -> None:
    article = cut(head=ld(datePublished="2021-05-10T08:00:00Z") + meta(article__published_time="2021-05-17"))
    assert article.runners_up["published"] == (("meta", "2021-05-17"), ("url", "2021-05-12"))


# --- the smaller fields


@pytest.mark.parametrize(
    ("head", "section", "rule"),
    [
        (ld(articleSection=["Town", "Weather"]), "Town", "json-ld"),
        (meta(article__section="Town"), "Town", "meta"),
        ('<meta name="parsely-section" content="Town">', "Town", "meta"),
        (
            ld(
                **{
                    "@type": "BreadcrumbList",
                    "itemListElement": [
                        {"position": 2, "item": {"@id": "/town", "name": "Town"}},
                        {"position": 1, "name": "Home"},
                        {"position": 3, "name": "Rain at last"},
                    ],
                }
            ),
            "Town",
            "breadcrumbs",
        ),
        (ld(**{"@type": "BreadcrumbList", "itemListElement": [{"name": "Rain at last"}, 7, None]}), None, None),
    ],
)
def test_x4_the_section_and_where_it_came_from(head: str, section: str | None, rule: str | None) -> None:
    article = cut(head=head)
    assert (article.section, article.provenance.get("section")) == (section, rule)


CC = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("head", "body", "licence", "rule"),
    [
        (ld(license=CC), "", CC, "json-ld"),
        (ld(license={"@type": "CreativeWork", "url": CC}), "", CC, "json-ld"),
        (f'<link rel="license" href="{CC}">', "", CC, "link"),
        ("", f'<p><a rel="license noopener" href="{CC}">CC BY</a></p>', CC, "link"),
        ('<meta name="dcterms.rights" content="All rights reserved">', "", "All rights reserved", "meta"),
        (f'<meta name="dcterms.rights" content="All rights reserved"><link rel=license href="{CC}">', "", CC, "link"),
        ('<link rel="license" href="javascript:alert(1)">', "", None, None),
    ],
)
def test_x4_the_licence_is_an_address_where_one_is_given(
    head: str, body: str, licence: str | None, rule: str | None
) -> None:
    article = cut(body, head)
    assert (article.licence, article.provenance.get("licence")) == (licence, rule)


@pytest.mark.parametrize(
    ("head", "free"),
    [
        (ld(isAccessibleForFree=True), True),
        (ld(isAccessibleForFree="False"), False),
        (ld(isAccessibleForFree="http://schema.org/False"), False),
        (ld(hasPart={"@type": "WebPageElement", "isAccessibleForFree": "false"}), False),
        (ld(isAccessibleForFree=True, hasPart=[{"isAccessibleForFree": True}]), True),
        (meta(article__content_tier="metered"), False),
        (meta(article__content_tier="free"), True),
        (meta(article__content_tier="gold"), None),
        (ld(isAccessibleForFree="perhaps"), None),
        ("", None),
    ],
)
def test_x4_free_is_what_the_page_says_and_nothing_where_it_says_nothing(head: str, free: bool | None) -> None:
    article = cut("".join(f"<p>{n}. {TEXT}</p>" for n in range(8)), head)  # no stub
    assert article.free is free
    assert ("free" in article.provenance) == (free is not None)


@pytest.mark.parametrize(
    ("head", "rule"),
    [
        ('<link rel="canonical" href="https://wire.example/rain">', "link"),
        ('<meta name="syndication-source" content="https://wire.example/rain">', "meta"),
        ('<meta name="original-source" content="https://wire.example/rain">', "meta"),
        (ld(isBasedOn="https://wire.example/rain"), "json-ld"),
        (ld(isBasedOn={"@id": "https://wire.example/rain"}), "json-ld"),
    ],
)
def test_x4_an_origin_on_another_site_is_named_with_its_rule(head: str, rule: str) -> None:
    article = cut(head=head)
    assert (article.syndicated_from, article.provenance["syndicated_from"]) == ("https://wire.example/rain", rule)
    own = cut(head=head.replace("wire.example", "www.alderpost.example"))
    assert own.syndicated_from is None


def test_x4_every_field_of_a_page_that_says_everything_has_its_rule() -> None:
    article = cut(
        head=ld(
            author="Ada Sample",
            datePublished="2021-05-12",
            dateModified="2021-05-13",
            articleSection="Town",
            license=CC,
            isAccessibleForFree=True,
            keywords="rain, wells",
            description="Rain.",
            image="/rain.jpg",
        )
        + '<link rel="canonical" href="https://wire.example/rain">'
    )
    assert set(article.provenance) == {
        *("title", "text", "authors", "published", "updated", "language", "section", "licence", "free", "tags"),
        *("description", "image", "canonical", "syndicated_from"),
    }


def test_x4_runners_up_are_few_short_and_each_said_once() -> None:
    long = "Rain " * 200
    entry = replace(Entry("k", URL), summary="Third", title="Rain at last")
    article = cut(head=meta(og__description="First") + ld(description=long, headline="RAIN AT LAST!"), entry=entry)
    assert article.description == "First"
    assert [rule for rule, _ in article.runners_up["description"]] == ["json-ld", "feed"]
    assert max(len(value) for others in article.runners_up.values() for _, value in others) <= 300
    assert "title" not in article.runners_up


@pytest.mark.parametrize("hostile", [[], {}, 7, None, [[[]]], {"@value": {}}, "\u0000", "x" * 5000, ["a", {"name": 3}]])
def test_x4_claims_of_any_shape_make_nothing_raise(hostile: object) -> None:
    keys = ("author", "datePublished", "articleSection", "license", "isAccessibleForFree", "hasPart", "isBasedOn")
    more = ("keywords", "image", "description", "itemListElement", "publisher")
    article = cut(head=ld(**dict.fromkeys((*keys, *more), hostile)))
    assert article.title == "Rain at last"
    assert article.free is None


def test_x6_the_language_of_a_text_is_not_that_of_its_page() -> None:
    german = "<p>In der Nacht hat es in Hafen Erle geregnet, und niemand in der Unterstadt hat sich daran gestört.</p>"
    article = extract(f"<html lang=en><h1>Regen</h1>{german * 3}", URL, now=NOW)
    assert isinstance(article, Article)
    assert (article.language, article.provenance["language"]) == ("de", "text")


def test_x5_the_day_in_the_head_of_a_site_is_no_publication() -> None:
    head, text = "<div>Thursday, December 31, 2025</div>", f"<p>{TEXT}</p><p>{TEXT} Again.</p>"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    undated = "https://paper.example/rain"
    bare = extract(f"<body>{head}<h1>Rain at last</h1>{text}</body>", undated, now=now)
    dated = extract(
        f"<body>{head}<h1>Rain at last</h1><div>December 3, 2025</div>{text}</body>",
        "https://paper.example/rain",
        now=now,
    )
    today = extract(
        f"<body>{head}<h1>Rain at last</h1><div>December 31, 2025</div>{text}</body>",
        "https://paper.example/rain",
        now=now,
    )
    assert isinstance(bare, Article)
    assert isinstance(dated, Article)
    assert isinstance(today, Article)
    assert bare.published is None
    assert dated.published == date(2025, 12, 3)
    assert today.published == date(2025, 12, 31)


# --- the by-line in one block

BYLINE = "By Ines Carrow, Staff Writer<br>Published: {published} | Updated: {updated}"


@pytest.mark.parametrize("dek", ["", "<h3>The wells had been low since the end of March.</h3>"])
def test_x5_x1_a_byline_of_several_lines_in_one_block_is_read_and_is_no_text(dek: str) -> None:
    line = BYLINE.format(published="Nov 3 2025 5:30 p.m. EST", updated="November 4, 2025 at 9:05 a.m. EST")
    article = cut(f"{dek}<div>{line}</div>", url=None)
    assert article.authors == ("Ines Carrow",)
    assert (article.published, article.updated) == (
        datetime.fromisoformat("2025-11-03T17:30-05:00"),
        datetime.fromisoformat("2025-11-04T09:05-05:00"),
    )
    assert (article.provenance["published"], article.provenance["updated"]) == ("text", "text")
    assert "Carrow" not in article.text
    assert "Updated" not in article.text
    assert article.text.endswith(TEXT)


def test_x5_the_order_of_publication_and_update_is_that_of_their_labels() -> None:
    article = cut(
        "<div>Aktualisiert: 4. November 2025, 09:05 Uhr MEZ<br>Ines Carrow<br>3. November 2025</div>", url=None
    )
    assert article.published == date(2025, 11, 3)
    assert article.updated == datetime.fromisoformat("2025-11-04T09:05+01:00")


@pytest.mark.parametrize(
    ("printed", "when"),
    [
        ("23 November 2025, 02:06 CET", "2025-11-23T02:06+01:00"),
        ("23 November 2025 at 14.06 (GMT+2)", "2025-11-23T14:06+02:00"),
        ("November 23, 2025 | 2:06 PM UTC+05:30", "2025-11-23T14:06+05:30"),
        ("2025-11-23 14:06 +0100", "2025-11-23T14:06+01:00"),
        ("23.11.2025 14:06 Uhr MEZ", "2025-11-23T14:06+01:00"),
        ("3:40 PM EDT, Sunday, July 6, 2025", "2025-07-06T15:40-04:00"),
        ("July 6, 2025, 3:40 PM ET", "2025-07-06T15:40-04:00"),
        ("January 6, 2025, 12:05 AM ET", "2025-01-06T00:05-05:00"),
        ("6 July 2025, 15:40 BST", "2025-07-06T15:40+01:00"),
    ],
)
def test_x5_a_printed_time_is_an_instant_where_its_zone_is_printed(printed: str, when: str) -> None:
    article = cut(f"<p>{printed}</p>", url=None)
    assert isinstance(article.published, datetime)
    assert article.published.isoformat() == datetime.fromisoformat(when).isoformat()


@pytest.mark.parametrize(
    "time",
    [
        "15:40",
        "15:40 CST",
        "15:40 IST",
        "15:40 BST",
        "27:40 GMT",
        "15:71 GMT",
        "15:40 GMT+15",
        "15:40 Reuters",
        "99 PM ET",
    ],
)
def test_x5_a_printed_time_without_a_zone_that_is_one_of_a_kind_names_a_day(time: str) -> None:
    assert cut(f"<p>6 January 2025, {time}</p>", url=None).published == date(2025, 1, 6)


def test_x5_a_printed_instant_is_finer_than_a_day_that_the_page_claims() -> None:
    head = ld(datePublished="2025-07-06")
    assert cut("<p>July 6, 2025, 3:40 PM ET</p>", head).published == datetime.fromisoformat("2025-07-06T15:40-04:00")
    assert cut("<p>July 7, 2025, 3:40 PM ET</p>", head).published == date(2025, 7, 6)


def test_x2_sentences_with_days_in_them_are_no_byline() -> None:
    lead = "The wells ran dry on 3 November 2025.<br>Nobody minded. | It rained again on 4 November 2025."
    assert "The wells ran dry" in cut(f"<p>{lead}</p>").text
