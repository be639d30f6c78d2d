"""feeds.yaml: what is read from it, and what is said of a mistake (C19, C20, S4, S9)."""

# Messages stand on one line each, so that a search for one finds its test.
# ruff: noqa: E501

from __future__ import annotations

import copy
import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from crawler import feeds_reference, feeds_schema, subscriptions
from crawler.config import Config, SourceConfig
from crawler.errors import ConfigError
from crawler.naming import names_of
from crawler.sample import feeds_yaml
from storage import Source

SECRET = "s3cr3t-of-the-paper"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str | bytes, environ: dict[str, str] | None = None) -> Config:
    path = Path("feeds.yaml")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return subscriptions.load(path, environ or {})


def one(lines: str, environ: dict[str, str] | None = None) -> SourceConfig:
    """The only source of a file; `lines` are its further keys."""
    (source,) = load(f"sources:\n  - feed: https://a.example/rss\n{_indented(lines)}", environ).sources
    return source


def errors(text: str | bytes, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, environ)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return str(caught.value).split("\n")


def error_of(lines: str, environ: dict[str, str] | None = None) -> str:
    """What is said of a source whose third and further lines are these; exactly one thing."""
    (line,) = errors(f"sources:\n  - feed: https://a.example/rss\n{_indented(lines)}", environ)
    return line


def _indented(lines: str) -> str:
    return "".join(f"    {line}\n" for line in lines.splitlines())


