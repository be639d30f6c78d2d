"""What may stand in feeds.yaml: every key once, with its kind and meaning. The reader, the JSON Schema for editors and
the reference page all come from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "address", "text", "texts", "duration", "delay", "patterns", "selector", "selectors", "choice", "date", "secret",
    "secrets", "languages", "flag", "ranges", "attributes", "spans", "search",
]  # fmt: skip

LONGEST_TEXT_CHARS = 1000
LONGEST_PATTERN_CHARS = 1000

SHORTEST_INTERVAL_S = 60.0
LONGEST_INTERVAL_S = 30 * 86400.0
"""Clamps of `every`, `min_every` and `max_every`: oftener is no use to anyone, rarer loses what rolls over."""

LONGEST_DELAY_S = 3600.0

FULL_TEXT = ("auto", "page", "feed")


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its name, what kind of value it takes, what it does (a sentence or two), the default in words."""

    name: str
    kind: Kind
    does: str
    default: str = ""
    example: str = ""
    in_defaults: bool = True
    choices: tuple[str, ...] = ()


TOP = (
    Key(
        "contact",
        "text",
        "Where a site's owner reaches you: a page or an e-mail address. It stands in the User-Agent of every request.",
        "none",
        "https://example.org/about-our-crawler",
    ),
)

NETWORK = (
    Key(
        "allow",
        "ranges",
        "Private address ranges (CIDR) that may be fetched. Everything else that is not on the public internet is "
        "refused, whatever a feed or a redirect says.",
        "none",
        "[10.0.0.0/8]",
    ),
)

ADDRESSES = (
    Key("feed", "address", "The address of an RSS, Atom or JSON feed.", example="https://www.example.com/rss.xml"),
    Key(
        "sitemap",
        "address",
        "The address of a sitemap, news sitemap or sitemap index.",
        example="https://www.example.com/sitemap.xml",
    ),
    Key(
        "site",
        "address",
        "The front page of a site: its feeds are polled, else its sitemaps, else the articles that it links to.",
        example="https://www.example.com/",
    ),
)
"""A source has exactly one of these."""

