"""What the product promises about addresses (D1, D3, and the part of D2 that concerns addresses)."""

import itertools
import string
import time
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.urls import MAX_URL_CHARS, host, identity, normalize, same_site, site

STORY = "https://www.daily.example/politics/2023/11/harbour-vote-delayed-88123"

ODD_ID_NAMES = """
    ref cid sid uid source src from mid nid tid aid pk_id tt_news print m linkid campaign_id user_id partner
    share_id session_id rss version type format
"""

TRACKING_QUERIES = """
    campaign_id=4 linkId=881 fuente=rss ref_src=twsrc%5Etfw itm_source=x utm-source=y action=click&pgtype=Home
    dgcid=rss_all
    utm_source=feed&utm_medium=rss gclid=Cj0 fbclid=IwAR yclid=1 _hsenc=p2 mkt_tok=x wt_zmc=sm.int
    WT.mc_id=rss at_medium=custom7 ns_campaign=x&ns_mchannel=y soc_src=mail smid=fb-share ref=hp ref=rss-12
    ref=https://t.co/x7 referrer=homepage via=twitter source=social src=longreads from=timeline
    feature=youtu.be mod=rss_world cid=rss:top uid=newsletter xid=social share=facebook&nb=1 spm=a2c.1
    replytocom=55 campaign_id=4&instance_id=9&nl=daily&te=1 nk=0123456789abcdef0123456789abcdef rss=yes
    spref=tw .tsrc=rss icid=top_3 CMP=EMC2 intcmp=x s=twitter __twitter_impression=true
"""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://News.Daily.Example", "http://news.daily.example/"),
        ("https://daily.example:443/a", "https://daily.example/a"),
        ("http://daily.example:80/a", "http://daily.example/a"),
        ("http://daily.example:0080/a", "http://daily.example/a"),
        ("https://daily.example:/a", "https://daily.example/a"),
        ("https://daily.example:8443/a", "https://daily.example:8443/a"),
        ("https://daily.example:80/a", "https://daily.example:80/a"),
        ("https://daily.example./a", "https://daily.example/a"),
        ("https://zürich.example/ü", "https://xn--zrich-kva.example/%C3%BC"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://日本。example/", "https://xn--wgv71a.example/"),
        ("https://ｄａｉｌｙ.example/", "https://daily.example/"),
        ("https://d%61ily.example/", "https://daily.example/"),
        ("  \t\nhttps://daily.example/a\r\n ", "https://daily.example/a"),
        ("\ufeffhttps://daily.example/a\u200b\xa0", "https://daily.example/a"),
        ("https://daily.example/a\nb\tc", "https://daily.example/abc"),
        ("https://daily.example/a b\x01c", "https://daily.example/a%20b%01c"),
        ("https:\\\\daily.example\\a\\b", "https://daily.example/a/b"),
        ("https:///daily.example/a", "https://daily.example/a"),
        ("https://daily.example/a/./b/../c/", "https://daily.example/a/c/"),
        ("https://daily.example/a/%2e%2E/b", "https://daily.example/b"),
        ("https://daily.example/../../b/.", "https://daily.example/b/"),
        ("https://daily.example/a//b", "https://daily.example/a//b"),
        ("https://daily.example/%7ejoe/%c3%a9%2f%41", "https://daily.example/~joe/%C3%A9%2FA"),
        ("https://daily.example/100%/a%2f", "https://daily.example/100%/a%2F"),
        ("https://daily.example/%%341", "https://daily.example/%%341"),
        ("https://daily.example/a?b=[1]|\"'", "https://daily.example/a?b=%5B1%5D%7C%22'"),
        ("https://daily.example?x=1", "https://daily.example/?x=1"),
        ("https://daily.example/a?", "https://daily.example/a"),
        ("https://daily.example/a?b=2&a=1&b=1&&c", "https://daily.example/a?b=2&a=1&b=1&&c"),
        ("https://daily.example/a?z=1&UTM_Source=x&a=2&fbclid=Iw", "https://daily.example/a?z=1&a=2"),
        ("https://daily.example/a?utm%5Fsource=x", "https://daily.example/a"),
        ("https://daily.example/a?gclid=1#c", "https://daily.example/a"),
        ("https://daily.example/a#section", "https://daily.example/a"),
        ("https://daily.example/a#!/story/1", "https://daily.example/a#!/story/1"),
        ("https://daily.example/a#!", "https://daily.example/a"),
        ("https://daily.example/#/story/1:~:text=word", "https://daily.example/#/story/1"),
        ("https://daily.example/a#/media/File:x.jpg", "https://daily.example/a"),
        ("http://0x7f.1/a", "http://127.0.0.1/a"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0177.0.0.01/", "http://127.0.0.1/"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
        ("http://[0:0::0:1]:8000/", "http://[::1]:8000/"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("http://under_score.daily.example/", "http://under_score.daily.example/"),
    ],
)
def test_d1_normal_form_names_the_same_document(url: str, expected: str) -> None:
    assert normalize(url) == expected
    assert normalize(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "story.html",
        "//daily.example/a",
        "daily.example/a",
        "ftp://daily.example/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:desk@daily.example",
        "tag:daily.example,2023:1",
        "https://",
        "https:///",
        "https://?a=1",
        "https://user:secret@daily.example/",
        "https://@daily.example/",
        "https://daily.example@evil.example/",
        "https://daily.example:99999/",
        "https://daily.example:0/",
        "https://daily.example:8o/",
        "https://daily.example:٨٠/",
        "https://daily..example/",
        "https://.daily.example/",
        "https://dai ly.example/",
        "https://dai%00ly.example/",
        "https://daily%2fexample/",
        "https://%ff.example/",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 130 + "example/",
        "https://" + "a" * 3000 + ".example/",
        "https://xn--a\u0301\u200d.example/",
        "http://256.1.1.1/",
        "http://1.2.3.4.5/",
        "http://1.2.3.08/",
        "http://a.1/",
        "http://" + "9" * 40 + "/",
        "http://[::1/",
        "http://[::1%25eth0]/",
        "http://[zz]/",
        "http://[::1]x/",
        "https://daily.example/\ud800",
        "https://daily.example/" + "a" * MAX_URL_CHARS,
        "https://daily.example/?utm_x=" + "a" * 20_000,
    ],
)
def test_what_cannot_be_fetched_safely_is_refused(url: str) -> None:
    assert normalize(url) is None


