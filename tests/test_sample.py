"""The sample newspaper: what it prints is what it says it prints, and its server keeps the rules of HTTP."""

import collections
import dataclasses
import gzip
import http.client
import importlib.resources
import io
import json
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import feedparser
import lxml.etree
import lxml.html
import pytest
from ruamel.yaml import YAML

from crawler.sample import Newspaper, Sample, Site, chrome, feeds_yaml, leaked, lost, newspaper, serve
from crawler.sample.manuscript import parse_manuscript
from crawler.sample.proof import fold, furniture

PAPER = newspaper()
SAMPLES = [pytest.param(sample, id=sample.key) for sample in PAPER.samples]
SITES = [pytest.param(site, id=site.key) for site in PAPER.sites]


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serve(PAPER) as bound:
        yield bound


def get(port: int, host: str, path: str, method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers={"Host": f"{host}:{port}", **fields})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def page_text(answer: Answer) -> str:
    """The body as a browser decodes it: charset of the header first, then of the page."""
    declared = answer.headers.get_content_charset()
    if declared is None:
        found = re.search(rb"charset=([\w-]+)", answer.body[:1024])
        assert found is not None
        declared = found.group(1).decode()
    return answer.body.decode(declared)


def visible(page: str) -> str:
    """Every string of a page and of its form fields, white space folded."""
    tree = lxml.html.document_fromstring(page)
    lxml.etree.strip_elements(tree, "head", "script", "style", with_tail=False)
    fields = [field.get(name, "") for field in tree.iter("input") for name in ("placeholder", "value")]
    return " ".join(" ".join([*tree.itertext(), *fields]).split())


def unspaced(text: str) -> str:
    return re.sub(r"\s+", "", text)


def entry_links(site: Site, body: bytes) -> list[tuple[str, str]]:
    """(title, link) of every entry of a feed."""
    if site.feed_kind == "json":
        return [(item["title"], item["url"]) for item in json.loads(body)["items"]]
    parsed = feedparser.parse(io.BytesIO(body))
    assert not parsed.bozo
    return [(entry.title, entry.link) for entry in parsed.entries]


def bare(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]


def test_newspaper_has_about_thirty_articles_on_five_sites() -> None:
    counts = collections.Counter(sample.site.host for sample in PAPER.samples)
    assert len(counts) == 5
    assert 24 <= counts.total() <= 30
    assert {sample.language for sample in PAPER.samples} == {"en", "fr", "ja", "zh", "th", "ar"}
    assert len({sample.url(80) for sample in PAPER.samples}) == counts.total()
    assert {site.feed_kind for site in PAPER.sites} == {"rss", "atom", "json", "rdf"}


def test_newspaper_has_very_short_and_long_articles_on_every_english_theme() -> None:
    lengths = collections.defaultdict(set)
    for sample in PAPER.samples:
        lengths[sample.site.theme].add(sample.kinds.count("paragraph"))
    for theme in ("classic", "soup"):
        assert {1, 2, 5} <= lengths[theme]
        assert max(lengths[theme]) >= 8
    assert min(lengths["tables"]) == min(lengths["modern"]) == 1


def test_newspaper_carries_every_kind_of_text() -> None:
    kinds = {kind for sample in PAPER.samples for kind in sample.kinds}
    assert kinds == {"paragraph", "heading", "quote", "item", "cell", "caption"}


def test_the_libya_report_is_there_under_its_exact_title() -> None:
    report = next(sample for sample in PAPER.samples if sample.key == "harbour-courier/libya-retreat")
    assert report.title == "Russia's fighters retreat from Western Libya as Haftar counts losses"
    assert report.published == datetime(2020, 5, 25, 14, 20, tzinfo=UTC)
    assert len(report.paragraphs) == 8


