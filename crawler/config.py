"""What feeds.yaml says, as checked, immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from crawler.rechecks import RECHECK_S
from storage import Source, Watch

FullText = Literal["auto", "page", "feed"]


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source of feeds.yaml with the defaults filled in. Its secrets (headers, cookies, proxy) are left out of its
    repr, so that no log and no traceback tells them (C20)."""

    source: Source
    every_s: float = 3600.0
    min_every_s: float = 900.0
    max_every_s: float = 86400.0
    delay_s: float | None = None
    """Seconds between two requests to its host; None: the crawl's default."""
    keep: tuple[str, ...] = ()
    """RE2 patterns on URL or title; where given, one must match."""
    drop: tuple[str, ...] = ()
    full_text: FullText = "auto"
    since: date | None = None
    user_agent: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)
    languages: tuple[str, ...] = ()
    """Codes; where given, articles in another language are not stored."""
    strip: tuple[str, ...] = ()
    """CSS selectors of what is never part of the article."""
    content: str | None = None
    """CSS selector of the article's container."""
    archive: bool = True
    """Whether raw answers of its pages are kept."""
    recheck_s: tuple[float, ...] = RECHECK_S
    """When the pages of its articles are looked at again, in seconds since they were named."""
    opml: Mapping[str, str] = field(default_factory=dict)
    """Attributes that came from an OPML file and mean nothing here; given back on export."""


@dataclass(frozen=True, slots=True)
class WatchConfig:
    """One watch of feeds.yaml. Address and secret of its webhook are left out of its repr."""

    watch: Watch
    webhook: str | None = field(default=None, repr=False)
    """None: what it finds is written for pipes."""
    secret: bytes | None = field(default=None, repr=False)
    """What messages are signed with."""
    allow: tuple[str, ...] = ()
    """Private ranges (CIDR) that its webhook may be in."""


@dataclass(frozen=True, slots=True)
class Config:
    """A whole feeds.yaml."""

    path: Path
    contact: str | None
    allow: tuple[str, ...] = ()
    """Private ranges (CIDR) that may be fetched."""
    sources: tuple[SourceConfig, ...] = ()
    delay_s: float | None = None
    """`delay` of the defaults, for addresses that are no source yet."""
    proxy: str | None = field(default=None, repr=False)
    """`proxy` of the defaults, for addresses that are no source yet."""
    archive: bool = True
    """`archive` of the defaults, for pages that no source named."""
    watches: tuple[WatchConfig, ...] = ()
