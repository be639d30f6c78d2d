"""Judges how a source does, from what the corpus knows of it and the time: one verdict, in words for people.

What is worst comes first in `Health`: a source that brings nothing and will not by itself; one that cannot be read;
one that has grown quiet; one whose articles changed all at once; one that brings less than it could; one that only asks
for a line in feeds.yaml.

A source is judged by the feeds that count. Feeds that were found (on a front page, by a guess, in a sitemap's index)
and cannot be read do not, as long as another one found there works: a guess that fails is no trouble of the source.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from storage.answers import FeedStatus, SourceStatus
from storage.drift import Drift

GAP_SHOWN = timedelta(days=7)
"""A gap is told of for so long: by then the shorter interval that follows one has shown whether it helps."""
LIE_SHOWN = timedelta(days=30)
"""Checks for lies are rare, so that one found stays true for a while."""
MOVE_SHOWN = timedelta(days=30)
ALARM_AFTER = timedelta(days=1)
ALARM_FAILURES = 2
"""Trouble that monitoring should wake somebody for: a server that was restarted or a night without network is not."""


class Health(StrEnum):
    """The closed list of what a source can be, worst first."""

    GONE = "gone"
    FAILING = "failing"
    CHALLENGE = "challenge"
    HTML = "html"
    SILENT = "silent"
    DRIFT = "drift"
    GAPS = "gaps"
    LYING = "lying"
    MOVED = "moved"
    MERGED = "merged"
    NEVER_POLLED = "never_polled"
    OK = "ok"
    FILE = "file"
    DISABLED = "disabled"
    IMPORTED = "imported"


SEVERITY = {health: position for position, health in enumerate(Health)}
"""For sorting, the worst first."""
BROKEN = frozenset({Health.GONE, Health.FAILING, Health.CHALLENGE, Health.HTML})


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a feed or a source does."""

    health: Health
    words: str
    """What is the matter, in words. May hold what strangers wrote: not safe for a terminal as it is."""
    since: datetime | None = None
    advice: str | None = None
    """What to do, in words."""
    feed_url: str | None = None
    """The feed that is meant."""


def judge(source: SourceStatus, now: datetime) -> Verdict:
    """How a source does: as the worst of the feeds that count."""
    if source.url.startswith("import:"):
        return Verdict(Health.IMPORTED, "its articles were imported; it is never polled", source.removed)
    if source.is_file:
        return Verdict(Health.FILE, f"{source.articles:,} articles came from this file; nothing is polled")
    if source.removed is not None:
        return Verdict(Health.DISABLED, "no longer in feeds.yaml; its articles stay", source.removed)
    if not source.enabled:
        return Verdict(Health.DISABLED, "disabled; its articles stay")
    verdicts = [judge_feed(feed, source, now) for feed in _counted(source, now)]
    if source.drift is not None:
        verdicts.append(_drifting(source, source.drift))
    return min(verdicts, key=lambda verdict: SEVERITY[verdict.health], default=_NEVER)


def judge_feed(feed: FeedStatus, source: SourceStatus, now: datetime) -> Verdict:
    """How one feed of a source does."""
    name = shlex.quote(source.name)
    if feed.merged_into is not None:
        return Verdict(
            Health.MERGED,
            f"it moved to an address that {feed.merged_into} polls already: its articles come from there",
            feed.moved_at,
            "take one of the two out of feeds.yaml",
            feed.url,
        )
    if feed.last_poll is None:
        return _NEVER
    if feed.last_status == "gone":
        return Verdict(
            Health.GONE,
            f"its server says that it is gone for good; `cuttings enable {name}` polls it again",
            feed.last_poll,
            "if it is gone indeed, take it out of feeds.yaml; what it brought stays",
            feed.url,
        )
    if feed.failures:
        return _failing(feed, source)
    return _quiet(feed, now) or _unsound(feed, source, now) or Verdict(Health.OK, "ok", None, None, feed.url)


def alarming(verdict: Verdict, source: SourceStatus, now: datetime) -> bool:
    """Whether monitoring should tell of it: the source is gone, silent or drifts, or could not be read for a day."""
    if verdict.health in (Health.GONE, Health.SILENT, Health.DRIFT):
        return True
    if verdict.health not in BROKEN:
        return False
    failures = max((feed.failures for feed in source.feeds if feed.url == verdict.feed_url), default=0)
    return failures >= ALARM_FAILURES and (verdict.since is None or now - verdict.since >= ALARM_AFTER)


def by_severity(verdicts: Sequence[Verdict]) -> dict[Health, int]:
    """How many there are of each health that occurs, worst first."""
    counts = Counter(verdict.health for verdict in verdicts)
    return {health: counts[health] for health in Health if counts[health]}


