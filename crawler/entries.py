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
    if final_url == page.url:
        return page.entry
    key = urls.identity(final_url)
    own = entry_at(key) if key != page.key else None
    return page.entry if own is None else completed(own, page.entry)


def completed(own: Entry, led: Entry | None) -> Entry:
    """An entry with what only another one of the same article says."""
    if led is None:
        return own
    return replace(own, **{name: getattr(own, name) or getattr(led, name) for name in _SAID})
