"""`cuttings try`: what became of every block of a page and why, and selectors that hold on the page itself."""

from __future__ import annotations

import json
import os
import pickle
import pty
import re
import struct
import subprocess
import sys
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

import pytest
from localweb import LocalWeb
from lxml import html as lxml_html
from newsroom import BIN, Newsroom

from crawler.extract import Article, choosing, extract, rules
from crawler.extract.explained import Explained, explain
from crawler.extract.selectors import is_stable
from crawler.extract.words import fold
from crawler.sample import newspaper
from crawler.sample.pages import article_page, section_page
from crawler.subscriptions import load
from crawler.trying import known_of
from crawler.yaml_nodes import read_yaml
from storage import SiteMemory, open_corpus

ROOT = Path(__file__).resolve().parent.parent
PAPER = newspaper()
SAMPLES = {sample.key: sample for sample in PAPER.samples}
PORT = 8000
LIBYA, PANS = "harbour-courier/libya-retreat", "meridian-gazette/salt-pans"
CURRENT, ORGAN = "meridian-gazette/deep-current", "northern-ledger/organ"


def sample_page(key: str) -> str:
    return article_page(PAPER, SAMPLES[key], PORT)


def story(body: str, head: str = "") -> str:
    return (
        f"<!doctype html><html lang=en><head><title>Rain at last | Post</title>{head}</head><body>"
        f"<header><nav><a href=/>Home</a> <a href=/world>World</a></nav></header>{body}"
        "<footer><p>© 2026 The Post</p></footer></body></html>"
    )


RAIN = (
    "It rained in Port Alder all night, and nobody in the lower town minded very much, for the wells had been low since"
    " March and the gardens were grey with dust.",
    "By morning the gutters of Quay Street had overflowed, and the fire brigade pumped out eleven cellars before noon,"
    " without a single complaint being heard.",
    "The harbour master measured forty millimetres in his brass gauge, the most since the spring of 1987, and wrote the"
    " figure into his book with a flourish.",
)
PARAGRAPHS = "".join(f"<p>{text}</p>" for text in RAIN)


def save(newsroom: Newsroom, page: str, name: str = "page.html") -> str:
    (newsroom.folder / name).write_text(page, encoding="utf-8")
    return name


# --- the explanation itself


@pytest.mark.parametrize("key", [LIBYA, PANS, CURRENT, ORGAN, "quotidien-des-iles/phare", "plainfield-post/flood-wall"])
def test_every_block_of_a_page_has_a_verdict_and_the_kept_ones_are_the_article(key: str) -> None:
    explained = explain(sample_page(key), SAMPLES[key].url(PORT))
    assert isinstance(explained.result, Article)
    assert explained.result == extract(sample_page(key), SAMPLES[key].url(PORT))
    kept = fold(" ".join(block.text for block in explained.blocks if block.kept))
    assert kept == fold(explained.result.text)
    assert all(rules.in_words(block.rule) != block.rule for block in explained.blocks)


@pytest.mark.parametrize("sample", PAPER.samples, ids=lambda sample: sample.key)
def test_suggested_selectors_hold_on_the_page_and_give_its_article(sample: object) -> None:
    page, url = article_page(PAPER, sample, PORT), sample.url(PORT)  # type: ignore[arg-type, attr-defined]
    explained = explain(page, url)
    assert explained.advice is not None
    advice = explained.advice
    chosen = lxml_html.document_fromstring(page).cssselect(advice.content)
    assert len(chosen) == 1
    assert (advice.found, advice.left) == (advice.kept, 0)
    selected = extract(page, url, content=advice.content, strip=advice.strip)
    assert isinstance(selected, Article)
    assert isinstance(explained.result, Article)
    assert fold(selected.text) == fold(explained.result.text)


