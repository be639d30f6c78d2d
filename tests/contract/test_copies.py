"""What the corpus promises of the index by which copies are found: it knows all that was filed, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import judging
import pytest
from contract.conftest import Opener
from contract.copying import Press, words
from contract.scenes import HOUR, NOW, article

from storage import (
    CANDIDATES,
    FINGERPRINT_STORIES,
    LINE_STORIES,
    MEMBERS,
    Corpus,
    Link,
    LinkKind,
    Placement,
    Prints,
    StorageError,
)


@pytest.fixture
def press(corpus: Corpus) -> Press:
    """Files articles into an empty corpus."""
    return Press(corpus)


def nothing(text: str, left_out: Sequence[int]) -> Prints:
    """For tests that give the prints by hand."""
    del text, left_out
    return Prints((), ())


def printed(*fingerprints: int, lines: Sequence[int] = (), story: int | None = None) -> Placement:
    """A placement that has nothing but prints."""
    return Placement(story, prints=Prints(tuple(sorted(fingerprints)), tuple(sorted(lines))))


def test_a_copy_joins_the_story_of_the_first(press: Press, corpus: Corpus) -> None:
    first, copy, other = press.file(words(0), words(0, 50) + " and words of its own", words(1000))
    found = [corpus.article(each) for each in (first, copy, other)]
    assert [each and (each.story_id, each.copies) for each in found] == [(first, 2), (first, 2), (other, 1)]
    assert corpus.totals().stories == 2


def test_without_a_placement_an_article_begins_a_story_and_later_copies_find_it(press: Press, corpus: Corpus) -> None:
    with corpus.filing() as filing:
        one = press.file_in(filing, article(words(0)), None)
        two = press.file_in(filing, article(words(0)), None)
        assert [story for story, _ in press.index(filing).stories(judging.prints(words(0), ()).fingerprints)] == [
            one,
            two,
        ]
        three = press.file_in(filing, article(words(0)))
    assert [(found.id, found.story_id) for found in corpus.articles()] == [(one, one), (two, two), (three, one)]


def test_stories_that_share_most_come_first_and_equal_ones_by_id(press: Press, corpus: Corpus) -> None:
    ids = []
    with corpus.filing() as filing:
        index = filing.copies(nothing, 1)
        for number in range(CANDIDATES + 4):
            shared = (2, 3) if number == 5 else (2,) if number > 7 else ()
            ids.append(press.file_in(filing, article(str(number)), printed(1, *shared)))
        found = list(index.stories([1, 2, 3, 4, 4, 1]))
        assert index.stories([4, 5]) == []
    counts = {story: 3 if n == 5 else 2 if n > 7 else 1 for n, story in enumerate(ids)}
    assert found == sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:CANDIDATES]


def test_of_a_line_the_lowest_stories_are_known(press: Press, corpus: Corpus) -> None:
    ids = []
    with corpus.filing() as filing:
        for number in range(LINE_STORIES + 2):
            filing.copies(nothing, 1)
            ids.append(press.file_in(filing, article(str(number)), printed(lines=[7, 8] if number == 1 else [7])))
    for _ in range(2):
        with corpus.filing() as filing:
            index = filing.copies(nothing, 1)
            found = {line: sorted(stories) for line, stories in index.line_stories([7, 8, 9]).items()}
            assert found == {7: ids[:LINE_STORIES], 8: [ids[1]]}
            assert index.stories([7]) == []


def test_of_a_fingerprint_that_too_many_stories_share_the_first_are_known(press: Press, corpus: Corpus) -> None:
    ids = []
    with corpus.filing() as filing:
        index = filing.copies(nothing, 1)
        for number in range(FINGERPRINT_STORIES + 3):
            own = (5, 1000 + number)
            ids.append(press.file_in(filing, article(str(number)), printed(*own)))
        assert index.stories([5, 1000 + FINGERPRINT_STORIES + 2])[0] == (ids[0], 1)
        assert dict(index.stories([5, 1000 + FINGERPRINT_STORIES - 1]))[ids[FINGERPRINT_STORIES - 1]] == 2


def test_members_are_the_first_and_the_latest_with_their_current_texts(press: Press, corpus: Corpus) -> None:
    with corpus.filing() as filing:
        filing.copies(nothing, 1)
        first = press.file_in(filing, article("Text 0", title="One"), Placement(None, left_out=(3, 9, 2**63 - 1)))
        ids = [first] + [
            press.file_in(filing, article(f"Text {n}"), printed(story=first)) for n in range(1, MEMBERS + 3)
        ]
    with corpus.filing() as filing:
        filing.revise_article(ids[-1], article("Text of another day"), (), NOW + HOUR, Placement(None, left_out=(4,)))
        index = filing.copies(nothing, 1)
        members = index.members(first)
        assert index.members(first + 1) == []
    assert [member.article_id for member in members] == [first, *ids[-(MEMBERS - 1) :]]
    assert {member.story_id for member in members} == {first}
    assert (members[0].title, members[0].text, members[0].left_out) == ("One", "Text 0", (3, 9, 2**63 - 1))
    assert members[0].content_hash == article("Text 0").content_hash
    assert (members[0].site, members[-1].text, members[-1].left_out) == ("p1.example", "Text of another day", (4,))


def test_what_a_filing_wrote_is_known_in_it_and_gone_when_it_fails(press: Press, corpus: Corpus) -> None:
    (kept,) = press.file(words(0))
    with pytest.raises(ZeroDivisionError), corpus.filing() as filing:  # noqa: PT012
        lost = press.file_in(filing, article(words(500)))
        hashes = judging.prints(words(500), ()).fingerprints
        assert press.index(filing).stories(hashes) == [(lost, len(hashes))]
        raise ZeroDivisionError
    with corpus.filing() as filing:
        index = press.index(filing)
        assert index.stories(hashes) == []
        assert [story for story, _ in index.stories(judging.prints(words(0), ()).fingerprints)] == [kept]


def test_a_filing_that_fails_after_it_revised_a_text_leaves_the_index_as_it_was(press: Press, corpus: Corpus) -> None:
    (kept,) = press.file(words(0))
    for placed in (False, True):
        with pytest.raises(ZeroDivisionError), corpus.filing() as filing:  # noqa: PT012
            cut = article(words(700))
            filing.revise_article(
                kept, cut, (), NOW + HOUR, judging.place(cut, press.index(filing)) if placed else None
            )
            assert press.index(filing).stories(judging.prints(words(700), ()).fingerprints)
            raise ZeroDivisionError
        with corpus.filing() as filing:
            assert press.index(filing).stories(judging.prints(words(700), ()).fingerprints) == []
            assert press.index(filing).stories(judging.prints(words(0), ()).fingerprints)


def test_a_revision_stays_in_its_story_and_is_found_by_both_texts(press: Press, corpus: Corpus) -> None:
    first, other = press.file(words(0), words(1000))
    with corpus.filing() as filing:
        cut = article(words(1000) + " indeed")
        filing.revise_article(first, cut, (), NOW + HOUR, judging.place(cut, press.index(filing)))
    with corpus.filing() as filing:
        index = press.index(filing)
        assert [story for story, _ in index.stories(judging.prints(words(0), ()).fingerprints)] == [first]
        assert [story for story, _ in index.stories(judging.prints(words(1000), ()).fingerprints)] == [first, other]
    found = corpus.article(first)
    assert found is not None
    assert (found.story_id, found.revision, found.copies) == (first, 2, 1)


def test_the_index_knows_after_reopening_what_was_filed_before(opened: Opener) -> None:
    with opened(write=True) as corpus:
        (first,) = Press(corpus).file(words(0))
    with opened(write=True) as corpus:
        (copy,) = Press(corpus, "again").file(words(0))
        assert [found.story_id for found in corpus.articles()] == [first, first]
        assert copy != first


def test_a_text_that_no_encoding_can_hold_is_known_as_it_is_stored(press: Press, corpus: Corpus) -> None:
    press.file("\ud800 " + words(0) + "\x00 tail")
    with corpus.filing() as filing:
        stored = judging.prints("? " + words(0) + " tail", ()).fingerprints
        assert press.index(filing).stories(stored) == [(1, len(stored))]


def test_links_are_kept_with_their_figures_once_for_each_other_article(press: Press, corpus: Corpus) -> None:
    first, second = press.file(words(0), words(1000))
    links = (
        Link(first, LinkKind.COMPILATION, 0.9, 0.4, 50),
        Link(second, LinkKind.RELATED, 0.25, 0.1, 12),
        Link(first, LinkKind.COPY, 0.1, 0.1, 1),
    )
    with corpus.filing() as filing:
        press.index(filing)
        third = press.file_in(filing, article("A round-up"), Placement(None, links))
    assert [
        (tie.other.id, tie.kind, tie.containment, tie.resemblance, tie.shared_words) for tie in corpus.links(third)
    ] == [
        (first, LinkKind.COMPILATION, 0.9, 0.4, 50),
        (second, LinkKind.RELATED, 0.25, 0.1, 12),
    ]
    assert [tie.is_backward for tie in corpus.links(third)] == [True, True]
    assert [(tie.other.id, tie.kind, tie.is_backward) for tie in corpus.links(first)] == [
        (third, LinkKind.COMPILATION, False)
    ]


def test_the_index_knows_what_its_filing_wrote_before_it_was_asked_for(press: Press, corpus: Corpus) -> None:
    prints = judging.prints(words(0), ())
    with corpus.filing() as filing:
        one = press.file_in(filing, article(words(0)), Placement(None, prints=prints))
        two = press.file_in(filing, article(words(0)), Placement(None, prints=prints))
        assert [story for story, _ in press.index(filing).stories(prints.fingerprints)] == [one, two]
    with corpus.filing() as filing:
        assert [story for story, _ in press.index(filing).stories(prints.fingerprints)] == [one, two]


def test_a_filing_that_first_asks_after_it_revised_and_fails_leaves_nothing_out(opened: Opener) -> None:
    with opened(write=True) as corpus:
        (first,) = Press(corpus).file(words(0))
        with corpus.filing() as filing:
            Press(corpus, "late").file_in(filing, article(words(300)), None)
    with opened(write=True) as corpus:
        press = Press(corpus, "again")
        with pytest.raises(ZeroDivisionError), corpus.filing() as filing:  # noqa: PT012
            filing.revise_article(first + 1, article(words(900)), (), NOW + HOUR)
            assert press.index(filing).stories(judging.prints(words(900), ()).fingerprints)
            raise ZeroDivisionError
        with corpus.filing() as filing:
            index = press.index(filing)
            assert index.stories(judging.prints(words(900), ()).fingerprints) == []
            assert index.stories(judging.prints(words(300), ()).fingerprints)
            assert index.stories(judging.prints(words(0), ()).fingerprints)


def test_a_link_to_nothing_is_refused(press: Press, corpus: Corpus) -> None:
    with pytest.raises(StorageError), corpus.filing() as filing:
        press.file_in(filing, article("Text"), Placement(None, (Link(99, LinkKind.COPY, 1.0, 1.0, 5),)))
