"""What strangers write stays text: in every field, on every page, for a parser and for a browser (S11, S12)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest
from browsing import browser, needs_browser, watched
from contract.scenes import (
    NOW,
    article,
    discovery,
    file_article,
    lease_pages,
    poll,
    source,
    subscribe,
)
from lxml import etree
from resiliparse.parse.html import DOMNode, HTMLTree, NodeType
from served import Served, served

from storage import SNIPPET_END, SNIPPET_START, Corpus, DuePage, open_corpus
from storage.web import safe

pytestmark = pytest.mark.xdist_group("hostile")
PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<img src=https://evil.example/p.png onload=alert(1)>",
    "<img srcset='https://evil.example/a 1x' alt=x>",
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<svg><script href=data:text/javascript,alert(1) /></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text y=9>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><p title='</textarea><img src=x onerror=alert(1)>'>",
    "<title><a title='</title><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<iframe src=javascript:alert(1)></iframe><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=data:text/html,x></object><embed src=https://evil.example/x>",
    "<a href=javascript:alert(1)>x</a><a href=' &#1; java&#9;script:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a><a href=vbscript:x>x</a>",
    "<a href='/articles/1'>looks like ours</a><a href='//evil.example/'>x</a><a href='?diff=1'>x</a>",
    "<a href='https://evil.example/' target=_top rel=opener ping=https://evil.example/>x</a>",
    "<base href=https://evil.example/><link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<style>@import 'https://evil.example/x.css';body{background:url(https://evil.example/)}</style>",
    "<p style='background:url(https://evil.example/)' class=skip id=content>styled</p>",
    "<form action=https://evil.example/><input name=q autofocus onfocus=alert(1)><button formaction=javascript:x>x",
    "<video poster=https://evil.example/p src=x onerror=alert(1)><source onerror=alert(1)></video><audio src=x>",
    "<details open ontoggle=alert(1)><summary>x</summary></details><marquee onstart=alert(1)>x</marquee>",
    "<input type=image src=https://evil.example/p><body background=https://evil.example/p onload=alert(1)>",
    "<x-el onclick=alert(1) tabindex=1 contenteditable>x</x-el><a id=keys></a><a name=getElementById></a>",
    "{{ 7*7 }}{% for x in y %}${7*7}<%= 7*7 %>",
    "</h1></article></main><h1>Another page</h1><!-- --!><script>alert(1)</script>-->",
    f"{SNIPPET_START}<script>alert(1)</script>{SNIPPET_END}{SNIPPET_END}{SNIPPET_START}<img src=x onerror=alert(1)>",
    "\u202egnp.exe\u2066\x00\x1b[31m\ud800",
    "]]></title><![CDATA[<script>alert(1)</script>",
    "a\x00b\x0bc\x1b[31m\x85\ufffe\uffff\u202e&#0;&#xD800; ]]>",
]
ARTICLES: list[int] = []
"""The numbers that they got."""
ACTIVE = frozenset(
    {"script", "style", "iframe", "frame", "object", "embed", "applet", "base", "template", "math", "marquee", "video"}
    | {"audio", "source", "track", "picture", "img", "image", "foreignobject", "animate", "set", "use", "portal"}
    | {"textarea", "select"}
)
OUR_SCHEMES = ("http://", "https://")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A corpus in which every article is one payload in every field, named by sources that are payloads too."""
    db = tmp_path_factory.mktemp("hostile") / "cuttings.db"
    with open_corpus(db, write=True, create=True) as corpus:
        names = [payload for payload in PAYLOADS if "\ud800" not in payload]
        subscribe(corpus, *(source(name, f"https://source{n}.example/feed") for n, name in enumerate(names)))
        for feed in corpus.lease_feeds(NOW, 100, 600.0):
            number = int(feed.url.split("source")[1].split(".")[0])
            poll(corpus, feed, discovery(f"{number}", host=f"paper{number}.example", title=names[number]))
        for page in lease_pages(corpus):
            file_hostile(corpus, page, names[int(page.key.rpartition("/")[2])])
        corpus.index(1000)
        ARTICLES.extend(found.id for found in corpus.articles())
    with served(db) as running:
        yield running