SOURCE = (
    Key(
        "name",
        "text",
        "What the source is called in every listing and on the command line. Each name stands once.",
        "the host of the address, and where that repeats also the telling part of its path",
        "Example News",
        in_defaults=False,
    ),
    Key("tags", "texts", "Words to search by: `cuttings search --tag world`.", "none", "[world, en]"),
    Key(
        "every",
        "duration",
        "How often to poll at first. Polling then adapts to what the source brings.",
        "1h",
        "30m",
    ),
    Key("min_every", "duration", "The shortest interval that polling adapts to.", "15m, or `every` if shorter", "10m"),
    Key("max_every", "duration", "The longest interval that polling adapts to.", "1d, or `every` if longer", "2d"),
    Key(
        "delay",
        "delay",
        "The least time between two requests to the source's host. A longer one in its robots.txt wins.",
        "1s",
        "5s",
    ),
    Key(
        "keep",
        "patterns",
        "RE2 patterns searched in address and title; where given, only what matches one of them is fetched.",
        "everything",
        '["/20\\\\d\\\\d/"]',
    ),
    Key(
        "drop",
        "patterns",
        "RE2 patterns like those of `keep`; what matches one is not fetched.",
        "nothing",
        '["/video/"]',
    ),
    Key("since", "date", "Older items are not fetched: a day, a month or a year.", "no limit", "2024-01-01"),
    Key(
        "full_text",
        "choice",
        "Where the text comes from: `page` always fetches the page, `feed` takes the text that the feed carries, "
        "`auto` fetches the page and falls back on the feed.",
        "auto",
        "feed",
        choices=FULL_TEXT,
    ),
    Key(
        "user_agent",
        "text",
        "The User-Agent of requests for this source.",
        "Cuttings/VERSION (+CONTACT)",
        "Example/1.0",
    ),
    Key(
        "headers",
        "secrets",
        "Further request headers, sent to the source's own origin alone. `${NAME}` stands for an environment variable.",
        "none",
        '{Authorization: "Bearer ${NEWS_TOKEN}"}',
    ),
    Key(
        "cookies",
        "secrets",
        "Cookies, sent to the source's own origin alone. `${NAME}` stands for an environment variable.",
        "none",
        '{session: "${NEWS_SESSION}"}',
        in_defaults=False,
    ),
    Key(
        "proxy",
        "secret",
        "The address of an HTTP proxy for this source. `${NAME}` stands for an environment variable. The proxies that "
        "the environment names are never used.",
        "none",
        "http://proxy.example.com:3128",
    ),
    Key(
        "language",
        "languages",
        "A language code or a list of them; articles whose text is in another language are not stored.",
        "all",
        "[en, fr]",
    ),
    Key("strip", "selectors", "CSS selectors of what is never part of the article.", "none", "[.newsletter, aside]"),
    Key(
        "content", "selector", "The CSS selector of the element that holds the article.", "found by itself", "div.story"
    ),
    Key(
        "archive",
        "flag",
        "Whether the raw answers of the source's pages are kept, in WARC files beside the corpus. They are what "
        "`cuttings reextract` cuts articles from again.",
        "true",
        "false",
    ),
    Key(
        "recheck",
        "spans",
        "When the page of an article is looked at again for changes, counted from when it was first named; each "
        "change is kept as a revision. Requests are conditional, and as polite as all others. `false`: never.",
        "[1h, 6h, 1d, 7d]",
        "[1h, 1d, 30d]",
    ),
    Key(
        "opml",
        "attributes",
        "Attributes of the source in the OPML file that it was imported from; `cuttings opml export` gives them back.",
        "none",
        "{htmlUrl: https://www.example.com/}",
        in_defaults=False,
    ),
    Key("enabled", "flag", "`false` rests the source: its articles stay, it is not polled.", "true", "false"),
)

WATCH = (
    Key(
        "name",
        "text",
        "What the watch is called on the command line and in what it sends. A watch with another name is another "
        "watch, which begins anew.",
        example="Ferries",
    ),
    Key(
        "search",
        "search",
        "What to look for, in the language of `cuttings search`.",
        "every article",
        "'title:ferry OR \"harbour bridge\" language:en'",
    ),
    Key(
        "webhook",
        "secret",
        "The http or https address that new articles are posted to. `${NAME}` stands for an environment variable. "
        "Without it they wait for `cuttings watch NAME --stdout`.",
        "none",
        "https://hooks.example.com/ferries",
    ),
    Key(
        "secret",
        "secret",
        "What messages are signed with: `whsec_` and 24 to 64 random bytes in base64. `${NAME}` stands for an "
        "environment variable.",
        "none; messages are not signed",
        '"${FERRIES_SECRET}"',
    ),
    Key(
        "one_per_story",
        "flag",
        "Of articles that are copies of one text, give only the one that is filed first.",
        "false",
        "true",
    ),
    Key("revised", "flag", "Give an article once more when its text has changed.", "false", "true"),
    Key(
        "allow",
        "ranges",
        "Private address ranges (CIDR) that this webhook may be in, besides those of `network.allow`. Sources gain "
        "nothing by it.",
        "none",
        "[127.0.0.1]",
    ),
)

LATER = ("render",)
"""Keys that later versions will know."""

_BY_NAME = {key.name: key for key in (*ADDRESSES, *SOURCE)}
SOURCE_KEYS = tuple(_BY_NAME)
DEFAULTS_KEYS = tuple(key.name for key in SOURCE if key.in_defaults)
NETWORK_KEYS = tuple(key.name for key in NETWORK)
WATCH_KEYS = tuple(key.name for key in WATCH)
TOP_KEYS = (*(key.name for key in TOP), "network", "defaults", "sources", "watch")


def key_named(name: str) -> Key:
    """The key of a source. KeyError where there is none."""
    return _BY_NAME[name]
