"""How fast is a whole crawl? Pages a second from a local server to committed articles, beside two yardsticks.

    python benchmarks/crawl.py [--pages N] [--sites N] [--rounds N] [--json]
    python benchmarks/crawl.py --memory [--json]

The server has a process of its own and pages of 170 KB (`pages.py`); each contender starts afresh, in turn, round
after round, so that a busy machine slows all of them alike:

scrapy       plain Scrapy, trafilatura in `parse`, a row inserted at a time with sqlite-utils; robots.txt off
ours         feeds polled, robots.txt heeded, pages cut in the box, identified, committed, indexed
extract      the limit: the same extraction alone, on every core, of pages that lie in memory: nothing is faster
trafilatura  what scrapy calls, in the way of `extract`; for reference

`--memory` crawls 1,000 and 20,000 pages of 30 KB and shows the crawling process's memory: it must stay flat.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from contenders import Figures, Order
from serving import Served, Sites, served

ORDER = ("scrapy", "ours", "extract", "trafilatura")
CRAWLS = ("scrapy", "ours")
MEMORY_PAGES = (1_000, 20_000)
MEMORY_PAGE_BYTES = 30_000


def run(contender: str, sites: Sites, server: Served, workers: int, folder: Path) -> dict[str, Any]:
    """One contender once; its figures, with the server's CPU seconds among them."""
    db = folder / f"{contender}.db"
    for old in folder.glob(f"{contender}.db*"):
        old.unlink()
    order = json.dumps(asdict(Order(sites, server.port, str(db), workers)))
    before = server.figures()
    command = [sys.executable, str(Path(__file__).with_name("contenders.py")), contender, order]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures = asdict(Figures(**json.loads(done.stdout.splitlines()[-1])))
    after = server.figures()
    if contender in CRAWLS:
        figures["cpu_s"]["server"] = after["cpu_s"] - before["cpu_s"]
        figures["answers"] = after["answers"] - before["answers"]
    figures["pages_per_s"] = sites.pages / figures["seconds"]
    if figures["articles"] != sites.pages or figures["ended"] not in ({}, {"no text": 0}, {"stored": sites.pages}):
        raise SystemExit(f"{contender} has {figures['articles']} articles of {sites.pages} pages: {figures}")
    return figures


def speed(sites: Sites, rounds: int, workers: int, contenders: tuple[str, ...], show: bool) -> dict[str, Any]:
    """All contenders in turn; medians, and ours beside the others."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in contenders}
    with served(sites) as server, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for name in contenders:
                figures = run(name, sites, server, workers, Path(folder))
                runs[name].append(figures)
                if show:
                    print(f"round {number + 1}  {_line(name, figures, sites)}", flush=True)
    medians = {name: statistics.median(f["pages_per_s"] for f in figures) for name, figures in runs.items()}
    ratios = {name: medians["ours"] / medians[name] for name in medians if name != "ours" and "ours" in medians}
    result = {"sites": asdict(sites), "workers": workers, "pages_per_s": medians, "ours_to": ratios, "runs": runs}
    if show:
        print(f"\nmedian of {rounds}, {sites.pages} pages of {sites.page_bytes / 1000:.0f} KB, {workers} workers:")
        for name, value in medians.items():
            print(f"  {name:<12}{value:8.1f} pages/s{_beside(ratios.get(name))}")
    return result


def memory(show: bool, workers: int) -> dict[str, Any]:
    """A short and a long crawl; the memory of the crawling process in each."""
    result = {}
    for pages in MEMORY_PAGES:
        sites = Sites(40, pages // 40, MEMORY_PAGE_BYTES)
        with served(sites) as server, tempfile.TemporaryDirectory() as folder:
            figures = run("ours", sites, server, workers, Path(folder))
        result[str(pages)] = figures
        if show:
            print(_line("ours", figures, sites))
            print(f"  peak {figures['peak_mib']:.0f} MiB; over time {_sampled(figures['rss_mib'])} MiB", flush=True)
    return result


def _line(name: str, figures: dict[str, Any], sites: Sites) -> str:
    cpu = ", ".join(f"{who} {used / sites.pages * 1e3:.2f}" for who, used in figures["cpu_s"].items())
    return f"{name:<12}{figures['pages_per_s']:8.1f} pages/s, {figures['articles']} articles; CPU ms/page: {cpu}"


def _beside(ratio: float | None) -> str:
    return "" if ratio is None else f"   ours is {ratio:.2f} x"


def _sampled(samples: list[float]) -> str:
    step = max(1, len(samples) // 12)
    return " ".join(f"{value:.0f}" for value in _every(samples, step))


def _every(samples: list[float], step: int) -> Iterator[float]:
    yield from samples[:-1:step]
    yield from samples[-1:]


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1200, help="over all sites (%(default)s)")
    parser.add_argument("--sites", type=int, default=40, help="at most 250 (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--only", nargs="+", choices=ORDER, default=ORDER, help="contenders to run")
    parser.add_argument("--memory", action="store_true", help="show memory instead of speed")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    if options.memory:
        result = memory(not options.json, options.workers)
    else:
        sites = Sites(options.sites, max(1, options.pages // options.sites))
        contenders = tuple(name for name in ORDER if name in options.only)
        result = speed(sites, options.rounds, options.workers, contenders, not options.json)
    if options.json:
        print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