def test_the_longest_address_is_kept_and_tracking_does_not_count() -> None:
    longest = "https://daily.example/".ljust(MAX_URL_CHARS, "a")
    assert normalize(longest) == longest
    assert normalize(f"{longest}?utm_source=rss") == longest


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("story.html", "https://daily.example/news/story.html"),
        ("../story", "https://daily.example/story"),
        ("/a\\b", "https://daily.example/a/b"),
        ("\\\\other.example/a", "https://other.example/a"),
        ("//other.example/a", "https://other.example/a"),
        ("?page=2", "https://daily.example/news/list?page=2"),
        ("#comments", "https://daily.example/news/list?page=1"),
        ("", "https://daily.example/news/list?page=1"),
        (" http://other.example/ ", "http://other.example/"),
        ("sto\nry", "https://daily.example/news/story"),
        ("javascript:void(0)", None),
        ("mailto:a@b.example", None),
        ("//[broken", None),
        ("http://[broken", None),
    ],
)
def test_links_are_resolved_against_their_page(reference: str, expected: str | None) -> None:
    assert normalize(reference, base="https://Daily.example/news/list?page=1") == expected


def test_a_link_on_a_page_that_has_no_address_is_refused() -> None:
    assert normalize("story.html", base="about:blank") is None
    assert normalize("x" * 20_000, base="https://daily.example/") is None
    assert normalize("https://daily.example/a", base="about:blank") == "https://daily.example/a"


PIECES = st.text(
    alphabet=string.ascii_letters + string.digits + "%/\\.?&=;+#!:@[]~ \té\u0301日$,()'-_ufE2", max_size=40
)
URLS = st.one_of(
    st.text(max_size=80),
    st.builds("https://daily.example/{}".format, PIECES),
    st.builds(
        "http://{}/{}?{}#{}".format, st.sampled_from(["a.b", "ü.example", "1.2", "[::1]"]), PIECES, PIECES, PIECES
    ),
    st.builds("https://{}".format, PIECES),
)


@given(URLS)
@example("https://daily.example/?utm_x=%&a=%41")
@example("https://daily.example/%/../%41")
@example("https://daily.example/#!%41:~:%")
@example("https://daily.example/#!%3A%7E:~:%41")
def test_d1_normalizing_twice_changes_nothing_and_keeps_the_identity(url: str) -> None:
    once = normalize(url)
    if once is not None:
        assert once.isascii()
        assert normalize(once) == once
        assert identity(once) == identity(url)
        assert host(once) == host(url) != ""
        assert site(once) == site(url) != ""


