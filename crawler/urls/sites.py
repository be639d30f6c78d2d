"""Whose an address is: the registrable domain behind its host."""

from __future__ import annotations

import ipaddress
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from crawler.urls.syntax import parse

if TYPE_CHECKING:
    import tldextract


def site(url: str) -> str:
    """Return the registrable domain of an address, without port: `example.co.uk` for `https://m.example.co.uk/a`.

    Names under which strangers register (`a.blogspot.com`) are sites of their own (the private part of the Public
    Suffix List, as bundled with tldextract: no network, no disk). IP addresses, names under `localhost`
    (RFC 6761, 6.3), bare host names and public suffixes themselves are their own site. Empty for an address that
    `normalize` refuses because of its scheme or host.
    """
    address = parse(url)
    return site_of_host(address.host) if address else ""


def same_site(a: str, b: str) -> bool:
    """Tell whether two addresses belong to one site; False where either is no address."""
    mine = site(a)
    return mine != "" and mine == site(b)


@lru_cache(maxsize=16_384)
def site_of_host(host: str) -> str:
    """Return the registrable domain of a host in normal form."""
    if host.endswith(".localhost") or _is_ip(host):
        return host
    parts = _suffixes()(host)
    if parts.suffix:
        return parts.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])  # publicsuffix.org: "if no rules match, the prevailing rule is '*'"


def _is_ip(host: str) -> bool:
    if host.startswith("["):
        return True
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> tldextract.TLDExtract:
    import tldextract  # a quarter of what a search takes to start, and it asks for no site

    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
