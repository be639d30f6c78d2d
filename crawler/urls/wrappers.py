"""Addresses that carry the address of an article: AMP caches, readers' proxies and outgoing-link redirectors.

Opaque ones (feedproxy.google.com/~r/..., t.co/..., news.google.com/rss/articles/...) name their article only when they
are fetched; the redirect then makes them aliases. Translations and archived copies are other documents and stay so.
"""

import re
from urllib.parse import unquote

from crawler.urls.sites import site_of_host
from crawler.urls.syntax import Address, parse

_MAX_WRAPPINGS = 4

# https://developers.google.com/amp/cache/overview: /c/ or /v/ (viewer), then s/ where the origin is https.
_CACHED = re.compile(r"/(?:c|v|wp)/(?:s/)?([^/]+\.[^/]+)(/.*)?\Z")
_VIEWER = re.compile(r"/amp/(?:s/)?([^/]+\.[^/]+)(/.*)?\Z")
_TURBO = re.compile(r"/(?:turbo/)?([^/]+\.[^/]+)/s(/.*)?\Z")

_CACHES = frozenset(("ampproject.org", "bing-amp.com", "mipcdn.com", "bdstatic.com"))
_GOOGLE = re.compile(r"google\.(?:com|[a-z]{2}|co\.[a-z]{2}|com\.[a-z]{2})")

# Site and path of a redirector, and the parameters that may hold the target.
_REDIRECTORS: dict[str, tuple[str, tuple[str, ...]]] = {
    "facebook.com": (r"/l\.php", ("u",)),
    "instagram.com": (r"/", ("u",)),
    "bing.com": (r"/news/apiclick\.aspx", ("url",)),
    "getpocket.com": (r"/redirect", ("url",)),
    "youtube.com": (r"/redirect", ("q",)),
    "linkedin.com": (r"/(?:redir/redirect|safety/go)/?", ("url",)),
    "vk.com": (r"/away\.php", ("to",)),
    "umblr.com": (r"/redirect", ("z",)),
    "reddit.com": (r"/[^/]*", ("url",)),
    "duckduckgo.com": (r"/l/?", ("uddg",)),
    "slack-redir.net": (r"/link", ("url",)),
    "redirectingat.com": (r"/", ("url",)),
    "outlook.com": (r"/", ("url",)),
    "yandex.ru": (r"/turbo", ("text",)),
}
_GOOGLE_REDIRECTOR = (r"/(?:url|news/url|m)", ("url", "q", "continue"))
# Hosts of the sites above whose other pages take an address as an ordinary parameter.
_ONLY_ON_HOST = {
    "reddit.com": "out.reddit.com",
    "instagram.com": "l.instagram.com",
    "outlook.com": "safelinks.protection.outlook.com",
}


def unwrap(address: Address) -> Address:
    """Return the address inside caches, proxies and redirectors, or `address` itself."""
    for _ in range(_MAX_WRAPPINGS):
        inner = _inner(address)
        if inner is None:
            break
        address = inner
    return address


def _inner(address: Address) -> Address | None:
    owner = site_of_host(address.host)
    is_google = _GOOGLE.fullmatch(owner) is not None
    if owner in _CACHES or address.host.endswith(".ampproject.org"):
        return _in_path(_CACHED, address)
    if is_google or owner == "bing.com":
        viewed = _in_path(_VIEWER, address)
        if viewed is not None:
            return viewed
    if owner == "turbopages.org" or (owner == "yandex.ru" and address.path.startswith("/turbo/")):
        return _in_path(_TURBO, address)
    redirector = _GOOGLE_REDIRECTOR if is_google else _REDIRECTORS.get(owner)
    if redirector is None or not address.host.endswith(_ONLY_ON_HOST.get(owner, "")):
        return None
    path, names = redirector
    return _in_query(names, address) if address.query and re.fullmatch(path, address.path) else None


def _in_path(pattern: re.Pattern[str], address: Address) -> Address | None:
    match = pattern.match(address.path)
    if match is None:
        return None
    path = match[2] or "/"
    if not address.query:  # viewers escape the question mark of the article
        return parse(f"https://{match[1]}{path.replace('%3F', '?', 1)}")
    return parse(f"https://{match[1]}{path}?{address.query}")


def _in_query(names: tuple[str, ...], address: Address) -> Address | None:
    for piece in address.query.split("&"):
        name, _, value = piece.partition("=")
        # An unescaped "?" means that the target's own parameters were cut off at the "&": it is not known.
        if name in names and value.lower().startswith("http") and "?" not in value:
            return parse(unquote(value))
    return None