@given(st.lists(st.tuples(st.sampled_from(["id", "q", "p", "x"]), st.text(max_size=6)), max_size=5), PIECES)
def test_normalizing_keeps_every_parameter_in_its_order(pairs: list[tuple[str, str]], trace: str) -> None:
    encoded = [f"{name}={quote(value, safe='')}" for name, value in pairs if value.isprintable()]
    spiced = [*encoded[:2], f"utm_term={quote(trace)}", *encoded[2:], "fbclid=1"]
    result = normalize("https://daily.example/a?" + "&".join(spiced))
    assert result is not None
    assert parse_qsl(urlsplit(result).query, keep_blank_values=True) == parse_qsl(
        "&".join(encoded), keep_blank_values=True
    )


@given(st.text())
def test_no_text_makes_any_function_fail(url: str) -> None:
    assert isinstance(identity(url), str)
    assert isinstance(host(url), str)
    assert isinstance(site(url), str)


SAME = {
    "scheme, host and port": [
        STORY,
        STORY.replace("https", "http"),
        STORY.replace("www.", ""),
        STORY.replace("www.", "www2."),
        STORY.replace("daily.example", "daily.example:443"),
        STORY.replace("https://www.daily.example", "http://DAILY.example.:80"),
        STORY.removeprefix("https:"),
    ],
    "fragment": [STORY, f"{STORY}#", f"{STORY}#comment-5", f"{STORY}#:~:text=vote", f"{STORY}#!", f"{STORY}#xtor=AL-1"],
    "slash and index": [
        "https://daily.example/news/harbour/",
        "https://daily.example/news/harbour",
        "https://daily.example/news//harbour/",
        "https://daily.example/news/harbour/index.php",
        "https://daily.example/news/harbour/Default.aspx",
        "https://daily.example/news/harbour/index.shtml?",
    ],
    "front page": [
        "https://daily.example",
        "http://www.daily.example/index.html?utm_source=x",
        "https://daily.example/#",
    ],
    "encoding": [
        "https://daily.example/tag/l'été,d'ici",
        "https://daily.example/tag/l%27%c3%a9t%C3%A9%2Cd%27ici",
        "https://daily.example/tag/l'e\u0301te\u0301,d'ici",
    ],
    "parameters": [
        "https://daily.example/show.php?id=5&q=a%20b&flag=",
        "https://daily.example/show.php?flag&q=a+b&id=5",
        "https://daily.example/show.php?&id=5&amp;q=a+b&amp;flag&amp;utm_source=rss",
    ],
    "mobile": [
        STORY,
        STORY.replace("www.", "m."),
        STORY.replace("www.", "mobile."),
        STORY.replace("www.", "touch."),
        STORY.replace("www.", "www.m."),
        STORY.replace(".example/", ".example/m/"),
        STORY.replace(".example/", ".example/mobile/"),
        f"{STORY}?mobile=1",
        f"{STORY}?view=mobile",
        f"{STORY}?m=1",
    ],
    "mobile label inside": ["https://de.m.daily.example/wiki/Hafen", "https://de.daily.example/wiki/Hafen"],
    "amp": [
        STORY,
        STORY.replace("www.", "amp."),
        STORY.replace(".example/", ".example/amp/"),
        STORY.replace("/politics/", "/politics/amp/"),
        f"{STORY}/amp",
        f"{STORY}.amp",
        f"{STORY}-amp",
        f"{STORY}?amp=1",
        f"{STORY}?outputType=amp&amp_js_v=0.1&usqp=mq331",
        f"{STORY}?view=amp",
        f"{STORY}_amp",
        "https://www-daily-example.cdn.ampproject.org/v/s/" + STORY.removeprefix("https://") + "?amp_js_v=0.1#aoh=1",
        "https://cdn.ampproject.org/c/s/" + STORY.removeprefix("https://"),
        "https://www-daily-example.bing-amp.com/c/s/" + STORY.removeprefix("https://") + "/amp",
        "https://www.google.com/amp/s/" + STORY.removeprefix("https://") + "%3famp",
        "https://www.google.co.uk/amp/" + STORY.removeprefix("https://"),
        "https://www.bing.com/amp/s/" + STORY.removeprefix("https://"),
        "https://yandex.ru/turbo/daily.example/s/politics/2023/11/harbour-vote-delayed-88123",
        "https://daily-example.turbopages.org/daily.example/s/politics/2023/11/harbour-vote-delayed-88123",
    ],
    "amp of a dated word": ["https://daily.example/2023/11/05/vote", "https://daily.example/2023/11/05/vote/amp/"],
    "amp of a number": ["https://daily.example/world/881", "https://amp.daily.example/amp/world/881/"],
    "amp files": [
        "https://daily.example/a/harbour.html",
        "https://daily.example/a/harbour.amp.html",
        "https://daily.example/a/harbour.html.amp",
        "https://daily.example/a/harbour.amphtml",
        "https://daily.example/amphtml/a/harbour.html",
        "https://daily.example/a/harbour.html?amp",
    ],
    "amp of an Indian system": [
        "https://daily.example/city/harbour-vote/articleshow/1234.cms",
        "https://m.daily.example/city/harbour-vote/amp_articleshow/1234.cms",
    ],
    "print": [
        STORY,
        f"{STORY}/print",
        f"{STORY}/print/",
        STORY.replace(".example/", ".example/print/"),
        f"{STORY}-print",
        f"{STORY}?print",
        f"{STORY}?format=print",
        f"{STORY}?tmpl=component&print=1",
        f"{STORY}?printerFriendly=true",
    ],
    "print of a numbered node": ["https://daily.example/node/512", "https://daily.example/print/node/512"],
    "pages": [
        STORY,
        f"{STORY}?page=1",
        f"{STORY}/page/1/",
        f"{STORY}/page-1",
        f"{STORY}/seite-1",
        f"{STORY}/komplettansicht",
        f"{STORY}/comment-page-3",
        f"{STORY}?pagewanted=all",
        f"{STORY}?singlepage=true",
    ],
    "sessions": [
        STORY,
        f"{STORY};jsessionid=0A1B.node2",
        f"{STORY}?PHPSESSID=ab12",
        STORY.replace("/politics", "/(S(x1y2z3))/politics"),
        f"{STORY}?sid=0123456789abcdef0123456789abcdef",
        f"{STORY}?cachebuster=123",
    ],
    "trackers": [
        STORY,
        *(f"{STORY}?{query}" for query in TRACKING_QUERIES.split()),
    ],
    "trackers on a page named by a number": [
        "https://daily.example/story.php?id=77",
        "https://daily.example/story.php?ref=rss&id=77",
        "https://daily.example/story.php?id=77&source=longreads&print=1",
        "https://daily.example/story.php?sid=0123456789abcdef0123456789abcdef&id=77",
    ],
    "redirectors": [
        STORY,
        "https://www.google.com/url?sa=t&url=" + quote(STORY + "?utm_source=x", safe="") + "&usg=A",
        "https://news.google.com/news/url?url=" + STORY,
        "https://l.facebook.com/l.php?u=" + quote(STORY, safe="") + "&h=AT0",
        "https://www.bing.com/news/apiclick.aspx?ref=FexRss&url=" + quote(STORY, safe=""),
        "https://out.reddit.com/t3_1?url=" + quote(STORY, safe=""),
        "https://eur01.safelinks.protection.outlook.com/?url=" + quote(STORY, safe="") + "&data=0",
        "https://l.facebook.com/l.php?u=" + quote("https://www.google.com/amp/s/" + STORY[8:], safe=""),
    ],
    "blogs shown by country": [
        "https://harbour.blogspot.com/2019/03/vote.html",
        "http://harbour.blogspot.co.uk/2019/03/vote.html?m=1",
        "http://harbour.blogspot.de/2019/03/vote.html?spref=fb",
    ],
    "hash routes": [
        "https://daily.example/app#!/story/9",
        "https://daily.example/app/#!/story/9/?utm_source=x",
    ],
}


