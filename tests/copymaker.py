"""Made-up news in six languages: copies as houses make them, and what only looks like one. The same for every seed.

`stream(seed, tongue)` gives what a crawl would file, mixed as it would come; `story` is the truth.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from copywords import TONGUES, Tongue

Paragraphs = list[list[str]]
"""Sentences by paragraph."""


@dataclass(frozen=True)
class Made:
    """An article, and the story that it belongs to."""

    story: int
    kind: str
    """`orig`, `copy`, and what is none: `template`, `followup`, `quote`, `roundup`, `merge`."""
    title: str
    text: str
    site: str
    parts: tuple[int, ...] = ()
    """The stories that a merge or a round-up was made of, that a follow-up or a quote took from."""


class Newsroom:
    """Writes articles of one language."""

    def __init__(self, rng: random.Random, tongue: str) -> None:
        self.rng = rng
        self.tongue: Tongue = TONGUES[tongue]

    def filled(self, pattern: str) -> str:
        """A pattern with its slots filled."""
        words = {
            "n": self.tongue.nouns,
            "v": self.tongue.verbs,
            "a": self.tongue.adjectives,
            "p": self.tongue.places,
            "w": self.tongue.people,
            "d": self.tongue.days,
        }

        def fill(slot: re.Match[str]) -> str:
            kind = slot[1]
            if kind == "x":
                return str(self.rng.randrange(13, 60))
            return self.rng.choice(words[kind.lower()]).upper() if kind == "P" else self.rng.choice(words[kind])

        return re.sub(r"\{(\w)\}", fill, pattern)

    def sentence(self) -> str:
        return self.filled(self.rng.choice(self.tongue.sentences))

    def paragraphs(self, sentences: int) -> Paragraphs:
        """A text of so many sentences, two or three a paragraph."""
        found: Paragraphs = [[]]
        for _ in range(sentences):
            if len(found[-1]) >= self.rng.choice((2, 3)):
                found.append([])
            found[-1].append(self.sentence())
        return found

    def title(self) -> str:
        return self.sentence().rstrip(".。")

    def text(self, paragraphs: Paragraphs) -> str:
        """Paragraphs as a text."""
        return "\n".join(self.tongue.between.join(sentences) for sentences in paragraphs)

    def site(self) -> str:
        return f"paper{self.rng.randrange(40)}.example"


def kept(paragraphs: Paragraphs, share: float, rng: random.Random, start: float = 0.0) -> Paragraphs:
    """About so large a share of a text, whole sentences in a row, from `start` (0: the beginning, 1: up to the end)."""
    flat = [(number, sentence) for number, block in enumerate(paragraphs) for sentence in block]
    sizes = [len(sentence) for _, sentence in flat]
    wanted, first = share * sum(sizes), 0
    while first < len(flat) - 1 and sum(sizes[:first]) < start * (sum(sizes) - wanted):
        first += 1
    last = first
    while last < len(flat) and sum(sizes[first:last]) < wanted:
        last += 1
    found: dict[int, list[str]] = {}
    for number, sentence in flat[first:last]:
        found.setdefault(number, []).append(sentence)
    return list(found.values())


def without_middle(paragraphs: Paragraphs, rng: random.Random) -> Paragraphs:
    """A text with a third of its paragraphs gone, none of them the first."""
    dropped = set(rng.sample(range(1, len(paragraphs)), max(1, len(paragraphs) // 3))) if len(paragraphs) > 2 else set()
    return [block for number, block in enumerate(paragraphs) if number not in dropped]


def bylined(text: str, room: Newsroom) -> str:
    """With by-line, time and dateline of a house."""
    line = room.filled(room.tongue.dateline) if room.rng.random() < 0.6 else ""
    return f"{room.filled(room.tongue.byline)}\n{line}{text}"


_STYLES: tuple[tuple[str, str], ...] = (
    ("per cent", "percent"),
    ("U.S.", "US"),
    ('"', "”"),
    ("'", "’"),
    (" – ", " - "),
    ("colour", "color"),
    ("neighbour", "neighbor"),
    ("programme", "program"),
    ("centre", "center"),
    ("defence", "defense"),
    ("organis", "organiz"),
    ("criticis", "criticiz"),
    ("ß", "ss"),
    ("„", '"'),
    ("“", '"'),
    ("أ", "ا"),
    ("إ", "ا"),
    ("،", ","),
    ("，", ","),
    ("。", "."),
    ("「", '"'),
    ("」", '"'),
    ("、", ","),
)


def restyled(text: str, rng: random.Random) -> str:
    """In another house style: quotes, dashes, spelling, width of digits, white space."""
    for one, other in _STYLES:
        if rng.random() < 0.7:
            text = text.replace(one, other)
    if rng.random() < 0.5 and re.search("[\u0600-\u06ff]", text):
        text = text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    if rng.random() < 0.5 and re.search("[\u3040-\u30ff\u4e00-\u9fff]", text):
        text = text.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    return re.sub(r"\n", lambda _: rng.choice(("\n", "\n\n", " \n")), text)


def edited(text: str, room: Newsroom, share: float = 0.015) -> str:
    """With some words changed, as an editor does; of each character of an unspaced script a tenth as often."""
    if not room.tongue.spaced:
        characters = [room.rng.choice("一二三") if c.isalpha() and room.rng.random() < share / 3 else c for c in text]
        return "".join(characters)
    words = re.split(r"(\s+)", text)
    for number, word in enumerate(words):
        if word.isalpha() and room.rng.random() < share:
            words[number] = room.rng.choice(room.tongue.nouns)
    return "".join(words)


def furnished(text: str, room: Newsroom) -> str:
    """With what a site puts around its texts."""
    lines = [room.filled(line) for line in room.tongue.furniture]
    room.rng.shuffle(lines)
    return "\n".join([*lines[:1], text, *lines[1 : room.rng.randrange(1, 4)]])


def copied(original: Made, paragraphs: Paragraphs, room: Newsroom) -> Made:
    """A copy as some house would print it."""
    rng = room.rng
    chosen = rng.random()
    if chosen < 0.45:
        paragraphs = kept(paragraphs, rng.uniform(0.3, 0.95), rng)
    elif chosen < 0.6:
        paragraphs = without_middle(paragraphs, rng)
    text = room.text(paragraphs)
    changes: tuple[Callable[[str], str], ...] = (
        lambda text: edited(text, room),
        lambda text: restyled(text, rng),
        lambda text: bylined(text, room),
        lambda text: furnished(text, room),
    )
    for change in changes:
        if rng.random() < 0.4:
            text = change(text)
    title = room.title() if rng.random() < 0.5 else original.title
    return replace(original, kind="copy", text=text, title=title, site=room.site())


def stream(seed: int, tongue: str = "en", stories: int = 60) -> list[Made]:
    """Articles in the order in which they are filed."""
    rng = random.Random(f"{seed} {tongue}")
    room = Newsroom(rng, tongue)
    made: list[tuple[float, Made]] = []
    written: list[tuple[float, Made, Paragraphs]] = []
    numbers = iter(range(10**6))
    for _ in range(stories):
        paragraphs = room.paragraphs(rng.randrange(8, 40))
        original = Made(next(numbers), "orig", room.title(), room.text(paragraphs), room.site())
        when = rng.random()
        written.append((when, original, paragraphs))
        made.append((when, original))
        for _ in range(rng.choice((0, 0, 1, 2, 3, 6))):
            made.append((when + rng.uniform(0, 0.2), copied(original, paragraphs, room)))
    others = (*(lambda: _form(room),) * (stories // 3), *(lambda: _followup(room, written),) * (stories // 6))
    others += (
        *(lambda: _quote(room, written),) * (stories // 6),
        *(lambda: _roundup(room, written),) * (stories // 20),
    )
    others += (*(lambda: _merge(room, written),) * (stories // 20),)
    for other in others:
        when, article = other()
        made.append((when, replace(article, story=next(numbers))))
    made.sort(key=lambda one: one[0])
    return [article for _, article in made]


_Written = list[tuple[float, Made, Paragraphs]]


def _form(room: Newsroom) -> tuple[float, Made]:
    return room.rng.random(), form(room, room.rng.randrange(len(room.tongue.forms)))


def form(room: Newsroom, number: int) -> Made:
    """A report that is filled in anew: no two are copies."""
    return Made(-1, "template", room.tongue.forms[number][:20], room.filled(room.tongue.forms[number]), room.site())


def _followup(room: Newsroom, written: _Written) -> tuple[float, Made]:
    when, original, paragraphs = room.rng.choice(written)
    background = paragraphs[: max(1, len(paragraphs) // 4)]
    fresh = room.paragraphs(3 * sum(map(len, background)))
    text = room.text([*fresh[:-1], *background, fresh[-1]])
    return when + 0.3, Made(-1, "followup", room.title(), text, room.site(), (original.story,))


def _quote(room: Newsroom, written: _Written) -> tuple[float, Made]:
    when, original, paragraphs = room.rng.choice(written)
    fresh = room.paragraphs(14)
    text = room.text([*fresh[:3], room.rng.choice(paragraphs)[:2], *fresh[3:]])
    return when + 0.3, Made(-1, "quote", room.title(), text, room.site(), (original.story,))


def _roundup(room: Newsroom, written: _Written) -> tuple[float, Made]:
    chosen = room.rng.sample(written, 5)
    text = room.text([paragraphs[0] for _, _, paragraphs in chosen])
    return 1.5, Made(-1, "roundup", room.title(), text, room.site(), tuple(one.story for _, one, _ in chosen))


def _merge(room: Newsroom, written: _Written) -> tuple[float, Made]:
    chosen = room.rng.sample(written, 2)
    text = room.text([*chosen[0][2], *chosen[1][2]])
    return 1.5, Made(-1, "merge", room.title(), text, room.site(), tuple(one.story for _, one, _ in chosen))


def articles(seed: int, tongue: str, count: int) -> Iterator[tuple[Made, Paragraphs, Newsroom]]:
    """Single articles with their sentences and the newsroom that wrote them."""
    rng = random.Random(f"{seed} {tongue} single")
    room = Newsroom(rng, tongue)
    for number in range(count):
        paragraphs = room.paragraphs(rng.randrange(8, 40))
        yield Made(number, "orig", room.title(), room.text(paragraphs), room.site()), paragraphs, room
