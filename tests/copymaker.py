"""Copies and look-alikes of articles, made of words that mean nothing, with the truth about each; the same by seed.

The words are syllables of a script drawn so that some are frequent and most are rare, as in real texts: two articles
share no run of five words by chance. What is done to a text is what editors do to wire copy.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LANGUAGES = ("en", "de", "ar", "zh", "ja", "th")
UNSPACED = frozenset({"zh", "ja", "th"})
_SYLLABLES = {
    "en": "ba co der fin gal hor in jus kel lo mar nes or pol qui ras ste tur ul ven wes yor zan ter ing ed ly",
    "de": "ge ver auf stadt wirt schaft ung heit keit land rat haus bund tag wahl kam mer zeit geld werk ein",
    "ar": "ال من كت در مح سل عم نص رج بح قر طل فت شم جد خب زم وق هد ين ات ون",
    "th": "กา รา มา นา ตา ปา วา สา หา ลา ไท เมือง คน งาน เรือ น้ำ บ้าน ข่าว วัน ปี ที่ ใน",
}
_CHARACTERS = {
    "zh": [chr(0x4E00 + 7 * place) for place in range(1, 900)],
    "ja": [chr(0x3042 + 2 * (place % 38)) for place in range(120)] + [chr(0x5000 + 11 * place) for place in range(700)],
}
FURNITURE = (
    "Read more: what we know so far about this developing story and what happens next.",
    "Support our newsroom with a gift of any size and keep the presses running all the year.",
    "Sign up here for the letter that tells you every morning what the day will bring.",
    "Have you seen something that we should know? Write to the desk, we read all letters.",
)


@dataclass(frozen=True, slots=True)
class Made:
    """One article and the story that it truly is of."""

    story: int
    kind: str
    title: str
    text: str
    site: str


class Press:
    """Makes articles of one language; everything comes from the seed."""

    def __init__(self, seed: int, language: str = "en") -> None:
        self.rng = random.Random(f"{language} {seed}")
        self.language = language
        self._words = [self._word() for _ in range(2_500)]
        self._weights = [1 / (rank + 3) for rank in range(len(self._words))]
        self._cumulated = list(itertools.accumulate(self._weights))

    def article(self, paragraphs: int = 10) -> str:
        """A text of so many paragraphs, a line each."""
        return "\n".join(self.paragraph() for _ in range(paragraphs))

    def paragraph(self, sentences: int = 0) -> str:
        """Two to four sentences, or so many."""
        joint = "" if self.language in {"zh", "ja"} else " "
        return joint.join(self.sentence() for _ in range(sentences or self.rng.randint(2, 4)))

    def sentence(self) -> str:
        """Eight to twenty words with a full stop."""
        words = self.words(self.rng.randint(8, 20))
        if self.rng.random() < 0.2:
            words[self.rng.randrange(len(words))] = str(self.rng.randint(2, 9999))
        stop = "。" if self.language in {"zh", "ja"} else "."
        line = self.joined(words) + stop
        return line[0].upper() + line[1:]

    def title(self) -> str:
        """Five to nine words."""
        return self.joined(self.words(self.rng.randint(5, 9))).title()

    def words(self, count: int) -> list[str]:
        """Some words, frequent ones more often."""
        return self.rng.choices(self._words, cum_weights=self._cumulated, k=count)

    def joined(self, words: list[str]) -> str:
        """As the script writes them."""
        return ("" if self.language in UNSPACED else " ").join(words)

    def _word(self) -> str:
        if characters := _CHARACTERS.get(self.language):
            return "".join(self.rng.choices(characters, k=self.rng.choice((1, 2, 2, 2, 3))))
        word = "".join(self.rng.choices(_SYLLABLES[self.language].split(), k=self.rng.choice((1, 2, 2, 3, 3))))
        return word.capitalize() if self.language == "de" and self.rng.random() < 0.3 else word


def trimmed(text: str, share: float, rng: random.Random) -> str:
    """The first paragraphs that make up that share of a text, the last one cut at a sentence."""
    wanted, kept = share * len(text), []
    for line in text.splitlines():
        left = wanted - sum(map(len, kept))
        if left <= 0:
            break
        if len(line) > left:
            parts = line.replace("。", ".").split(".")
            line = ".".join(itertools.islice(parts, max(1, round(len(parts) * left / len(line))))) + "."
        kept.append(line)
    return "\n".join(kept)


def without_middle(text: str, share: float, rng: random.Random) -> str:
    """The lead, and of the other paragraphs so many that the share is kept, here and there."""
    lead, *others = text.splitlines()
    count = max(1, round(share * (len(others) + 1)) - 1)
    chosen = sorted(rng.sample(range(len(others)), min(count, len(others))))
    return "\n".join([lead, *(others[place] for place in chosen)])


def restyled(text: str, rng: random.Random) -> str:
    """Another house's quotes, dashes, spaces and points."""
    for old, new in (("per cent", "percent"), ('"', "“"), (" - ", " — "), ("U.S.", "US"), ("a.m.", "am"), ("'", "’")):
        text = text.replace(old, new)
    return "\n".join(line.replace("  ", " ") + " " * rng.randrange(3) for line in text.splitlines())


