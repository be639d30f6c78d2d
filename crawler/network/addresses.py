"""Which IP addresses may be dialled: the public internet, and what the user allowed besides.

`ipaddress.is_global` is not enough: it calls multicast, NAT64, 6to4, site-local and IPv4-compatible forms global.
So the ranges are named here, from the IANA special-purpose address registries (RFC 6890 and its updates), and for IPv6
whatever lies outside 2000::/3, the only block from which global unicast addresses are given (RFC 4291 section 2.4).
"""

from __future__ import annotations

import socket
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

# The first range that holds an address names it, so narrower ranges stand before wider ones.
_REFUSED_V4: tuple[tuple[str, IPv4Network], ...] = tuple(
    (reason, IPv4Network(network))
    for reason, network in (
        ("metadata", "169.254.169.254/32"),
        ("metadata", "169.254.170.0/24"),  # credentials of containers (AWS ECS and EKS)
        ("metadata", "168.63.129.16/32"),  # Azure's host, reachable from its machines alone
        ("metadata", "100.100.100.200/32"),  # Alibaba Cloud
        ("broadcast", "255.255.255.255/32"),
        ("unspecified", "0.0.0.0/8"),  # RFC 1122: this network; Linux takes 0.0.0.0 for itself
        ("private", "10.0.0.0/8"),
        ("shared", "100.64.0.0/10"),  # RFC 6598, carrier-grade NAT
        ("loopback", "127.0.0.0/8"),
        ("link_local", "169.254.0.0/16"),
        ("private", "172.16.0.0/12"),
        ("reserved", "192.0.0.0/24"),
        ("documentation", "192.0.2.0/24"),
        ("reserved", "192.31.196.0/24"),  # AS112
        ("reserved", "192.52.193.0/24"),  # AMT
        ("6to4", "192.88.99.0/24"),
        ("private", "192.168.0.0/16"),
        ("reserved", "192.175.48.0/24"),  # AS112
        ("benchmarking", "198.18.0.0/15"),
        ("documentation", "198.51.100.0/24"),
        ("documentation", "203.0.113.0/24"),
        ("multicast", "224.0.0.0/4"),
        ("reserved", "240.0.0.0/4"),
    )
)
_REFUSED_V6: tuple[tuple[str, IPv6Network], ...] = tuple(
    (reason, IPv6Network(network))
    for reason, network in (
        ("metadata", "fd00:ec2::254/128"),
        ("unspecified", "::/128"),
        ("loopback", "::1/128"),
        ("ipv4_compatible", "::/96"),
        ("ipv4_mapped", "::ffff:0:0/96"),
        ("ipv4_translated", "::ffff:0:0:0/96"),
        ("nat64", "64:ff9b::/96"),
        ("nat64", "64:ff9b:1::/48"),
        ("teredo", "2001::/32"),
        ("benchmarking", "2001:2::/48"),
        ("orchid", "2001:10::/28"),
        ("orchid", "2001:20::/28"),
        ("reserved", "2001::/23"),
        ("documentation", "2001:db8::/32"),
        ("6to4", "2002::/16"),
        ("reserved", "2620:4f:8000::/48"),  # AS112
        ("documentation", "3fff::/20"),
        ("private", "fc00::/7"),
        ("link_local", "fe80::/10"),
        ("site_local", "fec0::/10"),
        ("multicast", "ff00::/8"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# RFC 6052: the well-known prefix of NAT64 ends in the IPv4 address that is meant.
_NAT64 = IPv6Network("64:ff9b::/96")
# RFC 3490 section 3.1: these count as dots in a host name.
_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})


@dataclass(frozen=True, slots=True)
class Allowance:
    """The ranges that the user lets the crawler reach though they are not public."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, ranges: Iterable[str]) -> Allowance:
        """Read CIDR ranges or single addresses; ValueError names the first that is neither."""
        return cls(tuple(ip_network(text.strip(), strict=False) for text in ranges))

    def covers(self, ip: Address) -> bool:
        """Tell whether the user allowed this address; an IPv4-mapped one is judged as the IPv4 address it dials."""
        mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
        return any(each in network for each in (ip, mapped) if each is not None for network in self.networks)


def refusal(ip: Address, allowance: Allowance) -> str | None:
    """Return why this address must not be dialled (`loopback`, `private`, `nat64`, ...), or None where it may be.

    A NAT64 address is allowed only together with the IPv4 address that it carries: allowing `64:ff9b::/96`, as a
    network without IPv4 needs, does not open the way to 127.0.0.1 behind the translator.
    """
    if isinstance(ip, IPv6Address) and ip.scope_id is not None:
        ip = IPv6Address(int(ip))
    if not allowance.covers(ip):
        return _range_of(ip)
    if isinstance(ip, IPv6Address) and ip in _NAT64:
        return refusal(IPv4Address(int(ip) & 0xFFFFFFFF), allowance)
    return None


def literal(host: str) -> Address | None:
    """Return the address that a host spells out in any form a resolver understands, or None for a name.

    `127.1`, `2130706433`, `0x7f.1`, `0177.0.0.1`, full-width digits, a dot at the end, brackets and a zone are
    understood (inet_aton(3); browsers do the same, see "IPv4 parser" of the WHATWG URL standard).

    >>> literal("0x7f.1")
    IPv4Address('127.0.0.1')
    """
    text = unicodedata.normalize("NFKC", host.translate(_DOTS)).strip("[]")
    try:
        return ip_address(text)
    except ValueError:
        pass
    text = text.removesuffix(".")
    # inet_aton reads no further than the first white space and takes what precedes it.
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        return None
    try:
        return IPv4Address(socket.inet_aton(text))
    except OSError:
        return None


def is_localhost(host: str) -> bool:
    """Tell whether a name means this machine whatever a name server says (RFC 6761 section 6.3)."""
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def _range_of(ip: Address) -> str | None:
    if isinstance(ip, IPv4Address):
        return next((reason for reason, network in _REFUSED_V4 if ip in network), None)
    named = next((reason for reason, network in _REFUSED_V6 if ip in network), None)
    return named or (None if ip in _GLOBAL_UNICAST else "reserved")
