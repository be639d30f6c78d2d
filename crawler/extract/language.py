"""The language that a text is written in, whatever its page claims."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

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
    """(language, rule): the ISO 639-1 code of the text (`text`), or the page's own claim (`meta`) for a tiny text."""
    sample = text if len(text) <= _READ_CHARS else text[: _READ_CHARS // 2] + text[len(text) // 2 :][: _READ_CHARS // 2]
    if sum(c.isalpha() for c in sample) >= _MIN_LETTERS:
        code, _ = _identifier().classify(sample)
        return _WRITTEN_AS.get(str(code), str(code)), "text"
    primary = (claimed or "").strip().lower().replace("_", "-").partition("-")[0]
    return (primary, "meta") if 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha() else (None, None)
