"""Plays scenarios side by side against real servers and the installed command, and notes what could be seen.

Each scenario has two servers of its own, 127.1.N.1 and 127.1.N.2. All scenarios share a corpus: in each round every one
of them takes its next step, and one `cuttings crawl` polls what is due. So forty stories cost no more processes than
the longest of them has steps.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from answers import NOT_FOUND, Seen
from conformance.documents import answer_of, article
from conformance.passing import age
from conformance.scenario import Scenario, Step
from localweb import LocalWeb, Site
from newsroom import Newsroom


@dataclass(frozen=True)
class Noted:
    """How things stood after a step."""

    base: str
    other: str
    polls: list[dict[str, Any]]
    """What the corpus keeps of the main feed of each source."""
    before: list[dict[str, Any]]
    records: list[dict[str, Any]]
    """Of `cuttings status --json`, by source."""
    requests: list[Seen]
    revisions: int
    said: str
    """By the step's own command."""
    shown: str
    """By `cuttings status`."""


@dataclass
class Stage:
    """One scenario while it is played."""

    scenario: Scenario
    site: Site
    other: Site
    noted: list[Noted] = field(default_factory=list)

    def source_names(self) -> list[str]:
        return [f"{self.scenario.name} {number}" for number in range(1, len(self.scenario.sources) + 1)]

    def listed(self) -> list[dict[str, Any]]:
        """Its sources for feeds.yaml."""
        return [
            {
                key: value if key not in ("feed", "sitemap", "site") else self.site.base + value
                for key, value in {"name": name, **source}.items()
            }
            for name, source in zip(self.source_names(), self.scenario.sources, strict=True)
        ]

    def prepare(self, step: Step) -> None:
        for place, data in step.answers.items():
            site = self.other if place.startswith("{other}") else self.site
            site.add(place.removeprefix("{other}"), answer_of(data, self.site.base, self.other.base))


def play(scenarios: Sequence[Scenario], web: LocalWeb, folder: Path) -> dict[str, list[Noted]]:
    """Play all of them to their ends."""
    newsroom = Newsroom(folder)
    stages = [
        Stage(scenario, web.site(f"127.1.{number}.1"), web.site(f"127.1.{number}.2"))
        for number, scenario in enumerate(scenarios, 1)
    ]
    for site in (site for stage in stages for site in (stage.site, stage.other)):
        site.fallback(article)
        site.add("/robots.txt", NOT_FOUND)
    # looks at pages that nobody named again are no part of what a feed means
    newsroom.subscribe(*({**source, "recheck": False} for stage in stages for source in stage.listed()))
    for number in range(max(len(scenario.steps) for scenario in scenarios)):
        _round(newsroom, [stage for stage in stages if number < len(stage.scenario.steps)], web, number)
    return {stage.scenario.name: stage.noted for stage in stages}


def _round(newsroom: Newsroom, stages: Sequence[Stage], web: LocalWeb, number: int) -> None:
    web.clear()
    said: dict[str, str] = {}
    before = {}
    for stage in stages:
        step = stage.scenario.steps[number]
        stage.prepare(step)
        if step.wait:
            network = stage.site.host.removesuffix("1")
            age(newsroom.db, f"{web.scheme}://{network}%", f"{network}%", step.wait)
        before[stage.scenario.name] = _polls(newsroom.db, stage)
        if step.command:
            said[stage.scenario.name] = newsroom.ok(*step.command, stage.source_names()[0])
    newsroom.ok("crawl", "--workers", "1", timeout_s=120)
    records = {record["name"]: record for record in newsroom.json("status")["sources"]}
    for stage in stages:
        name = stage.scenario.name
        stage.noted.append(
            Noted(
                stage.site.base,
                stage.other.base,
                _polls(newsroom.db, stage),
                before[name],
                [records[source] for source in stage.source_names()],
                [seen for seen in web.requests if seen.host in (stage.site.host, stage.other.host)],
                _revisions(newsroom.db, stage),
                said.get(name, ""),
                newsroom.ok("status", stage.source_names()[0]) if _wants_words(stage, number) else "",
            )
        )


def _wants_words(stage: Stage, number: int) -> bool:
    return "listed" in stage.scenario.steps[number].expect


def _polls(db: Path, stage: Stage) -> list[dict[str, Any]]:
    if not db.exists():
        return [{} for _ in stage.scenario.sources]
    connection = sqlite3.connect(db)
    connection.row_factory = sqlite3.Row
    try:
        rows = [
            connection.execute(
                "SELECT feeds.*, (SELECT count(*) FROM entries WHERE feed_id = feeds.id) AS entry_count FROM feeds "
                "JOIN sources ON sources.id = feeds.source_id WHERE sources.name = ? ORDER BY feeds.id",
                (name,),
            ).fetchone()
            for name in stage.source_names()
        ]
    finally:
        connection.close()
    return [dict(row) if row else {} for row in rows]


def _revisions(db: Path, stage: Stage) -> int:
    connection = sqlite3.connect(db)
    try:
        (count,) = connection.execute(
            "SELECT count(*) FROM revisions JOIN articles ON articles.id = revisions.article_id "
            "JOIN pages ON pages.id = articles.page_id JOIN sources ON sources.id = pages.source_id "
            "WHERE sources.name LIKE ?",
            (f"{stage.scenario.name} %",),
        ).fetchone()
    finally:
        connection.close()
    return int(count)
