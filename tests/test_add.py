"""`cuttings init`, `add` and `opml` as a person runs them, against a real server, and what they leave of feeds.yaml."""

# Messages and files stand whole, so that a search for one finds its test.

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from localweb import LocalWeb, Site
from misbehaviour import stall
from newsroom import Newsroom

from crawler.editing import NewSource, add_source, add_sources, starter
from crawler.errors import ConfigError
from crawler.subscriptions import load
from storage import Source

ROOT = Path(__file__).resolve().parent.parent
RUN = (sys.executable, "-c", "from crawler.cli import main; main()")
RSS = "application/rss+xml"
HEAD = """contact: https://example.org/us
network:
  allow: [127.0.0.0/8]   # this machine
defaults: {delay: 0}
sources:
"""


def rss(title: str = "Harbour Courier", link: str = "https://a.example/1") -> str:
    item = f"<item><title>One</title><link>{link}</link></item>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{item}</channel></rss>'


def page(*links: str) -> str:
    return f"<!DOCTYPE html><html><head><title>T</title>{''.join(links)}</head><body><p>Hello</p></body></html>"


def alternate(href: str, title: str) -> str:
    return f'<link rel="alternate" type="{RSS}" href="{href}" title="{title}">'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").write_text(HEAD)
    return tmp_path


