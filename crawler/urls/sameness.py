"""Tell which addresses are one article: a key that all its addresses share, and no other article's."""

import re
import unicodedata
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote_from_bytes, unquote_to_bytes

from crawler.urls import parameters
from crawler.urls.sites import site_of_host
from crawler.urls.syntax import Address, parse
from crawler.urls.wrappers import unwrap

_DEFAULT_PORTS = ("80", "443")

# Host labels that choose a screen, never a department; two-letter ones other than these are languages and regions.
_SCREEN_LABEL = re.compile(r"www\d{0,2}|m|mobile|mobil|movil|mob|wap|touch|3g|pda|amp")

# sub-delims, ":" and "@" need no escape in a path segment (RFC 3986, 3.3) and mean the same with one; "/" does not.
_SEGMENT_SAFE = "-._~!$&'()*+,;=:@"
_VALUE_SAFE = "-._~!$'()*,:@/?"

_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sessionid|sid|cfid|cftoken)=[^;]*", re.IGNORECASE)
_ASPNET_SESSION = re.compile(r"\((?:[ASFX]\([A-Za-z0-9_-]+\))+\)")
_INDEX_PAGE = re.compile(r"(?:index|default)\.(?:html?|xhtml|shtml|php\d?|aspx?|jspx?|cfm|cgi|do)", re.IGNORECASE)
_AMP_FILE = re.compile(r"\.amp(?=(?:\.html?|\.php|\.aspx?)?\Z)|(?<=\.)amp(?=html\Z)", re.IGNORECASE)
_AMP_AFTER_NUMBER = re.compile(r"(?<=[0-9]{4})[-_]amp(?=(?:\.html?)?\Z)", re.IGNORECASE)
# After a word, "_print" may belong to the headline (the small print); after a number it cannot.
_PRINT_FILE = re.compile(r"(?:[.,]|(?<=[0-9]{4})[-_])print(?:able|er)?(?=(?:\.html?|\.php|\.aspx?)?\Z)", re.IGNORECASE)
_FIRST_PAGE = re.compile(r"(?:page|seite|pagina|pag)[-_]?(?:1|all)|comment-page-\d+|komplettansicht|single-?page", re.I)

_AMP_SEGMENTS = frozenset(("amp", "amphtml", "google-amp"))
_PRINT_SEGMENTS = parameters.words(
    "print printable printer printview print-view printversion print-version printer-friendly printerfriendly"
)
_MOBILE_SEGMENTS = frozenset(("m", "mobile", "mobil"))
# After these a segment is a subject, and `/tag/amp` is about amplifiers.
_LISTS = parameters.words("""
    tag tags topic topics category categories section sections search author authors wiki glossary keyword keywords
    label labels thema themen subject subjects user users product products c t w
""")

_ARTICLE_FILE = re.compile(r"\.(?:html?|shtml|cms|ece|story|article)\Z", re.IGNORECASE)
_SCRIPT_FILE = re.compile(r"\.(?:php\d?|aspx?|jspx?|cfm|cgi|do|pl|dll|exe)\Z", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\d{4}")
_DATE = re.compile(r"(?:19|20)\d\d(?:[-_.]?\d\d){0,2}")
_MONTH = re.compile(r"\b(?:19|20)\d\d/(?:0?[1-9]|1[0-2])\b")
_SLUG = re.compile(r"[^-_]+[-_][^-_]+[-_].*[^-_]|.{6,}[-_].{4,}|.*\d{5}|(?:.*%[0-9A-F]{2}){6}")
_LETTER = re.compile(r"[A-Za-z%]")
_NODE = parameters.words("node article articles story stories news post posts articleshow")

_NAMING_PARAMETER = re.compile(r"id.*|.*id|[pavn]|(?:article|story|item|doc|node|post).*|news|key|no|num")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_DIGIT = re.compile(r"\d")
_SPELLED = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])|[^A-Za-z]+|\b[A-Za-z]\b")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SESSION = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{8,40}", re.IGNORECASE)
_BLOGGER = re.compile(r"(.+\.blogspot)\.(?:com?\.)?[a-z]{2}")


