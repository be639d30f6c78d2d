"""Articles as files of other kinds than lines and rows."""

from storage.exports.asked import in_words
from storage.exports.cursor import MOST_CURSOR_BYTES, ExportCursor, read_export_cursor
from storage.exports.epub import write_epub
from storage.exports.manifest import ExportKind, FileSum, Manifest, Tally, sum_of_bytes, sum_of_file
from storage.exports.markdown import markdown_name, write_markdown
from storage.exports.parquet import write_parquet
from storage.exports.warc import WarcCounts, WithoutRawPage, write_warc

__all__ = [
    "MOST_CURSOR_BYTES",
    "ExportCursor",
    "ExportKind",
    "FileSum",
    "Manifest",
    "Tally",
    "WarcCounts",
    "WithoutRawPage",
    "in_words",
    "markdown_name",
    "read_export_cursor",
    "sum_of_bytes",
    "sum_of_file",
    "write_epub",
    "write_markdown",
    "write_parquet",
    "write_warc",
]