class TestWhatIsRead:
    def test_a_source_with_nothing_but_an_address_gets_the_defaults(self) -> None:
        assert one("") == SourceConfig(Source("a.example", "feed", "https://a.example/rss"))

    def test_the_sample_newspaper(self) -> None:
        config = load(feeds_yaml(8123))
        assert config.allow == ("127.0.0.0/8",)
        assert config.contact == "https://example.org/about-the-sample-crawler"
        assert [source.source.name for source in config.sources][:2] == ["Harbour Courier", "Plainfield Post"]
        assert {source.delay_s for source in config.sources} == {0.05}
        assert config.sources[0].source.tags == ("harbour", "en")

    def test_every_key_of_a_source(self) -> None:
        text = r"""
name: A paper
tags: [world, "2020", en]
every: 30m
min_every: 10m
max_every: 2d
delay: 1.5s
keep: ["/20\\d\\d/", '(?i)libya']
drop: /video/
since: 2020-05
full_text: feed
user_agent: Example/1.0
headers: {Authorization: "Bearer ${TOKEN}", X-Price: "$${5}"}
cookies: {session: "${TOKEN}"}
proxy: http://me:${TOKEN}@proxy.example:3128
language: [EN, fr]
strip: [.newsletter, aside]
content: div.story
enabled: false
""".strip()
        source = one(text, {"TOKEN": SECRET})
        assert source == SourceConfig(
            source=Source("A paper", "feed", "https://a.example/rss", ("world", "2020", "en"), None, False),
            every_s=1800.0,
            min_every_s=600.0,
            max_every_s=172800.0,
            delay_s=1.5,
            keep=(r"/20\d\d/", "(?i)libya"),
            drop=("/video/",),
            full_text="feed",
            since=date(2020, 5, 1),
            user_agent="Example/1.0",
            headers={"Authorization": f"Bearer {SECRET}", "X-Price": "${5}"},
            cookies={"session": SECRET},
            proxy=f"http://me:{SECRET}@proxy.example:3128",
            languages=("en", "fr"),
            strip=(".newsletter", "aside"),
            content="div.story",
        )

    def test_c20_secrets_are_in_no_repr(self) -> None:
        config = load(
            "sources:\n  - feed: https://a.example/rss\n    proxy: http://u:${S}@p.example\n"
            "    headers: {X-Key: '${S}'}\n    cookies: {sid: '${S}'}\n",
            {"S": SECRET},
        )
        assert config.sources[0].headers == {"X-Key": SECRET}
        assert SECRET not in repr(config)
        assert SECRET not in str(config)
        assert copy.deepcopy(config) == config, "Scrapy copies its settings"

    @pytest.mark.parametrize(
        ("written", "seconds"), [("90s", 90), ("15m", 900), ("1.5h", 5400), ("2d", 172800), ("1 h", 3600)]
    )
    def test_durations(self, written: str, seconds: float) -> None:
        assert one(f"every: {written}").every_s == seconds

    def test_intervals_are_clamped_to_a_minute_and_thirty_days(self) -> None:
        source = one("min_every: 1s\nmax_every: 400d")
        assert (source.min_every_s, source.max_every_s) == (60.0, 30 * 86400.0)

    @pytest.mark.parametrize(
        ("written", "intervals"),
        [
            ("every: 5m", (300, 300, 86400)),
            ("every: 3d", (259200, 900, 259200)),
            ("min_every: 2h", (7200, 7200, 86400)),
            ("max_every: 30m", (1800, 900, 1800)),
        ],
    )
    def test_a_bound_that_is_not_given_makes_way(self, written: str, intervals: tuple[float, float, float]) -> None:
        source = one(written)
        assert (source.every_s, source.min_every_s, source.max_every_s) == intervals

    @pytest.mark.parametrize(("written", "seconds"), [("0.05", 0.05), ("5", 5), ("2m", 120), ("9h", 3600)])
    def test_a_delay_may_be_a_number_of_seconds(self, written: str, seconds: float) -> None:
        assert one(f"delay: {written}").delay_s == seconds

    def test_a_single_language_is_also_the_source_s(self) -> None:
        source = one("language: fr")
        assert (source.languages, source.source.language) == (("fr",), "fr")

    def test_a_country_code_is_no_boolean_in_yaml_1_2(self) -> None:
        assert one("language: no").languages == ("no",)

    def test_defaults_hold_for_sources_that_say_nothing_else(self) -> None:
        config = load(
            "defaults: {every: 2h, tags: [news], drop: /ads/}\n"
            "sources:\n  - feed: https://a.example/\n  - {feed: https://b.example/, every: 3h, tags: [b]}\n"
        )
        first, second = config.sources
        assert (first.every_s, first.source.tags, first.drop) == (7200, ("news",), ("/ads/",))
        assert (second.every_s, second.source.tags, second.drop) == (10800, ("b",), ("/ads/",))

    def test_kinds_and_order(self) -> None:
        config = load("sources: [{site: https://c.example/}, {sitemap: https://b.example/s.xml}]")
        assert [(s.source.kind, s.source.url) for s in config.sources] == [
            ("site", "https://c.example/"),
            ("sitemap", "https://b.example/s.xml"),
        ]

    @pytest.mark.parametrize("text", ["sources:\n", "sources: []\n", "contact: me@example.org\n"])
    def test_no_source_yet_is_no_mistake(self, text: str) -> None:
        assert load(text).sources == ()

    def test_a_byte_order_mark_is_no_matter(self) -> None:
        assert len(load("\ufeffsources: [{feed: https://a.example/}]").sources) == 1

    def test_names_are_taken_from_addresses_and_do_not_change_when_a_source_is_added(self) -> None:
        urls = [
            "https://feeds.bbci.co.uk/news/rss.xml",
            "https://feeds.bbci.co.uk/news/world/rss.xml",
            "https://feeds.bbci.co.uk/news/world/africa/rss.xml",
            "https://www.example.org/feed?cat=1",
            "https://www.example.org/feed?cat=2",
            "http://www.example.org/atom.xml",
            "http://example.net:8080/feed",
        ]
        names = []
        for count in range(1, len(urls) + 1):
            config = load("sources:\n" + "".join(f"  - feed: {url}\n" for url in urls[:count]))
            assert [source.source.name for source in config.sources][:-1] == names
            names.append(config.sources[-1].source.name)
        assert names == [
            "feeds.bbci.co.uk",
            "feeds.bbci.co.uk/world",
            "feeds.bbci.co.uk/world/africa",
            "example.org",
            "example.org/feed?cat=2",
            "example.org/atom.xml",
            "example.net:8080",
        ]

    def test_a_default_name_never_takes_a_given_one(self) -> None:
        config = load(
            "sources:\n  - feed: https://a.example/world/rss\n  - {feed: https://b.example/, name: A.example}\n"
        )
        assert [source.source.name for source in config.sources] == ["a.example/world", "A.example"]


