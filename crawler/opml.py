"""OPML: subscriptions as other feed readers write and read them (http://opml.org/spec2.opml). Pure: bytes and values.

Folders become tags, `News/Africa` for a folder in a folder; a slash in a folder's own name is written `\\/`. The
attribute `category` holds further tags. Whatever else a row says is kept as it is and written back. What OPML has no
word for goes into attributes of a namespace of ours, which other readers pass over. Not kept: what is said of a folder
beyond its name, and folders without a feed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from crawler import urls
from crawler.errors import ConfigError
from crawler.feeds_schema import LONGEST_TEXT_CHARS
from crawler.feeds_values import ATTRIBUTE_NAME, NOT_IN_XML, Unreadable, address, shown
from storage import SourceKind, plain_line

MAX_BYTES = 16 * 1024 * 1024
MOST_ROWS = 50_000
LONGEST_NAME_CHARS = 200

_NAMESPACE = "urn:cuttings:opml"
_KIND = f"{{{_NAMESPACE}}}kind"
_TAGS = f"{{{_NAMESPACE}}}tags"
"""All tags as a JSON list, where folder and category do not give them back: a comma in one, say."""
_FOLDERS = f"{{{_NAMESPACE}}}folders"
"""How many of the first tags are folders, where it is not the first alone. Kept with the attributes of a source."""
_MOST_TAGS = 200
_LOOSE_AMPERSAND = re.compile(rb"&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,30};)")
_KINDS: Mapping[str, SourceKind] = {"feed": "feed", "sitemap": "sitemap", "site": "site"}
_UNDERSTOOD = frozenset({"xmlurl", "category"})


@dataclass(frozen=True, slots=True)
class Subscription:
    """One row: a source, its tags (the folder it is in comes first), and the attributes that are only kept."""

    url: str
    name: str | None = None
    tags: tuple[str, ...] = ()
    kind: SourceKind = "feed"
    attributes: Mapping[str, str] = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no subscription, and why."""

    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class Outlines:
    """What an OPML file holds. A feed in several folders is one subscription with all of their tags."""

    subscriptions: tuple[Subscription, ...]
    bad: tuple[BadRow, ...] = ()
    repeated: int = 0