def stalled(sources: Sequence[SourceStatus], now: datetime) -> datetime | None:
    """When anything was polled last, if feeds have been due for a day since: no crawl is running any more."""
    feeds = [feed for source in sources if source.enabled for feed in source.feeds]
    last = max((feed.last_poll for feed in feeds if feed.last_poll), default=None)
    due = any(feed.next_poll is not None and feed.next_poll <= now - ALARM_AFTER for feed in feeds)
    return last if last is not None and due and last <= now - ALARM_AFTER else None


def put_off(feed: FeedStatus) -> bool:
    """Whether the last poll did not come about and the feed is not to blame: our own network was down, or its host had
    asked for a pause (P28)."""
    return feed.last_status == "failed" and not feed.failures and feed.reason in PUT_OFF


def is_missed_guess(feed: FeedStatus) -> bool:
    """Whether it is a usual place that was asked for a feed and has none: it rests, and is no trouble of its source."""
    missed = feed.last_status == "failed" and not feed.failures and not put_off(feed)
    return feed.via == "path" and feed.last_success is None and missed


PUT_OFF = frozenset({"offline", "paused"})
"""Reasons of polls that were not made."""


_NEVER = Verdict(Health.NEVER_POLLED, "never polled so far; the next crawl does")

_REASONS = {
    "dns": "its host name is not known",
    "connect": "its server takes no connection",
    "tls": "no secure connection: its certificate or its TLS is at fault",
    "timeout": "its server is too slow",
    "dropped": "the connection broke in the middle of the answer",
    "bad_answer": "its server speaks no HTTP",
    "robots": "robots.txt forbids it",
    "robots_unreachable": "its robots.txt cannot be had, which forbids everything for the time being",
    "paused": "its server asked for a pause",
    "private_address": "its address is in a private network, which network.allow does not list",
    "challenge": "a browser check came in place of the feed",
    "paywall": "it asks for a login",
    "html": "a web page came in place of the feed",
    "unknown": "what comes is neither a feed nor a sitemap",
    "broken": "what comes cannot be read as a feed",
    "empty": "the answer is empty",
    "no_feed": "its front page declares no feed",
    "too_large": "the document is too large",
    "too_many_redirects": "it redirects without end",
    "bad_url": "it leads to an address that cannot be asked for",
    "header_flood": "the headers of the answer are too large",
    "bomb": "the answer unpacks to more than the limit",
    "bad_encoding": "the answer cannot be unpacked",
    "parse_timeout": "reading it takes too long",
    "parse_memory": "reading it takes too much memory",
}
_TOLD_BY_DETAIL = frozenset({"html", "unknown", "broken", "empty", "no_feed"})
"""Their details are sentences that say what came."""
_ADVICE = {
    "dns": "look whether the site still exists; `cuttings add` finds where a feed went",
    "tls": "look at the site in a browser: its owner has to renew the certificate",
    "robots": "its owner wants no crawlers there; take it out of feeds.yaml or ask the owner",
    "private_address": "if the address is meant, list its network under network.allow in feeds.yaml",
    "challenge": "ask the owner of the site to let your crawler in, or name another feed or sitemap of it",
    "no_feed": "name one with feed: or sitemap: in feeds.yaml",
    "http_401": "give its login under headers: in feeds.yaml",
    "http_403": "its owner may refuse crawlers; name another feed or sitemap of the site, or ask the owner",
    "http_404": "`cuttings add` with the address of the site finds where the feed went",
}


def reason_words(reason: str | None, http_status: int | None = None) -> str:
    """A reason token in words: `http_503` gives "HTTP 503 Service Unavailable"."""
    if reason is None:
        return f"HTTP {http_status}" if http_status else "it failed"
    if reason in _REASONS:
        return _REASONS[reason]
    code = reason.removeprefix("http_")
    if code != reason and code.isdecimal():
        try:
            return f"HTTP {code} {HTTPStatus(int(code)).phrase}"
        except ValueError:
            return f"HTTP {code}"
    return reason.replace("_", " ")


def _failing(feed: FeedStatus, source: SourceStatus) -> Verdict:
    health = {"challenge": Health.CHALLENGE, "html": Health.HTML}.get(feed.reason or "", Health.FAILING)
    times = "once" if feed.failures == 1 else f"{feed.failures} times in a row"
    words = f"failed {times}: {_why(feed)}"
    advice = _ADVICE.get(feed.reason or "")
    if health is Health.HTML:
        linked = "it links to" in (feed.detail or "")
        find = f"`cuttings add {shlex.quote(source.url)}` looks for its feed"
        advice = "subscribe to a feed that the page links to, in its place" if linked else find
    return Verdict(health, words, feed.failing_since, advice, feed.url)


