"""How fast are ten thousand feeds polled, and at what cost? Beside `reader`, a feed reader library, in the same run.

    python benchmarks/feeds.py [--feeds N] [--hosts M] [--rounds R] [--only ours|reader] [--json]

`feed_serving.py` serves the feeds from a process of its own. Each contender updates all of them three times, in a fresh
process each, and the contenders take turns:

first    everything is new
same     nothing has changed: half of the feeds answer 304, the others send the same bytes again
news     one feed in ten has one new entry

ours     feeds polled, robots.txt of each host heeded, entries and the pages that they name filed; no page fetched
reader   https://github.com/lemon24/reader by its Python API; each number of workers of WORKERS gets PROBE feeds, and
         the fastest is taken; it asks for no robots.txt

While ours runs, another process opens the corpus again and again and asks, and the crawling process watches itself.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from feed_contenders import Figures, Order
from feed_serving import Feeds, Served, served

UPDATES = ("first", "same", "news")
WORKERS = (1, 4, 20)
"""Threads of reader."""
PROBE = 300
SCRIPT = Path(__file__).with_name("feed_contenders.py")
SAMPLE_S = 0.2
INSTALL = "benchmarks/feeds.py compares with reader: pip install reader sgmllib3k (or leave it out: --only ours)"


def update(contender: str, order: Order, server: Served) -> dict[str, Any]:
    """One contender once over all feeds; its figures, with what the server and an onlooker saw."""
    before = server.figures()
    command = [sys.executable, str(SCRIPT), contender, json.dumps(asdict(order))]
    with _questions(order) if contender == "ours" else _nothing() as questions:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            peaks: dict[str, float] = {}
            watching = threading.Thread(target=_watch_memory, args=(process, peaks))
            watching.start()
            assert process.stdout is not None
            said = process.stdout.read()
            watching.join()
        if process.returncode:
            raise SystemExit(f"{contender} failed: its error is above")
    after = server.figures()
    figures: dict[str, Any] = asdict(Figures(**json.loads(said.splitlines()[-1])))
    figures["server"] = {name: after[name] - before[name] for name in ("answers", "robots", "not_modified", "cpu_s")}
    figures |= {"workers": order.workers, "feeds_per_s": figures["feeds"] / figures["seconds"], **peaks, **questions}
    return figures


@contextmanager
def _nothing() -> Iterator[dict[str, Any]]:
    yield {}


@contextmanager
def _questions(order: Order) -> Iterator[dict[str, Any]]:
    """Another process reads the corpus meanwhile; what it met is there at the end."""
    answers: dict[str, Any] = {}
    command = [sys.executable, str(SCRIPT), "query", json.dumps(asdict(order))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield answers
        answers["reading"] = json.loads(process.communicate()[0])


def _watch_memory(process: subprocess.Popen[str], peaks: dict[str, float]) -> None:
    """Resident memory of a process and its children while it runs: the peak of their sum."""
    peaks["all_peak_mib"] = 0.0
    while process.poll() is None:
        family = [process.pid, *_children(process.pid)]
        peaks["all_peak_mib"] = max(peaks["all_peak_mib"], sum(map(_rss_mib, family)))
        time.sleep(SAMPLE_S)


def _children(pid: int) -> list[int]:
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in listed.read_text().split()]
        except OSError:
            continue
    return found


def _rss_mib(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0


def check(contender: str, name: str, feeds: Feeds, figures: dict[str, Any]) -> None:
    """All feeds must have been polled and all entries stored, or there is nothing to compare."""
    entries = feeds.entries(news=name == "news")
    if (figures["feeds"], figures["entries"]) != (feeds.feeds, entries):
        raise SystemExit(
            f"{contender}, {name}: {figures['feeds']} of {feeds.feeds} feeds, {figures['entries']} of {entries} entries"
        )


def compare(feeds: Feeds, contenders: tuple[str, ...], cores: int, show: bool) -> dict[str, Any]:
    """One round: every update of every contender."""
    result: dict[str, Any] = {name: {} for name in contenders}
    with served(feeds) as server, tempfile.TemporaryDirectory() as folder:
        result["served"] = server.figures()
        workers = {"ours": cores}
        if "reader" in contenders:
            few = Feeds(min(PROBE, feeds.feeds), feeds.hosts)
            orders = [Order(few, server.port, f"{folder}/probe-{number}.db", number) for number in WORKERS]
            probes = {order.workers: float(update("reader", order, server)["feeds_per_s"]) for order in orders}
            workers["reader"] = max(probes, key=lambda number: probes[number])
            result["probes"] = probes
        for name in UPDATES:
            if name == "news":
                server.figures("news")
            for contender in contenders:
                order = Order(feeds, server.port, f"{folder}/{contender}.db", workers[contender])
                result[contender][name] = figures = update(contender, order, server)
                check(contender, name, feeds, figures)
                if show:
                    print(_line(contender, name, figures), flush=True)
    return result


def _line(contender: str, name: str, figures: dict[str, Any]) -> str:
    feeds = figures["feeds"]
    cpu = ", ".join(f"{who} {used / feeds * 1e3:.2f}" for who, used in figures["cpu_s"].items() if used >= 0.05)
    requests = figures["server"]["answers"] / figures["seconds"]
    line = (
        f"{name:<6}{contender:<7}({figures['workers']:2d}) {figures['feeds_per_s']:7.1f} feeds/s, "
        f"{requests:.0f} requests/s;  {figures['peak_mib']:4.0f} MiB, "
        f"all processes {figures['all_peak_mib']:4.0f}; CPU ms/feed: {cpu}"
    )
    if contender != "ours":
        return line
    written, reading, robots = figures["written"], figures["reading"], figures["server"]["robots"]
    loop_ms, file_ms, read_ms = (
        waited * 1e3 for waited in (figures["loop_wait_s"], figures["file_wait_s"], reading["longest_s"])
    )
    return "\n             ".join(
        (
            line,
            f"{written['commits']:.0f} commits and {written['leases']:.0f} leases, {written['rows'] / feeds:.2f} rows "
            f"and {written['bytes'] / feeds / 1e3:.1f} KB to the disk a feed; {robots:.0f} robots.txt",
            f"longest wait: loop {loop_ms:.0f} ms, filing {file_ms:.0f} ms, another process {read_ms:.0f} ms "
            f"({reading['queries']} queries, {reading['failed']} failed)",
            f"memory over time {_sampled(figures['rss_mib'])} MiB; {_shares(figures['cpu_s'])}",
        )
    )


def _shares(cpu_s: dict[str, float]) -> str:
    """Where the CPU time went: the event loop (network, deciding), the workers (parsing), the writer (committing)."""
    parts = {
        "network": cpu_s["crawling"] - cpu_s.get("thread corpus-writer", 0.0),
        "parse": cpu_s["workers"],
        "commit": cpu_s.get("thread corpus-writer", 0.0),
    }
    whole = sum(parts.values()) or 1.0
    return "CPU " + ", ".join(f"{name} {used / whole:.0%}" for name, used in parts.items())


def _sampled(samples: list[float]) -> str:
    step = max(1, len(samples) // 12)
    return " ".join(f"{value:.0f}" for value in [*samples[:-1:step], *samples[-1:]])


def table(rounds: list[dict[str, Any]]) -> str:
    """Medians of all rounds, and ours beside reader."""
    lines = [f"\n{'':8}{'ours':>10}{'reader':>10} feeds/s{'':5}ratio   {'ours':>6}{'all':>6}{'reader':>8} MiB"]
    for name in UPDATES:
        own, other = ([each[who][name] for each in rounds] for who in ("ours", "reader"))
        speed, peer = (statistics.median(f["feeds_per_s"] for f in figures) for figures in (own, other))
        peak, whole = (statistics.median(f[key] for f in own) for key in ("peak_mib", "all_peak_mib"))
        peer_peak = statistics.median(f["peak_mib"] for f in other)
        lines.append(
            f"{name:<8}{speed:10.1f}{peer:10.1f}{'':8}{speed / peer:10.2f}   {peak:6.0f}{whole:6.0f}{peer_peak:8.0f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=10_000, help="%(default)s")
    parser.add_argument("--hosts", type=int, default=1_000, help="at most 60,000 (%(default)s)")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=("ours", "reader"), help="one contender alone")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="of ours: one a core")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    contenders = (options.only,) if options.only else ("ours", "reader")
    if "reader" in contenders and importlib.util.find_spec("reader") is None:
        raise SystemExit(INSTALL)
    feeds = Feeds(options.feeds, min(options.hosts, options.feeds))
    rounds = [compare(feeds, contenders, options.workers, not options.json) for _ in range(options.rounds)]
    if options.json:
        print(json.dumps({"feeds": asdict(feeds), "rounds": rounds}, indent=2))
    elif options.only is None:
        print(table(rounds))


if __name__ == "__main__":
    main()