def read(raw: bytes, name: str = "the file") -> Outlines:
    """Read an OPML file; entities that it declares are not expanded and nothing is loaded (S4: only http and https).

    Rows that make no sense are told in `bad` and the others kept, also in a file that is not well-formed. Raises
    `ConfigError` where it is no OPML; `name` is what the message calls it.
    """
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{name}: larger than {MAX_BYTES // 2**20} MiB; split it")
    if b"<!ENTITY" in raw.replace(b"\0", b"").upper():
        raise ConfigError(f"{name}: declares entities, which no list of subscriptions needs; remove its DOCTYPE")
    root, broken = _tree(raw)
    if root is None or _local(root) != "opml":
        raise ConfigError(f"{name}: is not an OPML file; export one from a feed reader")
    rows = list(_rows(root))
    bad = [*broken, *(row for row in rows if isinstance(row, BadRow))]
    found: dict[str, _Row] = {}
    repeated = 0
    for row in rows:
        if isinstance(row, BadRow):
            continue
        key = urls.identity(row.url)
        first = found.get(key)
        if first is not None:
            repeated += 1
            row = _merged(first, row)
        found[key] = row
    subscriptions = tuple(_subscription(row) for row in found.values())
    return Outlines(subscriptions, tuple(sorted(bad, key=lambda row: row.line)), repeated)


def write(subscriptions: Iterable[Subscription], title: str = "Cuttings subscriptions") -> bytes:
    """An OPML 2.0 file in UTF-8. Each subscription stands in the folder of its first tag, or in all the folders that it
    was imported from; `category` has all tags."""
    root = etree.Element("opml", {"version": "2.0"}, nsmap={"cuttings": _NAMESPACE})
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = _legal(title)
    body = etree.SubElement(root, "body")
    folders: dict[tuple[str, ...], etree._Element] = {(): body}
    for subscription in subscriptions:
        attributes = _attributes(subscription)
        for path in dict.fromkeys(map(_folders_of, _placed(subscription))) or [()]:
            etree.SubElement(_folder(folders, path), "outline", attributes)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _folder(folders: dict[tuple[str, ...], etree._Element], path: tuple[str, ...]) -> etree._Element:
    for depth in range(1, len(path) + 1):
        if path[:depth] not in folders:
            step = _legal(path[depth - 1])
            parent = folders[path[: depth - 1]]
            folders[path[:depth]] = etree.SubElement(parent, "outline", {"text": step, "title": step})
    return folders[path]


def _tree(raw: bytes) -> tuple[etree._Element | None, list[BadRow]]:
    try:
        return etree.fromstring(raw, _parser(recover=False)), []
    except etree.XMLSyntaxError:
        # What most broken files have is a bare & in an address; with that mended, nothing else is lost by recovery.
        parser = _parser(recover=True)
        try:
            root = etree.fromstring(_LOOSE_AMPERSAND.sub(b"&amp;", raw), parser)
        except etree.XMLSyntaxError:
            return None, []
        log = {entry.line: entry for entry in reversed(list(parser.error_log))}
        return root, [BadRow(line, f"not well-formed XML ({plain_line(entry.message)})") for line, entry in log.items()]


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the file, or several of one feed together."""

    url: str
    name: str | None
    kind: SourceKind
    folders: tuple[str, ...]
    categories: tuple[str, ...]
    attributes: Mapping[str, str]
    line: int


def _subscription(row: _Row) -> Subscription:
    """Folders come first among the tags, in the order of the categories where these name them all."""
    folders: Sequence[str] = row.folders
    if set(folders) <= set(row.categories):
        folders = [tag for tag in row.categories if tag in folders]
    tags = tuple(dict.fromkeys((*folders, *row.categories)))
    attributes = {key: value for key, value in row.attributes.items() if key != _FOLDERS}
    plain = Subscription(row.url, row.name, tags, row.kind, attributes, row.line)
    if tuple(folders) == _placed(plain):
        return plain
    return replace(plain, attributes={**attributes, _FOLDERS: str(len(folders))})


def _rows(root: etree._Element) -> Iterator[_Row | BadRow]:
    """Every row that is no folder, in the order of the file; without recursion, since depth is the writer's choice."""
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(root, ())]
    count = 0
    while waiting:
        element, folders = waiting.pop()
        if _local(element) == "outline":
            count += 1
            if count > MOST_ROWS:
                yield BadRow(_line(element), f"the file has more than {MOST_ROWS:,} rows; the rest is left out")
                return
            row = _row(element, folders)
            if row is not None:
                yield row
            elif name := _name(element):
                folders = (*folders, _step(name))
        waiting.extend((child, folders) for child in reversed(element) if isinstance(child.tag, str))


def _row(element: etree._Element, folders: tuple[str, ...]) -> _Row | BadRow | None:
    """A row with an address, a row that cannot be one, or None for a folder."""
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    by_lower = {name.lower(): value for name, value in attributes.items()}
    url = by_lower.get("xmlurl", "").strip()
    if not url:
        return None if len(element) else BadRow(_line(element), f"{_called(element)} has no xmlUrl")
    try:
        url = address(re.sub(r"^feed:(?://)?(?=https?:)", "", url, flags=re.IGNORECASE))
    except Unreadable as problem:
        return BadRow(_line(element), f"xmlUrl {problem}")
    kind = _KINDS.get(attributes.pop(_KIND, ""), "feed")
    name = _name(element)
    categories = _listed(attributes.pop(_TAGS, ""))
    if categories is None:
        categories = tuple(plain_line(tag).strip("/") for tag in by_lower.get("category", "").split(","))
    kept = {
        name_: value
        for name_, value in attributes.items()
        if name_.lower() not in _UNDERSTOOD
        and value
        and ATTRIBUTE_NAME.fullmatch(name_)
        and not _is_name(name_, value, name)
    }
    if kept.get("type", "").lower() == "rss":
        del kept["type"]
    path = "/".join(folders)[:LONGEST_TEXT_CHARS]
    return _Row(url, name, kind, (path,) if path else (), _unique(categories), kept, _line(element))


