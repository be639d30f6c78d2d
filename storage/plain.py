"""Text from strangers on its way to a terminal, a log or a table cell."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
"""C0 and C1 controls except TAB and LF, and the characters that change direction (Unicode UAX 9 and TR 36) or hide."""


def plain_text(text: str) -> str:
    """The text with every control and direction character replaced by U+FFFD; TAB and LF stay."""
    return _UNSAFE.sub("\ufffd", text)


def plain_line(text: str) -> str:
    """The text as one safe line: white space folded, nothing that a terminal would obey."""
    return plain_text(" ".join(text.split()))
