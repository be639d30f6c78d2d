"""Count and fold the words of a text, also where the script writes none apart."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARKS = "".join(chr(c) for c in range(0x300, 0x1E000) if unicodedata.category(chr(c))[0] == "M").replace("-", "")
"""Vowel signs and accents that Python's \\w leaves out."""
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_WORD = re.compile(rf"[{_IDEOGRAPH}]|[{_UNSPACED}]+|[^\W{_IDEOGRAPH}{_UNSPACED}]+(?:['’][^\W{_IDEOGRAPH}]+)*")
_UNSPACED_START = re.compile(rf"[{_UNSPACED}]")
_UNSPACED_WORD_CHARS = 5
"""Mean length of a Thai word in characters, vowel signs included (BEST corpus); Lao, Khmer and Burmese are near."""
_NO_WORD = re.compile(rf"(?:[^\w{_MARKS}]|_)+")


def count_words(text: str) -> int:
    """Words of a text. A Chinese or Japanese character counts as one, a run of Thai, Lao, Khmer or Burmese as a fifth
    of its characters, rounded up."""
    total = 0
    for word in _WORD.findall(text):
        total += -(-len(word) // _UNSPACED_WORD_CHARS) if _UNSPACED_START.match(word) else 1
    return total


def fold(text: str) -> str:
    """Text as it is compared: compatibility forms and case folded (Unicode NFKC and full case folding), words with
    single spaces, nothing else. Accents and vowel signs stay."""
    return " ".join(_tokens(text))


def content_hash(text: str) -> str:
    """SHA-256 (hex) over the folded words: equal for texts that differ in case, white space and punctuation only."""
    return hashlib.sha256(fold(text).encode()).hexdigest()


def _tokens(text: str) -> list[str]:
    return _NO_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).split()
