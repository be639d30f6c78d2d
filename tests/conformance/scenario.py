"""Scenarios of the conformance suite: data files that say what a server answers, and what Cuttings does then."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent / "scenarios"
FEED = "/feed"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_STEP = frozenset({"does", "wait", "answer", "answers", "command", "expect", "second"})
_EXPECT = frozenset(
    {
        *("asked", "sent", "poll", "http_status", "reason", "detail", "new_entries", "flags", "failures", "next_poll"),
        *("url", "title", "kind", "status", "fetched", "articles", "revisions", "waiting", "outcomes", "entries"),
        *("says", "listed"),
    }
)


@dataclass(frozen=True)
class Step:
    """Time passes, the server changes its mind, a crawl runs, and things are as expected."""

    does: str
    wait: timedelta
    answers: Mapping[str, Any]
    command: tuple[str, ...]
    expect: Mapping[str, Any]
    second: Mapping[str, Any]
    """What is expected of the second source."""


@dataclass(frozen=True)
class Scenario:
    """One story of a server and a subscription."""

    name: str
    title: str
    promise: str
    proves: tuple[str, ...]
    steps: tuple[Step, ...]
    sources: tuple[Mapping[str, Any], ...] = field(default=({"feed": FEED},))


def scenarios() -> list[Scenario]:
    """All of them, by name."""
    return [load(path) for path in sorted(FOLDER.glob("*.yaml"))]


def load(path: Path) -> Scenario:
    """Read one; ValueError for a word that the runner does not know, so that no expectation is passed over."""
    data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    steps = tuple(_step(step, f"{path.name}: step {number}") for number, step in enumerate(data["steps"], 1))
    _known(data, {"title", "promise", "proves", "sources", "steps"}, path.name)
    sources = tuple(data.get("sources", [{"feed": FEED}]))
    return Scenario(path.stem, data["title"], data["promise"], tuple(data["proves"]), steps, sources)


def _step(data: Mapping[str, Any], where: str) -> Step:
    _known(data, _STEP, where)
    for expected in (data.get("expect", {}), data.get("second", {})):
        _known(expected, _EXPECT, where)
    answers = dict(data.get("answers", {}))
    if "answer" in data:
        answers[FEED] = data["answer"]
    return Step(
        data["does"],
        duration(data.get("wait", "0s")),
        answers,
        tuple(data.get("command", ())),
        data.get("expect", {}),
        data.get("second", {}),
    )


def _known(data: Mapping[str, Any], words: set[str] | frozenset[str], where: str) -> None:
    if unknown := set(data) - words:
        raise ValueError(f"{where}: unknown: {', '.join(sorted(unknown))}")


def duration(written: str) -> timedelta:
    """`90m`, `1d12h`."""
    parts = re.findall(r"(\d+)([smhd])", written)
    if "".join(number + unit for number, unit in parts) != written:
        raise ValueError(f"{written!r} is no duration")
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in parts})