def test_a_selector_of_a_block_takes_it_and_leaves_the_rest_of_the_article() -> None:
    page = story(
        f'<main><h1>Rain at last</h1>{PARAGRAPHS}<p class="house-note">{RAIN[0][:60]} and so it was.</p></main>'
    )
    explained = explain(page)
    note = next(block for block in explained.blocks if "so it was" in block.text)
    assert (note.kept, note.selector) == (True, "p.house-note")
    assert isinstance(without := extract(page, strip=["p.house-note"]), Article)
    assert [text in without.text for text in (*RAIN, "so it was")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('id="story" class="css-1x2y3z"', "#story"),
        ('id="post-4711" class="post-4711 story-text"', "div.story-text"),
        ('class="css-1x2y3z sc-bdVaJa" itemprop="articleBody"', "[itemprop=articleBody]"),
        ('class="css-1x2y3z" data-testid="article-body"', "[data-testid=article-body]"),
        ('class="mt-4 md:flex is-open"', "main"),
        ('id="rain-at-last" class="text"', "div.text"),
    ],
)
def test_what_a_person_named_is_suggested_and_what_a_machine_named_is_not(attributes: str, expected: str) -> None:
    explained = explain(story(f"<main><h1>Rain at last</h1><div {attributes}>{PARAGRAPHS}</div></main>"))
    assert explained.advice is not None
    assert explained.advice.content == expected


@pytest.mark.parametrize("name", ["story", "story-body", "articleText", "entry_content", "h2-title", "x5", "texte"])
def test_names_that_last(name: str) -> None:
    assert is_stable(name)


@pytest.mark.parametrize(
    "name",
    [
        "post-4711",
        "css-1x2y3z",
        "sc-bdVaJa",
        "bdVaJa",
        "Story_body__x7Y2q",
        "jsx-123",
        "mt-4",
        "md:flex",
        "is-open",
        "a",
    ],
)
def test_names_that_do_not_last(name: str) -> None:
    assert not is_stable(name)


def test_x9_the_selectors_of_a_source_are_told_as_what_decided() -> None:
    page = story(f'<div id="a"><h1>Rain at last</h1>{PARAGRAPHS}<div class="box"><p>{RAIN[0]}</p></div></div>')
    stripped = explain(page, strip=[".box"])
    assert [block.rule for block in stripped.blocks if block.text == RAIN[0]] == ["both extractors", "strip"]
    chosen = explain(page, content=".box")
    assert [block.rule for block in chosen.blocks if block.text == RAIN[0]] == ["outside content", "content"]


def test_x9_content_is_the_text_without_the_headline_and_the_menus_inside_it() -> None:
    body = (
        f'<article class="story"><nav>Home, World</nav><h1>Rain at last</h1><p>By Ada Fenn, in the lower town.</p>'
        f"{PARAGRAPHS}<button>Share</button><aside><p>{RAIN[0][:80]} elsewhere.</p></aside></article>"
    )
    explained = explain(story(body), content=".story")
    assert isinstance(explained.result, Article)
    assert explained.result.text.split("\n\n") == ["By Ada Fenn, in the lower town.", *RAIN]
    assert explained.result.provenance["text"].startswith("content; ")
    inside = [block.rule for block in explained.blocks if block.rule not in ("content", "outside content")]
    assert inside == ["aside in content", "headline", "aside in content", "aside in content"]
    aside = explain(story(body), content="aside")
    assert [block.text for block in aside.blocks if block.kept] == [f"{RAIN[0][:80]} elsewhere."]


def test_what_a_selector_takes_out_of_a_text_leaves_every_other_block_its_verdict() -> None:
    marked = f'<p>{RAIN[0]}<span class="ad"> Buy boots. <b>Now!</b></span></p>'
    page = story(f'<main><h1>Rain at last</h1><div><span class="ad">Boots!</span></div>{marked}{PARAGRAPHS}</main>')
    explained = explain(page, strip=[".ad"])
    assert isinstance(explained.result, Article)
    assert "boots" not in explained.result.text.casefold()
    by_text = {block.text: block.rule for block in explained.blocks}
    assert by_text["Boots!"] == "strip"
    assert by_text[f"{RAIN[0]} Buy boots. Now!"] in ("both extractors", "block model")
    assert explained.result.provenance["text"].startswith(f"{by_text[RAIN[2]]}; ")
    assert explained.advice is not None
    assert ".ad" in explained.advice.strip