def test_wire_copy_is_one_text_under_two_titles() -> None:
    first, second = (s for s in PAPER.samples if s.story == "harbour-courier/ferry-timetable")
    assert first.paragraphs == second.paragraphs
    assert first.title != second.title
    assert first.site != second.site


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_article_is_served_with_all_its_strings_in_order(sample: Sample, port: int) -> None:
    answer = get(port, sample.site.host, sample.path)
    assert answer.status == 200
    assert answer.headers.get_content_type() == "text/html"
    assert 20_000 <= len(answer.body) <= 60_000
    text = visible(page_text(answer))
    assert sample.title in text
    assert lost(sample, text) == ()
    assert all(author in text for author in sample.authors)


@pytest.mark.parametrize("sample", SAMPLES)
def test_chrome_is_on_the_page_and_not_in_the_article(sample: Sample, port: int) -> None:
    """X1: what a clean text must not hold is known for every page."""
    strings = chrome(sample.site, sample)
    text = unspaced(visible(page_text(get(port, sample.site.host, sample.path))))
    assert [string for string in strings if unspaced(string) not in text] == []
    own = " ".join((sample.title, *sample.paragraphs))
    assert [string for string in strings if string in own] == []
    assert len(strings) > 15


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_string_of_a_page_is_the_articles_or_known_as_furniture(sample: Sample, port: int) -> None:
    """X1: nothing on a page escapes the account."""
    tree = lxml.html.document_fromstring(page_text(get(port, sample.site.host, sample.path)))
    lxml.etree.strip_elements(tree, "head", "script", "style", lxml.etree.Comment, with_tail=False)
    nodes = {fold(node) for node in tree.itertext() if any(map(str.isalnum, node))}
    own = "\n".join((sample.title, sample.summary, *sample.paragraphs))
    assert [node for node in nodes - set(furniture(sample)) if node not in own] == []


@pytest.mark.parametrize("theme", ["classic", "soup"])
def test_comment_form_share_counter_and_newsletter_are_named_as_chrome(theme: str) -> None:
    """X1: the form that readers of such pages know by heart."""
    sample = next(s for s in PAPER.samples if s.site.theme == theme and len(s.comments) >= 2)
    page = "\n".join(("0", "Name *", "Email *", "Website", *chrome(sample.site, sample)))
    found = leaked(sample, page)
    for string in (
        "0",
        "Leave a Reply",
        "Your email address will not be published. Required fields are marked *",
        "Name *",
        "Email *",
        "Website",
        "Save my name, email, and website in this browser for the next time I comment.",
        sample.comments[0].text,
        sample.comments[1].name,
    ):
        assert string in found


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_perfect_cut_leaks_and_loses_nothing(sample: Sample) -> None:
    perfect = "\n\n".join(sample.paragraphs)
    assert leaked(sample, perfect) == ()
    assert lost(sample, perfect) == ()


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_spoilt_cut_is_noticed(sample: Sample) -> None:
    assert lost(sample, "\n\n".join(sample.paragraphs[1:])) == sample.paragraphs[:1]
    string = chrome(sample.site, sample)[0]
    assert string in leaked(sample, "\n\n".join((*sample.paragraphs, string)))


@pytest.mark.parametrize("sample", SAMPLES)
def test_title_and_standfirst_may_stand_in_a_cut_text_or_not(sample: Sample) -> None:
    assert leaked(sample, "\n\n".join((sample.title, sample.summary, *sample.paragraphs))) == ()


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.values[0].site.theme == "modern"])
def test_standfirst_is_not_the_first_paragraph_again(sample: Sample) -> None:
    assert sample.summary not in sample.paragraphs


def test_chrome_refuses_a_page_of_another_site() -> None:
    with pytest.raises(ValueError, match="was not printed by"):
        chrome(PAPER.sites[0], PAPER.samples_of(PAPER.sites[1])[0])


def test_soup_has_no_telling_class_names(port: int) -> None:
    sample = next(s for s in PAPER.samples if s.site.theme == "soup")
    page = page_text(get(port, sample.site.host, sample.path))
    names = {name for value in re.findall(r'<[^>]+class="([^"]*)"', page) for name in value.split()}
    assert names
    assert all(re.fullmatch(r"[cx]\d", name) for name in names)


