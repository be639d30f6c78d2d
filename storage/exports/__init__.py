"""Articles as files of other kinds than lines and rows."""

from storage.exports.epub import write_epub
from storage.exports.markdown import markdown_name, write_markdown
from storage.exports.parquet import write_parquet

__all__ = ["markdown_name", "write_epub", "write_markdown", "write_parquet"]