def bylined(text: str, press: Press) -> str:
    """A by-line, a date line and a dateline before the text."""
    names = " ".join(press.words(2)).title()
    return f"By {names}, Staff Writer\nUpdated May {press.rng.randint(1, 30)}, 2026 at 10:45 a.m. ET\n{text}"


def edited(text: str, rng: random.Random, share: float = 0.02) -> str:
    """One word in fifty left out."""
    return "\n".join(" ".join(w for w in line.split(" ") if rng.random() >= share) for line in text.splitlines())


def furnished(text: str, rng: random.Random) -> str:
    """With lines of the site's own below."""
    return "\n".join([text, *rng.sample(FURNITURE, 2)])


EDITS: tuple[Callable[[str, Press], str], ...] = (
    lambda text, press: text,
    lambda text, press: bylined(text, press),
    lambda text, press: furnished(text, press.rng),
    lambda text, press: restyled(text, press.rng),
    lambda text, press: bylined(furnished(trimmed(text, press.rng.uniform(0.3, 0.95), press.rng), press.rng), press),
    lambda text, press: trimmed(text, press.rng.uniform(0.3, 0.95), press.rng),
    lambda text, press: without_middle(text, press.rng.uniform(0.35, 0.9), press.rng),
    lambda text, press: edited(text, press.rng),
    lambda text, press: f"{text}\n{press.paragraph()}\n{press.paragraph()}",
)
"""What a paper may do to a text that stays a copy."""


def form(press: Press, number: int) -> Callable[[], str]:
    """A form that is filled in with other figures each time: rates, results, the weather."""
    rng = random.Random(f"form {press.language} {number}")
    own = Press(number, press.language)
    lines = [[own.words(rng.randint(5, 9)) for _ in range(rng.randint(2, 3))] for _ in range(5)]

    def filled() -> str:
        def line(parts: list[list[str]]) -> str:
            said = [
                word for part in parts for word in (*part, f"{press.rng.randint(2, 99)}.{press.rng.randint(0, 99)}")
            ]
            return press.joined(said) if press.language not in UNSPACED else " ".join(said)

        return "\n".join(line(parts) + "." for parts in lines)

    return filled


def stream(seed: int, language: str = "en", stories: int = 60) -> Iterator[Made]:
    """Articles in the order in which they are filed: originals, their copies and look-alikes, mixed."""
    press = Press(seed, language)
    rng = press.rng
    waiting: list[Made] = []
    numbers = itertools.count(1)
    forms = [form(press, 100 * seed + number) for number in range(5)]
    for _ in range(stories):
        story, text = next(numbers), press.article(rng.randint(5, 14))
        made = [Made(story, "original", press.title(), text, f"site{rng.randrange(9)}.example")]
        for _ in range(rng.choice((0, 1, 2, 2, 4))):
            edit = rng.choice(EDITS)
            made.append(Made(story, "copy", press.title(), edit(text, press), f"site{rng.randrange(99)}.example"))
        lines = text.splitlines()
        if rng.random() < 0.25:
            background = "\n".join(lines[-max(1, len(lines) // 3) :])
            own = press.article(rng.randint(6, 10))
            made.append(Made(next(numbers), "follow-up", press.title(), f"{own}\n{background}", "site1.example"))
        if rng.random() < 0.3:
            made.append(Made(next(numbers), "template", "Figures", rng.choice(forms)(), "site2.example"))
        if rng.random() < 0.15:
            items = [lines[0], *(press.paragraph() for _ in range(4))]
            made.append(Made(next(numbers), "round-up", "In brief", "\n".join(items), "site3.example"))
        if rng.random() < 0.2:
            made.append(
                Made(next(numbers), "furnished", press.title(), furnished(press.paragraph(4), rng), "x.example")
            )
        waiting.extend(made)
    originals = [one for one in waiting if one.kind == "original"]
    others = [one for one in waiting if one.kind != "original"]
    rng.shuffle(others)
    yield from _mixed(originals, others, rng)


def _mixed(originals: list[Made], others: list[Made], rng: random.Random) -> Iterator[Made]:
    """Each original somewhere before or, one time in ten, after its copies."""
    rng.shuffle(originals)
    everything = [*originals, *others]
    everything.sort(key=lambda one: (0 if one.kind == "original" and rng.random() < 0.9 else 1, rng.random()))
    yield from everything