def _listed(written: str) -> tuple[str, ...] | None:
    """The tags of a JSON list; None where it is none."""
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        return None
    return tuple(plain_line(tag) for tag in found if isinstance(tag, str)) if isinstance(found, list) else None


def _unique(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag[:LONGEST_TEXT_CHARS] for tag in tags if tag))[:_MOST_TAGS]


def _merged(first: _Row, second: _Row) -> _Row:
    return _Row(
        first.url,
        first.name or second.name,
        first.kind,
        tuple(dict.fromkeys((*first.folders, *second.folders))),
        tuple(dict.fromkeys((*first.categories, *second.categories))),
        {**second.attributes, **first.attributes},
        first.line,
    )


def _attributes(subscription: Subscription) -> dict[str, str]:
    name = _legal(subscription.name or urls.host(subscription.url))
    attributes = {"type": "rss", "text": name, "title": name}
    attributes |= {key: _legal(value) for key, value in subscription.attributes.items() if key != _FOLDERS}
    attributes["xmlUrl"] = subscription.url
    tags = [_legal(tag) for tag in subscription.tags]
    if tags:
        attributes["category"] = ",".join(tags)
        if [plain_line(tag).strip("/") for tag in ",".join(tags).split(",")] != tags:
            attributes[_TAGS] = json.dumps(tags)
    if subscription.kind != "feed":
        attributes[_KIND] = subscription.kind
    return attributes


def _placed(subscription: Subscription) -> tuple[str, ...]:
    """The tags that are folders: those of the first that a folder can be called by."""
    count = subscription.attributes.get(_FOLDERS, "1")
    first = subscription.tags[: int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 1]
    return tuple(tag for tag in first if _is_path(tag))


def _is_path(tag: str) -> bool:
    steps = _folders_of(tag)
    fit = all(len(step) <= LONGEST_NAME_CHARS and plain_line(step) == step for step in steps)
    return fit and "/".join(map(_step, steps)) == tag


def _step(name: str) -> str:
    """A folder's name as a part of a tag: its slashes escaped, and backslashes where they would escape one."""
    return re.sub(r"(\\*)(/|\Z)", lambda run: run[1] * 2 + ("\\/" if run[2] else ""), name)


def _folders_of(tag: str) -> tuple[str, ...]:
    """The names of the folders that a tag stands for: the way back from `_step`."""
    steps, start = [], 0
    for run in re.finditer(r"(\\*)(?:/|\Z)", tag):
        if len(run[1]) % 2 == 0 and run.start() >= start:
            steps.append(tag[start : run.end(1)])
            start = run.end()
    unescaped = (re.sub(r"(\\+)(/|\Z)", _unescaped, step) for step in steps)
    return tuple(step for step in unescaped if step)


def _unescaped(run: re.Match[str]) -> str:
    return run[1][: len(run[1]) // 2] + run[2]


def _name(element: etree._Element) -> str | None:
    by_lower = {str(name).lower(): str(value) for name, value in element.attrib.items()}
    for attribute in ("title", "text"):
        name = plain_line(NOT_IN_XML.sub("\ufffd", by_lower.get(attribute, "")))[:LONGEST_NAME_CHARS].strip()
        if name:
            return name
    return None


def _is_name(attribute: str, value: str, name: str | None) -> bool:
    return attribute in ("text", "title") and plain_line(value) == name


def _called(element: etree._Element) -> str:
    name = _name(element)
    return shown(name) if name else "the outline"


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()


def _line(element: etree._Element) -> int:
    line: Any = element.sourceline
    return int(line or 0)


def _legal(text: str) -> str:
    return NOT_IN_XML.sub("\ufffd", text)
