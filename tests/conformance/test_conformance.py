"""What a poller promises, as stories: each file in `scenarios` is one, played against the installed command.

Read the files to learn what Cuttings does; this module only compares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from conformance.playing import Noted, play
from conformance.scenario import FEED, Scenario, duration, scenarios
from localweb import LocalWeb

SCENARIOS = scenarios()
SLACK = timedelta(minutes=2)
"""What a round of all scenarios takes at most."""


@pytest.fixture(scope="module")
def noted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Noted]]:
    """What happened in the scenarios that are to be tested in this run."""
    wanted = {item.callspec.params["scenario"].name for item in request.session.items if _is_ours(item)}
    with LocalWeb() as web:
        chosen = [scenario for scenario in SCENARIOS if scenario.name in wanted]
        return play(chosen, web, tmp_path_factory.mktemp("conformance"))


def _is_ours(item: Any) -> bool:
    return "scenario" in getattr(getattr(item, "callspec", None), "params", {})


@pytest.mark.xdist_group("conformance")  # they are played together, by one process
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "scenario",
    [pytest.param(scenario, id=scenario.name) for scenario in SCENARIOS],
)
def test_scenario(scenario: Scenario, noted: dict[str, list[Noted]]) -> None:
    problems = []
    for number, (step, seen) in enumerate(zip(scenario.steps, noted[scenario.name], strict=True), 1):
        for place, expected in enumerate((step.expect, step.second)):
            for what, wanted in expected.items():
                found = _found(what, wanted, seen, place, scenario)
                if not _agrees(what, wanted, found, seen):
                    problems.append(f"step {number} ({step.does}): {what}: expected {wanted!r}, found {found!r}")
    assert not problems, "\n".join([f"{scenario.title} ({', '.join(scenario.proves)})", *problems])


def test_every_scenario_says_which_promises_it_proves() -> None:
    assert len(SCENARIOS) >= 25
    assert len({scenario.title for scenario in SCENARIOS}) == len(SCENARIOS)
    for scenario in SCENARIOS:
        assert scenario.proves
        assert all(re.fullmatch(r"[PSCRD]\d{1,2}", number) for number in scenario.proves)
        assert len(scenario.promise.split()) > 5, scenario.name
        assert any(step.expect for step in scenario.steps), scenario.name


def _found(what: str, wanted: Any, seen: Noted, place: int, scenario: Scenario) -> Any:
    """What was seen, in the words of the data files."""
    poll, before, record = seen.polls[place], seen.before[place], seen.records[place]
    path = next(str(value) for key, value in scenario.sources[place].items() if key in ("feed", "sitemap", "site"))
    asked = [one for one in seen.requests if one.path == path]
    simple: dict[str, Callable[[], Any]] = {
        "asked": lambda: len(asked),
        "sent": lambda: {name: asked[-1].header(name) if asked else "no request" for name in wanted},
        "poll": lambda: poll["last_status"] if poll.get("last_poll") != before.get("last_poll") else "none",
        "http_status": lambda: poll["http_status"],
        "reason": lambda: poll["reason"],
        "detail": lambda: poll["detail"] or "",
        "new_entries": lambda: poll["entry_count"] - before.get("entry_count", 0),
        "entries": lambda: poll["entry_count"],
        "flags": lambda: json.loads(poll["flags"]),
        "failures": lambda: poll["failures"],
        "next_poll": lambda: _next_poll(poll),
        "url": lambda: poll["url"],
        "title": lambda: poll["title"],
        "kind": lambda: poll["document_kind"],
        "status": lambda: {**record, **record["feeds"][0]},
        "articles": lambda: record["articles"],
        "waiting": lambda: record["waiting"],
        "outcomes": lambda: record["outcomes"],
        "revisions": lambda: seen.revisions,
        "fetched": lambda: sorted(one.path for one in seen.requests if _is_page(one.path, scenario)),
        "says": lambda: seen.said,
        "listed": lambda: seen.shown,
    }
    return simple[what]()


def _is_page(path: str, scenario: Scenario) -> bool:
    named = {place.removeprefix("{other}") for step in scenario.steps for place in step.answers}
    return path not in named - {one for one in named if one.startswith("/page")} | {"/robots.txt", FEED}


def _next_poll(poll: Mapping[str, Any]) -> timedelta | None:
    if poll["next_poll"] is None:
        return None
    return datetime.fromisoformat(poll["next_poll"]) - datetime.fromisoformat(poll["last_poll"])


def _agrees(what: str, wanted: Any, found: Any, seen: Noted) -> bool:
    if what == "next_poll" and wanted != "never":
        least, _, most = wanted.partition("..")
        return found is not None and duration(least) - SLACK <= found <= duration(most or least) + SLACK
    if what == "next_poll":
        return found is None
    if what == "flags":
        return set(wanted) <= set(found) if wanted else found == []
    if what in ("detail", "says", "listed"):
        return _filled(wanted, seen) in found
    if what == "status":
        return all(key in found and _like(value, found[key], seen) for key, value in wanted.items())
    if what == "fetched":
        return sorted(wanted) == found
    return _like(wanted, found, seen)


def _like(wanted: Any, found: Any, seen: Noted) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_like(value, found.get(key), seen) for key, value in wanted.items())
    if isinstance(wanted, str):
        return found == _filled(wanted, seen)
    return bool(wanted == found)


def _filled(text: str, seen: Noted) -> str:
    return text.replace("{base}", seen.base).replace("{other}", seen.other)
