"""What of a site is polled: which of the feeds and sitemaps that were found, and when its links are read instead.

    feeds that the front page declares or links to, and news sitemaps of robots.txt    first
    other sitemaps of robots.txt                                                       where there is no feed
    links of the front page and of its sections, and usual places for feeds            where there is neither

A step down is taken only when everything above it has failed or brings nothing. Usual places are asked one after the
other, each once, and the next only where the one before holds no feed; what was asked is remembered as a feed of the
source that rests for `REST`. Pure: the corpus' memory of the site comes in, the feeds to poll come out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from crawler import urls
from crawler.discover import Candidate, candidates
from crawler.front_page import FrontPage, JudgedLink
from storage import DueFeed, FeedStatus, FoundFeed, LinkMemory, Poll

MOST_DECLARED = 10
"""Feeds of one front page that are polled; portals declare one for each section, which repeat the main one."""
MOST_SITEMAPS = 3
MOST_GUESSES = 6
"""Usual places that are asked for a feed; the likeliest for nearly all software that sites run on."""
MOST_SECTIONS = 12
MOST_ARTICLES = 500
"""Links of one page that are followed, the first; the front page of a large newspaper names about 150 articles."""
SECTION_FACTOR = 4
"""Sections are polled so many times less often than the front page, which names what is new in them as well."""
REST = timedelta(days=90)
"""Until a usual place that held no feed is asked again."""
SECTION_REST = timedelta(days=30)
"""Until a section is looked at again whose site has a feed after all."""

_DEAD_AFTER = 5
_PENDING_FAILURES = 3
_NO_FEED = frozenset({"html", "unknown", "empty", "broken", "robots", "challenge", "too_many_redirects", "too_large"})
_FORMAT = re.compile(r"\b(?:rss2?|atom1?|rdf|feeds?|xml|json|index|default|all|posts)\b|[^a-z0-9]+", re.IGNORECASE)
_SAME_FEED_PARAMETERS = re.compile(r"^(?:feed|format|type|alt|output)=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a poll of a front page leads to."""

    found: tuple[FoundFeed, ...] = ()
    """What is polled from now on; those that are known already may stand among them."""
    articles: tuple[JudgedLink, ...] = ()
    """Links that name articles; none while a feed or sitemap does so better."""
    settled: bool = True
    """Whether the same page would lead to the same plan the next time."""
    rests: bool = False
    """Nothing is to be learned from this page for a long time: the site has a feed."""


def plan_of(page: FrontPage, feed: DueFeed, source_url: str, memory: LinkMemory) -> Plan:
    """What to do about a front page (`feed.via` is `source`) or a section of it."""
    if feed.via == "section":
        if is_served(memory.feeds):
            return Plan(rests=True)
        return Plan(articles=page.of("article")[:MOST_ARTICLES])
    found: list[FoundFeed] = []
    declared = declared_feeds(page.feeds, feed.url)
    news = tuple(one for one in page.sitemaps if "news" in one.url.lower())[:MOST_SITEMAPS]
    others = tuple(one for one in page.sitemaps if one not in news)[:MOST_SITEMAPS]
    for tier in ((*declared, *news), others):
        found.extend(_found(tier))
        new = {one.url for one in _found(tier)} - {known.url for known in memory.feeds}
        if new or is_served(memory.feeds):
            return Plan(tuple(found), settled=_brings(memory.feeds))
    if is_served(memory.feeds):  # a usual place, or a feed that the page does not name any more
        return Plan(tuple(found), settled=_brings(memory.feeds))
    room = MOST_SECTIONS - sum(known.via == "section" for known in memory.feeds)
    sections = [link.url for link in page.of("section")]
    known = {feed.url for feed in memory.feeds}
    found.extend(guess for guess in guesses(source_url)[:1] if guess.url not in known)
    new_sections = [url for url in sections if url not in known][: max(room, 0)]
    found.extend(FoundFeed(url, urls.host(url), "site", "section") for url in new_sections)
    articles = page.of("article")[:MOST_ARTICLES]
    return Plan(tuple(found), articles, settled=bool(articles or sections))


