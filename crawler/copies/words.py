"""The words of a text as numbers, folded so that house style does not matter: case, quotes, accents, U.S. and US.

A word is hashed once and kept, so that reading a text costs a look-up a word. Where a script writes no spaces, each
character (Thai, Lao, Khmer, Burmese: each with its marks) counts as a word, and is marked as one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]

MAX_CHARS: Final = 400_000
"""What is read of a text: a novel of 70,000 words. Longer ones are compared by their beginning."""
MAX_WORDS: Final = 32_768
"""What is compared of a text; the guarantees hold up to here. 250 times the median article."""

CHARACTER: Final = 1
"""Lowest bit of a word's hash: a Chinese or Japanese character."""
FIGURE: Final = 2
"""Second bit: a number, in digits or up to twelve in English words."""
SYLLABLE: Final = 4
"""Third bit: a Thai, Lao, Khmer or Burmese character with its marks."""
LINE_END: Final = 0
"""What stands for the end of a line; no word has this hash."""

_KNOWN_WORDS: Final = 100_000
"""Words whose hashes are kept: about 15 MB, and more than a newspaper prints in a month."""
_LONGEST_WORD: Final = 64
"""Longer ones are addresses and encodings: told apart by their beginning, so that one cannot fill the memory."""

_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0711-\u074a"
    "\u0900-\u0963\u0980-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f71-\u0fbc"
    "\u102b-\u103e\u17b4-\u17d3\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
)
"""Vowel signs and accents that \\w leaves out, and letters of the Indic blocks among them (Unicode 15)."""
_IDEOGRAPH = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_THAI_LIKE = "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ec0-\u0ec6\u1000-\u102a\u1780-\u17b3"
_WORD = re.compile(
    r"\n|"
    rf"[{_IDEOGRAPH}][\u3099\u309a\uff9e\uff9f]?|"
    rf"[{_THAI_LIKE}][{_MARKS}]*|"
    r"\d+(?:[.,\u066b\u066c]\d+)*|"
    r"[^\W\d_]\.(?:[^\W\d_]\.)+|"  # U.S., a.m.
    r"(?i:per[ -]cent)\b|"
    rf"(?:[^\W\d_{_IDEOGRAPH}{_THAI_LIKE}]|[{_MARKS}])+(?:['’ʼ`](?:[^\W\d_{_IDEOGRAPH}{_THAI_LIKE}]|[{_MARKS}])+)*|"
    "[%٪％]"
)
_ASCII_WORD = re.compile(
    r"\n|[a-z]\.(?:[a-z]\.)+|per[ -]cent\b|[a-z]+(?:['`][a-z]+)*|\d+(?:[.,]\d+)*|%", re.ASCII | re.IGNORECASE
)
"""What `_WORD` finds in ASCII, in half the time."""
_INVISIBLE = re.compile("[\u00ad\u0640\u200b-\u200f\u2060\ufeff]")
"""Soft hyphens, tatweel, joiners and marks of direction: inside of words, and seen by nobody."""
_CHARACTER = re.compile(f"[{_IDEOGRAPH}]")
_SYLLABLE = re.compile(f"[{_THAI_LIKE}]")
_NEWLINES = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")

_ARABIC = str.maketrans("أإآٱىئةؤک\u06cc", "اااايي\u0647وكي")
"""Letters that houses write differently: alef with and without hamza, final yeh, teh marbuta, the Persian forms."""
_NUMERALS = {
    name: str(number)
    for number, name in enumerate(
        ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=2
    )
}
"""`one` is a pronoun too; from thirteen on every house writes digits."""
_SAME = {"pct": "percent", "%": "percent", "٪": "percent", "％": "percent", "okay": "ok"}
_SPELT = re.compile(r"is(?:e|ing|ation)|ys(?:e|ing)|our|tre|ll|ence|ogue|mme")
_SPELLING = (
    (re.compile(r"is(e[drs]?|ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"ys(e[drs]?|ing)$"), r"yz\1"),
    (re.compile(r"our(s|ed|ing|able|ite|ful|ist|ists)?$"), r"or\1"),
    (re.compile(r"tre(s?)$"), r"ter\1"),
    (re.compile(r"ll(ed|ing|er|ers)$"), r"l\1"),
    (re.compile(r"ence(s?)$"), r"ense\1"),
    (re.compile(r"ogue(s?)$"), r"og\1"),
    (re.compile(r"mme(s?)$"), r"m\1"),
)
"""British and American endings. They take other words along (`four` and `for` never), which does no harm: what is
compared is five words in a row."""
_JOINTS = re.compile("[.'’ʼ` -]")
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*$")


def folded(word: str) -> str:
    """A word as it is compared.

    >>> [folded(word) for word in ("U.S.", "Organised", "Müller’s", "1,000", "six", "per cent")]
    ['us', 'organized', 'mullers', '1000', '6', 'percent']
    """
    plain = word.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        kept = "".join(c for c in plain if unicodedata.category(c) != "Mn" or _is_vowel_sign(c))
        plain = unicodedata.normalize("NFC", kept).translate(_ARABIC)
        if not plain.isascii():
            plain = "".join(str(unicodedata.digit(c, c)) for c in plain)
    if plain[:1].isdigit():
        plain = plain.replace("\u066c", ",").replace("\u066b", ".")
        return re.sub("[.,]", "", plain) if _GROUPED.match(plain) else plain.replace(",", ".")
    if not plain.isalnum():
        plain = _JOINTS.sub("", plain)
    plain = _SAME.get(plain, _NUMERALS.get(plain, plain))
    if len(plain) > 4 and plain.isascii() and _SPELT.search(plain):
        for pattern, replacement in _SPELLING:
            plain = pattern.sub(replacement, plain)
    return plain


def _is_vowel_sign(char: str) -> bool:
    """Marks that make another word in their script: of India and South-East Asia, and the voiced kana."""
    return ("\u0900" <= char <= "\u1fff" and not "\u1ab0" <= char <= "\u1aff") or char in "\u3099\u309a"


def _kind(word: str, plain: str) -> int:
    if plain[:1].isdigit():
        return FIGURE
    return CHARACTER if _CHARACTER.match(word) else SYLLABLE if _SYLLABLE.match(word) else 0


class _HashOfWord(dict[str, int]):
    """Word as found -> its hash with its bits; fills itself and starts again when full."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _KNOWN_WORDS:
            self.clear()
        if word == "\n":
            value = LINE_END
        else:
            plain = folded(word[:_LONGEST_WORD])
            digest = hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=8).digest()
            value = int.from_bytes(digest, "little") & ~7 or 8
            value |= _kind(word, plain)
        if len(word) <= _LONGEST_WORD:
            self[word] = value
        return value


_HASH_OF = _HashOfWord()


def words(text: str) -> Hashes:
    """The hashes of a text's words, `LINE_END` between lines; the same on every machine.

    At most `MAX_CHARS` characters and `MAX_WORDS` words are read.
    """
    text = text[:MAX_CHARS]
    if text.isascii():
        broken = any(end in text for end in "\r\x0b\x0c")
        found = _ASCII_WORD.findall(_NEWLINES.sub("\n", text) if broken else text)
    else:
        found = _WORD.findall(_INVISIBLE.sub("", _NEWLINES.sub("\n", text)))
    del found[MAX_WORDS:]
    return np.fromiter(map(_HASH_OF.__getitem__, found), np.uint64, len(found))
