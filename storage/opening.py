"""Opens the corpus that a path or URL names, with the backend that serves it."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from storage.corpus import Corpus
from storage.errors import NotACorpus
from storage.watches import Watches


def open_corpus(url: str | Path = "cuttings.db", *, write: bool = False, create: bool | None = None) -> Corpus:
    """Open the corpus at a path or URL: `cuttings.db`, `sqlite:///relative.db`, `sqlite:////absolute.db`.

    Any number of processes may read it, one may write it. `create` says what to do where there is none yet; writing
    creates it unless told otherwise. Raises CorpusMissing, NotACorpus (also for a kind of URL that no backend
    serves), CorpusTooNew, CorpusBusy when another process writes, CorpusReadOnly.
    """
    path = file_of(url)
    from storage.sqlite.corpus import open_sqlite  # a backend is loaded only when it is used

    return open_sqlite(path, write=write, create=write if create is None else create)


def open_watches(url: str | Path = "cuttings.db", *, write: bool = True) -> Watches:
    """Open the watches of the corpus at a path or URL, beside whoever reads or writes it; without `write` only to look.

    Raises what `open_corpus` raises; CorpusReadOnly also where the corpus is of an earlier version, which only its
    writer brings up to date.
    """
    path = file_of(url)
    from storage.sqlite.corpus import open_sqlite_watches

    return open_sqlite_watches(path, write=write)


def claim(url: str | Path, purpose: Literal["run", "write"]) -> AbstractContextManager[object]:
    """Keep others from doing the same to a corpus for as long as the block runs, without opening it.

    `run`: to crawl it whenever something is due; others may still write it in between. `write`: what `open_corpus`
    takes when it writes; asked for, and let go, it tells whether one could. Freed by the system however the process
    ends. Raises CorpusBusy naming the process that holds it, CorpusMissing where its folder does not exist,
    NotACorpus, CorpusReadOnly.
    """
    path = file_of(url)
    from storage.sqlite.corpus import claim_sqlite

    return claim_sqlite(path, purpose)


def file_of(url: str | Path) -> Path:
    """The file that a path or URL names; raises NotACorpus for a URL that no backend serves."""
    if isinstance(url, Path) or "://" not in url:
        return Path(url)
    parts = urlsplit(url)
    if parts.scheme in ("postgresql", "postgres"):
        raise NotACorpus(f"{parts.scheme}://: this version has no PostgreSQL backend; name a file such as cuttings.db")
    if parts.scheme != "sqlite":
        raise NotACorpus(f"{parts.scheme}://: is no kind of corpus; name a file, or sqlite:///FILE")
    if parts.netloc or parts.query or len(parts.path) < 2:
        raise NotACorpus(f"{url}: is not understood; write sqlite:///relative.db or sqlite:////absolute.db")
    return Path(unquote(parts.path[1:]))


def is_of_corpus(file: Path, url: str | Path) -> bool:
    """Whether a file is one of those that the corpus at a path or URL consists of, archive and locks included, so that
    nobody may write anything else there."""
    from storage.archive import folder_of
    from storage.sqlite.files import all_files

    path, target = file_of(url), Path(os.path.realpath(file))
    own = {os.path.realpath(one) for one in (*all_files(path), folder_of(path))}
    return any(str(one) in own for one in (target, *target.parents))


def files_of(url: str | Path) -> tuple[Path, Path]:
    """The corpus and its search index: where another file takes the place of one of these, whoever reads it has to open
    it anew."""
    from storage.sqlite.files import index_path

    path = file_of(url)
    return path, index_path(path)