class TestMistakesC19:
    """An invalid feeds.yaml is refused with file, line, key and what to write."""

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            ('every: "1 parsec"', 'every: "1 parsec" is not a duration; write 30m, 1h or 2d'),
            ("delay: soon", 'delay: "soon" is not a duration; write 0.5, 5s or 1m'),
            ("evry: 1h", "evry: there is no such key; did you mean every?"),
            ("full-text: feed", "full-text: there is no such key; did you mean full_text?"),
            ("render: true", "render: is not available in this version; remove it"),
            ("name: []", "name: must be a single value, not a list"),
            ("name: {a: b}", "name: must be a single value, not a group of keys"),
            ("name: true", "name: must be a text, not true; put it in quotes if it is meant so"),
            ("name:", "name: is empty; write something or remove the key"),
            ("name: ' '", "name: is empty; write something or remove the key"),
            (r'name: "a\nb"', "name: has a line break or a control character; write it on one line"),
            (f"name: {'x' * 1001}", "name: is longer than 1000 characters"),
            ("tags: [[a]]", "tags[0]: must be a single value, not a list"),
            ("full_text: all", 'full_text: "all" is none of auto, page or feed; write one of them'),
            ("enabled: yes", 'enabled: "yes" is neither true nor false; write one of them'),
            ("enabled: [true]", "enabled: a list is neither true nor false; write one of them"),
            ("since: 2020-13", 'since: "2020-13" is not a date; write 2020-05-25, 2020-05 or 2020'),
            ("language: english", 'language: "english" is not a language code; write en, fr or zh'),
            (
                "user_agent: Zeitung-für-alle",
                "user_agent: holds a character that is not ASCII, which no User-Agent may; write it without",
            ),
            ("keep: ''", "keep: is empty and would match everything; write a pattern or remove it"),
            (f"drop: {'x' * 1001}", "drop: is longer than 1000 characters; split it"),
            ("min_every: 2h\nmax_every: 1h", "max_every: is shorter than min_every; make it longer"),
            ("every: 1h\nmin_every: 2h", "every: is shorter than min_every; make it longer, or min_every shorter"),
            ("every: 2h\nmax_every: 1h", "every: is longer than max_every; make it shorter, or max_every longer"),
            ("strip: ''", 'strip: "" is not a CSS selector (it is empty); write it as in a style sheet: div.story'),
            ("headers: [a]", "headers: must be names and values, not a list; write NAME: VALUE"),
            ("headers: {X Y: a}", "headers.X Y: is not the name of a header; use letters, digits and -"),
            ("headers: {Cookie: a}", "headers.Cookie: is set by the crawler itself; use cookies"),
            ("headers: {Host: a}", "headers.Host: is set by the crawler itself; remove it"),
            ("headers: {User-Agent: a}", "headers.User-Agent: is set by the crawler itself; use user_agent"),
            ("cookies: {'a=b': c}", "cookies.a=b: is not the name of a cookie; use letters, digits, - and _"),
        ],
    )
    def test_one_line_for_each(self, lines: str, said: str) -> None:
        line = 4 if "\n" in lines and said.startswith("max_every") else 3
        assert error_of(lines) == f"feeds.yaml:{line}: sources[0].{said}"

    def test_a_pattern_that_re2_does_not_take(self) -> None:
        said = error_of("keep: ['/ok/', '(?=a)b']")
        assert said.startswith('feeds.yaml:3: sources[0].keep[1]: "(?=a)b" is not an RE2 pattern (')
        assert said.endswith("); see https://github.com/google/re2/wiki/Syntax")

    def test_s9_a_pattern_that_explodes_elsewhere_is_taken(self) -> None:
        import re2

        (pattern,) = one("drop: '(a+)+$'").drop
        compiled = re2.compile(pattern)
        began = time.perf_counter()
        assert compiled.search("a" * 2000 + "!") is None
        assert time.perf_counter() - began < 0.01

    def test_a_selector_that_is_none(self) -> None:
        said = error_of("content: 'div['")
        assert said.startswith('feeds.yaml:3: sources[0].content: "div[" is not a CSS selector (')

    @pytest.mark.parametrize(
        ("address", "said"),
        [
            ("file:///etc/passwd", '"file:" addresses are not fetched; only http: and https:'),
            ("FTP://a.example/rss", '"FTP:" addresses are not fetched; only http: and https:'),
            ("data:text/xml,<rss/>", '"data:" addresses are not fetched; only http: and https:'),
            ("s3://bucket/rss", '"s3:" addresses are not fetched; only http: and https:'),
            ("gopher://a.example/", '"gopher:" addresses are not fetched; only http: and https:'),
            ("www.example.org/rss", '"www.example.org/rss" is not an address; write it with https:// in front'),
            ("localhost:8080/rss", '"localhost:8080/rss" is not an address; write it with https:// in front'),
            ("https://a b/", '"https://a b/" is not an address that can be fetched; check its host and port'),
            (
                "https://a.example:99999/",
                '"https://a.example:99999/" is not an address that can be fetched; check its host and port',
            ),
            (f"https://u:{SECRET}@a.example/", "has a user or password in it; put them into headers, as Authorization"),
            (f"https://a.example/{'x' * 3000}", "is longer than 2083 characters"),
        ],
    )
    def test_s4_addresses_that_are_not_fetched(self, address: str, said: str) -> None:
        assert errors(f"sources:\n  - feed: {address}\n") == [f"feeds.yaml:2: sources[0].feed: {said}"]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", ": is empty; `cuttings init` writes one to start from"),
            ("# nothing yet\n", ": is empty; `cuttings init` writes one to start from"),
            ("- a\n", ":1: must hold keys such as `sources:`, not a list"),
            ("hello\n", ":1: must hold keys such as `sources:`, not a text"),
            ("a: 1\n---\nb: 2\n", ":2: a second document begins with ---; one file holds one document"),
            ("sources:\n\t- feed: https://a.example/\n", ":2: a tab; YAML is indented with spaces"),
            ("sources:\n  - feed: https://a.example/\n\tname: x\n", ":3: a tab; YAML is indented with spaces"),
            (
                "sources: [\n",
                ":1: the file ends too early (expected the node content, but found '<stream end>'); close what is open",
            ),
            ("contact: a: b\n", ":1: a colon where none may stand; check the indentation, or put the value in quotes"),
            ("contact: 'a\x07'\n", ":1: a control character (U+0007); remove it"),
            (b"contact: x\nsources: # caf\xe9\n", ":2: not UTF-8; save the file in the encoding UTF-8"),
            (
                "a: &x [1]\nb: *x\n",
                ":2: *x: aliases are not read; repeat the value, or put what all share under defaults",
            ),
            ("contact: !!python/name:os.system x\n", ":1: a tag (!name) before a value is not read; remove it"),
            ("[a, b]: c\n", ":1: a key must be a word"),
            (
                "contact: @a\n",
                ":1: not valid YAML (found character '@' that cannot start any token); check quotes, brackets and indentation",
            ),
            ("contact: " + "[" * 5000, ":1: nested more than 20 levels deep"),
            (b"# " + b"x" * (4 * 1024 * 1024), ": larger than 4 MiB; split it and give each part its own corpus"),
            ("source: []\n", ":1: source: there is no such key; did you mean sources?"),
            ("every: 1h\n", ":1: every: belongs to a source; write it under sources: or defaults:"),
            ("zzz: 1h\n", ":1: zzz: there is no such key; known are contact, network, defaults, sources, watch"),
            ("sources: {a: b}\n", ":1: sources: must be a list, each source after a dash, not a group of keys"),
            ("sources: https://a.example/\n", ":1: sources: must be a list, each source after a dash, not a text"),
            (
                "sources:\n  - https://a.example/\n",
                ":2: sources[0]: must have keys such as `feed:`, not be a text; write `feed: ADDRESS`",
            ),
            ("sources:\n  - name: x\n", ":2: sources[0]: has no address; give it exactly one of feed, sitemap or site"),
            (
                "sources:\n  - {feed: https://a.example, site: https://a.example}\n",
                ":2: sources[0]: has feed and site; give it exactly one of feed, sitemap or site",
            ),
            ("contact: x\ncontact: y\n", ":2: contact: stands here already in line 1; remove one"),
            ("network: [a]\n", ":1: network: must hold keys (allow ...), not a list"),
            (
                "network: {allow: 10.0.0.1/8}\n",
                ':1: network.allow: "10.0.0.1/8" is no range: it begins at 10.0.0.0; write 10.0.0.0/8',
            ),
            (
                "network: {allow: [lan]}\n",
                ':1: network.allow[0]: "lan" is not an address range; write 10.0.0.0/8 or fd00::/8',
            ),
            ("defaults: {name: x}\n", ":1: defaults.name: belongs to one source alone; write it there"),
            ("defaults: {cookies: {a: b}}\n", ":1: defaults.cookies: belongs to one source alone; write it there"),
            (
                "defaults: {every: 1w}\nsources: [{feed: https://a.example}, {feed: https://b.example}]\n",
                ':1: defaults.every: "1w" is not a duration; write 30m, 1h or 2d',
            ),
        ],
    )
    def test_of_the_whole_file(self, text: str | bytes, said: str) -> None:
        assert errors(text) == [f"feeds.yaml{said}"]

    def test_a_billion_laughs_are_refused_at_once(self) -> None:
        bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        )
        began = time.perf_counter()
        assert errors(bomb)[0].startswith("feeds.yaml:2: *a: aliases are not read")
        assert time.perf_counter() - began < 1.0

    def test_sources_that_stand_twice(self) -> None:
        text = (
            "sources:\n  - {feed: https://a.example/rss, name: One}\n  - {feed: http://www.a.example/rss/, name: Two}\n"
            "  - {site: https://b.example/, name: one}\n"
        )
        assert errors(text) == [
            'feeds.yaml:3: sources[1].feed: "http://www.a.example/rss/" is subscribed by sources[0] (line 2) already; '
            "remove one",
            'feeds.yaml:4: sources[2].name: "one" is the name of sources[0] (line 2) already; choose another',
        ]

    def test_ten_mistakes_are_told_and_the_rest_counted(self) -> None:
        said = errors("sources:\n" + "".join(f"  - feed: ftp://a{number}.example/\n" for number in range(30)))
        assert len(said) == 11
        assert said[9].startswith("feeds.yaml:11: sources[9].feed: ")
        assert said[10] == "feeds.yaml: and 20 more"

    def test_mistakes_are_told_in_the_order_of_the_file(self) -> None:
        said = errors("sources:\n  - {feed: https://a.example, every: x}\nnetwork: {allow: y}\ncontact: [z]\n")
        assert [int(line.split(":")[1]) for line in said] == [2, 3, 4]

    def test_terminal_sequences_do_not_come_through(self) -> None:
        (said,) = errors('sources:\n  - {feed: https://a.example, every: "\\e[31mred"}\n')
        assert "\x1b" not in said

    def test_files_that_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError) as missing:
            subscriptions.load(Path("none.yaml"))
        assert str(missing.value) == "none.yaml: there is no such file; `cuttings init` writes one to start from"
        with pytest.raises(ConfigError) as folder:
            subscriptions.load(tmp_path)
        assert str(folder.value) == f"{tmp_path}: is a folder; name the file in it"

    @pytest.mark.parametrize(
        ("lines", "key", "said"),
        [
            (
                f"proxy: {SECRET}",
                "proxy",
                "is not the address of an HTTP proxy; write http://host:port or http://user:password@host:port",
            ),
            (
                f"proxy: socks5://{SECRET}:1080",
                "proxy",
                "is not the address of an HTTP proxy; write http://host:port or http://user:password@host:port",
            ),
            (
                f'headers: {{X-Key: "{SECRET}\\r\\nX: y"}}',
                "headers.X-Key",
                "holds a character that no header may hold; a line break, or one beyond Latin-1",
            ),
            (
                f'cookies: {{sid: "{SECRET}; a=b"}}',
                "cookies.sid",
                "holds a character that no cookie may hold (, ; \\ or one that is not ASCII); encode it",
            ),
            (
                "headers: {X-Key: '${NOPE}'}",
                "headers.X-Key",
                "the environment variable NOPE is not set; set it before starting",
            ),
            (
                f"headers: {{X-Key: '${{{SECRET}'}}",
                "headers.X-Key",
                "has ${ without the name of an environment variable and }; write ${NAME}, or $${ for ${ itself",
            ),
            (f"headers: {SECRET}", "headers", "must be names and values, not a text; write NAME: VALUE"),
            (f"cookies: {{sid: [{SECRET}]}}", "cookies.sid", "must be a single value, not a list"),
        ],
    )
    def test_c20_no_mistake_tells_a_secret(self, lines: str, key: str, said: str) -> None:
        assert error_of(lines) == f"feeds.yaml:3: sources[0].{key}: {said}"


