"""What an examination of a corpus finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal["corpus", "search index", "copy index", "archive"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part of a corpus."""

    part: Part
    told: str
    """What there is, in words for people."""
    problem: str | None = None
    """What is wrong, and what to do; None: nothing is."""
