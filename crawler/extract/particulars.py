"""The smaller fields of an article: section, licence, whether it is free, origin, tags, description, image; and what
other rules gave for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.claims import Claims, absolute, text_of
from crawler.extract.words import fold, without_controls
from crawler.urls import same_site
from storage import Entry

_MAX_TAGS = 50
_MAX_TAG_CHARS = 100
_MAX_DESCRIPTION_CHARS = 2_000
_MAX_SECTION_CHARS = 100
_MAX_LICENCE_CHARS = 300
_MAX_RUNNERS_UP = 3
_MAX_RUNNER_UP_CHARS = 300
_LICENCE_LINKS = etree.XPath('.//@rel[contains(., "license")]/..')
_NO = frozenset(("false", "no", "0"))
_YES = frozenset(("true", "yes", "1"))
_TIERS = {"free": True, "metered": False, "locked": False}
"""article:content_tier (Facebook Instant Articles, paywalled content)."""
_GENERAL = re.compile(
    r"^(?:home(?:page)?|start(?:seite)?|accueil|inicio|portada|articles?|news|all|front page)$", re.IGNORECASE
)
"""Where a breadcrumb begins, and what says nothing."""

Told = tuple[str, str]
"""(rule, value)"""


@dataclass(frozen=True, slots=True)
class Particulars:
    """The smaller fields, and (rule, value) of all that was told about each, the field's own first."""

    section: str | None
    licence: str | None
    free: bool | None
    syndicated_from: str | None
    canonical: str | None
    tags: tuple[str, ...]
    description: str | None
    image: str | None
    told: Mapping[str, tuple[Told, ...]]

    def rules(self) -> dict[str, str]:
        """Field to the rule that gave it."""
        return {field: told[0][0] for field, told in self.told.items() if told}


def find_particulars(
    tree: HtmlElement, claims: Claims, entry: Entry | None, url: str | None, headline: str | None = None
) -> Particulars:
    """The smaller fields of a page. Nothing in it makes this raise; what says nothing, or nothing that can be, is None.

    `headline` is no section, though it ends the breadcrumbs.
    """
    tags = list(_tags(claims, entry))
    told = {
        "section": list(_sections(claims, headline)),
        "licence": list(_licences(tree, claims)),
        "free": [(rule, "true" if free else "false") for rule, free in _free(claims)],
        "syndicated_from": list(_origins(claims, url)),
        "canonical": [("link", claims.canonical)] if claims.canonical else [],
        "tags": [(rule, ", ".join(words)) for rule, words in tags],
        "description": list(_descriptions(claims, entry)),
        "image": list(_images(claims, entry)),
    }
    first = {field: found[0][1] if found else None for field, found in told.items()}
    return Particulars(
        section=first["section"],
        licence=first["licence"],
        free=first["free"] == "true" if first["free"] else None,
        syndicated_from=first["syndicated_from"],
        canonical=first["canonical"],
        tags=tags[0][1] if tags else (),
        description=first["description"],
        image=first["image"],
        told={field: tuple(found) for field, found in told.items()},
    )


def runners_up(told: Mapping[str, Iterable[Told]], fields: Mapping[str, str | None]) -> dict[str, tuple[Told, ...]]:
    """Field to what other rules gave where it reads otherwise than the field: at most 3 of 300 characters, each once.

    `fields` are the values that were chosen, as text.
    """
    found: dict[str, tuple[Told, ...]] = {}
    for field, values in told.items():
        seen = {fold(fields.get(field) or "")}
        others: list[Told] = []
        for rule, value in values:
            folded = fold(value)
            if folded and folded not in seen:
                seen.add(folded)
                others.append((rule, without_controls(value)[:_MAX_RUNNER_UP_CHARS]))
        if others:
            found[field] = tuple(others[:_MAX_RUNNERS_UP])
    return found


def _sections(claims: Claims, headline: str | None) -> Iterator[Told]:
    raw = claims.article.get("articleSection")
    listed = [text for item in (raw if isinstance(raw, list) else [raw])[:5] if (text := text_of(item))]
    for rule, names in (
        ("json-ld", listed),
        ("meta", [claims.meta("article:section", "parsely-section", "og:article:section", "section")]),
        ("breadcrumbs", list(claims.breadcrumbs)[:4]),
    ):
        for name in names:
            text = _line(name, _MAX_SECTION_CHARS) if name else None
            if text and not _GENERAL.match(text) and fold(text) != fold(headline or ""):
                yield rule, text
                break


