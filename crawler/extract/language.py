"""The language that a text is written in, whatever its page claims."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from resiliparse.parse.lang import detect_fast

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]

_READ_CHARS = 1_000
_MIN_LETTERS = 25
"""Below this the identifier guesses; the page's own claim is better."""

_WRITTEN_AS = {"wuu": "zh", "yue": "zh"}
"""Spoken kinds of Chinese that the identifier tells apart; newspapers write one language."""


@functools.cache
def _identifier() -> LanguageIdentifier:
    """Loaded on first use, once a process."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


def language_of(text: str, claimed: str | None = None) -> tuple[str | None, str | None]:
    """(language, rule): the ISO 639-1 code of the text (`text`), or the page's own claim (`meta`) for a tiny text.

    Where the page's claim and a quick look at the text's n-grams agree, that is it. The identifier, which takes fifty
    times as long and a third of a second to load, decides on the others.
    """
    sample = text if len(text) <= _READ_CHARS else text[: _READ_CHARS // 2] + text[len(text) // 2 :][: _READ_CHARS // 2]
    primary = (claimed or "").strip().lower().replace("_", "-").partition("-")[0]
    if sum(c.isalpha() for c in sample) >= _MIN_LETTERS:
        if primary and detect_fast(sample)[0] == primary:
            return primary, "text"
        code, _ = _identifier().classify(sample)
        return _WRITTEN_AS.get(str(code), str(code)), "text"
    return (primary, "meta") if 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha() else (None, None)
