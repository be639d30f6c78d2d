"""What came of the rows of an import, and how a bad one is written where it can be mended."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from crawler.importing.lines import Line
from crawler.importing.rows import BadRow
from storage import Ending

MOST_PROBLEMS = 1_000
"""That are told one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be used, or something in it."""

    file: str
    line: int
    words: str


@dataclass(slots=True)
class ImportReport:
    """What came of the rows; rows == known + ended + bad, or new + known + bad of a dry run."""

    rows: int = 0
    known: int = 0
    """Rows that were imported before. Of a dry run: rows whose address is known as that of an article."""
    new: int = 0
    """Of a dry run: rows whose address is not known."""
    outcomes: Counter[Ending] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bad: int = 0
    problems: list[Problem] = field(default_factory=list)
    """The first bad rows."""
    remarked: int = 0
    """Fields of good rows that could not be used."""
    remarks: list[Problem] = field(default_factory=list)
    """The first of those."""
    damaged: list[str] = field(default_factory=list)
    """Files that could not be unpacked to their end."""
    stopped: bool = False

    @property
    def ended(self) -> int:
        """Rows that were filed."""
        return sum(self.outcomes.values())

    @property
    def failed(self) -> bool:
        """Whether it could not be done: a file is damaged, or no row of them was good."""
        return bool(self.damaged) or (self.rows > 0 and self.bad == self.rows)

    def as_dict(self) -> dict[str, object]:
        """For programs."""
        return {
            "rows": self.rows,
            "known": self.known,
            "new": self.new,
            "ended": self.ended,
            "outcomes": {str(ending): rows for ending, rows in self.outcomes.items()},
            "reasons": dict(self.reasons),
            "bad": self.bad,
            "problems": [{"file": one.file, "line": one.line, "problem": one.words} for one in self.problems],
            "remarked": self.remarked,
            "remarks": [{"file": one.file, "line": one.line, "remark": one.words} for one in self.remarks],
            "damaged": self.damaged,
            "stopped": self.stopped,
        }


def rejected(file: str, line: Line, row: BadRow) -> bytes:
    """A bad row with the reason, as a line: the object itself byte for byte, with `rejected` before its first column,
    else an object that holds what there is as `raw`."""
    reason = json.dumps(f"{file}, line {row.line}: {row.problem}", ensure_ascii=False).encode("utf-8", "replace")
    if line.data.startswith(b"{") and not line.is_too_long:
        rest = line.data[1:].lstrip()
        return b'{"rejected": ' + reason + (b"" if rest.startswith(b"}") else b", ") + rest + b"\n"
    raw = json.dumps(line.data.decode("utf-8", "backslashreplace"), ensure_ascii=False).encode()
    return b'{"rejected": ' + reason + b', "raw": ' + raw + b"}\n"