def _licences(tree: HtmlElement, claims: Claims) -> Iterator[Told]:
    node = claims.article.get("license")
    node = node[0] if isinstance(node, list) and node else node
    if isinstance(node, dict):
        node = node.get("url") or node.get("@id") or node.get("name")
    words: list[Told] = []
    for rule, value in (("json-ld", node), ("meta", claims.meta("dcterms.license", "dc.rights.license", "license"))):
        if isinstance(value, str) and value.strip():
            address = absolute(value, None)
            if address:
                yield rule, address
            else:
                words.append((rule, value))
    found = _LICENCE_LINKS(tree)
    links = (
        [e for e in found if isinstance(e, HtmlElement) and e.tag in ("a", "link")] if isinstance(found, list) else []
    )
    for link in links[:3]:
        address = absolute(link.get("href"), claims.base)
        if address and "license" in (link.get("rel") or "").lower().split():
            yield "link", address
    words += [("meta", rights) for name in ("dcterms.rights", "dc.rights") if (rights := claims.meta(name))]
    for rule, value in words:
        if text := absolute(value, None) or _line(value, _MAX_LICENCE_CHARS):
            yield rule, text


def _free(claims: Claims) -> Iterator[tuple[str, bool]]:
    parts = claims.article.get("hasPart")
    nodes = [claims.article, *(parts if isinstance(parts, list) else [parts])[:10]]
    said = [_truth(node.get("isAccessibleForFree")) for node in nodes if isinstance(node, dict)]
    if said and said[0] is None and False in said[1:]:
        yield "json-ld", False  # a part of the article is behind the wall
    elif said and said[0] is not None:
        yield "json-ld", said[0]
    tier = _TIERS.get((claims.meta("article:content_tier") or "").strip().lower())
    if tier is not None:
        yield "meta", tier


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = value.strip().rpartition("/")[2].lower() if isinstance(value, str) else ""
    return False if word in _NO else True if word in _YES else None


def _origins(claims: Claims, url: str | None) -> Iterator[Told]:
    """Addresses on other sites that the page calls its origin: evidence that the text was taken over from there."""
    based = claims.article.get("isBasedOn")
    based = based[0] if isinstance(based, list) and based else based
    if isinstance(based, dict):
        based = based.get("url") or based.get("@id")
    for rule, value in (
        ("link", claims.canonical),
        ("meta", claims.meta("syndication-source")),
        ("meta", claims.meta("original-source")),
        ("json-ld", based),
    ):
        address = absolute(value, claims.base)
        if url and address and not same_site(address, url):
            yield rule, address


def _tags(claims: Claims, entry: Entry | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    keywords = claims.article.get("keywords")
    listed = [k for k in keywords if isinstance(k, str)] if isinstance(keywords, list) else [text_of(keywords) or ""]
    for raw, rule in (
        (listed, "json-ld"),
        (claims.metas.get("article:tag", []), "meta"),
        (claims.metas.get("news_keywords", []) or claims.metas.get("keywords", []), "meta"),
        (list(entry.tags) if entry else [], "feed"),
    ):
        words = (" ".join(word.split()) for item in raw[:_MAX_TAGS] for word in item[:5000].split(","))
        kept = {word.casefold(): word for word in words if 0 < len(word) <= _MAX_TAG_CHARS}
        if kept:
            yield rule, tuple(kept.values())[:_MAX_TAGS]


def _descriptions(claims: Claims, entry: Entry | None) -> Iterator[Told]:
    for rule, value in (
        ("meta", claims.meta("og:description", "description", "twitter:description")),
        ("json-ld", text_of(claims.article.get("description"))),
        ("feed", entry.summary if entry else None),
    ):
        if value and (text := _line(value, _MAX_DESCRIPTION_CHARS)):
            yield rule, text


def _images(claims: Claims, entry: Entry | None) -> Iterator[Told]:
    node = claims.article.get("image")
    node = node[0] if isinstance(node, list) and node else node
    listed = node.get("url") if isinstance(node, dict) else node
    for rule, value in (
        ("meta", claims.meta("og:image", "og:image:url", "og:image:secure_url", "twitter:image")),
        ("json-ld", listed),
        ("feed", entry.image if entry else None),
    ):
        if found := absolute(value, claims.base):
            yield rule, found


def _line(text: str, most: int) -> str | None:
    return " ".join(text.split())[:most].strip() or None
