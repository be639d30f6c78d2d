"""Addresses: what may be fetched (`normalize`), what is one article (`identity`), whose it is (`host`, `site`).

Two levels, because one rule cannot serve both. `normalize` gives an address that is safe to fetch and never names
another document; `identity` gives a key that is equal for every address of one article and is never fetched.
The reasons are in docs/decisions/0002-url-identity.md. Everything here is pure: no network, no disk, no clock.
"""

from crawler.urls.sameness import identity
from crawler.urls.sites import same_site, site
from crawler.urls.syntax import MAX_URL_CHARS, host, normalize

__all__ = ["MAX_URL_CHARS", "host", "identity", "normalize", "same_site", "site"]
