"""Articles as Parquet: columns with types, for pandas, polars, DuckDB and whatever else reads tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from storage.answers import StoredArticle
from storage.errors import StorageError
from storage.export import COLUMNS
from storage.records import moment_of, record

if TYPE_CHECKING:
    import pyarrow as pa

GROUP = 500
"""Articles of a row group: a few megabytes, which is all that is in memory at a time."""
_LISTS = frozenset({"urls", "authors", "sources", "tags"})
_TIMES = frozenset({"published", "updated", "first_seen", "fetched", "gone"})
_NUMBERS = frozenset({"id", "word_count", "story_id", "copies", "revision"})
_DAYS = ("published", "updated")
"""That may be a day without a time."""


def write_parquet(articles: Iterable[StoredArticle], stream: IO[bytes]) -> int:
    """Write a Parquet file with a row an article; gives how many.

    Columns are those of `export.COLUMNS`: lists are lists, times are timestamps in UTC. A day without a time is its
    midnight, and `published_is_day` or `updated_is_day` is true. The same articles give the same bytes with the same
    pyarrow. Raises StorageError where pyarrow is missing.
    """
    arrow, parquet = _pyarrow()
    schema = _schema(arrow)
    rows, count = iter(articles), 0
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        while group := list(islice(rows, GROUP)):
            writer.write_table(arrow.Table.from_pylist([_row(article) for article in group], schema))
            count += len(group)
    return count


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise StorageError("Parquet needs pyarrow: pip install 'cuttings[parquet]'") from error
    return pyarrow, pyarrow.parquet


def _names() -> Iterator[str]:
    for name in COLUMNS:
        yield name
        if name in _DAYS:
            yield f"{name}_is_day"


def _schema(arrow: Any) -> pa.Schema:
    def kind(name: str) -> Any:
        if name in _LISTS:
            return arrow.list_(arrow.string())
        if name in _TIMES:
            return arrow.timestamp("us", tz="UTC")
        if name in _NUMBERS:
            return arrow.int64()
        return arrow.bool_() if name == "free" or name.endswith("_is_day") else arrow.string()

    return arrow.schema([(name, kind(name)) for name in _names()])


def _row(article: StoredArticle) -> dict[str, object]:
    found = record(article)
    for name in _TIMES:
        value = getattr(article, name)
        found[name] = None if value is None else moment_of(value)
    for name in _DAYS:
        value = getattr(article, name)
        found[f"{name}_is_day"] = None if value is None else not isinstance(value, datetime)
    return found
