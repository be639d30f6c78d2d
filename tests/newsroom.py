"""Runs the installed `cuttings` command as a user does, against feeds.yaml files that point at a local web."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent


@dataclass
class Newsroom:
    """A folder with a feeds.yaml and a corpus."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def db(self) -> Path:
        """The corpus that commands use by default."""
        return self.folder / "cuttings.db"

    def subscribe(self, *sources: str | dict[str, Any], delay: float = 0, **top: Any) -> None:
        """Write feeds.yaml (JSON is YAML): addresses of feeds, or sources with all their keys."""
        listed = [{"feed": source} if isinstance(source, str) else source for source in sources]
        document = {
            "contact": "https://example.org/about",
            "network": {"allow": ["127.0.0.0/8"]},
            "defaults": {"delay": delay},
            "sources": listed,
            **top,
        }
        (self.folder / "feeds.yaml").write_text(json.dumps(document, indent=1), encoding="utf-8")

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start `cuttings` and leave it running."""
        return subprocess.Popen(
            [str(BIN / "cuttings"), *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment(),
            **options,
        )

    def run(self, *arguments: str, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run `cuttings` to its end, whatever its exit status; a traceback shown to a user fails the test."""
        done = subprocess.run(
            [str(BIN / "cuttings"), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            env=self._environment(),
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def ok(self, *arguments: str, timeout_s: float = 60) -> str:
        """Run `cuttings`; it must succeed. Gives its output."""
        done = self.run(*arguments, timeout_s=timeout_s)
        assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *arguments: str, timeout_s: float = 60) -> Any:
        """Run `cuttings ... --json`; gives the document."""
        return json.loads(self.ok(*arguments, "--json", timeout_s=timeout_s))

    def refused(self, *arguments: str, status: int) -> str:
        """Run `cuttings`; it must end with that status and say why in plain words. Gives what it said."""
        done = self.run(*arguments)
        assert done.returncode == status, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stderr

    def scrapy(self, *arguments: str, cwd: Path, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run the `scrapy` command in a project folder, with this newsroom's feeds.yaml and corpus."""
        environment = {
            **self._environment(),
            "CUTTINGS_DB": str(self.db),
            "CUTTINGS_FEEDS": str(self.folder / "feeds.yaml"),
        }
        return subprocess.run(
            [str(BIN / "scrapy"), *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            env=environment,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CUTTINGS_")}
        # test runners set a width of their own; one worker a crawl, for several tests run at a time
        return {**kept, "COLUMNS": "100", "CUTTINGS_WORKERS": "1", **self.env}


def outcomes(report: dict[str, Any]) -> dict[str, int]:
    """Of a crawl's `--json` report: ending to number of pages."""
    return dict(report["outcomes"])


def adds_up(report: dict[str, Any]) -> bool:
    """C17: every page that came in went out exactly once."""
    pages = report["pages"]
    came_in = pages["waiting_before"] + pages["found"] + pages["retried"] + pages["looked_again"]
    return came_in == pages["ended"] + pages["waiting_after"] and pages["ended"] == sum(report["outcomes"].values())


STOCK = ("harbour", "ferry", "council", "report", "water", "bridge", "season", "price", "island", "market", "winter")


def story(count: int, seed: int) -> list[str]:
    """Paragraphs of `count` words in all, different for every seed."""
    chosen = [f"{STOCK[(seed + n * (3 + seed % 7)) % len(STOCK)]}{'' if n % 9 else seed}" for n in range(count)]
    return [" ".join(chosen[start : start + 40]).capitalize() + "." for start in range(0, count, 40)]
