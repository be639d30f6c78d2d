"""What the corpus says of raw pages: where they are, what was cut from them, which files there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime

from storage.archive import Archive, written_at
from storage.captures import ArchiveFile, RawPage
from storage.model import Capture, RawAnswer
from storage.sqlite import captures
from storage.sqlite.failures import translating
from storage.sqlite.transactions import Transactions


class RawPages(Transactions):
    """The archive's methods of `storage.corpus.Corpus`."""

    _archive: Archive

    @translating
    def raw_pages(
        self, after: int, limit: int, *, sources: Collection[str] | None = None, since: date | None = None
    ) -> list[RawPage]:
        """See `storage.corpus.Corpus.raw_pages`."""
        with self._snapshot():
            return captures.raw_pages(self.connection, after, limit, sources, since)

    @translating
    def articles_without_raw_page(self, *, sources: Collection[str] | None = None) -> dict[str, int]:
        """See `storage.corpus.Corpus.articles_without_raw_page`."""
        return captures.articles_without(self.connection, sources)

    @translating
    def recut_mark(self) -> tuple[int, int] | None:
        """See `storage.corpus.Corpus.recut_mark`."""
        return captures.mark(self.connection)

    def raw(self, capture: Capture) -> RawAnswer:
        """See `storage.corpus.Corpus.raw`."""
        return self._archive.read(capture)

    @translating
    def captures(self, article_ids: Sequence[int]) -> dict[int, Capture]:
        """See `storage.corpus.Corpus.captures`."""
        return captures.of_articles(self.connection, article_ids)

    def raw_record(self, capture: Capture) -> bytes:
        """See `storage.corpus.Corpus.raw_record`."""
        return self._archive.member(capture)

    @translating
    def archive_files(self) -> list[ArchiveFile]:
        """See `storage.corpus.Corpus.archive_files`."""
        known = captures.by_file(self.connection)
        return [
            ArchiveFile(name, size, *known.get(name, (0, written_at(name) or datetime.now(UTC))))
            for name, size in self._archive.files().items()
        ]

    @translating
    def prune_archive(self, names: Collection[str]) -> int:
        """See `storage.corpus.Corpus.prune_archive`. The rows go first: what is left by a kill in between is a file
        that nothing points to, and the next call may name it."""
        forgotten = 0
        for name in names:
            with self._transaction():
                forgotten += captures.forget_file(self.connection, name)
            self._archive.remove(name)
        return forgotten

    @translating
    def settled(self, keys: Collection[str]) -> frozenset[str]:
        """See `storage.corpus.Corpus.settled`."""
        return captures.settled(self.connection, keys)
