"""What feeds say of an article whose page was reached by way of another address.

A feed may name one article twice: by its own address, and by an old one that redirects there. Which of the two pages is
fetched first is chance; what is filed must not be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crawler import urls
from storage import DuePage, Entry

_SAID = ("title", "authors", "published", "updated", "summary", "content", "language", "tags", "image")


def entry_of(page: DuePage, final_url: str, entry_at: Callable[[str], Entry | None]) -> Entry | None:
    """What the entry of the page's final address says, by `entry_at` of its key, and for the rest the entry of the page
    that led there."""
    key = other_key(page, final_url)
    return page.entry if key is None else joined(entry_at(key), page.entry)


def other_key(page: DuePage, final_url: str) -> str | None:
    """The identity key of the address where a page ended; None where it is the page's own."""
    if final_url == page.url:
        return None
    key = urls.identity(final_url)
    return None if key == page.key else key


def joined(own: Entry | None, led: Entry | None) -> Entry | None:
    """The entry of an article's own address, with what only that of the one that led there says."""
    if own is None or led is None:
        return own or led
    return replace(own, **{name: getattr(own, name) or getattr(led, name) for name in _SAID})