def identity(url: str) -> str:
    """Return a key that is equal for every address of one article and for no other article's.

    It has no scheme, no `www`, mobile or AMP host label, no AMP, print or first-page part, no index page, session or
    trailing slash and no tracking parameter; parameters are sorted by name. AMP caches and redirectors give the key of
    the address they carry. What could choose an article stays: ids, page numbers, languages, case, ports, hash routes.
    The key depends on the address alone, so it does not matter which variant is seen first. It is not an address.

    Text that is no http(s) address is its own key, behind a colon, so that it equals no address's.

    >>> identity("https://m.example.org/2024/storm-hits-coast/amp/?utm_source=x") == identity(
    ...     "http://www.example.org/2024/storm-hits-coast"
    ... )
    True
    """
    address = parse(f"https:{url}" if url.startswith("//") else url)
    if address is None:
        return f":{url}"
    address = unwrap(address)
    port = "" if not address.port or address.port in _DEFAULT_PORTS else f":{address.port}"
    segments = _essential_segments(address.path)
    query = f"?{_query_key(address.query, _names_article(segments))}" if address.query else ""
    fragment = f"#{_route_key(address)}" if address.fragment else ""
    return f"{_host_key(address.host)}{port}/{'/'.join(segments)}{query.rstrip('?')}{fragment.rstrip('#')}"


@lru_cache(maxsize=16_384)
def _host_key(host: str) -> str:
    blog = _BLOGGER.fullmatch(host)
    if blog:  # Blogger showed every blog under the reader's country, by redirect, until 2018
        host = f"{blog[1]}.com"
    owner = site_of_host(host)
    if host == owner:
        return host
    labels = host[: -len(owner) - 1].split(".")
    return ".".join([*(label for label in labels if not _SCREEN_LABEL.fullmatch(label)), owner])


def _essential_segments(path: str) -> list[str]:
    """Return the parts of a path that name the article."""
    if ";" in path:
        path = _SESSION_IN_PATH.sub("", path)
    segments = [_canonical_segment(segment) if "%" in segment else segment for segment in path.split("/") if segment]
    if "(" in path:
        segments = [segment for segment in segments if not _ASPNET_SESSION.fullmatch(segment)]
    if not segments:
        return segments
    if _INDEX_PAGE.fullmatch(_AMP_FILE.sub("", segments[-1])):
        del segments[-1]
    segments = _without_first_page(segments)
    if segments:
        segments[-1] = _without_view_suffix(segments[-1])
    return _without_view_segments(segments)


def _canonical_segment(segment: str) -> str:
    raw = unquote_to_bytes(segment)
    with suppress(UnicodeDecodeError):  # an older encoding; its bytes are its name
        raw = unicodedata.normalize("NFC", raw.decode()).encode()
    return quote_from_bytes(raw, safe=_SEGMENT_SAFE)


def _without_first_page(segments: list[str]) -> list[str]:
    if len(segments) > 2 and segments[-2].lower() in ("page", "seite") and segments[-1].lower() in ("1", "all", "full"):
        return segments[:-2]
    if len(segments) > 1 and _FIRST_PAGE.fullmatch(segments[-1]):
        return segments[:-1]
    return segments


def _without_view_suffix(name: str) -> str:
    lower = name.lower()
    if "amp" in lower:
        name = _AMP_AFTER_NUMBER.sub("", _AMP_FILE.sub("", name))
    if "print" in lower:
        name = _PRINT_FILE.sub("", name)
    return name


def _without_view_segments(segments: list[str]) -> list[str]:
    """Drop `amp` anywhere, `print` at either end and `m` in front, provided that what is left names an article."""
    last = len(segments) - 1
    path_after_first = "/".join(segments[1:])
    kept = []
    for place, segment in enumerate(segments):
        name = segment.lower()
        is_view = (
            name in _AMP_SEGMENTS
            or (name in _PRINT_SEGMENTS and place in (0, last))
            or (name in _MOBILE_SEGMENTS and place == 0 and _LONG_NUMBER.search(path_after_first))
        )
        if is_view and not (place and segments[place - 1].lower() in _LISTS):
            continue
        kept.append(segment.removeprefix("amp_") if name == "amp_articleshow" else segment)
    if len(kept) < len(segments) and not _names_article(kept):
        return segments
    return kept


def _names_article(segments: list[str]) -> bool:
    """Tell whether a path names one article by itself, so that no parameter is needed to choose it."""
    if not segments:
        return False
    last = segments[-1]
    if _SCRIPT_FILE.search(last):
        return False
    if _ARTICLE_FILE.search(last):
        return True
    if _DATE.fullmatch(last):
        return False
    if last.isdigit():
        return len(segments) > 1 and (len(last) > 2 or segments[-2].lower() in _NODE)
    if len(segments) > 2 and _LETTER.search(last) and _MONTH.search("/".join(segments[-4:-1])):
        return True
    return _SLUG.match(last) is not None and _LETTER.search(last) is not None