def file_hostile(corpus: Corpus, page: DuePage, payload: str) -> None:
    """The article of one payload, changed once so that there is a comparison."""
    cut = replace(
        article(payload, title=payload),
        html=payload,
        url=page.url,
        authors=(payload, "Ada"),
        published=NOW,
        language=payload,
        site=payload,
        tags=(payload,),
        section=payload,
        description=payload,
        image=f"javascript:{payload}",
        canonical=f"javascript:{payload}",
        licence=payload,
        provenance={"title": payload, payload: payload},
        runners_up={"title": ((payload, payload),)},
    )
    article_id = file_article(corpus, page, cut)
    with corpus.filing() as filing:
        filing.revise_article(article_id, replace(cut, text=payload * 2, content_hash="2"), [], NOW)


def pages_of(site: Served) -> list[str]:
    """Every kind of page, and every article."""
    articles = [f"/articles/{number}{diff}" for number in ARTICLES for diff in ("", "?diff=2")[: 1 + (number % 3 == 0)]]
    asked = [f"/?q={quote(payload, errors='replace')}" for payload in PAYLOADS[::2]]
    sources = [f"/sources/{quote(payload, safe='', errors='replace')}" for payload in PAYLOADS[1::3]]
    return ["/", "/?sort=oldest", "/stories", "/sources", "/trends", "/help", *articles, *asked, *sources]


def test_s11_no_page_holds_an_active_node_and_links_lead_to_the_web_alone(site: Served) -> None:
    for path in pages_of(site):
        answer = site.get(path)
        assert answer.status_code in (200, 400, 404), (path, answer.status_code)
        for node in nodes(answer.text):
            check(node, path)


@pytest.mark.parametrize("ending", ["atom", "rss", "json"])
def test_s11_no_feed_holds_an_active_node_and_links_lead_to_the_web_alone(site: Served, ending: str) -> None:
    sources = [f"sources/{quote(payload, safe='', errors='replace')}" for payload in PAYLOADS]
    tags = [f"tags/{quote(payload, safe='', errors='replace')}" for payload in PAYLOADS]
    stories = [f"stories/{number}" for number in ARTICLES]
    for path in ("search", *sources, *tags, *stories):
        answer = site.get(f"/feeds/{path}.{ending}")
        assert answer.status_code in (200, 404), (path, answer.status_code)
        if answer.status_code == 404:
            continue
        addresses, texts = strict(answer.content, ending)
        assert all(address.startswith(OUR_SCHEMES) for address in addresses), (path, addresses)
        for text in texts:
            for node in nodes(f"<!doctype html><title></title><body>{text}"):
                check(node, path)
    assert len(texts) == 1
    assert len(strict(site.get(f"/feeds/search.{ending}").content, ending)[1]) == len(ARTICLES)
    etree.fromstring(site.get("/feeds/all.opml").content)


def strict(answer: bytes, ending: str) -> tuple[list[str], list[str]]:
    """The addresses and the texts of a feed, for a reader that lets no fault pass."""
    if ending == "json":
        feed = json.loads(answer.decode())
        named = [feed["home_page_url"], feed["feed_url"], *(item["url"] for item in feed["items"] if "url" in item)]
        return named, [item["content_html"] for item in feed["items"]]
    root = etree.fromstring(answer, etree.XMLParser(resolve_entities=False, no_network=True))
    linked = [str(each) for each in root.xpath("//@href | //channel//link[text()]/text() | //source/@url")]
    return linked, [each.text for each in root.iter("{*}content", "{*}encoded")]


def nodes(markup: str) -> Iterator[DOMNode]:
    """Every element, as a parser that follows the HTML standard finds it."""
    for node in HTMLTree.parse(markup).document:
        if node.type == NodeType.ELEMENT:
            yield node


