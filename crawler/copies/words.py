"""The words of a text as copies are compared by them: folded until only what was said is left."""

from __future__ import annotations

import re
import unicodedata
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

MOST_WORDS = 20_000
"""Words of a text that are compared: a book's chapter. What follows is kept and shown, but makes no copy."""
MOST_CHARS = 400_000
_PAIRED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese and Japanese: two characters are about a word."""
_RUNNING = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese, Khmer: words stand together, of some five characters with their vowel signs (BEST corpus)."""
_PAIR_CHARS = 2
_RUN_CHARS = 8
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0980-\u0df3"
    "\u135d-\u135f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
)
_ABBREVIATED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
"""`U.S.`, `U.N.`, `a.m.`: house styles differ about the points."""
_GROUPED = re.compile(r"(?<=\d)[,\u00a0\u202f\u2009'](?=\d{3}(?!\d))")
"""`1,000`, `1 000`, `1'000`."""
_APOSTROPHES = re.compile(r"(?<=\w)['\u2019\u02bc\uff07`](?=\w)")
_TATWEEL_AND_VOWELS = re.compile("[\u0640\u064b-\u065f\u0670]")
"""Arabic writes its short vowels or not, and stretches words to fill a line."""
_TOKEN = re.compile(rf"[{_PAIRED}]+|[{_RUNNING}]+|(?:[^\W_{_PAIRED}{_RUNNING}]|[{_MARKS}])+(?:\.\d+)*|\n")
_ASCII_TOKEN = re.compile(r"[a-z0-9]+(?:\.\d+)*|\n")
_SPELLED = {"per cent": "percent", " pct": " percent", "%": " percent ", "&": " and "}
_MIXED = np.uint64(0x9E3779B97F4A7C15)


def lines_of_words(text: str) -> list[list[str]]:
    """The words of each line of a text that has any, folded: NFKC, case, points of abbreviations, apostrophes, marks,
    groups of digits. Where a script writes no spaces, every run of two characters (Chinese, Japanese) or of eight (Thai
    and the like) is one word."""
    text = text[:MOST_CHARS]
    if text.isascii():
        found = _ASCII_TOKEN.findall(_plain(text.lower()))
    else:
        folded = unicodedata.normalize("NFKC", text).casefold()
        found = _parted(_TOKEN.findall(_plain(_TATWEEL_AND_VOWELS.sub("", folded))))
    lines: list[list[str]] = []
    left, start = MOST_WORDS, 0
    while left > 0 and start < len(found):
        try:
            end = found.index("\n", start)
        except ValueError:
            end = len(found)
        if end > start:
            lines.append(found[start : min(end, start + left)])
            left -= end - start
        start = end + 1
    return lines


def _parted(tokens: list[str]) -> list[str]:
    if not any(_is_paired(token[0]) or _is_running(token[0]) for token in tokens if token[0] >= "\u0e00"):
        return tokens
    words: list[str] = []
    for token in tokens:
        length = _PAIR_CHARS if _is_paired(token[0]) else _RUN_CHARS if _is_running(token[0]) else 0
        if length and len(token) > length:
            words.extend(token[at : at + length] for at in range(len(token) - length + 1))
        else:
            words.append(token)
    return words


def _plain(text: str) -> str:
    for written, meant in _SPELLED.items():
        if written in text:
            text = text.replace(written, meant)
    if "." in text:
        text = _ABBREVIATED.sub(lambda match: match[0].replace(".", ""), text)
    return _APOSTROPHES.sub("", _GROUPED.sub("", text))


def _is_paired(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff" or character >= "\uf900"


def _is_running(character: str) -> bool:
    return "\u0e00" <= character <= "\u0eff" or "\u1000" <= character <= "\u109f" or "\u1780" <= character <= "\u17ff"


def word_hashes(words: list[str]) -> Hashes:
    """A number for each word, the same on every machine."""
    sums = [crc32(word.encode("utf-8", "replace")) for word in words]
    return mixed(np.array(sums, dtype=np.uint64))


def mixed(numbers: Hashes) -> Hashes:
    """Numbers in 64 bits of which each depends on all bits of the given one (splitmix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = numbers + _MIXED
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def run_hashes(words: Hashes, length: int) -> Hashes:
    """A number for every run of so many words, in their order; one of all where there are fewer. None are negative as
    63 bits."""
    if not len(words):
        return words
    count = max(1, len(words) - length + 1)
    found = np.zeros(count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for place in range(min(length, len(words))):
            found = found * np.uint64(0xD1342543DE82EF95) + words[place : place + count]
    return mixed(found) >> np.uint64(1)