@pytest.mark.parametrize("kind", SAME)
def test_d1_variants_of_one_article_have_one_identity(kind: str) -> None:
    keys = {url: identity(url) for url in SAME[kind]}
    assert len(set(keys.values())) == 1, keys


DIFFERENT = [
    ("https://daily.example/?p=123", "https://daily.example/?p=124"),
    ("https://daily.example/?p=1", "https://daily.example/"),
    ("https://daily.example/s.php?id=1", "https://daily.example/s.php?id=2"),
    ("https://daily.example/s.php?id=1", "https://daily.example/s.php"),
    *(
        (f"https://daily.example/view.php?{name}=1041", f"https://daily.example/view.php?{name}=1042")
        for name in ODD_ID_NAMES.split()
    ),
    *(
        (f"{STORY}?{first}", f"{STORY}?{second}")
        for first, second in (
            ("page=2", "page=3"),
            ("page=2", "page=1"),
            ("lang=de", "lang=fr"),
            ("lang=de", "hl=de"),
            ("ref=1041", "ref=1042"),
            ("cid=ab12", "cid=ab13"),
            ("uid=reader", "uid=editor"),
            ("mbid=0b1c2d3e-feed-4a5b-8c9d-0123456789ab", "mbid=0b1c2d3e-feed-4a5b-8c9d-0123456789ac"),
            ("ref=aX_fb-9Zq1", "ref=aX_fb-9Zq2"),
            ("source=dQwWgXcQ", "source=dQwWgXcR"),
            ("user_id=4", "user_id=5"),
            ("tag=rss", "tag=twitter"),
            ("format=rss", ""),
            ("action=history", ""),
            ("id=1&id=2", "id=2&id=1"),
            ("id=1&id=2", "id=2"),
            ("q=a%26b=1", "q=a&b=1"),
            ("q=1%2B1", "q=1+1"),
            ("v=AbC", "v=abc"),
            ("7", "8"),
        )
    ),
    ("https://daily.example/news?source=reuters", "https://daily.example/news?source=afp"),
    ("https://daily.example/news?page=2&source=reuters", "https://daily.example/news?page=2&source=afp"),
    ("https://daily.example/donate?campaign=harbour", "https://daily.example/donate?campaign=library"),
    ("https://daily.example/?s=rss", "https://daily.example/?s=twitter"),
    ("https://daily.example/?rss=1", "https://daily.example/"),
    ("https://daily.example/?feed=rss2", "https://daily.example/?feed=atom"),
    ("https://daily.example/editions?type=print", "https://daily.example/editions"),
    ("https://daily.example/viewtopic.php?sid=" + "ab" * 16, "https://daily.example/viewtopic.php?sid=" + "cd" * 16),
    ("https://daily.example/a.php?id=A", "https://daily.example/a.php?id=a"),
    ("https://daily.example/News/A", "https://daily.example/news/a"),
    ("https://daily.example/a%2Fb", "https://daily.example/a/b"),
    ("https://daily.example/a%3Fb", "https://daily.example/a?b"),
    ("https://daily.example/a;b=1", "https://daily.example/a;b=2"),
    ("https://daily.example/2023/11/05", "https://daily.example/2023/11/06"),
    ("https://daily.example/2023/11", "https://daily.example/amp/2023/12"),
    ("https://daily.example/tag/amp", "https://daily.example/tag"),
    ("https://daily.example/tag/print/", "https://daily.example/tag/"),
    ("https://daily.example/media/print", "https://daily.example/media"),
    ("https://daily.example/mobile/2023/", "https://daily.example/2023/"),
    ("https://daily.example/mobile/new-phone-tested", "https://daily.example/new-phone-tested"),
    ("https://daily.example/m/harbour", "https://daily.example/harbour"),
    ("https://daily.example/reviews/best-guitar-amp", "https://daily.example/reviews/best-guitar"),
    ("https://daily.example/law/the-small_print.html", "https://daily.example/law/the-small.html"),
    (f"{STORY}/page/2", STORY),
    (f"{STORY}/page/2", f"{STORY}/page/3"),
    (f"{STORY}/feed", STORY),
    (STORY, STORY + "4"),
    (STORY.replace("www.", "m.sport."), STORY.replace("www.", "m.news.")),
    (STORY.replace("www.", "de."), STORY.replace("www.", "fr.")),
    (STORY.replace("daily.example", "daily.example:8080"), STORY),
    ("https://m.blogspot.com/1", "https://www.blogspot.com/1"),
    ("https://one.blogspot.com/1", "https://two.blogspot.com/1"),
    ("https://m.com/a", "https://com/a"),
    ("https://www.gov.uk/a", "https://gov.uk/a"),
    ("http://10.0.0.1/a", "http://10.0.0.2/a"),
    ("http://www.localhost/a", "http://m.localhost/a"),
    ("https://daily.example/#!/story/1", "https://daily.example/#!/story/2"),
    ("https://daily.example/#!story?id=1", "https://daily.example/#!story?id=2"),
    ("https://daily.example/#/story/1", "https://daily.example/#/story/2"),
    ("https://www.google.com/url?url=https://daily.example/s?a=1&id=1", "https://www.google.com/url?url=https://daily.example/s?a=1&id=2"),
    ("https://other.example/url?q=https://daily.example/a", "https://daily.example/a"),
    ("https://www.reddit.com/submit?url=https://daily.example/a", "https://daily.example/a"),
    ("https://web.archive.org/web/2020/https://daily.example/a", "https://daily.example/a"),
    ("https://translate.google.com/translate?u=https://daily.example/a", "https://daily.example/a"),
    ("http://feedproxy.google.com/~r/daily/~3/AbCdE/", "http://feedproxy.google.com/~r/daily/~3/AbCdF/"),
    ("mailto:a@daily.example", "mailto:b@daily.example"),
    ("daily.example/a", "https://daily.example/a"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_d1_different_articles_keep_different_identities(first: str, second: str) -> None:
    assert identity(first) != identity(second)


def test_d1_groups_of_variants_do_not_run_into_each_other() -> None:
    groups = {kind: {identity(url) for url in urls if STORY not in urls} for kind, urls in SAME.items()}
    for (_, first), (_, second) in itertools.combinations(groups.items(), 2):
        assert first.isdisjoint(second)


@given(
    st.sampled_from([url for urls in SAME.values() for url in urls]),
    st.permutations(["id=7", "x=2", "utm_id=1", "a=b"]),
)
def test_d3_the_identity_depends_on_the_address_alone(url: str, parameters: list[str]) -> None:
    before = identity(url)
    identity("https://daily.example/a?" + "&".join(parameters))
    assert identity(url) == before
    assert identity("https://daily.example/a?" + "&".join(parameters)) == "daily.example/a?a=b&id=7&x=2"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://WWW.Daily.example:443/a", "www.daily.example"),
        ("http://daily.example:443/a", "daily.example:443"),
        ("http://[::1]:8000/", "[::1]:8000"),
        ("http://127.1:80", "127.0.0.1"),
        ("http://zürich.example./", "xn--zrich-kva.example"),
        ("ftp://daily.example/", ""),
        ("http://user@daily.example/", ""),
    ],
)
def test_the_politeness_key_is_the_host_with_an_unusual_port(url: str, expected: str) -> None:
    assert host(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://m.news.daily.co.uk:8080/a", "daily.co.uk"),
        ("https://a.blogspot.com/", "a.blogspot.com"),
        ("https://b.a.blogspot.com/", "a.blogspot.com"),
        ("https://someone.github.io/", "someone.github.io"),
        ("https://blogspot.com/", "blogspot.com"),
        ("https://co.uk/", "co.uk"),
        ("https://news.zürich.example/", "xn--zrich-kva.example"),
        ("https://www.食狮.公司.cn/", "xn--85x722f.xn--55qx5d.cn"),
        ("http://127.0.0.2:8000/", "127.0.0.2"),
        ("http://[::1]:8000/", "[::1]"),
        ("http://one.two.localhost:8000/", "one.two.localhost"),
        ("http://localhost/", "localhost"),
        ("http://intranet/", "intranet"),
        ("about:blank", ""),
    ],
)
def test_d2_a_site_is_what_one_owner_registered(url: str, expected: str) -> None:
    assert site(url) == expected