def _query_key(query: str, in_path: bool) -> str:
    """Return the parameters that choose the article, sorted by name; equal names keep their order."""
    pairs = []
    for piece in query.split("&"):
        raw_name, _, raw_value = piece.partition("=")
        name = _canonical_value(raw_name).removeprefix("amp;")  # "&amp;" escaped once too often
        value = _canonical_value(raw_value)
        if (name or value) and not _is_certain_trace(name.lower(), value.lower()):
            pairs.append((name, value))
    if not pairs:
        return ""
    named = in_path or any(_names_by_parameter(name.lower(), value) for name, value in pairs)
    mailing = sum(name.lower() in parameters.MAILING_NAMES for name, _ in pairs)
    kept = [
        f"{name}={value}" if value else name
        for name, value in pairs
        if not _is_trace_here(name.lower(), value, named=named, in_path=in_path, mailed=mailing > 1)
    ]
    kept.sort(key=_parameter_name)
    return "&".join(kept)


def _parameter_name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _canonical_value(value: str) -> str:
    if "+" not in value and "%" not in value:
        return value
    return quote_from_bytes(unquote_to_bytes(value.replace("+", " ")), safe=_VALUE_SAFE)


def _names_by_parameter(name: str, value: str) -> bool:
    return (
        _NAMING_PARAMETER.fullmatch(name) is not None
        and name not in parameters.NUMBERED_NAMES
        and name not in parameters.MAILING_NAMES
        and _looks_like_id(value)
    )


def _is_certain_trace(name: str, value: str) -> bool:
    """Tell whether a parameter falls away on every page; both arguments in lower case."""
    return (
        parameters.is_trace(name)
        or (name in parameters.FLAG_NAMES and value in parameters.FLAG_VALUES)
        or (name in parameters.CERTAIN_VIEW_NAMES and value in parameters.PRINT_AND_AMP)
        or (name in parameters.PAGE_NAMES and value in parameters.WHOLE_OR_FIRST_PAGE)
        or (name == "action" and value == "click")
        or (name == "share" and value in parameters.SHARE_TARGETS)
    )


def _is_trace_here(name: str, value: str, *, named: bool, in_path: bool, mailed: bool) -> bool:
    """Tell whether an ambiguous parameter falls away.

    `named` where something else names the article already, `in_path` where the path does, `mailed` beside its like.
    """
    if name in parameters.VIEW_NAMES:
        return named and (value.lower() in parameters.PRINT_AND_AMP or value.lower() in parameters.SCREENS)
    if name in parameters.LONE_MAILING_NAMES and in_path:
        return True
    if name in parameters.MAILING_NAMES:
        return mailed
    if name == "rss":  # elsewhere than on an article it is the feed
        return named and (value.lower() in parameters.FLAG_VALUES or _says_arrival(value))
    if name == "m":  # Blogger's mobile view; elsewhere a month, or an id
        return named and value in ("0", "1")
    if name in parameters.NUMBERED_NAMES:
        return _is_session(name, value, named) or (_says_arrival(value) and (named or name != "s"))
    if name in parameters.REFERRAL_NAMES:
        return value.startswith("http") or not _looks_like_id(value)
    if name in parameters.SOURCE_NAMES:
        return _says_arrival(value) or (named and not _looks_like_id(value))
    return in_path and value.lower() in parameters.PLAIN_ARRIVALS and name not in parameters.CHOOSING_NAMES


def _is_session(name: str, value: str, named: bool) -> bool:
    """Tell sessions (phpBB, vBulletin) and reader keys (News Corp Australia, Forbes) from ids of the same name."""
    if name in ("nk", "sh"):
        return named and _HEX.fullmatch(value) is not None
    return named and name in ("sid", "s", "sessionid", "session_id") and _SESSION.fullmatch(value) is not None


def _says_arrival(value: str) -> bool:
    return not value or (_has_arrival_word(value) and not _looks_like_id(value))


def _has_arrival_word(value: str) -> bool:
    return not parameters.ARRIVALS.isdisjoint(_NOT_WORD.split(value.lower()))


def _looks_like_id(value: str) -> bool:
    """Tell whether a value could be the number of an article rather than a way of arriving.

    It could when it is a UUID, when its letters spell nothing (`dQw4w9WgXcQ`), or when it has a digit and no word that
    says how a reader came (`rss-3208`).
    """
    if _UUID.fullmatch(value):
        return True
    if not value.islower() and not value.isupper() and _SPELLED.sub("", value):
        return True
    return _DIGIT.search(value) is not None and not _has_arrival_word(value)


def _route_key(address: Address) -> str:
    """Return the route of a page built from its fragment, without tracking; the root of the route is the page."""
    path, _, query = address.fragment.partition("?")
    route = path.rstrip("/")
    kept = _query_key(query, in_path=False) if query else ""
    if route in ("", "!"):
        return f"!?{kept}" if kept else ""
    return f"{route}?{kept}" if kept else route
