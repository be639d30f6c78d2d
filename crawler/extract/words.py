"""Count and fold the words of a text, also where the script writes none apart."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0711-\u074a"
    "\u0900-\u0963\u0980-\u0df3\u0e31-\u0e4e\u0eb1-\u0ece\u0f71-\u0fbc\u102b-\u103e\u17b4-\u17d3\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
)
"""Vowel signs and accents that Python's \\w leaves out, by block (Unicode 15, categories Mn and Mc)."""
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_WORD = re.compile(rf"[{_IDEOGRAPH}]|[{_UNSPACED}]+|[^\W{_IDEOGRAPH}{_UNSPACED}]+(?:['’][^\W{_IDEOGRAPH}]+)*")
_ASCII_WORD = re.compile(r"\w+(?:'\w+)*", re.ASCII)
"""What `_WORD` finds in ASCII, in half the time."""
_ASCII_LETTERS = bytes(b if chr(b).isalnum() or b == ord("_") else ord(" ") for b in range(128)) + b" " * 128
_ASCII_FOLDED = bytes(b if chr(b).isalnum() else ord(" ") for b in range(128)) + b" " * 128
"""For `bytes.translate`, by which ASCII is parted into words three times as fast as by an expression."""
_MARK = re.compile(f"[{_MARKS}]")
_MARKED_WORD = re.compile(
    rf"[{_IDEOGRAPH}]|[{_UNSPACED}]+|(?:[^\W{_IDEOGRAPH}{_UNSPACED}]|[{_MARKS}])+(?:['’][^\W{_IDEOGRAPH}]+)*"
)
"""As `_WORD`, for scripts that write vowels as marks: Hindi would fall apart into syllables."""
_UNSPACED_START = re.compile(rf"[{_UNSPACED}]")
_UNSPACED_WORD_CHARS = 5
"""Mean length of a Thai word in characters, vowel signs included (BEST corpus); Lao, Khmer and Burmese are near."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_FOLDED = re.compile(rf"[\w{_MARKS}]+")


def without_controls(text: str) -> str:
    """Text without control characters (Unicode Cc) but newline and tab; pages smuggle them as `&#1;` and `\\u0001`."""
    return _CONTROL.sub("", text)


def count_words(text: str) -> int:
    """Words of a text. A Chinese or Japanese character counts as one, a run of Thai, Lao, Khmer or Burmese as a fifth
    of its characters, rounded up."""
    if text.isascii():
        if "'" in text:
            return len(_ASCII_WORD.findall(text))
        return len(text.encode().translate(_ASCII_LETTERS).split())
    if not _MARK.search(text):
        found = _WORD.findall(text)
    else:
        found = [word for word in _MARKED_WORD.findall(text) if not _MARK.fullmatch(word)]
    if not _UNSPACED_START.search(text):
        return len(found)
    total = 0
    for word in found:
        total += -(-len(word) // _UNSPACED_WORD_CHARS) if _UNSPACED_START.match(word) else 1
    return total


def fold(text: str) -> str:
    """Text as it is compared: compatibility forms and case folded (Unicode NFKC and full case folding), words with
    single spaces, nothing else. Accents and vowel signs stay."""
    return " ".join(_tokens(text))


def content_hash(text: str, title: str | None = None) -> str:
    """SHA-256 (hex) over the folded words: equal for texts that differ in case, white space and punctuation only.

    Where the first block is the title it is not hashed: a wire text has one hash under every headline.
    """
    first, _, rest = text.partition("\n\n")
    headed = title is not None and rest and len(first) <= 2 * len(title) + 20 and fold(first) == fold(title)
    return hashlib.sha256(fold(rest if headed else text).encode()).hexdigest()


def _tokens(text: str) -> list[str]:
    if text.isascii():
        return text.lower().encode().translate(_ASCII_FOLDED).decode().split()
    return _FOLDED.findall(unicodedata.normalize("NFKC", text).casefold().replace("_", " "))