def test_x8_a_page_that_is_refused_is_explained_too() -> None:
    site = PAPER.sites[0]
    explained = explain(section_page(PAPER, site, site.sections[0], PORT))
    assert not isinstance(explained.result, Article)
    assert explained.result.detail
    assert explained.blocks
    assert not any(block.kept for block in explained.blocks)
    assert explained.advice is None


@pytest.mark.parametrize(
    "page", ["", " ", "<", "<html>", "<p>" * 5000, "<div>" * 3000 + "x", b"\xff\xfe\x00", "<table><tr>"]
)
def test_broken_pages_are_explained_without_raising(page: str | bytes) -> None:
    assert isinstance(explain(page), Explained)


def test_an_explanation_leaves_the_box_as_plain_values() -> None:
    explained = explain(sample_page(PANS), SAMPLES[PANS].url(PORT))
    assert pickle.loads(pickle.dumps(explained)) == explained


RULE = re.compile(r"\.drop\((?:[^()\"]|\([^()]*\))*f?\"([^\"{]+?)(?: on \{[^\"]*)?\"\)")


def test_every_rule_that_drops_a_block_has_its_words_and_stands_in_the_docs() -> None:
    sources = (ROOT / "crawler/extract").glob("*.py")
    used = {rule for path in sources for rule in RULE.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 12, "the pattern finds too little"
    assert used <= {*rules.RULES, *rules.OTHERS}, used - {*rules.RULES, *rules.OTHERS}
    judges = {choosing.BOTH, choosing.MODEL, choosing.SIBLING, choosing.TRAFILATURA}
    assert judges == rules.JUDGES.keys()
    told = (ROOT / "docs/explanation/from-page-to-article.md").read_text(encoding="utf-8")
    for name, words in {**rules.RULES, **rules.JUDGES, **rules.OTHERS}.items():
        assert f"| `{name}` | {words} |" in told, name


# --- the command


def test_a_file_is_shown_block_by_block_with_fields_and_selectors(newsroom: Newsroom) -> None:
    said = newsroom.ok("try", save(newsroom, sample_page(LIBYA)))
    assert "authors      Tessa Marlowe  (meta)" in re.sub(r"\)\s*$", ")", said, flags=re.M).replace(
        " (meta)", "  (meta)"
    )
    assert "8 kept, 62 dropped" in said
    assert re.search(r"^- before the headline +Skip to content$", said, re.M)
    assert re.search(r"^\+ block model +Russian fighters who", said, re.M)
    assert "    content: div.entry-content\n" in said
    assert not (newsroom.folder / "cuttings.db").exists()


def test_a_page_that_is_no_article_gives_its_measure_and_status_1(newsroom: Newsroom) -> None:
    site = PAPER.sites[0]
    done = newsroom.run("try", save(newsroom, section_page(PAPER, site, site.sections[0], PORT)))
    assert done.returncode == 1
    assert re.search(r"outcome +not_an_article: section page: \d+", done.stdout)


def test_json_has_blocks_fields_outcome_and_suggestion(newsroom: Newsroom) -> None:
    document = newsroom.json("try", save(newsroom, sample_page(PANS)), "--url", SAMPLES[PANS].url(PORT))
    assert document["url"] == SAMPLES[PANS].url(PORT)
    assert document["outcome"] == {"article": True, "reason": None, "detail": None}
    assert document["fields"]["authors"] == {"value": ["Petra Hollis"], "from": "json-ld", "runners_up": []}
    assert document["suggestion"]["content"] == "article"
    assert {"kept", "rule", "why", "tag", "words", "text", "path", "selector"} == set(document["blocks"][0])
    assert document["changes"] is None


def test_tried_selectors_show_what_they_change(newsroom: Newsroom) -> None:
    name = save(
        newsroom, story(f'<main><h1>Rain at last</h1>{PARAGRAPHS}<p class="note">{RAIN[0][:70]} too.</p></main>')
    )
    document = newsroom.json("try", name, "--strip", "p.note", "--strip", ".absent")
    assert document["changes"] == [{"gained": False, "text": f"{RAIN[0][:70]} too."}]
    assert document["selectors"] == {"content": None, "strip": ["p.note", ".absent"]}
    said = newsroom.ok("try", name, "--content", "p.note")
    assert re.search(r"What these selectors change\n(  - .*\n|    .*\n)+", said)
    assert "content  p.note" in said


def test_the_suggestion_is_yaml_that_a_source_takes(newsroom: Newsroom) -> None:
    said = newsroom.ok("try", save(newsroom, sample_page(CURRENT)))
    lines = re.findall(r"^    ((?:content|strip): .*)$", said, re.M)
    assert len(lines) == 2
    assert read_yaml("\n".join(lines).encode()) is not None
    source = f"sources:\n  - feed: https://a.example/\n    name: A\n    {lines[0]}\n    {lines[1]}\n"
    (newsroom.folder / "feeds.yaml").write_text(source, encoding="utf-8")
    document = newsroom.json("try", "page.html", "--source", "a")
    assert document["source"] == "A"
    assert document["selectors"]["content"] == "article"
    assert {block["rule"] for block in document["blocks"] if block["kept"]} == {"content"}


def test_a_page_of_a_crawled_source_comes_with_its_settings_and_its_entry(newsroom: Newsroom, web: LocalWeb) -> None:
    site = web.site("paper.localhost")
    url = site.page("/rain", story(f'<main><h1>Rain at last</h1>{PARAGRAPHS}<p class="note">{RAIN[0]}</p></main>'))
    item = f"<item><title>Rain, says the feed</title><link>{url}</link></item>"
    feed = site.page("/feed", f'<rss version="2.0"><channel>{item}</channel></rss>', content_type="application/rss+xml")
    newsroom.subscribe({"feed": feed, "name": "Paper", "strip": [".note"], "headers": {"X-Key": "k1"}})
    newsroom.ok("crawl")
    document = newsroom.json("try", url)
    assert document["source"] == "Paper"
    assert document["entry"]["title"] == "Rain, says the feed"
    assert document["selectors"]["strip"] == [".note"]
    assert [block["rule"] for block in document["blocks"] if block["text"] == RAIN[0]] == ["both extractors", "strip"]
    assert ("X-Key", "k1") in site.requests("/rain")[-1].headers


def test_an_address_is_fetched_politely_or_not_at_all(newsroom: Newsroom, web: LocalWeb) -> None:
    site = web.site("paper.localhost")
    url = site.page("/rain", story(f"<main><h1>Rain at last</h1>{PARAGRAPHS}</main>"))
    assert "private" in newsroom.refused("try", url, status=1) or "network.allow" in newsroom.refused(
        "try", url, status=1
    )
    newsroom.subscribe()
    site.robots("User-agent: *\nDisallow: /rain\n")
    assert "robots.txt" in newsroom.refused("try", url, status=1)
    assert not site.requests("/rain")
    assert "HTTP 404" in newsroom.refused("try", site.url("/nothing"), status=1)


def test_a_page_that_refreshes_is_followed(newsroom: Newsroom, web: LocalWeb) -> None:
    site = web.site("paper.localhost")
    site.page("/rain", story(f"<main><h1>Rain at last</h1>{PARAGRAPHS}</main>"))
    moved = '<html><head><meta http-equiv="refresh" content="0; url=/rain"></head><body></body></html>'
    newsroom.subscribe()
    assert newsroom.json("try", site.page("/go", moved))["url"] == site.url("/rain")
    said = newsroom.refused("try", save(newsroom, moved), "--url", site.url("/go"), status=1)
    assert site.url("/rain") in said


def test_the_standard_input_is_read(newsroom: Newsroom) -> None:
    done = subprocess.run(
        [str(BIN / "cuttings"), "try", "-", "--json"],
        input=sample_page(LIBYA).encode(),
        cwd=newsroom.folder,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["outcome"]["article"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["missing.html"], 1, "missing.html: cannot be read"),
        (["folder/missing.html"], 1, "cannot be read"),
        (["page.html", "--strip", "p["], 2, "is not a CSS selector"),
        (["page.html", "--content", ""], 2, "is not a CSS selector"),
        (["page.html", "--source", "Nobody"], 1, "no source is called 'Nobody'"),
        (["https://a.example/", "--url", "https://b.example/"], 2, "--url"),
        (["ftp://a.example/page"], 2, ""),
    ],
)
def test_what_cannot_be_tried_is_said_in_one_line(
    newsroom: Newsroom, arguments: list[str], status: int, words: str
) -> None:
    save(newsroom, sample_page(LIBYA))
    assert words in newsroom.refused("try", *arguments, status=status)