def declared_feeds(found: Iterable[Candidate], page_url: str) -> tuple[Candidate, ...]:
    """The feeds worth polling of those that a page declares or links to: those of the site itself where it only links
    to them, and of one feed in several formats the first."""
    unique: dict[str, Candidate] = {}
    for one in found:
        if one.via == "link" or urls.same_site(one.url, page_url):
            unique.setdefault(_feed_identity(one), one)
    return tuple(unique.values())[:MOST_DECLARED]


def _feed_identity(feed: Candidate) -> str:
    """Equal for the formats of one feed: what stays of its address without the words that name a format."""
    parts = urlsplit(feed.url)
    rest = "&".join(sorted(pair for pair in parts.query.split("&") if not _SAME_FEED_PARAMETERS.match(pair)))
    return f"{parts.netloc.removeprefix('www.')} {_FORMAT.sub(' ', parts.path).strip()} {rest}"


def _found(tier: Iterable[Candidate]) -> tuple[FoundFeed, ...]:
    return tuple(
        FoundFeed(one.url, urls.host(one.url), one.kind, "robots" if one.via == "robots" else "link")
        for one in tier
        if urls.host(one.url)
    )


def guesses(source_url: str) -> tuple[FoundFeed, ...]:
    """Usual places for the feeds of a site, and last for its sitemap, in the order in which they are asked."""
    tried = candidates(source_url)
    feeds = [one for one in tried if one.kind == "feed"][:MOST_GUESSES]
    sitemaps = [one for one in tried if one.url.endswith("/sitemap.xml")]
    return tuple(FoundFeed(one.url, urls.host(one.url), one.kind, "path") for one in (*feeds, *sitemaps))


def next_guess(url: str, source_url: str) -> tuple[FoundFeed, ...]:
    """The usual place that is asked after `url` held no feed; () after the last."""
    places = guesses(source_url)
    at = next((number for number, place in enumerate(places) if place.url == url), len(places))
    return places[at + 1 : at + 2]


def holds_no_feed(reason: str | None) -> bool:
    """Whether a poll that failed so says that there is no feed, and not that it could not be had just now."""
    if reason is None:
        return False
    return reason in _NO_FEED or (reason.startswith("http_4") and reason not in ("http_408", "http_425", "http_429"))


def is_served(feeds: Iterable[FeedStatus]) -> bool:
    """Whether a feed or sitemap brings the site's articles, or may do so at its first poll."""
    known = tuple(feeds)
    return any(_is_alive(feed, known) for feed in known)


def _brings(feeds: Sequence[FeedStatus]) -> bool:
    return any(feed.entries and _is_alive(feed, feeds) for feed in feeds)


def _is_alive(feed: FeedStatus, feeds: Sequence[FeedStatus]) -> bool:
    if feed.kind == "site" or feed.last_status == "gone":
        return False
    if feed.merged_into is not None:  # it lives where it went; of the site's own feeds that one is judged by itself
        return all(other.url != feed.moved_to for other in feeds)
    if feed.entries:
        return feed.failures < _DEAD_AFTER
    if feed.via == "path":
        return False
    if feed.last_poll is None:
        return True
    return 0 < feed.failures < _PENDING_FAILURES and not holds_no_feed(feed.reason)


def leaves_site_alone(feed: DueFeed, poll: Poll, memory: LinkMemory) -> bool:
    """Whether this poll of a found feed leaves the site without one, which it had, or was thought to have, before."""
    if feed.kind == "site" or poll.found_feeds or not is_served(memory.feeds):
        return False
    after = (
        replace(
            one,
            last_poll=poll.at,
            last_status=poll.status,
            failures=poll.failures,
            reason=poll.reason,
            entries=one.entries + len(poll.discoveries),
        )
        if one.url == feed.url
        else one
        for one in memory.feeds
    )
    return not is_served(after)
