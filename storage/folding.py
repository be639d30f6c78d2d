"""Text as search sees it: folded, and cut into words in one way for what is filed and what is asked."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

_DROPPED = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # accents, soft hyphen
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"  # harakat, tatweel
    "\u061c\u180b-\u180f\u200c-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"  # unseen
)
_ALIKE = {
    **{"ı": "i", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "ħ": "h", "Ħ": "h"},
    **{"æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th", "ŧ": "t", "Ŧ": "t"},
    **{"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه"},
}
"""Letters that people type for each other and that Unicode does not decompose: Latin ones with a stroke, ligatures, and
the forms of yeh, kaf and heh in which Arabic, Persian and Urdu differ."""
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\ua000-\ua48f"  # kana, Bopomofo, Yi
    "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"  # Hangul
)
"""Scripts in which a space does not end a word, or, in Korean, in which particles are joined to it. Each character is
a word of its own and a run of them is asked for as a phrase, which finds it wherever it stands."""
_PLANE_0 = 0x10000
"""Digits and combining marks of the scripts above are left as they are: they are rare, and one character from there
makes a class of `re` forty times slower (measured, Python 3.11)."""

_DROPPED_PATTERN = re.compile(f"[{_DROPPED}]")
_LETTER = f"[^\\W_{_UNSPACED}]"
_INITIAL = f"[^\\W\\d_{_UNSPACED}]"
_INITIALS = re.compile(f"(?<!{_LETTER}){_INITIAL}(?:\\.{_INITIAL})+(?!{_LETTER})")
_INITIALS_HINT = re.compile(f"\\.{_INITIAL}(?!{_LETTER})")
"""Quick to look for where there is none."""
_SIGN = re.compile(r"[^\w\x00-\x7f]")
_KEPT_CHARACTERS = 10_000


def fold(text: str) -> str:
    """The text without case, accents, points and compatibility forms: `Zürich` -> `zurich`, `ﬁ` -> `fi`, `٣` -> `3`.

    NFKD, then `_DROPPED` and `_ALIKE`, then full case folding (Unicode 3.13, D145), then NFC, which gives Japanese and
    Korean their composed letters back.
    """
    if text.isascii():
        return text.lower()
    tables = _tables()
    bare = _DROPPED_PATTERN.sub("", unicodedata.normalize("NFKD", text))
    if tables.alike.search(bare):
        bare = bare.translate(tables.replacements)
    return unicodedata.normalize("NFC", bare.casefold())


def fold_tag(tag: str) -> str:
    """The tag as it is compared: `Été` in whatever capitals, its accents in one character or in two; with them, for
    `côte` is no `cote`."""
    return tag.lower() if tag.isascii() else unicodedata.normalize("NFC", unicodedata.normalize("NFD", tag).casefold())


def fold_by_character(text: str) -> tuple[str, list[int] | None]:
    """`fold`, and for each character of it the place in `text` that it came from; None where they are the same."""
    if text.isascii():
        return text.lower(), None
    pieces = [_fold_character(character) for character in text]
    origins = [place for place, piece in enumerate(pieces) for _ in piece]
    return "".join(pieces), origins


@functools.lru_cache(_KEPT_CHARACTERS)
def _fold_character(character: str) -> str:
    return fold(character)


def words(folded: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and text of each word of a folded text. Initials lose their dots: `u.s.` is `us`."""
    for match in _tables().word.finditer(folded):
        word = match[0]
        yield match.start(), match.end(), word.replace(".", "") if "." in word else word


def words_of(text: str) -> list[str]:
    """The words of any text, folded."""
    return [word for _, _, word in words(fold(text))]


def index_text(text: str) -> str:
    """The words of a text, for an index that splits at every ASCII character but letters and digits and at no other."""
    folded = fold(text)
    if folded.isascii():
        parted = folded
    elif _tables().intricate.search(folded):
        return " ".join([word for _, _, word in words(folded)])
    else:
        parted = _SIGN.sub(" ", folded)
    if _INITIALS_HINT.search(parted):
        return _INITIALS.sub(lambda match: match[0].replace(".", ""), parted)
    return parted


class _Tables:
    """What is derived from the Unicode data of this Python, once, when the first text beyond ASCII comes (20 ms)."""

    def __init__(self) -> None:
        replacements, marks = dict(_ALIKE), []
        for code in range(0x0300, _PLANE_0):
            character = chr(code)
            category = unicodedata.category(character)
            if category == "Nd":
                replacements[character] = str(unicodedata.decimal(character))
            elif category[0] == "M" and not _DROPPED_PATTERN.match(character):
                marks.append(character)
        self.replacements = str.maketrans(replacements)
        self.alike = re.compile(f"[{''.join(replacements)}]")
        mark = f"[{''.join(marks)}]"
        self.word = re.compile(
            f"{_INITIAL}(?:\\.{_INITIAL})+(?!{_LETTER}|{mark})|{_LETTER}+(?:{mark}+{_LETTER}*)*"
            f"|(?=\\w)[{_UNSPACED}]{mark}*"
        )
        self.intricate = re.compile(f"[{_UNSPACED}{''.join(marks)}]")
        """What only `word` can cut."""


@functools.cache
def _tables() -> _Tables:
    return _Tables()
