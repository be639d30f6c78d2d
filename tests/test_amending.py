"""Removing, resting and waking sources of a feeds.yaml that a person keeps: only what is meant changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from answers import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from localweb import LocalWeb
from newsroom import Newsroom

from crawler.editing import remove_sources, switch_sources
from crawler.errors import ConfigError
from crawler.subscriptions import load
from storage import open_corpus

TOP = "contact: https://example.org/us\nsources:\n"


def removed(path: Path, text: str, *names: str) -> str:
    path.write_bytes(text.encode())
    remove_sources(path, names)
    return path.read_bytes().decode()


def switched(path: Path, text: str, *names: str, enabled: bool) -> str:
    path.write_bytes(text.encode())
    switch_sources(path, names, enabled=enabled)
    return path.read_bytes().decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feeds.yaml"


# --- removing: what goes with a source -------------------------------------------------------------------------------

A, B, C = (f"  - feed: https://{name}.example/\n    name: {name}\n" for name in "abc")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(A + B + C, A + C, id="its lines alone"),
        pytest.param(f"{A}\n{B}\n{C}", f"{A}\n{C}", id="one of the blank lines around it"),
        pytest.param(f"{A}\n{B}", A, id="the blank line above the last"),
        pytest.param(f"{A}  # on b\n{B}\n{C}", f"{A}\n{C}", id="the comment above it"),
        pytest.param(f"{A}\n  # on\n  # b\n{B}  # on c\n{C}", f"{A}\n  # on c\n{C}", id="all lines of the comment"),
        pytest.param(f"{A}  # Africa\n{B}{C}", f"{A}  # Africa\n{C}", id="not the heading of several"),
        pytest.param(f"{A}  # Africa\n\n{B}", f"{A}  # Africa\n", id="not a comment with a gap below"),
        pytest.param(
            f"{A}\n  # - feed: https://old.example/\n{B}\n{C}",
            f"{A}\n  # - feed: https://old.example/\n\n{C}",
            id="not a source that is commented out",
        ),
        pytest.param(f"{B}    # every: 1h\n\n    # delay: 5s\n{C}", C, id="comments deeper than its dash"),
        pytest.param(f"{A}    # on a\n{B}{C}", f"{A}    # on a\n{C}", id="not those of the source above"),
        pytest.param(f"{A}  - feed: https://b.example/  # b\n    name: b # b\n{C}", A + C, id="comments beside it"),
        pytest.param(f"{A}  -\n    # first\n\n    feed: https://b.example/\n    name: b\n{C}", A + C, id="a lone dash"),
        pytest.param(f"{A}  - {{feed: https://b.example/, name: b}}  # b\n{C}", A + C, id="braces in the list"),
        pytest.param(
            f"{A}  - name: b\n    feed: https://b.example/\n    headers:\n      X-A: |\n        y\n    tags:\n"
            f"    - x\n    - y\n{C}",
            A + C,
            id="groups and lists in it",
        ),
    ],
)
def test_what_is_removed_with_a_source_in_lines(path: Path, before: str, after: str) -> None:
    assert removed(path, TOP + before, "b") == TOP + after
    crlf = (TOP + before).replace("\n", "\r\n")
    assert removed(path, crlf, "b") == (TOP + after).replace("\n", "\r\n")
    assert removed(path, "\ufeff" + TOP + before + "\ndefaults: {delay: 2s}\n", "b").startswith("\ufeff" + TOP)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[{feed: 'https://a.x/', name: a}, {feed: 'https://b.x/', name: b}]", "[{feed: 'https://a.x/', name: a}]"),
        ("[{feed: 'https://b.x/', name: b}, {feed: 'https://a.x/', name: a}]", "[{feed: 'https://a.x/', name: a}]"),
        ("[ {feed: 'https://b.x/', name: b} ]", "[ ]"),
        ("[{feed: 'https://b.x/', name: b},]", "[]"),
        (
            "[\n  {feed: 'https://a.x/', name: a},  # a, [b]\n  {feed: 'https://b.x/', name: b}  # b\n]",
            "[\n  {feed: 'https://a.x/', name: a}  # a, [b]\n]",
        ),
        (
            "[\n  {feed: 'https://b.x/', name: b},  # b\n\n  {feed: 'https://a.x/', name: a},\n]",
            "[\n\n  {feed: 'https://a.x/', name: a},\n]",
        ),
        ("[feed: 'https://a.x/', feed: https://b.x/]", None),
    ],
)
def test_what_is_removed_with_a_source_in_brackets(path: Path, before: str, after: str | None) -> None:
    name = "b" if after is not None else "b.x"
    wanted = "[feed: 'https://a.x/']" if after is None else after
    assert removed(path, f"sources: {before}\ncontact: x\n", name) == f"sources: {wanted}\ncontact: x\n"


def test_json_stays_json(path: Path) -> None:
    document = {"sources": [{"feed": f"https://{name}.example/", "name": name, "tags": [name]} for name in "abc"]}
    text = json.dumps(document, indent=2)
    assert [one["name"] for one in json.loads(removed(path, text, "a", "c"))["sources"]] == ["b"]
    assert json.loads(removed(path, text, *"abc"))["sources"] == []
    rested = switched(path, text, "b", "c", enabled=False)
    assert [one.get("enabled") for one in json.loads(rested)["sources"]] == [None, False, False]
    assert switched(path, rested, "b", "c", enabled=True) == text


def test_a_heading_goes_with_the_last_of_its_sources(path: Path) -> None:
    text = f"{TOP}{A}\n  # Africa\n{B}{C}"
    assert removed(path, text, "b", "c") == TOP + A
    assert removed(path, removed(path, text, "b"), "c") == TOP + A


def test_the_last_source_may_go_and_another_be_added(path: Path) -> None:
    from crawler.editing import add_source

    assert (
        removed(path, f"{TOP}{A}\n# end\ndefaults: {{delay: 2s}}\n", "a") == f"{TOP}\n# end\ndefaults: {{delay: 2s}}\n"
    )
    add_source(path, "feed", "https://d.example/", "d")
    assert [source.source.name for source in load(path).sources] == ["d"]


def test_a_source_without_a_name_may_be_called_otherwise_afterwards(path: Path) -> None:
    path.write_text(f"{TOP}  - feed: https://a.example/one/rss\n  - feed: https://a.example/two/rss\n")
    amended = remove_sources(path, ["a.example"])
    assert amended.renamed == (("a.example/two", "a.example"),)


def test_what_cannot_be_edited_safely_is_refused_with_its_line_and_left_alone(path: Path) -> None:
    texts = {
        "? sources\n: - {feed: 'https://a.x/', name: a}\n": "{path}:2: this source does not begin in a line of its own",
        "sources:\r  - feed: https://a.x/\r    name: a\r": "{path}: has lines that end in a carriage return alone",
    }
    for text, problem in texts.items():
        with pytest.raises(ConfigError) as caught:
            removed(path, text, "a")
        assert str(caught.value).startswith(problem.format(path=path))
        assert path.read_bytes() == text.encode()


def test_an_odd_place_for_a_switch_is_refused_with_its_line(path: Path) -> None:
    for text, problem in {
        "sources: [\n feed: https://a.x/]\n": "{path}:2: this source stands in brackets without braces of its own",
        "sources:\n- ? feed\n  : https://a.x/\n": "{path}:2: this source is written in a way that cannot be edited",
    }.items():
        with pytest.raises(ConfigError) as caught:
            switched(path, text, "a.x", enabled=False)
        assert str(caught.value) == problem.format(path=path) + "; edit the file by hand"
        assert path.read_bytes() == text.encode()


def test_anchors_stay(path: Path) -> None:
    text = "sources: &all\n  - &a\n    feed: https://a.x/\n    name: &n a\n  - &b {feed: 'https://b.x/', name: b}\n"
    assert removed(path, text, "a") == "sources: &all\n  - &b {feed: 'https://b.x/', name: b}\n"
    assert switched(path, text, "b", enabled=False) == text.replace("name: b", "name: b, enabled: false")


# --- resting and waking ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- feed: https://b.x/\n", "- feed: https://b.x/\n  enabled: false\n"),
        ("- feed: https://b.x/", "- feed: https://b.x/\n  enabled: false"),
        ("-    feed: https://b.x/ # c\n", "-    feed: https://b.x/ # c\n     enabled: false\n"),
        (
            "  - feed: https://b.x/\n    headers:\n      X: y\n    # more\n\n",
            "  - feed: https://b.x/\n    headers:\n      X: y\n    enabled: false\n    # more\n\n",
        ),
        ("- {feed: 'https://b.x/',}\n", "- {feed: 'https://b.x/', enabled: false,}\n"),
        ("- {\n   feed: 'https://b.x/' # c\n  }\n", "- {\n   feed: 'https://b.x/', enabled: false # c\n  }\n"),
    ],
)
def test_a_source_is_rested_by_a_line_that_goes_when_it_is_woken(path: Path, before: str, after: str) -> None:
    before, after = f"sources:\n{before}", f"sources:\n{after}"
    for ending in ("\n", "\r\n"):
        changed = switched(path, before.replace("\n", ending), "b.x", enabled=False)
        assert changed == after.replace("\n", ending)
        assert not load(path).sources[0].source.enabled
        assert switched(path, changed, "b.x", enabled=True) == before.replace("\n", ending)


@pytest.mark.parametrize(
    ("written", "woken"),
    [
        ("  enabled: False  # until May\n", "  enabled: true  # until May\n"),
        ("  'enabled': false\n", "  'enabled': true\n"),
        ("  enabled:   FALSE\n", "  enabled:   true\n"),
    ],
)
def test_what_a_person_wrote_is_turned_and_not_taken_away(path: Path, written: str, woken: str) -> None:
    start = "sources:\n- feed: https://b.x/\n"
    assert switched(path, start + written, "b.x", enabled=True) == start + woken
    assert "enabled" in switched(path, start + woken, "b.x", enabled=False)


def test_where_sources_rest_by_default_the_key_is_written_and_kept(path: Path) -> None:
    start = "defaults: {enabled: false}\nsources:\n- feed: https://b.x/\n"
    assert switched(path, start, "b.x", enabled=True) == f"{start}  enabled: true\n"
    rested = switched(path, f"{start}  enabled: true\n", "b.x", enabled=False)
    assert switched(path, rested, "b.x", enabled=True) == f"{start}  enabled: true\n"


def test_what_is_as_wanted_is_left_alone(path: Path) -> None:
    text = f"{TOP}{A}    enabled: false\n{B}"
    path.write_text(text)
    amended = switch_sources(path, ["a"], enabled=False)
    assert (amended.changed, [source.name for source in amended.already]) == ((), ["a"])
    assert path.read_text() == text


# --- any layout -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """One source as somebody may have laid it out; each of its lines is unlike all others of the file."""

    above: tuple[str, ...]
    """Comments and blank lines."""
    own: tuple[str, ...]
    below: tuple[str, ...]
    """Comments deeper than the dash."""


def _layout(number: int, indent: int) -> st.SearchStrategy[Layout]:
    pad, name = " " * indent, f"s{number}"
    url = f"https://{name}.example/feed"
    own = st.sampled_from(
        [
            (f"- feed: {url}", f"  name: {name}"),
            (f"-   name: '{name}'   # name: no", "", f"    # in {name}", f'    feed: "{url}"'),
            (f"- {{feed: '{url}', name: {name}}}  # - feed: {url}",),
            (f"- {{ # {name}", f"    feed: '{url}', # , {name}", f'    "name": {name},', f"   }} # end {name}"),
            ("-", f"  # dash {name}", f"  sitemap: {url}", f"  name: {name}", "  tags:", f"  - t{number}"),
            (
                f"- name: {name}",
                f"  feed: {url}",
                "  headers:",
                f"     X-{number}: >-",
                f"       v{number}",
                "       w",
            ),
            (f"- feed: {url}", f"  name: {name}", f"  tags: [a{number},", f"    b{number}] # tags {name}"),
        ]
    )
    comment = st.sampled_from([f"# note {number}", f"#note: {number}", f"# - feed: https://old{number}.example/"])
    above = st.lists(st.one_of(comment.map(lambda line: pad + line), st.just("")), max_size=3)
    below = st.lists(st.sampled_from([f"{pad} # deep {number}", f"{pad}      #deeper {number}"]), max_size=2)
    return st.builds(
        lambda above, own, below: Layout(tuple(above), tuple(pad + line if line else "" for line in own), tuple(below)),
        above,
        own,
        below,
    )


@st.composite
def _files(draw: st.DrawFn) -> tuple[list[Layout], str, str, str]:
    indent = draw(st.sampled_from([0, 2, 5]))
    count = draw(st.integers(1, 5))
    layouts = [draw(_layout(number, indent)) for number in range(count)]
    tail = draw(
        st.sampled_from(["", "# end of all", "\n\ncontact: https://example.org/", "contact: https://c.example/"])
    )
    return layouts, tail, draw(st.sampled_from(["\n", "\r\n"])), draw(st.sampled_from(["", "\ufeff"]))


def _text(layouts: list[Layout], tail: str, ending: str, mark: str) -> str:
    lines = ["# top", "defaults: {delay: 2s}   # two", "sources:  # all of them"]
    for layout in layouts:
        lines += [*layout.above, *layout.own, *layout.below]
    lines += tail.split("\n") if tail else []
    return mark + ending.join(lines) + ending


def _goes(layouts: list[Layout], number: int, going: set[int]) -> list[str]:
    """The lines that go with a source: the rule again, from how the file was made and not from its text."""
    layout = layouts[number]
    follower = number + 1
    while follower in going and not layouts[follower].above:
        follower += 1
    heads = follower < len(layouts) and not layouts[follower].above
    above = []
    for line in () if heads else reversed(layout.above):
        if not line or "# - feed" in line:
            break
        above.append(line)
    return [line for line in (*above, *layout.own, *layout.below) if line]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_files(), st.data())
def test_removing_touches_no_other_line_whatever_the_layout(
    path: Path, file: tuple[list[Layout], str, str, str], data: st.DataObject
) -> None:
    layouts, _, ending, _ = file
    going = data.draw(st.sets(st.integers(0, len(layouts) - 1), min_size=1))
    before = _text(*file)
    after = removed(path, before, *(f"s{number}" for number in going))
    gone = sorted(line for number in going for line in _goes(layouts, number, going))
    left = [line for line in before.split(ending) if line]
    for line in gone:
        left.remove(line)
    came_out = [line for line in after.split(ending) if line]
    assert sorted(came_out) == sorted(left)
    went_in = iter(before.split(ending))
    assert all(line in went_in for line in after.split(ending)), "in another order"
    assert [source.source.name for source in load(path).sources] == [
        f"s{number}" for number in range(len(layouts)) if number not in going
    ]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_files(), st.data(), st.booleans())
def test_resting_adds_one_line_for_each_and_waking_gives_the_file_back(
    path: Path, file: tuple[list[Layout], str, str, str], data: st.DataObject, bare_end: bool
) -> None:
    layouts, _, ending, _ = file
    chosen = data.draw(st.sets(st.integers(0, len(layouts) - 1), min_size=1))
    before = _text(*file)
    before = before.removesuffix(ending) if bare_end else before
    names = [f"s{number}" for number in chosen]
    rested = switched(path, before, *names, enabled=False)
    assert [not source.source.enabled for source in load(path).sources] == [n in chosen for n in range(len(layouts))]
    assert rested.count("enabled: false") == len(chosen)
    lines = [line for line in rested.split(ending) if line.strip() != "enabled: false"]
    assert ending.join(lines).replace(", enabled: false", "") in (before, before + ending, before.removesuffix(ending))
    assert switched(path, rested, *names, enabled=True) == before


# --- the commands ---------------------------------------------------------------------------------------------------


def test_sources_are_removed_by_name_or_address_and_their_articles_stay(newsroom: Newsroom) -> None:
    newsroom.subscribe({"feed": "https://a.example/rss", "name": "Harbour"}, "https://b.example/rss")
    assert newsroom.ok("remove", "harbour", "http://www.b.example/rss/") == (
        "Removed Harbour: feed https://a.example/rss\nRemoved b.example: feed https://b.example/rss\n"
        "What they brought stays in the corpus.\n"
    )
    assert load(newsroom.folder / "feeds.yaml").sources == ()


def test_one_unknown_source_and_nothing_is_changed(newsroom: Newsroom) -> None:
    newsroom.subscribe({"feed": "https://a.example/rss", "name": "Harbour"})
    before = (newsroom.folder / "feeds.yaml").read_bytes()
    for command in ("remove", "disable", "enable"):
        assert newsroom.refused(command, "Harbour", "Habour", status=2) == (
            'Error: feeds.yaml: there is no source "Habour"; did you mean "Harbour"?\n'
        )
    assert (newsroom.folder / "feeds.yaml").read_bytes() == before


def test_disable_and_enable_say_what_they_did_and_do_no_harm_twice(newsroom: Newsroom) -> None:
    newsroom.subscribe({"feed": "https://a.example/rss", "name": "Harbour"})
    assert newsroom.ok("disable", "Harbour") == "Disabled Harbour: feed https://a.example/rss\n"
    assert newsroom.ok("disable", "Harbour") == "Harbour is disabled already\n"
    one = {"kind": "feed", "url": "https://a.example/rss", "name": "Harbour"}
    assert newsroom.json("disable", "Harbour") == {"disabled": [], "already": [one]}
    assert newsroom.json("enable", "Harbour") == {"enabled": [one], "already": [], "resumed": {}}
    assert newsroom.ok("enable", "Harbour") == "Harbour is enabled already\n"
    assert newsroom.json("remove", "Harbour") == {"removed": [one], "renamed": {}}
    assert not newsroom.db.exists()


RSS = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title><item><title>One</title>'
    "<link>/1</link><guid>1</guid></item></channel></rss>"
)


def test_p18_enabling_a_source_whose_feed_was_gone_polls_it_again(newsroom: Newsroom, web: LocalWeb) -> None:
    site = web.site()
    feed = site.script("/rss", [Response("gone", status=410), Response(RSS, content_type="application/rss+xml")])
    newsroom.subscribe({"feed": feed, "name": "Harbour"})
    newsroom.ok("crawl", "--workers", "1")
    newsroom.ok("crawl", "--workers", "1")
    assert len(site.requests("/rss")) == 1
    with open_corpus(newsroom.db, write=True):
        said = newsroom.refused("enable", "Harbour", status=1)
        assert said == (
            "Error: cuttings.db: is being written by a crawl, so that what was gone is not polled again yet; "
            "stop it, or wait for its end, then: cuttings enable Harbour\n"
        )
    assert newsroom.ok("enable", "Harbour") == "Harbour was gone; the next crawl asks its server again\n"
    newsroom.ok("crawl", "--workers", "1")
    assert len(site.requests("/rss")) == 2
    assert newsroom.json("status")["sources"][0]["feeds"][0]["entries"] == 1
