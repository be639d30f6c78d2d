"""The values of feeds.yaml: from what was written to what is meant, or one sentence saying what to write instead.

Every function takes text and returns the value; what it cannot read raises `Unreadable`. A sentence never repeats the
value of a header, a cookie or a proxy (C20), nor of an address that carries a password.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date
from ipaddress import ip_network
from urllib.parse import urlsplit

import re2
from cssselect import HTMLTranslator, SelectorError

from crawler import urls
from crawler.alerts import signing
from crawler.feeds_schema import (
    LONGEST_DELAY_S,
    LONGEST_INTERVAL_S,
    LONGEST_PATTERN_CHARS,
    LONGEST_TEXT_CHARS,
    SHORTEST_INTERVAL_S,
)
from crawler.rechecks import LONGEST_RECHECK_S
from storage import QueryError, check_search, plain_line

_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([smhd])", re.ASCII)
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)
"""RFC 9110 section 5.6.2; RFC 6265 section 4.1.1 takes the same for the names of cookies."""
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_COOKIE_VALUE = re.compile(r"[\x20\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e\"]*")
ATTRIBUTE_NAME = re.compile(r"(?:\{[^\s{}<>\"'&]{1,200}\})?[A-Za-z_][A-Za-z0-9_.\-]{0,99}", re.ASCII)
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Beyond the characters of XML 1.0 section 2.2."""
_VARIABLE = re.compile(r"\$\$\{|\$\{([^}]*)\}?")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_OWN_HEADERS = frozenset(
    (
        *("host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive"),
        *("accept-encoding", "cookie", "if-none-match", "if-modified-since", "user-agent"),
    )
)
"""Headers that the crawler itself must set for a request to be right."""


class Unreadable(Exception):
    """What was written cannot be meant; the message goes behind file, line and key."""


def shown(text: str) -> str:
    """What was written, safe and short enough for a line of an error."""
    line = plain_line(text)
    return f'"{line if len(line) <= 80 else line[:77] + "..."}"'


def text(written: str) -> str:
    """Text on one line."""
    if not written.strip():
        raise Unreadable("is empty; write something or remove the key")
    if plain_line(written) != " ".join(written.split()) or "\n" in written.strip():
        raise Unreadable("has a line break or a control character; write it on one line")
    if NOT_IN_XML.search(written):
        raise Unreadable("holds a character that no XML file may hold; remove it")
    if len(written) > LONGEST_TEXT_CHARS:
        raise Unreadable(f"is longer than {LONGEST_TEXT_CHARS} characters")
    return " ".join(written.split())


def address(written: str) -> str:
    """An http(s) address in normal form (S4: no other scheme)."""
    written = written.strip()
    normal = urls.normalize(written)
    if normal is not None:
        return normal
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*):(?!\d)", written)
    if scheme and scheme[1].lower() not in ("http", "https"):
        raise Unreadable(f"{shown(scheme[1] + ':')} addresses are not fetched; only http: and https:")
    if "@" in written.split("://", 1)[-1].split("/", 1)[0]:
        raise Unreadable("has a user or password in it; put them into headers, as Authorization")
    if scheme is None:
        raise Unreadable(f"{shown(written)} is not an address; write it with https:// in front")
    if len(written) > urls.MAX_URL_CHARS:
        raise Unreadable(f"is longer than {urls.MAX_URL_CHARS} characters")
    raise Unreadable(f"{shown(written)} is not an address that can be fetched; check its host and port")


def interval_s(written: str) -> float:
    """A duration between polls in seconds, clamped to a minute and thirty days."""
    return min(max(duration_s(written, "30m, 1h or 2d"), SHORTEST_INTERVAL_S), LONGEST_INTERVAL_S)


def span_s(written: str) -> float:
    """A duration from the naming of a page to a look at it, in seconds; of a minute to a year."""
    return min(max(duration_s(written, "1h, 6h or 7d"), SHORTEST_INTERVAL_S), LONGEST_RECHECK_S)


def delay_s(written: str) -> float:
    """A duration or a plain number of seconds, at most an hour."""
    if _SECONDS.fullmatch(written.strip()):
        return min(float(written), LONGEST_DELAY_S)
    return min(duration_s(written, "0.5, 5s or 1m"), LONGEST_DELAY_S)


def duration_s(written: str, instead: str) -> float:
    """A duration in seconds; `instead` is what to write where it is none."""
    match = _DURATION.fullmatch(written.strip())
    if match is None:
        raise Unreadable(f"{shown(written)} is not a duration; write {instead}")
    return float(match[1]) * _UNITS_S[match[2]]


def pattern(written: str) -> str:
    """An RE2 pattern: what RE2 takes is matched in linear time (S9)."""
    if not written:
        raise Unreadable("is empty and would match everything; write a pattern or remove it")
    if len(written) > LONGEST_PATTERN_CHARS:
        raise Unreadable(f"is longer than {LONGEST_PATTERN_CHARS} characters; split it")
    problem = _pattern_problem(written)
    if problem:
        raise Unreadable(
            f"{shown(written)} is not an RE2 pattern ({problem}); see https://github.com/google/re2/wiki/Syntax"
        )
    return written


@functools.lru_cache(maxsize=512)
def _pattern_problem(written: str) -> str | None:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(written, options=options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        return plain_line(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason))[:100]
    return None