@pytest.mark.parametrize("site", SITES)
def test_feed_names_every_article(site: Site, port: int) -> None:
    """P31: RSS 2.0, Atom 1.0, RSS 1.0 and JSON Feed 1.1, each with its own article addresses."""
    answer = get(port, site.host, site.feed_path)
    assert answer.status == 200
    listed = {bare(link): title for title, link in entry_links(site, answer.body)}
    for sample in PAPER.listed_by(site):
        assert listed[sample.url(port)] == sample.title
    for stray in PAPER.strays:
        if stray.site == site:
            assert listed[stray.url(port)] == stray.title


@pytest.mark.parametrize(("kind", "version"), [("rss", "rss20"), ("atom", "atom10"), ("rdf", "rss10")])
def test_feed_is_of_its_kind_with_dates_and_authors(kind: str, version: str, port: int) -> None:
    site = next(site for site in PAPER.sites if site.feed_kind == kind)
    parsed = feedparser.parse(io.BytesIO(get(port, site.host, site.feed_path).body))
    assert parsed.version == version
    by_url = {bare(entry.link): entry for entry in parsed.entries}
    for sample in PAPER.samples_of(site):
        entry = by_url[sample.url(port)]
        # feedparser files the one date that RSS 1.0 knows, dc:date, under "updated".
        moment = entry.updated_parsed if kind == "rdf" else entry.published_parsed
        assert datetime(*moment[:6], tzinfo=UTC) == sample.published
        if sample.authors:
            assert entry.authors[0]["name"] == sample.authors[0]


def test_json_feed_is_version_1_1(port: int) -> None:
    site = next(site for site in PAPER.sites if site.feed_kind == "json")
    document = json.loads(get(port, site.host, site.feed_path).body)
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    dates = {item["id"]: datetime.fromisoformat(item["date_published"]) for item in document["items"]}
    assert all(dates[sample.url(port)] == sample.published for sample in PAPER.samples_of(site))


def test_rdf_feed_is_latin_1_and_keeps_its_accents(port: int) -> None:
    """P32: the declaration names the charset."""
    site = next(site for site in PAPER.sites if site.feed_kind == "rdf")
    body = get(port, site.host, site.feed_path).body
    assert b'encoding="ISO-8859-1"' in body
    assert "Café Müller in Söderby".encode("latin-1") in body


def test_some_links_carry_tracking_and_some_do_not(port: int) -> None:
    for site in PAPER.sites:
        links = [link for _, link in entry_links(site, get(port, site.host, site.feed_path).body)]
        tracked = [link for link in links if link != bare(link)]
        assert 0 < len(tracked) < len(links)


def test_one_article_is_listed_in_two_feeds(port: int) -> None:
    """P40: the same article, once plain and once with the partner's tracking."""
    seen = collections.defaultdict(set)
    for site in PAPER.sites:
        for _, link in entry_links(site, get(port, site.host, site.feed_path).body):
            seen[bare(link)].add(site.key)
    report = next(s for s in PAPER.samples if s.key == "harbour-courier/libya-retreat")
    assert seen[report.url(port)] == {"harbour-courier", "meridian-gazette"}
    assert [url for url, sites in seen.items() if len(sites) > 1] == [report.url(port)]