def _why(feed: FeedStatus) -> str:
    words = reason_words(feed.reason, feed.http_status)
    if not feed.detail or feed.detail == f"HTTP {feed.http_status}":
        return words
    return feed.detail if feed.reason in _TOLD_BY_DETAIL else f"{words} ({feed.detail})"


def _quiet(feed: FeedStatus, now: datetime) -> Verdict | None:
    """Silence against a feed's own rhythm, where the feed itself can be had (P29). A document that came whole since the
    news was overdue proves it; answers of "not modified" alone leave it to the server's word."""
    if feed.news_expected is None or now <= feed.news_expected or feed.last_status == "failed":
        return None
    since = f"no news since {feed.last_news:%Y-%m-%d}" if feed.last_news else "no news"
    expected = f"{since}, by its own rhythm expected by {feed.news_expected:%Y-%m-%d}"
    if feed.last_whole is not None and feed.last_whole > feed.news_expected:
        proof, advice = "it can be read and holds nothing new", "look at the site: the feed may be given up"
    else:
        proof = 'its server only answers "not modified"'
        advice = "look at the site: the feed may be given up, or its server's answers may be wrong"
    return Verdict(Health.SILENT, f"{expected}; {proof}", feed.last_news, advice, feed.url)


def _unsound(feed: FeedStatus, source: SourceStatus, now: datetime) -> Verdict | None:
    """What a feed that brings news could do better."""
    if feed.last_gap is not None and now - feed.last_gap <= GAP_SHOWN:
        words = f"entries may have been missed {_times(feed.gaps)}, last on {feed.last_gap:%Y-%m-%d %H:%M} UTC"
        advice = "it is polled more often now; crawl more often, or lower its min_every in feeds.yaml"
        return Verdict(Health.GAPS, words, feed.last_gap, advice, feed.url)
    if feed.last_lie is not None and now - feed.last_lie <= LIE_SHOWN:
        words = f'its server said "not modified" {_times(feed.lies)} though there was news'
        advice = "nothing to do: it is asked for the whole document now and then"
        return Verdict(Health.LYING, words, feed.last_lie, advice, feed.url)
    advice = "nothing to do; to keep feeds.yaml true, write the new address into it"
    if feed.moved_to is not None and feed.moved_count:
        words = f"asks to be polled at {feed.moved_to} for good; seen {_times(feed.moved_count)}, watched for a day"
        return Verdict(Health.MOVED, words, feed.moved_since, advice, feed.url)
    lately = feed.moved_at is not None and now - feed.moved_at <= MOVE_SHOWN
    if lately and feed.url != source.url and feed.via == "source":
        words = f"polled at {feed.url} now: its publisher moved it there"
        return Verdict(Health.MOVED, words, feed.moved_at, advice, feed.url)
    return None


def _drifting(source: SourceStatus, drift: Drift) -> Verdict:
    """Its feeds are well, and what is cut out of its pages is not (X11)."""
    advice = (
        "look at an article with `cuttings try` and its address; `content` or `strip` in feeds.yaml say where the text "
        f"is, and `cuttings reextract {shlex.quote(source.name)}` mends what is stored"
    )
    return Verdict(Health.DRIFT, drift.words, drift.since, advice)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _counted(source: SourceStatus, now: datetime) -> list[FeedStatus]:
    """The feeds that a source is judged by."""
    health = {feed: judge_feed(feed, source, now).health for feed in source.feeds}
    own = [feed for feed in source.feeds if feed.via == "source"]
    found = [feed for feed in source.feeds if feed.via != "source" and not is_missed_guess(feed)]
    if any(feed.entries for feed in own):  # the page itself brings articles: what was tried beside it does not matter
        found = [feed for feed in found if feed.via != "path" or feed.last_success]
    dropped = BROKEN | {Health.MERGED}
    if any(feed.last_success and health[feed] not in dropped for feed in found):
        found = [feed for feed in found if health[feed] not in dropped]
        if source.kind == "site":  # a front page is only looked at for its feeds
            own = [feed for feed in own if health[feed] not in BROKEN]
    else:
        found = [feed for feed in found if feed.last_success] or found
        if source.kind != "site":  # its own document brings the entries
            found = [feed for feed in found if health[feed] is not Health.MERGED]
    counted = own + found
    lively = [feed for feed in counted if feed.entries and health[feed] not in dropped | {Health.SILENT}]
    return [feed for feed in counted if health[feed] is not Health.SILENT] if lively else counted