def selector(written: str) -> str:
    """A CSS selector."""
    problem = _selector_problem(written)
    if problem:
        raise Unreadable(f"{shown(written)} is not a CSS selector ({problem}); write it as in a style sheet: div.story")
    return written.strip()


@functools.lru_cache(maxsize=512)
def _selector_problem(written: str) -> str | None:
    if not written.strip():
        return "it is empty"
    if len(written) > LONGEST_TEXT_CHARS:
        return "it is too long"
    try:
        HTMLTranslator().css_to_xpath(written)
    except SelectorError as error:
        return plain_line(str(error))[:100]
    except RecursionError:
        return "it is nested too deep"
    return None


def day(written: str) -> date:
    """A date; a month or a year means its first day."""
    match = _DATE.fullmatch(written.strip())
    try:
        if match is None:
            raise ValueError
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        raise Unreadable(f"{shown(written)} is not a date; write 2020-05-25, 2020-05 or 2020") from None


def language(written: str) -> str:
    """The code of a language, in lower case."""
    code = written.strip().lower()
    if not _LANGUAGE.fullmatch(code):
        raise Unreadable(f"{shown(written)} is not a language code; write en, fr or zh")
    return code


def address_range(written: str) -> str:
    """A CIDR range, or a single address."""
    try:
        return str(ip_network(written.strip()))
    except ValueError as error:
        if "host bits" in str(error):
            right = ip_network(written.strip(), strict=False)
            raise Unreadable(
                f"{shown(written)} is no range: it begins at {right.network_address}; write {right}"
            ) from None
        raise Unreadable(f"{shown(written)} is not an address range; write 10.0.0.0/8 or fd00::/8") from None


def header_name(written: str) -> str:
    """The name of a request header that a user may set."""
    if not _TOKEN.fullmatch(written):
        raise Unreadable("is not the name of a header; use letters, digits and -")
    if written.lower() in _OWN_HEADERS:
        hints = {"cookie": "; use cookies", "user-agent": "; use user_agent"}
        raise Unreadable(f"is set by the crawler itself{hints.get(written.lower(), '; remove it')}")
    return written


def cookie_name(written: str) -> str:
    """The name of a cookie."""
    if not _TOKEN.fullmatch(written):
        raise Unreadable("is not the name of a cookie; use letters, digits, - and _")
    return written


def attribute_name(written: str) -> str:
    """The name of an attribute of an OPML outline, in the notation {namespace}name where it has a namespace."""
    if not ATTRIBUTE_NAME.fullmatch(written):
        raise Unreadable("is not the name of an XML attribute; use letters, digits, - and _")
    return written


def attribute_value(written: str) -> str:
    """The value of an attribute: any text that XML can hold."""
    if NOT_IN_XML.search(written):
        raise Unreadable("holds a character that no XML file may hold; remove it")
    return written


def header_value(written: str, environ: Mapping[str, str]) -> str:
    """The value of a header, `${NAME}` replaced. What it says is never repeated."""
    value = expand(written, environ).strip()
    if not _HEADER_VALUE.fullmatch(value):
        raise Unreadable("holds a character that no header may hold; a line break, or one beyond Latin-1")
    return value


def cookie_value(written: str, environ: Mapping[str, str]) -> str:
    """The value of a cookie, `${NAME}` replaced. What it says is never repeated."""
    value = expand(written, environ).strip()
    if not _COOKIE_VALUE.fullmatch(value):
        raise Unreadable("holds a character that no cookie may hold (, ; \\ or one that is not ASCII); encode it")
    return value


def proxy(written: str, environ: Mapping[str, str]) -> str:
    """The address of an HTTP proxy, user and password included, `${NAME}` replaced. What it says is never repeated."""
    value = expand(written, environ).strip()
    wrong = Unreadable("is not the address of an HTTP proxy; write http://host:port or http://user:password@host:port")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise wrong from None
    outside = parts.path not in ("", "/") or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or outside:
        raise wrong
    if not value.isascii() or any(char.isspace() or not char.isprintable() for char in value):
        raise wrong
    return value


def webhook(written: str, environ: Mapping[str, str]) -> str:
    """The address of a webhook, `${NAME}` replaced. Often it is all that keeps strangers out, and is never repeated."""
    value = urls.normalize(expand(written, environ).strip())
    if value is None:
        raise Unreadable(
            "is not an address that can be posted to; write https://HOST/PATH, without a user or password in it"
        )
    return value


def webhook_secret(written: str, environ: Mapping[str, str]) -> bytes:
    """What the messages of a webhook are signed with, `${NAME}` replaced. What it says is never repeated."""
    try:
        return signing.read_secret(expand(written, environ))
    except ValueError:
        raise Unreadable(
            "is not the secret of a webhook; write whsec_ and what `openssl rand -base64 32` prints"
        ) from None


def search(written: str) -> str:
    """A search that can be read."""
    words = text(written)
    try:
        check_search(words)
    except QueryError as error:
        raise Unreadable(plain_line(str(error))) from None
    return words


def expand(written: str, environ: Mapping[str, str]) -> str:
    """Replace each `${NAME}` by the environment variable of that name; `$${` stands for `${` itself."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        name = match[1]
        if not match[0].endswith("}") or not _VARIABLE_NAME.fullmatch(name):
            raise Unreadable(
                "has ${ without the name of an environment variable and }; write ${NAME}, or $${ for ${ itself"
            )
        if name not in environ:
            raise Unreadable(f"the environment variable {name} is not set; set it before starting")
        return environ[name]

    return _VARIABLE.sub(value, written)
