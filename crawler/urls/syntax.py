"""Read an address as a browser would and write it in one normal form that names the same document."""

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin

import idna

from crawler.urls.parameters import is_click_trace

MAX_URL_CHARS = 2083
"""Longest address that is fetched. Sitemaps stop at 2,048 (sitemaps.org) and old browsers at 2,083; longer ones are
crawler traps or data, and they bloat every index that holds them."""

_MAX_RAW_CHARS = 16_384
"""Nothing longer is even looked at; room for an address whose tracking parameters fall away."""

_MAX_AUTHORITY_CHARS = 1024
"""A name has at most 253 characters (RFC 1035, 2.3.4); as percent-encoded UTF-8 it can be a few times that."""

_DEFAULT_PORTS = {"http": "80", "https": "443"}

# WHATWG URL 4.4 strips C0 controls and spaces from both ends and tabs and line ends everywhere. Feeds also leave
# no-break spaces, zero-width spaces and byte order marks at the ends, which no address ends with.
_ENDS = "".join(map(chr, range(0x21))) + "\x7f\x85\xa0\u200b\u200e\u200f\u2028\u2029\u2060\u3000\ufeff"
_TABS_AND_LINE_ENDS = re.compile(r"[\t\n\r]+")
_ABSOLUTE = re.compile(r"(https?):[/\\]*([^/\\?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z", re.IGNORECASE | re.DOTALL)
_HAS_AUTHORITY = re.compile(r"https?:[/\\]", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

_HEX = "0123456789abcdefABCDEF"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# RFC 3986, 6.2.2: escapes in upper case, and none for unreserved characters.
_NORMAL_ESCAPE = {
    f"%{high}{low}": char if (char := chr(int(high + low, 16))) in _UNRESERVED else f"%{high}{low}".upper()
    for high in _HEX
    for low in _HEX
}
# Whatever RFC 3986, 3.3 and 3.4 do not allow in a path, and in a query or fragment, is sent escaped.
_NOT_IN_PATH = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+")
_NOT_IN_QUERY = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+")
_APP_SHELL = re.compile(r"(?:/|/index\.[a-z]{3,5})\Z", re.IGNORECASE)


class Address(NamedTuple):
    """The parts of an address in normal form; `port` is empty where it is the default of the scheme."""

    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str

    def netloc(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host

    def text(self) -> str:
        query = f"?{self.query}" if self.query else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{self.scheme}://{self.netloc()}{self.path}{query}{fragment}"


def normalize(url: str, base: str | None = None) -> str | None:
    """Return the address to fetch, or None where there is none to fetch safely.

    The result is absolute http or https in ASCII, names the same document as `url` (resolved against `base`), and
    normalizing it again changes nothing. Click traces that no server reads (`utm_*`, `fbclid` ...) are dropped; all
    other parameters keep their order. A fragment goes unless it is the route of a page that is built from it
    (`#!/story/1`, or `#/story/1` after a directory).

    None: another scheme, no scheme and no base, credentials, a host that cannot exist, longer than `MAX_URL_CHARS`.

    >>> normalize("HTTPS://Bücher.example:443/a/../b?utm_source=rss#top")
    'https://xn--bcher-kva.example/b'
    """
    if base is not None and not _HAS_AUTHORITY.match(url.strip(_ENDS)):
        joined = _join(base, url)
        if joined is None:
            return None
        url = joined
    address = parse(url)
    if address is None:
        return None
    text = address.text()
    return text if len(text) <= MAX_URL_CHARS else None


def host(url: str) -> str:
    """Return the politeness key of an address: its host in lower-case ASCII, with the port where it is not the default.

    Empty for an address that `normalize` refuses because of its scheme or host.
    """
    match = _split(url)
    if match is None:
        return ""
    authority = _authority(match[1].lower(), match[2])
    if authority is None:
        return ""
    name, port = authority
    return f"{name}:{port}" if port else name


def parse(url: str) -> Address | None:
    """Return the parts of an absolute http(s) address in normal form, or None; the limit on length is the caller's."""
    match = _split(url)
    if match is None:
        return None
    scheme = match[1].lower()
    authority = _authority(scheme, match[2])
    if authority is None:
        return None
    try:
        path = _normal_path(match[3])
        query = _normal_query(match[4]) if match[4] else ""
        fragment = _route(match[5], path) if match[5] else ""
    except UnicodeEncodeError:  # half a surrogate pair has no bytes to send
        return None
    return Address(scheme, authority[0], authority[1], path, query, fragment)


def _split(url: str) -> re.Match[str] | None:
    if len(url) > _MAX_RAW_CHARS:
        return None
    match = _ABSOLUTE.match(_TABS_AND_LINE_ENDS.sub("", url.strip(_ENDS)))
    if match is None or len(match[2]) > _MAX_AUTHORITY_CHARS:
        return None
    return match


def _join(base: str, reference: str) -> str | None:
    start = parse(base)
    if start is None or len(reference) > _MAX_RAW_CHARS:
        return None
    reference = _TABS_AND_LINE_ENDS.sub("", reference.strip(_ENDS))
    end = min(place for place in (reference.find("?"), reference.find("#"), len(reference)) if place >= 0)
    try:
        return urljoin(start.text(), reference[:end].replace("\\", "/") + reference[end:])
    except ValueError:  # brackets that hold no address
        return None


@lru_cache(maxsize=8192)
def _authority(scheme: str, raw: str) -> tuple[str, str] | None:
    """Return host and non-default port, or None; credentials are refused (they would be sent and logged)."""
    if "@" in raw:
        return None
    name, port = raw, ""
    if not raw.endswith("]"):
        before, colon, after = raw.rpartition(":")
        if colon:
            name, port = before, after
    if port:
        if not (port.isascii() and port.isdigit() and len(port) < 12 and 0 < int(port) < 65536):
            return None
        port = str(int(port))
    canonical = _canonical_host(name)
    if canonical is None:
        return None
    return canonical, "" if port == _DEFAULT_PORTS[scheme] else port


def _canonical_host(raw: str) -> str | None:
    if raw.startswith("["):
        return _ipv6(raw)
    name: str = raw.lower()
    try:
        if "%" in name:
            name = _decode_host(name)
        if not name.isascii():
            name = str(idna.encode(name, uts46=True), "ascii")
    except UnicodeError:  # idna.IDNAError is one
        return None
    name = name.removesuffix(".")
    if len(name) > 253 or not _HOST.fullmatch(name):
        return None
    return _ipv4(name) if _NUMBER.fullmatch(name.rpartition(".")[2]) else name


def _decode_host(name: str) -> str:
    raw = re.sub(rb"%([0-9a-f]{2})", lambda match: bytes.fromhex(match[1].decode()), name.encode())
    return raw.decode().lower()


def _ipv4(name: str) -> str | None:
    """Write `127.1`, `0x7f.1` and `2130706433` as 127.0.0.1, as browsers and inet_aton read them (WHATWG URL 3.5).

    A guard of private addresses that sees only the dotted form cannot be walked around.
    """
    parts = name.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        numbers = [_ipv4_number(part) for part in parts]
    except ValueError:  # 08 is no octal number
        return None
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    value = numbers[-1] + sum(number << (24 - 8 * place) for place, number in enumerate(numbers[:-1]))
    return str(ipaddress.IPv4Address(value))


def _ipv4_number(part: str) -> int:
    if len(part) > 20:
        return 1 << 32
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if len(part) > 1 and part.startswith("0") else 10)


def _ipv6(raw: str) -> str | None:
    if not raw.endswith("]") or "%" in raw:  # a zone names a network card of this machine
        return None
    try:
        address = ipaddress.IPv6Address(raw[1:-1])
    except ValueError:
        return None
    if address.ipv4_mapped is not None:  # Python 3.13 writes these with dots, 3.11 without
        value = int(address.ipv4_mapped)
        return f"[::ffff:{value >> 16:x}:{value & 0xFFFF:x}]"
    return f"[{address.compressed}]"


def _normal_path(path: str) -> str:
    if "\\" in path:
        path = path.replace("\\", "/")
    if "%" not in path and "/." not in path:
        return _escaped(path, _NOT_IN_PATH) or "/"
    # Segment by segment: a stray percent sign must not decide about a neighbour that falls away.
    segments = [_escaped(_normal_escapes(segment), _NOT_IN_PATH) for segment in path.split("/")[1:]]
    return "/" + "/".join(_without_dots(segments))


def _without_dots(segments: list[str]) -> list[str]:
    """RFC 3986, 5.2.4, on segments."""
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return kept


def _normal_query(query: str) -> str:
    pieces = [_escaped(_normal_escapes(piece), _NOT_IN_QUERY) for piece in query.split("&")]
    return "&".join([piece for piece in pieces if not is_click_trace(piece.partition("=")[0])])


def _route(fragment: str, path: str) -> str:
    """Return the fragment where a page is built from it, else nothing; text fragments never belong to a route."""
    if not (fragment.startswith("!") or (fragment.startswith("/") and _APP_SHELL.search(path))):
        return ""
    route = _escaped(_normal_escapes(fragment.partition(":~:")[0]), _NOT_IN_QUERY).partition(":~:")[0]
    return route if len(route) > 1 else ""


def _normal_escapes(piece: str) -> str:
    if "%" not in piece:
        return piece
    if _STRAY_PERCENT.search(piece):  # unescaping "%%341" would give "%41", a different text
        return _ESCAPE.sub(lambda match: match[0].upper(), piece)
    return _ESCAPE.sub(lambda match: _NORMAL_ESCAPE[match[0]], piece)


def _escaped(piece: str, forbidden: re.Pattern[str]) -> str:
    return forbidden.sub(lambda match: "".join([f"%{byte:02X}" for byte in match[0].encode()]), piece)
