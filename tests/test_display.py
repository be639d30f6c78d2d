"""How the reading commands order what they show."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from crawler.cli import display
from crawler.cli.status_display import natural, print_status
from storage import SourceStatus, Totals

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOTALS = Totals(0, 0, 0, 0, 0, 0, 0, 0, 0, {}, 0, 0)


def status(name: str, *, enabled: bool) -> SourceStatus:
    return SourceStatus(name, "feed", f"https://{name}.example/", None, (), enabled, (), {}, 0, 0, None)


def test_names_sort_as_people_count() -> None:
    names = ["", "2 o'clock", "10 o'clock", "A", "b", "C", "Feed", "Feed 2", "feed 2b", "Feed 10", "Feed 010", "Zürich"]
    names.append("Zürich " + "9" * 5_000)
    shuffled = random.Random(2).sample(names, len(names))
    by_name = sorted(shuffled, key=natural)
    assert by_name.index("Feed 010") == by_name.index("Feed 10") - 1
    assert [name for name in by_name if name != "Feed 010"] == [name for name in names if name != "Feed 010"]


def test_status_lists_feed_2_before_feed_10(capsys: pytest.CaptureFixture[str]) -> None:
    print_status([status(f"Feed {number}", enabled=number != 1) for number in (10, 1, 2)], TOTALS, NOW, every=True)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0].strip() for line in lines[3:6]] == ["Feed 2", "Feed 10", "Feed 1"]


def test_sizes_are_said_in_thousands_of_bytes() -> None:
    sizes = {0: "0 KB", 1: "1 KB", 49_001: "50 KB", 655_360: "0.7 MB", 12_345_678: "12.3 MB", 3_200_000_000: "3.2 GB"}
    assert {number: display.size(number) for number in sizes} == sizes
