"""Which articles are copies of one text: on made-up news of unseen seeds, in six languages, and on hostile texts."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

import pytest
from copymaker import Made, Newsroom, Paragraphs, articles, bylined, form, furnished, kept, restyled, stream
from copywords import TONGUES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memoryindex import MemoryIndex

from crawler.copies import Judge, place, prints
from crawler.copies.placing import COMPARED_CHARS
from crawler.copies.words import MAX_CHARS, MAX_WORDS, folded, words
from crawler.extract.words import content_hash
from storage import Article as Stored
from storage import CopyIndex, LinkKind, Member, Placement

SEED = 20_261_125


class Desk:
    """Files articles one after another, as a crawl does."""

    def __init__(self) -> None:
        self.index = MemoryIndex()
        self.judge = Judge()
        self.placements: list[Placement] = []

    def file(self, text: str, title: str | None = None, site: str = "") -> int:
        """File an article; gives its story."""
        article = Stored(title=title, text=text, html="", site=site, content_hash=content_hash(text))
        placement = self.judge.place(article, self.index)
        self.placements.append(placement)
        return self.index.add(len(self.placements), article, placement)

    def file_made(self, made: Made) -> int:
        return self.file(made.text, made.title, made.site)

    @property
    def kinds(self) -> set[LinkKind]:
        """Of the links of the article that was filed last."""
        return {link.kind for link in self.placements[-1].links}


def grouped(of: Mapping[int, Hashable]) -> dict[Hashable, set[int]]:
    groups: defaultdict[Hashable, set[int]] = defaultdict(set)
    for article, story in of.items():
        groups[story].add(article)
    return groups


def pairs(groups: Iterable[set[int]]) -> set[tuple[int, int]]:
    return {pair for group in groups for pair in itertools.combinations(sorted(group), 2)}


def scores(truth: dict[int, int], stories: dict[int, int]) -> tuple[float, float]:
    """Pair F1 and B-cubed F."""
    true, found = grouped(truth), grouped(stories)
    wanted, got = pairs(true.values()), pairs(found.values())
    f1 = 2 * len(wanted & got) / (len(wanted) + len(got))
    both = {article: len(true[truth[article]] & found[stories[article]]) for article in truth}
    precision = sum(both[article] / len(found[stories[article]]) for article in truth) / len(truth)
    recall = sum(both[article] / len(true[truth[article]]) for article in truth) / len(truth)
    return f1, 2 * precision * recall / (precision + recall)


def score_of(made: list[Made]) -> tuple[float, float]:
    """A merge of two wires belongs to neither and is not scored."""
    desk = Desk()
    stories = {number: desk.file_made(one) for number, one in enumerate(made)}
    truth = {number: one.story for number, one in enumerate(made) if one.kind != "merge"}
    return scores(truth, {number: stories[number] for number in truth})


@pytest.mark.parametrize("seed", [SEED, SEED + 1])
def test_d4_a_stream_of_copies_and_look_alikes_is_parted_into_its_stories(seed: int) -> None:
    f1, b_cubed = score_of(stream(seed, "en", 120))
    assert f1 >= 0.98
    assert b_cubed >= 0.99


@pytest.mark.parametrize("tongue", ["de", "ar", "zh", "ja", "th"])
def test_d11_other_scripts_are_parted_as_well_as_english(tongue: str) -> None:
    f1, b_cubed = score_of(stream(SEED, tongue, 80))
    assert f1 >= 0.98
    assert b_cubed >= 0.98


Change = Callable[[Made, Newsroom], tuple[str, str]]
CHANGES: dict[str, Change] = {
    "headline": lambda made, room: (room.title(), made.text),
    "no headline": lambda made, room: ("", made.text),
    "by-line and dateline": lambda made, room: (made.title, bylined(made.text, room)),
    "white space": lambda made, room: (made.title, made.text.replace(" ", "  ").replace("\n", "\r\n\r\n")),
    "house style": lambda made, room: (made.title, restyled(made.text, room.rng)),
    "furniture": lambda made, room: (made.title, furnished(made.text, room)),
    "case": lambda made, room: (made.title.upper(), made.text.upper() if "ß" not in made.text else made.text),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("tongue", TONGUES)
def test_d6_headline_byline_dateline_white_space_quotes_and_house_style_make_no_new_story(
    tongue: str, change: str
) -> None:
    for made, _, room in articles(SEED, tongue, 20):
        desk = Desk()
        title, text = CHANGES[change](made, room)
        assert desk.file(made.text, made.title, "one.example") == desk.file(text, title, "two.example"), text


@pytest.mark.parametrize("tongue", TONGUES)
def test_d6_a_copy_that_keeps_any_30_to_95_per_cent_joins(tongue: str) -> None:
    joined = total = 0
    for made, paragraphs, room in articles(SEED + 2, tongue, 60):
        desk = Desk()
        story = desk.file_made(made)
        for share in (0.3, 0.5, 0.95):
            part = room.text(kept(paragraphs, share, room.rng, room.rng.random()))
            joined += desk.judge.place(stored(part, room.title()), desk.index).story_id == story
            total += 1
    assert joined / total >= 0.96


def stored(text: str, title: str | None = None) -> Stored:
    return Stored(title=title, text=text, html="", content_hash=content_hash(text))


@pytest.mark.parametrize("tongue", TONGUES)
def test_d6_a_trimmed_copy_that_was_filed_first_is_joined_by_the_whole_text(tongue: str) -> None:
    joined = [
        (desk := Desk()).file(room.text(kept(paragraphs, 0.4, room.rng)), room.title()) == desk.file_made(made)
        for made, paragraphs, room in articles(SEED + 3, tongue, 25)
    ]
    assert sum(joined) / len(joined) >= 0.96


@pytest.mark.parametrize("tongue", TONGUES)
def test_d7_forms_that_are_filled_in_anew_stay_apart(tongue: str) -> None:
    room = Newsroom(random.Random(SEED), tongue)
    for number in range(len(room.tongue.forms)):
        desk = Desk()
        stories = {desk.file_made(form(room, number)) for _ in range(60)}
        assert len(stories) >= 60 * 0.99


def test_d7_a_form_is_told_as_one() -> None:
    room, desk = Newsroom(random.Random(SEED), "en"), Desk()
    for _ in range(2):
        desk.file_made(form(room, 0))
    assert desk.kinds == {LinkKind.TEMPLATE}


def test_a_copy_of_a_filled_in_form_joins_it() -> None:
    room, desk = Newsroom(random.Random(SEED), "en"), Desk()
    reports = [form(room, 0) for _ in range(5)]
    stories = [desk.file_made(report) for report in reports]
    assert [desk.file(report.text, "Elsewhere", "other.example") for report in reports] == stories


def wires(count: int) -> list[tuple[Made, Paragraphs, Newsroom]]:
    return list(articles(SEED + 4, "en", count))


def test_d7_a_follow_up_that_shares_background_is_related() -> None:
    (made, paragraphs, room), (other, *_), *_ = wires(2)
    desk = Desk()
    story = desk.file_made(made)
    assert desk.file("\n".join([other.text, room.text(paragraphs[1:3])]), "What now?") != story
    assert desk.kinds == {LinkKind.RELATED}


def test_d7_a_merge_of_two_wires_is_linked_to_both_and_unites_nothing() -> None:
    for (one, *_), (other, *_) in itertools.pairwise(wires(12)):
        desk = Desk()
        stories = [desk.file_made(one), desk.file_made(other)]
        assert desk.file(f"{one.text}\n{other.text}", one.title) not in stories
        assert {link.other_id for link in desk.placements[-1].links} == set(stories)
        assert desk.kinds == {LinkKind.COMPILATION}
        assert [desk.file(one.text, "Again"), desk.file(other.text, "Again")] == stories


def test_d7_a_merge_that_came_before_the_second_wire_unites_nothing() -> None:
    for (one, *_), (other, *_) in itertools.pairwise(wires(12)):
        for merged in (f"{one.text}\n{other.text}", f"{other.text}\n{one.text}"):
            desk = Desk()
            first = desk.file_made(one)
            desk.file(merged, "Two things at once")
            assert desk.file_made(other) != first
            assert desk.placements[-1].links


def test_a_round_up_is_linked_to_its_items_and_joins_none() -> None:
    chosen, desk = wires(5), Desk()
    stories = [desk.file_made(made) for made, *_ in chosen]
    room = chosen[0][2]
    assert desk.file(room.text([block for _, text, _ in chosen for block in text[:2]]), "News in brief") not in stories
    assert {link.other_id for link in desk.placements[-1].links if link.kind is LinkKind.COMPILATION} == set(stories)


def test_an_excerpt_is_no_copy() -> None:
    (made, paragraphs, room), (other, *_) = wires(2)
    long = f"{made.text}\n" * 1 + "\n".join(one.text for one, *_ in wires(12)[2:])
    desk = Desk()
    story = desk.file(long, made.title)
    assert desk.file(room.text(paragraphs[1:3]), other.title) != story
    assert desk.kinds == {LinkKind.EXCERPT}


def test_the_figures_of_a_link_tell_how_much_is_shared() -> None:
    (made, paragraphs, room), *_ = wires(1)
    desk = Desk()
    desk.file_made(made)
    desk.file(room.text(kept(paragraphs, 0.5, room.rng)), made.title)
    (link,) = desk.placements[-1].links
    assert link.kind is LinkKind.COPY
    assert link.containment == 1.0
    assert 0.4 < link.resemblance < 0.6
    assert link.shared_words == len(words(room.text(kept(paragraphs, 0.5, room.rng)).replace("\n", " ")))


def test_furniture_that_a_site_repeats_glues_no_articles_together() -> None:
    lines = [
        f"Line {number} of a site stands below every article that it prints, whatever it is." for number in range(4)
    ]
    desk = Desk()
    stories = [desk.file("\n".join([made.text[:900], *lines]), made.title) for made, *_ in wires(8)]
    assert len(set(stories)) == len(stories)
    assert len(desk.placements[-1].left_out) == len(lines)
    assert not desk.placements[-1].links


@pytest.mark.parametrize("notice", ["Watch the video", "Site under maintenance", "404", "网站维护中", "🎬 ▶"])
def test_notices_are_copies_of_nothing(notice: str) -> None:
    desk = Desk()
    titles = ("A storm", "A vote", notice, notice)
    assert len({desk.file(notice, title, f"{n % 3}.example") for n, title in enumerate(titles)}) == 4


def test_a_longer_notice_of_one_site_is_no_copy_of_itself() -> None:
    notice = "This video is not available in your country. Please try again later."
    desk = Desk()
    assert len({desk.file(notice, title, "one.example") for title in ("A storm", "A vote", "A match")}) == 3


def test_a_flash_joins_the_same_flash_of_another_site() -> None:
    flash = "Prime minister resigns after eleven years, palace says."
    desk = Desk()
    assert desk.file(flash, "PM goes", "one.example") == desk.file(flash, "PM goes", "two.example")


def test_a_widely_printed_story_stays_one() -> None:
    desk, rng = Desk(), random.Random(SEED)
    (made, paragraphs, room), *_ = wires(1)
    texts = [made.text, *(room.text(kept(paragraphs, rng.uniform(0.5, 1), rng)) for _ in range(40))]
    assert len({desk.file(text, room.title()) for text in texts}) == 1


WORD = st.text("abcdefghijklmnop", min_size=1, max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    run=st.lists(WORD, min_size=36, max_size=36),
    around=st.tuples(*[st.lists(WORD, max_size=250)] * 4),
)
def test_d8_texts_that_share_a_run_of_36_words_share_a_fingerprint(
    run: list[str], around: tuple[list[str], list[str], list[str], list[str]]
) -> None:
    one = " ".join([*around[0], *run, *around[1]])
    other = " ".join([*around[2], *run, *around[3]])
    assert set(prints(one).fingerprints) & set(prints(other).fingerprints)


@pytest.mark.parametrize("tongue", TONGUES)
def test_d8_in_every_script_a_shared_run_gives_a_shared_fingerprint(tongue: str) -> None:
    """36 words, where no spaces are written the characters of as many: a window and a shingle."""
    rng = random.Random(SEED)
    found = [made.text.replace("\n", " ") for made, *_ in articles(SEED + 5, tongue, 30)]
    characters = {"zh": 41, "ja": 41, "th": 110}.get(tongue)
    for text in found:
        units = list(text) if characters else text.split(" ")
        at = rng.randrange(max(1, len(units) - (characters or 36) * 2))
        run = units[at : at + (characters or 36) * 2]
        shared = "".join(run) if characters else " ".join(run)
        one, other = (f"{rng.choice(found)} {shared} {rng.choice(found)}" for _ in range(2))
        assert set(prints(one).fingerprints) & set(prints(other).fingerprints)


def test_prints_are_distinct_ascending_and_fit_a_signed_64_bit_integer() -> None:
    for made, *_ in wires(20):
        for hashes in (prints(made.text).fingerprints, prints(made.text).lines):
            assert list(hashes) == sorted(set(hashes))
            assert all(0 <= value < 2**63 for value in hashes)


def test_prints_are_the_same_in_every_process_and_as_they_were() -> None:
    """These go with `VERSION`: whoever changes them raises it, so that indexes are made anew."""
    text = "The U.S. said on Monday that “per cent” is one word.\n中国人民银行周一表示，将继续实施稳健的货币政策。"
    assert (sum(prints(text).fingerprints) % 10**9, sum(prints(text).lines) % 10**9) == EXPECTED
    program = f"from crawler.copies import prints; print(prints({text!r}))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == repr(prints(text))


EXPECTED = (97315104, 26609583)


def test_lines_left_out_are_in_no_fingerprint() -> None:
    made = wires(1)[0][0]
    line = "Sign up for our newsletter today."
    left_out = prints(line).lines
    assert prints(f"{made.text}\n{line}", left_out).fingerprints == prints(made.text).fingerprints
    assert left_out[0] in prints(f"{made.text}\n{line}", left_out).lines


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The U.S. and the U.K.", "the US and the UK"),
        ("“Don’t”, he said – twice", '"Don\'t," he said - twice'),
        ("six per cent of 1,000", "6 percent of 1000"),
        ("6 pct", "6%"),
        ("Organised labour, grey travellers", "organized labor, grey travelers"),
        ("Straße nach Köln", "STRASSE nach Koln"),
        ("الأُمم المتّحدة ٣٤", "الامم المتحدة 34"),
        ("２０２４年６月，東京", "2024年6月, 東京"),
        ("re\u00adgime, \ufeffold", "regime old"),
        ("e\u0301te\u0301", "été"),
        ("ｶﾞｿﾘﾝ", "ガソリン"),
    ],
)
def test_house_styles_are_no_difference(one: str, other: str) -> None:
    assert words(one).tolist() == words(other).tolist()


@pytest.mark.parametrize("word", ["four", "hour", "किताब", "が", "か", "2.5", "25"])
def test_folding_tells_words_apart(word: str) -> None:
    others = {"for", "her", "कतब", "か" if word == "が" else "が", "2.5" if word == "25" else "25"}
    assert folded(word) not in {folded(other) for other in others - {word}} or word in others


HOSTILE = {
    "one word a million times": "spam " * 1_000_000,
    "one line of 5 MB": "".join(chr(97 + n % 26) + (" " if n % 7 == 0 else "") for n in range(5_000_000)),
    "one word of 5 MB": "x" * 5_000_000,
    "five million different characters": "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(5_000_000)),
    "a million lines": "a line\n" * 1_000_000,
    "numbers": "1,000.5 " * 700_000,
    "nothing but dots": ".'’-" * 1_000_000,
    "marks": "\u0301" * 3_000_000,
    "emoji": "😀" * 500_000,
    "lone surrogates": "\ud800 \udfff a b c d e f g " * 1000,
    "control characters": "\x00\x0b\x0c\x85\u2028a" * 10_000,
    "nothing": "",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_cost_a_bounded_time(name: str) -> None:
    desk, text = Desk(), HOSTILE[name]
    began = time.process_time()
    for title in ("one", "two"):
        article = Stored(title=title, text=text, html="", content_hash=name)
        placement = desk.judge.place(article, desk.index)
        desk.index.add(len(title), article, placement)
    assert time.process_time() - began < 4.0
    assert len(placement.prints.fingerprints) <= MAX_WORDS
    assert len(placement.prints.lines) <= MAX_WORDS


class CountingIndex(MemoryIndex):
    """How many stories were asked for their members."""

    asked = 0

    def members(self, story_id: int) -> Sequence[Member]:
        self.asked += 1
        return super().members(story_id)


def test_d10_long_texts_made_to_share_a_passage_are_not_all_compared() -> None:
    rng, desk = random.Random(SEED), Desk()
    desk.index = index = CountingIndex()
    passage = " ".join(f"shared{number}" for number in range(40))
    longest = COMPARED_CHARS // 4
    for _ in range(12):
        desk.file(f"{passage} {' '.join(f'{rng.randrange(10**9)}x' for _ in range(longest // 11))}")
    index.asked = 0
    desk.file(passage)
    assert 4 <= index.asked <= COMPARED_CHARS // MAX_CHARS + 1


def test_what_is_in_a_link_are_plain_numbers() -> None:
    (made, paragraphs, room), *_ = wires(1)
    desk = Desk()
    desk.file_made(made)
    desk.file(room.text(kept(paragraphs, 0.5, room.rng)))
    (link,) = desk.placements[-1].links
    assert [type(value) for value in (link.containment, link.resemblance, link.shared_words)] == [float, float, int]


def test_no_more_is_read_than_the_documented_bounds() -> None:
    text = " ".join(f"word{number}" for number in range(100_000))
    assert len(words(text)) <= MAX_WORDS
    assert prints(text) == prints(text[:MAX_CHARS])


@pytest.mark.parametrize("name", ["emoji", "nothing but dots", "nothing"])
def test_texts_without_words_have_no_prints_and_join_nothing(name: str) -> None:
    desk = Desk()
    assert desk.file(HOSTILE[name]) != desk.file(HOSTILE[name])
    assert desk.placements[-1].prints.fingerprints == ()


def test_what_is_kept_ready_changes_nothing() -> None:
    kept_ready, forgetful = Desk(), Desk()
    forgetful.judge = Judge(kept_words=0)
    for made in stream(SEED + 6, "en", 25):
        assert kept_ready.file_made(made) == forgetful.file_made(made)
    assert kept_ready.placements == forgetful.placements


def test_place_asks_only_the_index_that_it_is_given() -> None:
    made = wires(1)[0][0]
    index: CopyIndex = MemoryIndex()
    assert place(stored(made.text), index).story_id is None
    assert place(stored(made.text), index) == place(stored(made.text), index)