def check(node: DOMNode, path: str) -> None:
    """That this element is one of ours or harmless."""
    at = {name.lower(): node.getattr(name) or "" for name in node.attrs}
    told = f"{path}: <{node.tag} {at}>"
    if node.tag == "script":
        assert at["src"].startswith("/static/"), told
        assert (set(at), node.text) == ({"type", "src"}, ""), told
        return
    assert node.tag.lower() not in ACTIVE, told
    assert not [name for name in at if name.startswith("on") or name in ("style", "srcdoc", "formaction", "ping")], told
    assert not {"http-equiv", "target"} & set(at), told
    for name in {"href", "xlink:href", "action", "src"} & set(at):
        allowed = (*OUR_SCHEMES, "/", "#", "?") if node.tag == "a" else ("/",)
        assert at[name].startswith(allowed), told
        assert not at[name].startswith("//"), told
    if node.tag == "a" and at.get("href", "").startswith(OUR_SCHEMES):
        assert set(at["rel"].split()) >= {"noopener", "noreferrer", "nofollow"}, told


@pytest.mark.parametrize("payload", PAYLOADS)
def test_s11_the_html_of_an_article_holds_only_text_and_links_to_other_sites(payload: str) -> None:
    made = str(safe.article_html(payload * 2))
    for node in nodes(f"<!doctype html><title></title><body>{made}"):
        check(node, payload)
        assert node.tag in ("html", "head", "title", "body") or set(node.attrs) <= {"href", "rel", "class", "dir"}
        assert (node.getattr("href") or "https://").startswith(OUR_SCHEMES)
        assert node.getattr("class") in (None, "picture")
    assert "\u202e" not in made


@pytest.mark.parametrize(
    "url",
    [
        "javascript:x",
        "//evil.example/",
        "/articles/1",
        "https://",
        "http:// a",
        "https://a\nb",
        "data:,",
        'https://a/"x',
        "",
    ],
)
def test_s11_only_addresses_of_the_web_become_links(url: str) -> None:
    assert safe.href(url) is None


def test_s12_headers_that_protect_are_on_every_page_errors_included(site: Served) -> None:
    for path in ("/", "/articles/1", "/articles/99999", "/stories/1", "/?q=since:x", "/sources/nobody", "/help", "/x"):
        headers = site.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        assert "unsafe" not in headers["content-security-policy"], path
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY"), path


class TestInABrowser:
    """The same pages, run by a browser."""

    pytestmark = needs_browser

    def test_s11_s12_nothing_runs_and_nobody_else_is_asked(self, site: Served) -> None:
        paths = [path for path in pages_of(site) if path.startswith("/articles") and "diff" not in path]
        asked = [f"/?q={quote(payload, errors='replace')}" for payload in PAYLOADS[:6]]
        with browser() as running, watched(running, site.address) as (page, troubles):
            for path in ["/", "/?sort=oldest", "/sources", f"{paths[0]}?diff=2", *paths, *asked]:
                page.goto(path, wait_until="load")
                assert [one for one in troubles if "status of 400" not in one] == [], path
                assert page.title().endswith("· Cuttings"), path


def test_hostile_paths_and_parameters_get_a_page_and_no_trouble(site: Served) -> None:
    for path in (
        *("/articles/0", "/articles/-1", f"/articles/{10**30}", "/articles/1?diff=9999999999", "/articles/1?diff=2:1"),
        *("/stories/0", f"/stories/{10**30}", "/stories/1?after=-1", "/stories?after=99999999999", "/stories?sort=x"),
        *(
            "/?after=%00",
            "/?after=x&sort=x&one_per_story=x",
            "/?q=%ff%fe",
            "/?sort=%3Cscript%3E",
            "/sources/%2e%2e%2fetc",
        ),
        *("/theme?back=//evil.example/&colours=dark", "/theme?back=https://evil.example/", "/theme?back=%5C%5Cevil"),
    ):
        answer = site.get(path)
        assert answer.status_code < 500, (path, answer.status_code)
        assert answer.headers.get("location", "/") == "/", path