class TestNamesOf:
    def config(self) -> Config:
        return load(
            "sources:\n  - {feed: https://a.example/rss, name: Harbour Courier}\n"
            "  - {feed: https://b.example/rss, name: Plainfield Post}\n"
        )

    def test_by_name_and_by_address(self) -> None:
        wanted = ["plainfield post", "http://www.a.example/rss/", "Harbour Courier"]
        assert names_of(self.config(), wanted) == ("Plainfield Post", "Harbour Courier")

    def test_an_unknown_name_lists_the_nearest(self) -> None:
        with pytest.raises(ConfigError) as caught:
            names_of(self.config(), ["Harbor Courier"])
        assert str(caught.value) == ('feeds.yaml: there is no source "Harbor Courier"; did you mean "Harbour Courier"?')
        with pytest.raises(ConfigError) as caught:
            names_of(self.config(), ["post"])
        assert str(caught.value).endswith('did you mean "Plainfield Post"?')

    def test_a_name_like_none(self) -> None:
        with pytest.raises(ConfigError) as caught:
            names_of(self.config(), ["zzzz"])
        assert str(caught.value) == 'feeds.yaml: there is no source "zzzz"; `cuttings status` lists the sources'


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class TestWatch:
    def test_a_watch_as_written(self) -> None:
        (watch, pipe) = load(
            "watch:\n"
            "- name: Ferries\n"
            "  search: title:ferry since:2020\n"
            "  webhook: https://hooks.example/${TOKEN}\n"
            "  secret: ${SECRET}\n"
            "  one_per_story: true\n"
            "  allow: 10.0.0.0/8\n"
            "- name: All\n",
            {"TOKEN": "t0ken", "SECRET": SECRET},
        ).watches
        assert (watch.watch.name, watch.watch.search) == ("Ferries", "title:ferry since:2020")
        assert watch.webhook == "https://hooks.example/t0ken"
        assert watch.secret is not None
        assert len(watch.secret) == 24
        assert (watch.watch.one_per_story, watch.watch.revised, watch.allow) == (True, False, ("10.0.0.0/8",))
        assert (pipe.watch.search, pipe.webhook, pipe.watch.receiver) == ("", None, None)

    def test_address_and_secret_are_in_no_repr(self) -> None:
        """C20: what is logged tells no secret."""
        config = load(f"watch: [{{name: A, webhook: 'https://hooks.example/t0ken', secret: {SECRET}}}]")
        assert "t0ken" not in repr(config)
        assert "MfKQ" not in repr(config)
        assert config.watches[0].secret.hex() not in repr(config)  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ("{search: ferry}", "watch[0]: has no name; write `name: NAME`"),
            ("{name: A, serch: b}", "watch[0].serch: there is no such key; did you mean search?"),
            ("{name: A, search: 'since:yesterday'}", "watch[0].search: since:yesterday: cannot be read; write since:"),
            ("{name: A, search: '--'}", "watch[0].search: holds nothing to look for; leave the search out"),
            (
                "{name: A, webhook: 'ftp://a.example/s3cret'}",
                "watch[0].webhook: is not an address that can be posted to",
            ),
            ("{name: A, webhook: '${NONE}'}", "watch[0].webhook: the environment variable NONE is not set"),
            (
                "{name: A, webhook: 'https://a.example', secret: s3cret}",
                "watch[0].secret: is not the secret of a webhook",
            ),
            ("{name: A, webhook: 'https://a.example', secret: whsec_czNjcmV0}", "watch[0].secret: is not the secret"),
            ("{name: A, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}", "watch[0].secret: is for a webhook"),
            ("{name: A, one_per_story: maybe}", 'watch[0].one_per_story: "maybe" is neither true nor false'),
            (
                "{name: A, webhook: 'https://a.example', allow: [here]}",
                'watch[0].allow[0]: "here" is not an address range',
            ),
            ("{name: A}\n- {name: a}", 'watch[1].name: "a" is the name of watch[0] (line 2) already'),
            ("ferry", "watch[0]: must have keys such as `name:`, not be a text"),
        ],
    )
    def test_a_mistake_is_told_with_its_place(self, written: str, said: str) -> None:
        with pytest.raises(ConfigError) as caught:
            load(f"watch:\n- {written}", {})
        assert str(caught.value).startswith(f"feeds.yaml:{3 if 'watch[1]' in said else 2}: {said}"), str(caught.value)
        assert "s3cret" not in str(caught.value)

    def test_what_is_no_list(self) -> None:
        with pytest.raises(ConfigError, match="watch: must be a list, each watch after a dash, not a text"):
            load("watch: ferry")


