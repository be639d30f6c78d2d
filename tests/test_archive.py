"""The files of the archive: how they follow each other, and what a full disk or a second writer does to them (C14)."""

from __future__ import annotations

import os
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.pruning import files_to_prune
from storage import ArchiveFile, CaptureLost, CorpusFull, RawAnswer
from storage.archive import Archive, folder_of, written_at

NOW = datetime(2026, 3, 1, 12, 0, 0, 123, tzinfo=UTC)


def answer(body: bytes, at: datetime = NOW) -> RawAnswer:
    return RawAnswer("https://a.example/", at, 200, (("Content-Encoding", "br"),), body, "OK")


def archive(folder: Path, **more: int) -> Archive:
    ends: dict[str, int] = {}
    opened = Archive(folder, lambda file: ends.get(file, 0), **more)
    opened.begin()
    return opened


def test_c14_files_are_followed_by_others_and_sort_by_time_whatever_the_clock_does(tmp_path: Path) -> None:
    opened = archive(tmp_path / "a.warc", most_bytes=3000)
    moments = [NOW, NOW, NOW + timedelta(hours=1), NOW - timedelta(days=9), NOW - timedelta(days=9)]
    captures = [opened.append(answer(os.urandom(4000), at)) for at in moments]
    opened.sync()
    names = [capture.file for capture in captures]
    assert names == sorted(set(names)) == list(opened.files())
    assert written_at(names[0]) == NOW.replace(microsecond=0)
    assert [opened.read(capture).at for capture in captures] == moments
    opened.close()


def test_c14_a_second_writer_takes_a_file_of_its_own(tmp_path: Path) -> None:
    first, second = archive(tmp_path / "a.warc"), archive(tmp_path / "a.warc")
    one, two = first.append(answer(b"1")), second.append(answer(b"2"))
    assert one.file != two.file
    assert (second.read(one).body, first.read(two).body) == (b"1", b"2")
    first.close()
    second.close()


def test_c14_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    opened = archive(tmp_path / "a.warc")
    kept = opened.append(answer(b"kept"))
    opened.sync()
    opened.begin()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(CorpusFull, match="the disk took no more"):
            opened.append(answer(os.urandom(100_000)))
        opened.roll_back()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert opened.files()[kept.file] == kept.offset + kept.length
    opened.begin()
    assert opened.append(answer(b"next")).offset == kept.offset + kept.length
    opened.close()


def test_c14_no_name_in_the_corpus_leads_out_of_the_archive(tmp_path: Path) -> None:
    from dataclasses import replace

    opened = archive(tmp_path / "a.warc")
    capture = opened.append(answer(b"x"))
    for name in ("../a.db", "/etc/passwd", ".hidden", "missing.warc.gz"):
        with pytest.raises(CaptureLost):
            opened.read(replace(capture, file=name))
    with pytest.raises(CaptureLost):
        opened.read(replace(capture, offset=capture.offset + 1))
    with pytest.raises(CaptureLost):
        opened.read(replace(capture, offset=-1))
    opened.close()


def test_c14_where_the_archive_of_a_corpus_lies() -> None:
    paths = (Path("news/cuttings.db"), Path("cuttings.sqlite"), Path("news"))
    assert [str(folder_of(path)) for path in paths] == ["news/cuttings.warc", "cuttings.sqlite.warc", "news.warc"]


def test_c14_pruning_takes_the_old_and_then_the_oldest_until_the_rest_fits() -> None:
    files = [ArchiveFile(str(days), 100, 1, NOW - timedelta(days=days)) for days in (90, 30, 2, 0)]

    def pruned(older_s: float | None = None, larger_bytes: int | None = None) -> list[str]:
        return [file.name for file in files_to_prune(files, NOW, older_s=older_s, larger_bytes=larger_bytes)]

    assert pruned(older_s=40 * 86400.0) == ["90"]
    assert pruned(larger_bytes=250) == ["90", "30"]
    assert pruned(older_s=1 * 86400.0, larger_bytes=400) == ["90", "30", "2"]
    assert pruned(larger_bytes=400) == []