def test_what_is_known_of_a_page_is_its_source_and_what_its_host_repeats(newsroom: Newsroom) -> None:
    newsroom.subscribe(
        {"feed": "https://news.paper.example/feed", "name": "News"},
        {"feed": "https://sport.paper.example/feed", "name": "Sport"},
    )
    config = load(newsroom.folder / "feeds.yaml")
    asked = []

    def recall(corpus: object, host: str) -> SiteMemory:
        asked.append(host)
        return SiteMemory(3, {1: 3})

    def name_of(url: str, name: str | None = None) -> str | None:
        source = known_of(config, url, name, None, recall).source
        return source.source.name if source else None

    assert name_of("https://sport.paper.example/1") == "Sport"
    assert name_of("https://www.paper.example/1") == "News"
    assert name_of("https://other.example/1") is None
    assert name_of("https://other.example/1", "sport") == "Sport"
    assert name_of("") is None
    assert not asked
    with open_corpus(newsroom.db, write=True) as corpus:
        known = known_of(config, "https://sport.paper.example/1", None, corpus, recall)
    assert asked == ["sport.paper.example"]
    assert known.memory == SiteMemory(3, {1: 3})


def test_the_sample_newspaper_gives_its_pages(newsroom: Newsroom) -> None:
    run = [sys.executable, "-m", "crawler.sample"]
    listed = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert listed == list(SAMPLES)
    page = subprocess.run([*run, ORGAN], capture_output=True, check=True).stdout
    assert page.decode("iso-8859-1").startswith("<")
    wrong = subprocess.run([*run, "no/such"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (2, "")


# --- hostile pages

EVIL = story(
    f"<main><h1>Rain at last</h1>{PARAGRAPHS}<p>Forty &lt;script&gt;alert(1)&lt;/script&gt; &#27;[31m metres\u202e of"
    " rain fell on the \x9b2J town, it was said, and [bold]nobody[/bold] minded.</p>"
    '<div class="box&quot;&gt;&lt;script&gt;" id="x&#27;y">Box</div><script>alert(2)</script>'
    '<p><img src="https://evil.example/x.png" onerror="alert(3)"> <a href="https://evil.example/">A picture of the'
    " flooded street was taken in the early morning hours.</a> It rained on all who stood there.</p></main>"
)


def test_hostile_text_reaches_neither_the_terminal_nor_the_report(newsroom: Newsroom) -> None:
    name = save(newsroom, EVIL)
    said = newsroom.ok("try", name, "--html", "report.html")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", said)
    report = (newsroom.folder / "report.html").read_text(encoding="utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", report)
    tree = lxml_html.document_fromstring(report)
    assert not tree.xpath("//script|//img|//iframe|//object|//link|//*[@src]|//a")
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "alert(1)" in tree.text_content()
    assert all(text in tree.xpath("//section[2]")[0].text_content() for text in RAIN)


def test_the_report_says_of_every_block_what_became_of_it(newsroom: Newsroom) -> None:
    newsroom.ok("try", save(newsroom, sample_page(PANS)), "--strip", "h2", "--html", "report.html")
    tree = lxml_html.parse(str(newsroom.folder / "report.html")).getroot()
    blocks = tree.xpath("//ol[@class='blocks']/li")
    assert len(blocks) == 53
    assert all(block.xpath(".//summary/@title") for block in blocks)
    assert "dropped: strip" in blocks[20].text_content() or "dropped: strip" in tree.text_content()
    assert "Counting at dawn" in tree.xpath("//div[@class='changes']")[0].text_content()
    assert "content: article" in tree.xpath("//pre")[0].text_content()
    assert "The rules in words" in tree.text_content()


def on_terminal(newsroom: Newsroom, columns: int, *arguments: str) -> str:
    """What a person with a terminal of that width sees."""
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
    running = subprocess.Popen(
        [str(BIN / "cuttings"), *arguments],
        cwd=newsroom.folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environment, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(ours)
    assert running.wait(timeout=60) == 0, seen
    return re.sub(r"\x1b\[[0-9;]*m", "", seen.decode()).replace("\r\n", "\n")


def test_a_wide_terminal_has_the_article_beside_the_page(newsroom: Newsroom) -> None:
    seen = on_terminal(newsroom, 150, "try", save(newsroom, sample_page(PANS)))
    assert re.search(r"^why +page +article *$", seen, re.M)
    assert re.search(r"^\+ block model +Counting at dawn +Counting at dawn *$", seen, re.M)
    assert re.search(r"^- headline +The salt pans are coming back, and so are the birds *$", seen, re.M)


def test_hostile_text_is_no_markup_on_a_wide_terminal(newsroom: Newsroom) -> None:
    seen = on_terminal(newsroom, 200, "try", save(newsroom, EVIL))
    assert seen.count("[bold]nobody[/bold]") == 2
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", seen)


def test_a_narrow_terminal_has_one_column_and_no_long_line(newsroom: Newsroom) -> None:
    seen = on_terminal(newsroom, 60, "try", save(newsroom, sample_page(ORGAN)))
    body = seen.partition("The page, block by block")[2].partition("Selectors for")[0]
    assert body.count("\n") > 20
    assert max(map(len, body.splitlines())) <= 60
    assert "article" not in body.splitlines()[1]


def test_verbose_shows_every_block(newsroom: Newsroom) -> None:
    name = save(newsroom, sample_page(LIBYA))
    assert "... and 44 more" in newsroom.ok("try", name)
    assert "Save my name, email" in newsroom.ok("-v", "try", name)


def test_a_selector_that_matches_nothing_is_told(newsroom: Newsroom, web: LocalWeb) -> None:
    site = web.site("paper.localhost")
    url = site.page("/rain", story(f"<article><h1>Rain at last</h1>{PARAGRAPHS}</article>"))
    item = f"<item><title>Rain at last</title><link>{url}</link></item>"
    feed = site.page("/feed", f'<rss version="2.0"><channel>{item}</channel></rss>', content_type="application/rss+xml")
    newsroom.subscribe({"feed": feed, "name": "Rain", "content": ".nowhere", "strip": [".neither", "footer"]})
    newsroom.ok("crawl")
    assert newsroom.json("explain", url)["outcome"]["detail"].startswith("`content` matches nothing")
    shown = newsroom.ok("try", url)
    assert ".nowhere matches nothing on this page" in shown
    assert ".neither matches nothing on this page" in shown
    assert newsroom.json("try", url)["unmatched"] == [".nowhere", ".neither"]