def cuttings(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CUTTINGS_")}
    return subprocess.run(
        [*RUN, *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env=environment,
        timeout=60,
        check=False,
    )


def done(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """The standard output of a command that succeeds and says nothing on standard error."""
    result = cuttings(folder, *arguments, stdin=stdin)
    assert (result.returncode, result.stderr.decode()) == (0, ""), result.stdout
    return result.stdout.decode()


def sources(folder: Path) -> list[Source]:
    return [one.source for one in load(folder / "feeds.yaml").sources]


def paths(site: Site) -> list[str]:
    return [seen.target for seen in site.requests()]


class TestInit:
    def test_writes_the_starter_which_is_valid(self, tmp_path: Path) -> None:
        said = done(tmp_path, "init")
        assert said == "Wrote feeds.yaml. Take out what you do not want, then: cuttings crawl\n"
        assert (tmp_path / "feeds.yaml").read_text() == starter()
        assert len(sources(tmp_path)) >= 40

    def test_refuses_to_overwrite_without_force(self, folder: Path) -> None:
        result = cuttings(folder, "init")
        assert result.returncode == 2
        assert result.stderr.decode() == (
            "Error: feeds.yaml: exists already; `cuttings add` adds to it, --force writes it anew\n"
        )
        assert (folder / "feeds.yaml").read_text() == HEAD
        done(folder, "init", "--force")
        assert (folder / "feeds.yaml").read_text() == starter()

    def test_empty(self, tmp_path: Path) -> None:
        assert done(tmp_path, "init", "--empty") == ("Wrote feeds.yaml. Name a site: cuttings add URL\n")
        assert sources(tmp_path) == []

    def test_the_starter_of_the_package_is_the_project_s_own_list(self) -> None:
        assert (ROOT / "feeds.yaml").read_text(encoding="utf-8") == starter()

    def test_every_source_of_the_starter_is_named_and_tagged(self) -> None:
        for source in load(ROOT / "feeds.yaml").sources:
            assert source.source.name
            assert len(source.source.tags) >= 2, source.source.name


class TestAdd:
    def test_p20_a_feed_costs_one_get(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        url = site.page("/rss.xml", rss(), content_type=RSS)
        said = done(folder, "add", url, "--tag", "world", "--tag", "en")
        assert said == f"{url} is a feed.\nAdded Harbour Courier: feed {url}\n"
        assert paths(site) == ["/robots.txt", "/rss.xml"]
        assert sources(folder) == [Source("Harbour Courier", "feed", url, ("world", "en"))]
        assert (folder / "feeds.yaml").read_text() == (
            f"{HEAD}  - feed: {url}\n    name: Harbour Courier\n    tags: [world, en]\n"
        )
        assert "(+https://example.org/us)" in (site.requests("/rss.xml")[0].header("user-agent") or "")

    def test_a_feed_that_is_subscribed_already_is_not_asked(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        url = site.page("/rss.xml", rss(), content_type=RSS)
        done(folder, "add", url)
        before = (folder / "feeds.yaml").read_bytes()
        web.clear()
        assert done(folder, "add", url) == f"{url}: subscribed already, as Harbour Courier\n"
        assert site.requests() == []
        assert (folder / "feeds.yaml").read_bytes() == before

    def test_a_page_s_best_feed_is_taken_and_the_others_shown(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        url = site.page("/", page(alternate("/all.xml", "All » RSS Feed"), alternate("/sport.xml", "Sport")))
        said = done(folder, "add", url).splitlines()
        assert said == [
            f"{url} is a page that links to feeds.",
            f"   1  All » RSS Feed  {site.url('/all.xml')}",
            f"   2  Sport  {site.url('/sport.xml')}",
            f"Added All: feed {site.url('/all.xml')}",
        ]
        assert paths(site) == ["/robots.txt", "/"], "C6: what a page declares is tried before anything else"

    def test_a_person_chooses(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        url = site.page("/", page(alternate("/all.xml", "All"), alternate("/sport.xml", "Sport")))
        shown = on_a_terminal(folder, ["add", url], "2\n")
        assert "Which one? (0: none)" in shown
        assert [source.name for source in sources(folder)] == ["Sport"]
        shown = on_a_terminal(folder, ["add", url], "0\n")
        assert f"{url}: not added: not wanted" in shown
        assert len(sources(folder)) == 1

    def test_usual_places_are_tried_where_none_is_declared(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        url = site.page("/", page())
        feed = site.page("/feed", rss("Plainfield Post"), content_type=RSS)
        said = done(folder, "add", url)
        assert said.startswith(f"{url} declares no feed, but there is one at a usual place.\n")
        assert sources(folder) == [Source("Plainfield Post", "feed", feed)]

    def test_c6_sitemaps_of_robots_txt(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        url = site.page("/", page())
        site.robots(f"Sitemap: {site.url('/all.xml')}\nSitemap: {site.url('/news.xml')}\n")
        said = done(folder, "add", url)
        assert said.startswith(f"{url} has no feed, but its robots.txt names sitemaps.\n")
        assert [(source.kind, source.url) for source in sources(folder)] == [("sitemap", site.url("/news.xml"))]

    def test_a_sitemap_itself(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        names = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        body = f"<urlset {names}><url><loc>{site.url('/1')}</loc></url></urlset>"
        url = site.page("/sitemap.xml", body, content_type="application/xml")
        assert done(folder, "add", url) == f"{url} is a sitemap.\nAdded 127.0.0.2:{web.port}: sitemap {url}\n"

    def test_c6_a_site_with_neither(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        url = site.page("/", page())
        result = cuttings(folder, "add", url, "--yes")
        assert result.returncode == 1
        assert result.stderr.decode() == (
            f"{url}: not added: it declares no feed, and there is neither feed nor sitemap at the usual places\n"
        )
        assert sources(folder) == []

    def test_c6_c7_a_site_with_neither_whose_page_links_to_articles(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        links = "".join(f"<h2><a href=/news/{n}00{n}>The harbour report number {n}</a></h2>" for n in range(1, 5))
        url = site.page("/", f"<html><head><title>The Post</title></head><nav><a href=/town/>Town</a></nav>{links}")
        assert done(folder, "add", url).splitlines() == [
            f"{url} has neither feed nor sitemap, but links to 4 pages that look like articles and 1 section.",
            f"Added The Post: site {url}",
        ]
        assert [(source.kind, source.url) for source in sources(folder)] == [("site", url)]

    def test_json(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        url = site.page("/rss.xml", rss(), content_type=RSS)
        missing = web.site("127.0.0.3").url("/none.xml")
        result = cuttings(folder, "add", url, missing, "--json")
        assert result.returncode == 1
        assert json.loads(result.stdout) == {
            "added": [{"asked": url, "kind": "feed", "url": url, "name": "Harbour Courier", "tags": []}],
            "known": [],
            "failed": [{"asked": missing, "why": "the server answers HTTP 404"}],
        }
        assert json.loads(cuttings(folder, "add", url, "--json").stdout)["known"] == [
            {"url": url, "name": "Harbour Courier"}
        ]

    def test_private_addresses_robots_and_silence_are_told(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        site.robots("User-agent: *\nDisallow: /closed/\n")
        closed = site.page("/closed/rss.xml", rss(), content_type=RSS)
        result = cuttings(folder, "add", closed)
        assert (result.returncode, result.stderr.decode()) == (
            1,
            f"{closed}: not added: forbidden by robots.txt\n",
        )
        (folder / "feeds.yaml").write_text("sources:\n")
        result = cuttings(folder, "add", closed)
        assert result.stderr.decode() == (
            f"{closed}: not added: 127.0.0.2 leads to a loopback address; if that is meant, add its range to "
            "network.allow in feeds.yaml\n"
        )
        assert (folder / "feeds.yaml").read_text() == "sources:\n"

    def test_a_host_that_is_not_there(self, web: LocalWeb, folder: Path) -> None:
        url = f"http://127.0.0.77:{web.port}/"
        result = cuttings(folder, "add", url)
        assert result.returncode == 1
        assert result.stderr.decode().startswith(f"{url}: not added: the host cannot be reached (connect: ")

    def test_p19_a_browser_check_and_a_broken_feed(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        check = site.page("/check", "<html><title>Just a moment...</title></html>", status=403)
        broken = site.page("/broken", "hello", content_type="text/plain")
        result = cuttings(folder, "add", check, broken)
        assert result.stderr.decode().splitlines() == [
            f"{check}: not added: the server asks to prove that a person is reading (HTTP 403)",
            f"{broken}: not added: neither XML nor JSON nor HTML",
        ]

    def test_a_move_for_good_is_followed_and_a_passing_one_is_not(self, web: LocalWeb, folder: Path) -> None:
        site = web.site("127.0.0.2")
        for number, status in enumerate((301, 302)):
            end = site.page(f"/new{number}.xml", rss(f"T{number}"), content_type=RSS)
            site.chain(f"/old{number}.xml", 1, site_answer(end), status)
            done(folder, "add", site.url(f"/old{number}.xml"))
        assert [source.url for source in sources(folder)] == [site.url("/old0.xml/1"), site.url("/old1.xml")]

    def test_titles_that_are_taken_or_empty_make_way_for_the_address(self, web: LocalWeb, folder: Path) -> None:
        first, second, third = (web.site(f"127.0.0.{number}") for number in (2, 3, 4))
        urls = [site.page("/rss.xml", rss("News"), content_type=RSS) for site in (first, second)]
        urls.append(third.page("/rss.xml", rss(" RSS Feed "), content_type=RSS))
        done(folder, "add", *urls)
        names = ["News", f"127.0.0.3:{web.port}", f"127.0.0.4:{web.port}"]
        assert [source.name for source in sources(folder)] == names

    def test_name(self, web: LocalWeb, folder: Path) -> None:
        url = web.site("127.0.0.2").page("/rss.xml", rss(), content_type=RSS)
        result = cuttings(folder, "add", url, "https://b.example/", "--name", "x")
        assert result.returncode == 2
        assert b"--name names one source; give one URL" in result.stderr
        done(folder, "add", url, "--name", "no")
        assert [source.name for source in sources(folder)] == ["no"]

    def test_s4_an_address_that_is_none(self, folder: Path) -> None:
        result = cuttings(folder, "add", "file:///etc/passwd")
        assert result.returncode == 2
        assert b'file:///etc/passwd: "file:" addresses are not fetched; only http: and https:' in result.stderr
        result = cuttings(folder, "add", "https://me:secret@a.example/")
        assert b"URL: has a user or password in it; put them into headers, as Authorization" in result.stderr
        assert b"secret" not in result.stderr

    def test_an_invalid_file_is_refused_before_any_request(self, web: LocalWeb, folder: Path) -> None:
        url = web.site("127.0.0.2").page("/rss.xml", rss(), content_type=RSS)
        (folder / "feeds.yaml").write_text(
            "network: {allow: [127.0.0.0/8]}\nsources: [{feed: https://a.example, evry: 1h}]"
        )
        result = cuttings(folder, "add", url)
        assert result.returncode == 2
        assert result.stderr.decode() == (
            "Error: feeds.yaml:2: sources[0].evry: there is no such key; did you mean every?\n"
        )
        assert web.requests == []


def site_answer(end: str) -> object:
    from answers import Response

    return Response(rss(end), content_type=RSS)


def on_a_terminal(folder: Path, arguments: Sequence[str], typed: str) -> str:
    """Run a command on a pseudo-terminal and return all that it showed."""
    leader, follower = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CUTTINGS_")}
    with subprocess.Popen(
        [*RUN, *arguments],
        cwd=folder,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment,
        close_fds=True,
    ) as child:
        os.close(follower)
        os.write(leader, typed.encode())
        shown = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:  # Linux says EIO when the other side is closed
                break
            if not part:
                break
            shown += part
        child.wait(timeout=60)
    os.close(leader)
    return shown.decode()


class TestOpml:
    FILE = (
        '<opml version="2.0"><body><outline text="News"><outline text="Africa">\n'
        '<outline type="rss" text="A: the paper" xmlUrl="https://a.example/rss" htmlUrl="https://a.example/" x="1"/>\n'
        '<outline type="rss" text="Bad" xmlUrl="ftp://b.example/"/>\n'
        '</outline></outline><outline text="A: the paper" xmlUrl="https://c.example/"/>\n'
        '<outline text="again" xmlUrl="http://a.example/rss/"/></body></opml>'
    )

    def test_import_tells_what_it_did_and_export_gives_it_back(self, folder: Path) -> None:
        (folder / "in.opml").write_text(self.FILE)
        result = cuttings(folder, "opml", "import", "in.opml")
        assert result.returncode == 0
        assert result.stdout.decode() == (
            "2 sources added, 0 subscribed already, 1 repeated in the file, 1 that could not be read\n"
        )
        assert result.stderr.decode() == ('in.opml:3: xmlUrl "ftp:" addresses are not fetched; only http: and https:\n')
        assert sources(folder) == [
            Source("A: the paper", "feed", "https://a.example/rss", ("News/Africa",)),
            Source("A: the paper (c.example)", "feed", "https://c.example/"),
        ]
        assert (folder / "feeds.yaml").read_text().startswith(HEAD)
        exported = done(folder, "opml", "export", "-").encode()
        assert b'htmlUrl="https://a.example/"' in exported
        assert b'x="1"' in exported
        assert done(folder, "opml", "export", "out.opml") == "Wrote 2 sources to out.opml\n"
        assert (folder / "out.opml").read_bytes() == exported
        assert done(folder, "opml", "import", "out.opml") == (
            "0 sources added, 2 subscribed already, 0 repeated in the file, 0 that could not be read\n"
        )

    def test_p42_a_round_trip_through_an_empty_folder_gives_the_same_file(self, folder: Path) -> None:
        (folder / "in.opml").write_text(self.FILE)
        cuttings(folder, "opml", "import", "in.opml")
        first = done(folder, "opml", "export", "-").encode()
        (folder / "feeds.yaml").unlink()
        assert done(folder, "opml", "import", "-", stdin=first).startswith("2 sources added, ")
        assert done(folder, "opml", "export", "-").encode() == first

    def test_c20_no_secret_is_exported(self, folder: Path) -> None:
        text = "  - feed: https://a.example/\n    headers: {X-Key: s3cr3t}\n    cookies: {sid: s3cr3t}\n"
        (folder / "feeds.yaml").write_text(f"{HEAD}{text}    proxy: http://u:s3cr3t@p.example\n")
        assert "s3cr3t" not in done(folder, "opml", "export", "-")

    def test_a_file_that_is_not_there(self, folder: Path) -> None:
        result = cuttings(folder, "opml", "import", "none.opml")
        assert result.returncode == 2
        assert result.stderr.decode() == (
            "Error: none.opml: cannot be read (No such file or directory); check the name and its permissions\n"
        )


class TestEditing:
    """A file that a person keeps stays as it is but for the new lines."""

    NEW = NewSource("feed", "https://new.example/rss", "New: one", ("a b", "no", "x, y"))
    ADDED = ("- feed: https://new.example/rss", '  name: "New: one"', '  tags: [a b, "no", "x, y"]')

    def added(self, tmp_path: Path, text: str | bytes) -> str:
        path = tmp_path / "feeds.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        count = len(load(path).sources)
        add_sources(path, [self.NEW])
        after = load(path).sources
        assert len(after) == count + 1
        assert after[-1].source == Source("New: one", "feed", "https://new.example/rss", ("a b", "no", "x, y"))
        return path.read_bytes().decode()

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("sources:\n  - feed: https://a.example/\n", ""),
            ("# top\nsources:   # mine\n  - {feed: 'https://a.example/'}   # flow\n", "\n# end\n\ncontact: x\n"),
            ('sources:\n- feed:   "https://a.example/"\n  name:  A  # the name\n  # tags: [x]\n', "# next\n#  more\n"),
            (
                "sources:\n    -   feed: https://a.example/\n        tags:\n            - b\n            - c\n",
                "\n\ndefaults:\n  every: 2h\n",
            ),
            ("sources:\n  - feed: https://a.example/\n    tags: [\n      b,\n      c ]\n", "contact: x\n"),
            ("sources:\n  - feed: https://a.example/\n    name: >-\n      A folded\n      name\n", "contact: x\n"),
        ],
    )
    def test_new_lines_go_behind_the_last_source(self, tmp_path: Path, before: str, after: str) -> None:
        indent = next(line for line in before.splitlines() if line.lstrip().startswith("-"))
        spaces = indent[: len(indent) - len(indent.lstrip())]
        block = "".join(f"{spaces}{line}\n" for line in self.ADDED)
        assert self.added(tmp_path, before + after) == before + block + after

    def test_line_ends_of_other_systems_and_a_byte_order_mark_stay(self, tmp_path: Path) -> None:
        text = "\ufeff# top\r\nsources:\r\n  - feed: https://a.example/\r\ncontact: x\r\n"
        block = "".join(f"  {line}\r\n" for line in self.ADDED)
        assert self.added(tmp_path, text) == text.replace("contact", block + "contact")

    def test_a_last_line_without_an_end(self, tmp_path: Path) -> None:
        block = "".join(f"  {line}\n" for line in self.ADDED)
        assert self.added(tmp_path, "sources:\n  - feed: https://a.example/") == (
            f"sources:\n  - feed: https://a.example/\n{block}"
        )

    @pytest.mark.parametrize("value", ["", " ", " # none yet", " []", " [ ]   # none yet", " null", " ~"])
    @pytest.mark.parametrize("rest", ["", "\n", "\ncontact: x\n", "\n\n# end\ncontact: x"])
    def test_the_first_source(self, tmp_path: Path, value: str, rest: str) -> None:
        after = self.added(tmp_path, f"# top\nsources:{value}{rest}")
        assert after.startswith("# top\nsources:")
        assert ("# none yet" in value) == ("# none yet" in after)
        assert after.endswith(rest.lstrip("\n")) or not rest.strip()

    def test_a_file_without_the_key(self, tmp_path: Path) -> None:
        block = "".join(f"  {line}\n" for line in self.ADDED)
        assert self.added(tmp_path, "contact: x  # me") == f"contact: x  # me\nsources:\n{block}"

    def test_a_list_in_brackets(self, tmp_path: Path) -> None:
        after = self.added(tmp_path, "sources: [{feed: https://a.example/} ]  # short\ncontact: x\n")
        assert after == (
            'sources: [{feed: https://a.example/}, {feed: "https://new.example/rss", name: "New: one", '
            'tags: [a b, "no", "x, y"]} ]  # short\ncontact: x\n'
        )

    def test_mode_and_links_stay_and_no_other_file_is_left(self, tmp_path: Path) -> None:
        real = tmp_path / "kept" / "my.yaml"
        real.parent.mkdir()
        real.write_text("sources:\n")
        real.chmod(0o640)
        link = tmp_path / "feeds.yaml"
        link.symlink_to(real)
        add_source(link, "feed", "https://a.example/", "A")
        assert link.is_symlink()
        assert real.stat().st_mode & 0o777 == 0o640
        assert [source.source.name for source in load(real).sources] == ["A"]
        assert sorted(path.name for path in real.parent.iterdir()) == ["my.yaml"]

    @pytest.mark.parametrize(
        ("new", "said"),
        [
            (NewSource("feed", "http://www.a.example/"), 'http://www.a.example/ is subscribed already, as "A"'),
            (NewSource("feed", "https://b.example/", "a"), 'the name "a" is taken; choose another'),
            (
                NewSource("feed", "ftp://b.example/"),
                'nothing was added: line 4: sources[1].feed: "ftp:" addresses are not fetched; only http: and https:',
            ),
        ],
    )
    def test_what_is_refused_changes_nothing(self, tmp_path: Path, new: NewSource, said: str) -> None:
        path = tmp_path / "feeds.yaml"
        text = "sources:\n  - feed: https://a.example/\n    name: A\n"
        path.write_text(text)
        with pytest.raises(ConfigError) as caught:
            add_sources(path, [new])
        assert str(caught.value) == f"{path}: {said}"
        assert path.read_text() == text

    @pytest.mark.parametrize(
        "name",
        [
            "true",
            "5",
            "- x",
            "a: b",
            "#x",
            "a #b",
            '"',
            "'",
            "é — ü",
            "\u0085",
            "ja\u2028nein",
            "x:",
            "[a]",
            "*a",
            "&a",
            "!t",
            "%",
            "@",
            "`",
            "null",
            "日本",
        ],
    )
    def test_names_of_every_kind_are_read_as_they_were_given(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / "feeds.yaml"
        path.write_text("sources:\n")
        try:
            add_source(path, "feed", "https://a.example/", name, [name])
        except ConfigError as error:
            refusal = str(error)
        else:
            refusal = ""
        if not name.split():
            assert "is empty" in refusal
            return
        (source,) = load(path).sources
        folded = " ".join(name.split())
        assert (refusal, source.source.name, source.source.tags) == ("", folded, (folded,))


def test_an_interrupted_search_says_so_and_changes_nothing(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    site.add("/feed", stall())
    newsroom.subscribe()
    before = (newsroom.folder / "feeds.yaml").read_text()
    adding = newsroom.start("add", site.url("/feed"))
    try:
        web.wait_for(1, lambda seen: seen.path == "/feed", 60)
        adding.send_signal(signal.SIGINT)
        _, errors = adding.communicate(timeout=60)
    finally:
        adding.kill()
    assert errors.startswith("Error: interrupted")
    assert adding.returncode == 1
    assert (newsroom.folder / "feeds.yaml").read_text() == before
