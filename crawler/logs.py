"""Log lines that nothing fetched can forge or colour: control and direction characters never reach a handler."""

from __future__ import annotations

import logging
from typing import Any

from scrapy.logformatter import LogFormatter

from storage import plain_text


class _PlainRecord(logging.LogRecord):
    """A record whose message is made safe when it is formatted, so that it costs nothing when it is not."""

    def getMessage(self) -> str:  # noqa: N802 - the standard library's name
        return plain_text(super().getMessage())


def install() -> None:
    """Make every log record of the process a plain one; a second call changes nothing."""
    logging.setLogRecordFactory(_PlainRecord)


class QuietFormatter(LogFormatter):
    """Scrapy's lines without the items, which are whole pages, and without what the corpus records anyway."""

    def scraped(self, *_: Any) -> Any:
        """Say nothing of an item that went through."""
        return None

    def dropped(self, *_: Any) -> Any:
        """Say nothing of a page that was exchanged for the one it refreshes to."""
        return None

    def download_error(self, *_: Any, **__: Any) -> Any:
        """Say nothing of a page that could not be had: its outcome says it."""
        return None

    def item_error(self, item: Any, exception: BaseException, response: Any, *_: Any) -> Any:
        """Name the page of an item that broke, not its bytes."""
        url = getattr(response, "url", None) or type(item).__name__
        return {
            "level": logging.ERROR,
            "msg": "filing_broke url=%(url)s error=%(error)r",
            "args": {"url": url, "error": exception},
        }