class TestReference:
    """The schema and the page come from the table that the reader uses."""

    FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"

    def test_both_files_are_current(self) -> None:
        for path, content in feeds_reference.written(self.FOLDER).items():
            assert path.read_text(encoding="utf-8") == content, "run python -m crawler.feeds_reference docs/reference"

    def test_the_examples_of_the_page_are_read(self) -> None:
        for key in feeds_schema.SOURCE:
            source = one(f"{key.name}: {key.example}", {"NEWS_TOKEN": "a", "NEWS_SESSION": "b"})
            assert source != one(""), key.name
        for key in feeds_schema.ADDRESSES:
            assert load(f"sources: [{{{key.name}: {key.example}}}]").sources[0].source.kind == key.name
        (top,), (network,) = feeds_schema.TOP, feeds_schema.NETWORK
        assert load(f"{top.name}: {top.example}\nnetwork: {{{network.name}: {network.example}}}").allow

        for key in feeds_schema.WATCH:
            (watch,) = load(
                f"watch: [{{name: A, webhook: 'https://b.example', {key.name}: {key.example}}}]"
                if key.name not in ("name", "webhook")
                else f"watch: [{{name: {key.example}}}]",
                {"FERRIES_SECRET": SECRET},
            ).watches
            assert watch.watch.name

    def test_every_key_is_on_the_page(self) -> None:
        page = feeds_reference.reference()
        tables = (
            feeds_schema.TOP,
            feeds_schema.NETWORK,
            feeds_schema.ADDRESSES,
            feeds_schema.SOURCE,
            feeds_schema.WATCH,
        )
        for key in (key for table in tables for key in table):
            assert f"#### {key.name}\n" in page
        for name in feeds_schema.LATER:
            assert f"`{name}`" in page

    @pytest.mark.parametrize(
        "text",
        [
            feeds_yaml(8123),
            (FOLDER.parent.parent / "feeds.yaml").read_text(encoding="utf-8"),
            *(f"sources: [{{feed: 'https://a.example', {key.name}: {key.example}}}]" for key in feeds_schema.SOURCE),
            "watch:\n- {name: A, search: 'ferry', one_per_story: true}\n- {name: B, webhook: 'https://b.example/x', "
            "allow: [127.0.0.1], revised: false}\n",
            "watch:\n",
            "defaults: {delay: 5s, tags: a, since: 2020}\nsources:\n",
        ],
    )
    def test_the_schema_accepts_what_is_read(self, text: str) -> None:
        load(text, {"NEWS_TOKEN": "a", "NEWS_SESSION": "b"})
        schema().validate(as_json(text))

    @pytest.mark.parametrize(
        "text",
        [
            "sources: [{feed: 'https://a.example', evry: 1h}]",
            "sources: [{feed: 'https://a.example', every: 1 parsec}]",
            "sources: [{feed: 'https://a.example', full_text: all}]",
            "sources: [{feed: 'https://a.example', enabled: 'yes'}]",
            "sources: [{feed: 'https://a.example', site: 'https://a.example'}]",
            "sources: [{name: a}]",
            "sources: [{feed: 'ftp://a.example'}]",
            "sources: {}",
            "defaults: {name: a}",
            "defaults: {cookies: {a: b}}",
            "source: []",
        ],
    )
    def test_the_schema_refuses_what_is_refused(self, text: str) -> None:
        errors(text)
        assert not schema().is_valid(as_json(text))


def schema() -> Any:
    """The published schema, as an editor applies it."""
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft202012Validator(feeds_reference.json_schema())


def as_json(text: str) -> object:
    """What an editor hands to its schema checker: dates are strings there."""
    document = YAML(typ="safe", pure=True).load(text)
    return json.loads(json.dumps(document, default=str))