def test_d2_same_site_decides_whether_a_canonical_link_is_an_alias() -> None:
    assert same_site("https://www.daily.co.uk/a", "http://amp.daily.co.uk/b")
    assert not same_site("https://a.blogspot.com/", "https://b.blogspot.com/")
    assert not same_site("https://daily.co.uk/", "https://weekly.co.uk/")
    assert not same_site("http://127.0.0.1/", "http://127.0.0.2/")
    assert not same_site("about:blank", "about:blank")


@pytest.mark.parametrize(
    "url",
    [
        "https://daily.example/" + "%" * 16_000,
        "https://daily.example/" + "/." * 8_000,
        "https://daily.example/" + "amp-" * 4_000,
        "https://daily.example/" + "a_" * 8_000,
        "https://daily.example/" + "%E3%81" * 2_500,
        "https://daily.example/a?" + "&" * 16_000,
        "https://daily.example/a?ref=" + "aB" * 8_000,
        "https://daily.example/a?ref=" + "A" * 16_000,
        "https://daily.example/a?" + "id=1&" * 3_000,
        "https://daily.example/" + "(S(" * 5_000,
        "https://" + "[" * 16_000,
        " " * 10_000_000,
    ],
    ids=lambda url: repr(url[20:34]),
)
def test_a_hostile_address_costs_no_more_than_its_length(url: str) -> None:
    start = time.process_time()
    normalize(url)
    identity(url)
    assert time.process_time() - start < 0.5