@pytest.mark.parametrize("site", SITES)
def test_feed_answers_304_to_either_validator(site: Site, port: int) -> None:
    """P1 P2 P3 P9 can be shown on the sample: 304 has the validators and no body (RFC 9110 15.4.5)."""
    first = get(port, site.host, site.feed_path)
    etag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    parsedate_to_datetime(changed)
    for fields in (
        {"If_None_Match": etag},
        {"If_None_Match": f'"other", W/{etag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": changed},
    ):
        again = get(port, site.host, site.feed_path, **fields)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == etag
        assert again.headers["Last-Modified"] == changed


@pytest.mark.parametrize(
    "fields",
    [
        {"If_None_Match": '"another"'},
        {"If_Modified_Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
        {"If_None_Match": '"another"', "If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ],
)
def test_feed_is_sent_whole_when_the_validator_does_not_match(fields: dict[str, str], port: int) -> None:
    site = PAPER.sites[0]
    assert get(port, site.host, site.feed_path, **fields).status == 200


@pytest.mark.parametrize("site", SITES)
def test_gzip_is_sent_when_asked_for_only(site: Site, port: int) -> None:
    plain = get(port, site.host, site.feed_path, Accept_Encoding="identity")
    squeezed = get(port, site.host, site.feed_path, Accept_Encoding="br, gzip;q=0.8")
    refused = get(port, site.host, site.feed_path, Accept_Encoding="gzip;q=0")
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in refused.headers
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.body) == plain.body
    assert squeezed.headers["ETag"] != plain.headers["ETag"]
    same = get(port, site.host, site.feed_path, Accept_Encoding="gzip", If_None_Match=squeezed.headers["ETag"])
    assert same.status == 304


def test_old_site_is_windows_1252_and_says_so_inside_the_page_only(port: int) -> None:
    site = next(site for site in PAPER.sites if site.charset != "utf-8")
    answer = get(port, site.host, "/region/2020/0525b.html")
    assert answer.headers["Content-Type"] == "text/html"
    assert "Café Müller".encode("windows-1252") in answer.body
    assert "Café Düne" in page_text(answer)


@pytest.mark.parametrize("site", SITES)
def test_front_page_links_its_feed_its_sections_and_every_article(site: Site, port: int) -> None:
    answer = get(port, site.host, "/")
    tree = lxml.html.document_fromstring(page_text(answer))
    (feed,) = tree.xpath("//link[@rel='alternate']/@href")
    assert feed == site.feed_url(port)
    links = set(tree.xpath("//a/@href"))
    assert {section.path for section in site.sections} <= links
    assert {sample.path for sample in PAPER.samples_of(site)} <= links


@pytest.mark.parametrize("site", SITES)
def test_sections_authors_and_information_pages_are_served(site: Site, port: int) -> None:
    for section in site.sections:
        page = page_text(get(port, site.host, section.path))
        assert len(re.findall('<h1|SIZE="\\+2"', page)) == 1
    tree = lxml.html.document_fromstring(page_text(get(port, site.host, "/")))
    about = [path for path in tree.xpath("//a/@href") if path.startswith("/about")]
    assert all(get(port, site.host, path).status == 200 for path in about)
    sample = next(s for s in PAPER.samples_of(site) if s.authors)
    article = lxml.html.document_fromstring(page_text(get(port, site.host, sample.path)))
    for path in article.xpath("//a[starts-with(@href, '/author/')]/@href"):
        assert sample.title in page_text(get(port, site.host, path))


@pytest.mark.parametrize("site", SITES)
def test_sitemap_lists_every_article(site: Site, port: int) -> None:
    robots = get(port, site.host, "/robots.txt").body.decode()
    assert f"Sitemap: {site.url(port, '/sitemap.xml')}" in robots
    tree = lxml.etree.fromstring(get(port, site.host, "/sitemap.xml").body)
    places = {element.text for element in tree.iter("{*}loc")}
    assert places == {site.url(port)} | {sample.url(port) for sample in PAPER.samples_of(site)}


def test_strays_behave_as_they_are_described(port: int) -> None:
    by_nature = {stray.nature: stray for stray in PAPER.strays}
    assert set(by_nature) == {"missing", "moved", "forbidden", "section"}
    missing, moved, forbidden, section = (
        by_nature["missing"],
        by_nature["moved"],
        by_nature["forbidden"],
        by_nature["section"],
    )
    assert get(port, missing.site.host, missing.path).status == 404
    answer = get(port, moved.site.host, moved.path)
    assert answer.status == 301
    assert answer.headers["Location"] in {sample.url(port) for sample in PAPER.samples_of(moved.site)}
    robots = get(port, forbidden.site.host, "/robots.txt").body.decode()
    (rule,) = re.findall(r"^Disallow: (\S+)$", robots, re.MULTILINE)
    assert forbidden.path.startswith(rule)
    assert get(port, forbidden.site.host, forbidden.path).status == 200
    assert section.path in {part.path for part in section.site.sections}
    assert not any(sample.path.startswith(rule) for sample in PAPER.samples_of(forbidden.site))


def test_unknown_hosts_and_addresses_are_refused(port: int) -> None:
    site = PAPER.sites[0]
    assert get(port, "elsewhere.localhost", "/").status == 421
    assert get(port, site.host, "/nothing/here/").status == 404
    assert get(port, site.host, "/favicon.ico").status == 404


def test_query_strings_do_not_change_the_page_and_head_has_no_body(port: int) -> None:
    sample = PAPER.samples[0]
    page = get(port, sample.site.host, sample.path)
    assert get(port, sample.site.host, sample.path + "?utm_source=x").body == page.body
    head = get(port, sample.site.host, sample.path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(page.body))


def test_pictures_are_served(port: int) -> None:
    answer = get(port, "harbour-courier.localhost", "/media/net-loft.svg")
    assert (answer.status, answer.headers.get_content_type()) == (200, "image/svg+xml")


def test_feeds_yaml_subscribes_to_every_site(port: int) -> None:
    document = YAML(typ="safe").load(feeds_yaml(port))
    assert document["contact"].startswith("https://")
    assert document["network"] == {"allow": ["127.0.0.0/8"]}
    assert document["defaults"] == {"delay": 0.05}
    assert [source["feed"] for source in document["sources"]] == [s.feed_url(port) for s in PAPER.sites]
    assert [source["tags"] for source in document["sources"]] == [list(s.tags) for s in PAPER.sites]


def test_server_is_quiet_listens_on_loopback_and_closes_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with serve(PAPER) as bound:
        held = http.client.HTTPConnection("127.0.0.1", bound, timeout=10)
        held.request("GET", "/", headers={"Host": "plainfield-post.localhost"})
        assert held.getresponse().read()
        started = time.monotonic()
    assert time.monotonic() - started < 2
    held.close()
    with pytest.raises(ConnectionRefusedError):
        get(bound, "plainfield-post.localhost", "/")
    assert capfd.readouterr() == ("", "")
    assert threading.active_count() <= before + 1


def test_clients_that_hang_up_early_leave_no_trace(capfd: pytest.CaptureFixture[str]) -> None:
    with serve(PAPER) as bound:
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", bound), timeout=10) as rude:
                rude.sendall(b"GET / HTTP/1.1\r\nHost: meridian-gazette.localhost\r\n\r\n" * 40)
                rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert get(bound, "meridian-gazette.localhost", "/").status == 200
    assert capfd.readouterr() == ("", "")


def test_the_same_pages_come_out_every_time() -> None:
    with serve(PAPER) as one:
        first = get(one, PAPER.sites[0].host, PAPER.samples[0].path).body
    with serve(PAPER, one) as two:
        assert two == one
        assert get(two, PAPER.sites[0].host, PAPER.samples[0].path).body == first


def test_newspaper_loads_from_a_zip_as_from_a_wheel(tmp_path: Path) -> None:
    archive = tmp_path / "packed.zip"
    package = Path(str(importlib.resources.files("crawler.sample")))
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("crawler/__init__.py", "")
        for file in sorted(package.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                packed.write(file, Path("crawler/sample") / file.relative_to(package))
    code = (
        "from crawler.sample import newspaper, chrome; p = newspaper(); s = p.samples[0];"
        "assert '.zip' in __import__('crawler.sample').__path__[0]; chrome(s.site, s); print(len(p.samples))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(archive)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.stdout.strip(), done.stderr) == (str(len(PAPER.samples)), "")


def test_manuscript_without_a_colon_in_its_header_names_the_line() -> None:
    with pytest.raises(ValueError, match="just words"):
        parse_manuscript("title: A\njust words\n\nText.")


def test_newspaper_is_immutable_and_loaded_once() -> None:
    assert isinstance(PAPER, Newspaper)
    assert newspaper() is PAPER
    with pytest.raises(dataclasses.FrozenInstanceError):
        PAPER.samples[0].title = "another"  # type: ignore[misc]
