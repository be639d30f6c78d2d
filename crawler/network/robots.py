"""What a robots.txt allows: RFC 9309 read strictly where it is strict, and as Google reads it where it is not.

Which group speaks to us is decided here, by the product token alone (section 2.2.1); which of its rules matches an
address is Protego's part. The reasons are in docs/decisions/0006-robots-txt.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from protego import Protego

from storage import Ending, Outcome

# RFC 9309 section 2.5: at least 500 kibibytes must be parsed. Google parses these.
PARSED_BYTES = 512 * 1024
# Section 2.4: not used for longer than a day; Cache-Control may shorten that, but not to a request for every page.
LONGEST_LIFE_S = 24 * 3600.0
SHORTEST_LIFE_S = 300.0
# An unreachable robots.txt is asked for again after the first of these, doubled after each failure up to the last.
FIRST_RETRY_S = 300.0
LAST_RETRY_S = 6 * 3600.0
# A longer Crawl-delay is cut to this: ten minutes between requests are a refusal in all but name.
LONGEST_CRAWL_DELAY_S = 600.0

Access = Literal["rules", "everything", "nothing"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_PRODUCT_TOKEN = re.compile(r"[A-Za-z_-]+")
# What Protego would take for the end of a line or cut off; section 2.2.2 has such octets percent-encoded.
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
# Keys are matched by their beginning and these misspellings are common enough to be meant (google/robotstxt).
_AGENT_KEYS = ("user-agent", "useragent", "user agent")
_DISALLOW_KEYS = ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")
_SITEMAP_KEYS = ("sitemap", "site-map")
_DELAY_KEYS = ("crawl-delay", "crawldelay", "crawl delay")


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """What asking for a robots.txt brought. `status` None: no answer at all, and `failure` says why."""

    status: int | None
    body: bytes = b""
    max_age_s: float | None = None
    failure: Outcome | None = None


@dataclass(slots=True, eq=False)
class _Group:
    rules: list[tuple[str, str]] = field(default_factory=list)
    crawl_delay_s: float | None = None


class Rules:
    """The rules of one robots.txt. Parse once, ask often."""

    def __init__(self, body: bytes) -> None:
        self.sitemaps: list[str] = []
        self._groups: dict[str, _Group] = {}
        self._matchers: dict[str, Protego | None] = {}
        self._read(body)

    def allows(self, url: str, token: str) -> bool:
        """Tell whether the crawler with this product token may fetch an absolute URL."""
        token = token.lower()
        if token not in self._matchers:
            self._matchers[token] = self._matcher(token)
        matcher = self._matchers[token]
        return matcher is None or matcher.can_fetch(url, "*")

    def crawl_delay_s(self, token: str) -> float:
        """Return the Crawl-delay for this product token, at most LONGEST_CRAWL_DELAY_S; 0 where there is none."""
        group = self._group(token.lower())
        delay_s = group.crawl_delay_s if group is not None else None
        return 0.0 if delay_s is None else min(delay_s, LONGEST_CRAWL_DELAY_S)

    def _group(self, token: str) -> _Group | None:
        return self._groups.get(token) or self._groups.get("*")

    def _matcher(self, token: str) -> Protego | None:
        group = self._group(token)
        if group is None or not group.rules:
            return None
        lines = (f"{verb}: {_UNSAFE.sub(_escape, path)}" for verb, path in group.rules)
        return Protego.parse("\n".join(("User-agent: *", *lines)))

    def _read(self, body: bytes) -> None:
        agents: list[str] = []
        open_ = False  # whether another User-agent line would join the group
        for key, value in _lines(body):
            if key.startswith(_AGENT_KEYS):
                if not open_:
                    agents = []
                agents.append(_agent(value))
                self._groups.setdefault(agents[-1], _Group())
                open_ = True
            elif key.startswith(("allow", *_DISALLOW_KEYS)):
                verb = "Allow" if key.startswith("allow") else "Disallow"
                open_ = False
                for agent in agents:
                    self._groups[agent].rules.append((verb, value))
            elif key.startswith(_DELAY_KEYS):
                # The first one stands: a second may be meant for the agents of the next group alone.
                for group in (self._groups[agent] for agent in agents):
                    group.crawl_delay_s = _seconds(value) if group.crawl_delay_s is None else group.crawl_delay_s
            elif key.startswith(_SITEMAP_KEYS) and value:
                self.sitemaps.append(value)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be fetched from an origin, and for how long this holds."""

    access: Access
    rules: Rules | None
    life_s: float
    failure: Outcome | None = None
    """For access `nothing`: what to record for an address that must not be fetched for now."""


def judge(answer: RobotsAnswer, failures: int = 0) -> Verdict:
    """Decide what an answer to the request for robots.txt means (RFC 9309 section 2.3.1).

    2xx: its rules, at most PARSED_BYTES of them. 4xx, and redirects that lead nowhere: everything is allowed and the
    body means nothing. 429, 5xx and no answer: nothing is allowed, and it is asked for again; `failures` counts such
    answers before this one. 429 stands with 5xx because it says "not now", not "there is none" (Google does the same).
    """
    status = answer.status
    if status is not None and 200 <= status < 300:
        return Verdict("rules", Rules(answer.body), _life_s(answer.max_age_s))
    if status is not None and 300 <= status < 500 and status != 429:
        return Verdict("everything", None, _life_s(answer.max_age_s))
    retry_s = min(FIRST_RETRY_S * 2.0 ** min(failures, 20), LAST_RETRY_S)
    failure = answer.failure or Outcome(Ending.FAILED, "robots_unreachable", f"robots.txt: HTTP {status}")
    return Verdict("nothing", None, retry_s, failure)


def product_token(user_agent: str) -> str:
    """Return the product token by which robots.txt files address this User-Agent (RFC 9309 section 2.2.1).

    >>> product_token("Cuttings/0.1.0 (+https://example.org/)")
    'Cuttings'
    """
    match = _PRODUCT_TOKEN.match(user_agent)
    return match[0] if match else "*"


def max_age_s(cache_control: str) -> float | None:
    """Return the max-age of a Cache-Control header in seconds; 0 for no-store and no-cache, None where it is silent."""
    for directive in cache_control.lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name in ("no-store", "no-cache"):
            return 0.0
        digits = value.strip('" ')
        if name == "max-age" and digits.isascii() and digits.isdecimal():
            return float(digits[:12])
    return None


def _life_s(max_age_s: float | None) -> float:
    return LONGEST_LIFE_S if max_age_s is None else min(max(max_age_s, SHORTEST_LIFE_S), LONGEST_LIFE_S)


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield (key in lower case, value) of every line that has both, comments off."""
    text = body[:PARSED_BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    for line in _LINE_END.split(text):
        line = line.partition("#")[0].strip()
        key, colon, value = line.partition(":")
        if not colon:
            # Without a colon a line counts only where it is two words: `disallow /`.
            words = line.split()
            if len(words) != 2:
                continue
            key, value = words
        yield key.strip().lower(), value.strip()


def _agent(value: str) -> str:
    """Return the product token that a User-agent line names: up to the first octet that no token has."""
    if value.startswith("*") and (len(value) == 1 or value[1].isspace()):
        return "*"
    match = _PRODUCT_TOKEN.match(value)
    return match[0].lower() if match else ""


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _escape(match: re.Match[str]) -> str:
    return quote(match[0], safe="")
