"""feeds.yaml as checked values: reads the file, and says of every mistake where it stands and what to write instead."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from crawler import feeds_values as values
from crawler import urls
from crawler.config import Config, SourceConfig, WatchConfig
from crawler.errors import ConfigError
from crawler.feeds_schema import (
    ADDRESSES,
    DEFAULTS_KEYS,
    LATER,
    NETWORK_KEYS,
    SOURCE_KEYS,
    TOP_KEYS,
    WATCH_KEYS,
    key_named,
)
from crawler.feeds_values import Unreadable, shown
from crawler.naming import default_name, either
from crawler.rechecks import MOST_RECHECKS, RECHECK_S
from crawler.yaml_nodes import MAX_BYTES, Items, Node, Pairs, Scalar, YamlProblem, read_yaml
from storage import Source, SourceKind, Watch, plain_line

MOST_ERRORS = 10
"""Errors that one `ConfigError` tells; after these, correcting goes faster than reading on."""

_KINDS: dict[str, SourceKind] = {"feed": "feed", "sitemap": "sitemap", "site": "site"}
T = TypeVar("T")


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read and check a feeds.yaml. `environ` is where `${NAME}` is looked up; the process's environment by default.

    Raises `ConfigError` with one line for each mistake, `FILE:LINE: KEY: what is wrong; what to write`, in the order of
    the file and at most `MOST_ERRORS` of them.
    """
    return check(path, read_bounded(path), environ)


def check(path: Path, raw: bytes, environ: Mapping[str, str] | None = None) -> Config:
    """What `load` does with bytes that are at hand; `path` is what messages call them."""
    report = _Report(path)
    try:
        root = read_yaml(raw)
    except YamlProblem as problem:
        report.add(problem.line, "", problem.problem)
        raise report.error() from None
    if root is None:
        report.add(None, "", "is empty; `cuttings init` writes one to start from")
        raise report.error()
    config = _Reader(report, os.environ if environ is None else environ).config(root)
    if report.found:
        raise report.error()
    return config


def read_bounded(path: Path) -> bytes:
    """The bytes of a feeds.yaml, at most one more than are allowed. Raises `ConfigError` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; `cuttings init` writes one to start from") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: is a folder; name the file in it") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None


@dataclass(slots=True)
class _Report:
    path: Path
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int | None, key: str, problem: str) -> None:
        place = f"{self.path}:{line}" if line else f"{self.path}"
        self.found.append((line or 0, f"{place}: {f'{key}: ' if key else ''}{problem}"))

    def error(self) -> ConfigError:
        lines = [text for _, text in sorted(self.found, key=lambda one: one[0])]
        if len(lines) > MOST_ERRORS:
            lines[MOST_ERRORS:] = [f"{self.path}: and {len(lines) - MOST_ERRORS} more"]
        return ConfigError("\n".join(lines))


@dataclass(frozen=True, slots=True)
class _Written:
    """A value, where it stands and what to call it."""

    node: Node
    line: int
    key: str


_Fields = dict[str, _Written]


@dataclass(slots=True)
class _Reader:
    report: _Report
    environ: Mapping[str, str]
    names: dict[str, str] = field(default_factory=dict)
    """Names taken, folded, and where."""
    addresses: dict[str, str] = field(default_factory=dict)

    def config(self, root: Node) -> Config:
        if not isinstance(root, Pairs):
            self.report.add(root.line, "", f"must hold keys such as `sources:`, not {_kind(root)}")
            return Config(self.report.path, None)
        top = self._fields(root, "", TOP_KEYS)
        contact = self._read(top.get("contact"), self._user_agent)
        allow: tuple[str, ...] = ()
        if "network" in top:
            network = self._mapping(top["network"], NETWORK_KEYS)
            allow = self._many(network.get("allow"), values.address_range)
        defaults = self._mapping(top["defaults"], DEFAULTS_KEYS) if "defaults" in top else {}
        common = self._settings(defaults, {})  # a mistake there is told once, and not for each source
        mistakes = len(self.report.found)
        sources = self._sources(top.get("sources"), defaults if mistakes == 0 else {})
        return Config(
            *(self.report.path, contact, allow, tuple(sources), common["delay_s"], common["proxy"]),
            archive=common["archive"],
            watches=tuple(self._watches(top.get("watch"))),
        )

    def _watches(self, written: _Written | None) -> Iterator[WatchConfig]:
        names: dict[str, str] = {}
        for whole in self._items(written, "watch"):
            if not isinstance(whole.node, Pairs):
                self.report.add(
                    whole.line,
                    whole.key,
                    f"must have keys such as `name:`, not be {_kind(whole.node)}; write `name: NAME`",
                )
                continue
            fields = self._mapping(whole, WATCH_KEYS)
            if "name" not in fields:
                self.report.add(whole.line, whole.key, "has no name; write `name: NAME`")
            self._take_name(fields.get("name"), names)
            watch = self._watch(fields)
            if watch is not None:
                yield watch

    def _watch(self, fields: _Fields) -> WatchConfig | None:
        webhook = self._read(fields.get("webhook"), self._expanding(values.webhook))
        secret = self._read(fields.get("secret"), self._expanding(values.webhook_secret))
        allow = self._many(fields.get("allow"), values.address_range)
        for key in ("secret", "allow"):
            if key in fields and "webhook" not in fields:
                written = fields[key]
                self.report.add(
                    written.line, written.key, "is for a webhook, and there is none; write one or remove it"
                )
        search = self._read(fields.get("search"), values.search) or ""
        one_per_story = self._flag(fields.get("one_per_story"), default=False)
        revised = self._flag(fields.get("revised"), default=False)
        if not self._has_name(fields):
            return None
        name = values.text(_text_of(fields["name"].node))
        receiver = None if webhook is None else hashlib.sha256(webhook.encode()).hexdigest()[:16]
        return WatchConfig(Watch(name, search, one_per_story, revised, receiver), webhook, secret, allow)

    def _items(self, written: _Written | None, what: str) -> Iterator[_Written]:
        """The items of a list at the top of the file; none where it stands empty."""
        if written is None or (isinstance(written.node, Scalar) and written.node.is_null):
            return
        if not isinstance(written.node, Items):
            self.report.add(
                written.line, written.key, f"must be a list, each {what} after a dash, not {_kind(written.node)}"
            )
            return
        for number, item in enumerate(written.node.items):
            yield _Written(item, item.line, f"{written.key}[{number}]")

    def _sources(self, written: _Written | None, defaults: _Fields) -> list[SourceConfig]:
        drafts: list[tuple[_Fields, SourceKind, str, _Written]] = []
        for item in self._items(written, "source"):
            draft = self._source(item)
            if draft is not None:
                drafts.append(draft)
        sources = []
        for fields, kind, url, whole in drafts:  # given names are known by now, so that no default takes one of them
            sources.append(self._configured(fields, kind, url, whole, defaults))
        return sources

    def _source(self, whole: _Written) -> tuple[_Fields, SourceKind, str, _Written] | None:
        if not isinstance(whole.node, Pairs):
            hint = "write `feed: ADDRESS`"
            self.report.add(
                whole.line, whole.key, f"must have keys such as `feed:`, not be {_kind(whole.node)}; {hint}"
            )
            return None
        fields = self._mapping(whole, SOURCE_KEYS)
        self._take_name(fields.get("name"), self.names)
        given = [key.name for key in ADDRESSES if key.name in fields]
        if len(given) != 1:
            problem = "has no address" if not given else f"has {' and '.join(given)}"
            self.report.add(whole.line, whole.key, f"{problem}; give it exactly one of feed, sitemap or site")
            return None
        written = fields[given[0]]
        url = self._read(written, values.address)
        if url is None:
            return None
        self._take_address(written, url)
        return fields, _KINDS[given[0]], url, whole

    def _take_name(self, written: _Written | None, names: dict[str, str]) -> None:
        name = self._read(written, values.text)
        if written is None or name is None:
            return
        if name.casefold() in names:
            first = names[name.casefold()]
            self.report.add(written.line, written.key, f"{shown(name)} is the name of {first} already; choose another")
        names.setdefault(name.casefold(), f"{written.key.removesuffix('.name')} (line {written.line})")

    def _take_address(self, written: _Written, url: str) -> None:
        identity = urls.identity(url)
        if identity in self.addresses:
            first = self.addresses[identity]
            self.report.add(written.line, written.key, f"{shown(url)} is subscribed by {first} already; remove one")
        place = written.key.rpartition(".")[0]
        self.addresses.setdefault(identity, f"{place} (line {written.line})")

    def _configured(
        self, fields: _Fields, kind: SourceKind, url: str, whole: _Written, defaults: _Fields
    ) -> SourceConfig:
        name = values.text(fields["name"].node.text) if self._has_name(fields) else default_name(url, self.names)  # type: ignore[union-attr]
        self.names.setdefault(name.casefold(), f"{whole.key} (line {whole.line})")
        settings = self._settings(fields, defaults)
        tags, enabled = settings.pop("tags"), settings.pop("enabled")
        languages = settings["languages"]
        source = Source(name, kind, url, tags, languages[0] if len(languages) == 1 else None, enabled)
        return SourceConfig(source, **settings)

    def _has_name(self, fields: _Fields) -> bool:
        written = fields.get("name")
        return written is not None and isinstance(written.node, Scalar) and self._quiet(written)

    def _quiet(self, written: _Written) -> bool:
        """Whether a name that was reported on already can be read."""
        try:
            values.text(_text_of(written.node))
        except Unreadable:
            return False
        return True

    def _settings(self, own: _Fields, defaults: _Fields) -> dict[str, Any]:
        """The arguments of `SourceConfig`, and `tags` and `enabled` of its source."""
        fields = {**defaults, **own}
        every_s, min_every_s, max_every_s = self._intervals(fields)
        return {
            "every_s": every_s,
            "min_every_s": min_every_s,
            "max_every_s": max_every_s,
            "delay_s": self._read(fields.get("delay"), values.delay_s),
            "keep": self._many(fields.get("keep"), values.pattern),
            "drop": self._many(fields.get("drop"), values.pattern),
            "full_text": self._choice(fields.get("full_text")) or "auto",
            "since": self._read(fields.get("since"), values.day),
            "user_agent": self._read(fields.get("user_agent"), self._user_agent),
            "headers": self._named(fields.get("headers"), values.header_name, self._expanding(values.header_value)),
            "cookies": self._named(fields.get("cookies"), values.cookie_name, self._expanding(values.cookie_value)),
            "proxy": self._read(fields.get("proxy"), self._expanding(values.proxy)),
            "languages": self._many(fields.get("language"), values.language),
            "strip": self._many(fields.get("strip"), values.selector),
            "content": self._read(fields.get("content"), values.selector),
            "tags": self._many(fields.get("tags"), values.text),
            "archive": self._flag(fields.get("archive")),
            "recheck_s": self._spans(fields.get("recheck")),
            "enabled": self._flag(fields.get("enabled")),
            "opml": self._named(fields.get("opml"), values.attribute_name, values.attribute_value),
        }

    def _intervals(self, fields: _Fields) -> tuple[float, float, float]:
        """every, min_every, max_every in seconds. A bound that is not given makes way for what is."""
        every, least, most = (
            self._read(fields.get(key), values.interval_s) for key in ("every", "min_every", "max_every")
        )
        every_s = every if every is not None else 3600.0
        if least is not None and most is not None and least > most:
            written = fields["max_every"]
            self.report.add(written.line, written.key, "is shorter than min_every; make it longer")
        elif every is not None and least is not None and every < least:
            written = fields["every"]
            self.report.add(
                written.line, written.key, "is shorter than min_every; make it longer, or min_every shorter"
            )
        elif every is not None and most is not None and every > most:
            written = fields["every"]
            self.report.add(written.line, written.key, "is longer than max_every; make it shorter, or max_every longer")
        if every is None:
            every_s = max(min(every_s, most or every_s), least or 0.0)
        least_s = least if least is not None else min(900.0, every_s)
        most_s = most if most is not None else max(86400.0, every_s)
        return every_s, min(least_s, every_s), max(most_s, every_s)

    # Values by kind. What is wrong is reported, and None or () returned.

    def _read(self, written: _Written | None, meaning: Callable[[str], T]) -> T | None:
        if written is None:
            return None
        try:
            return meaning(_text_of(written.node))
        except Unreadable as problem:
            self.report.add(written.line, written.key, str(problem))
            return None

    def _many(self, written: _Written | None, meaning: Callable[[str], T]) -> tuple[T, ...]:
        """A list; a single value stands for a list of one."""
        if written is None:
            return ()
        if not isinstance(written.node, Items):
            one = self._read(written, meaning)
            return () if one is None else (one,)
        items = [
            self._read(_Written(item, item.line, f"{written.key}[{number}]"), meaning)
            for number, item in enumerate(written.node.items)
        ]
        return tuple(dict.fromkeys(item for item in items if item is not None))

    def _choice(self, written: _Written | None) -> str | None:
        if written is None:
            return None
        choices = key_named(written.key.rpartition(".")[2]).choices

        def chosen(text: str) -> str:
            if text not in choices:
                raise Unreadable(f"{shown(text)} is none of {either(choices)}; write one of them")
            return text

        return self._read(written, chosen)

    def _flag(self, written: _Written | None, *, default: bool = True) -> bool:
        if written is None:
            return default
        if isinstance(written.node, Scalar) and written.node.is_flag:
            return written.node.text.lower() == "true"
        what = shown(written.node.text) if isinstance(written.node, Scalar) else _kind(written.node)
        self.report.add(written.line, written.key, f"{what} is neither true nor false; write one of them")
        return default

    def _spans(self, written: _Written | None) -> tuple[float, ...]:
        """Ascending; none where the key says `false`."""
        if written is None:
            return RECHECK_S
        node = written.node
        if isinstance(node, Scalar) and node.is_flag and node.text.lower() == "false":
            return ()
        if isinstance(node, Items) and len(node.items) > MOST_RECHECKS:
            self.report.add(written.line, written.key, f"has more than {MOST_RECHECKS} items; take some out")
        return tuple(sorted(self._many(written, values.span_s)))

    def _user_agent(self, text: str) -> str:
        agent = values.text(text)
        if not agent.isascii():
            raise Unreadable("holds a character that is not ASCII, which no User-Agent may; write it without")
        return agent

    def _expanding(self, meaning: Callable[[str, Mapping[str, str]], T]) -> Callable[[str], T]:
        return lambda text: meaning(text, self.environ)

    def _named(
        self, written: _Written | None, name_of: Callable[[str], str], value_of: Callable[[str], str]
    ) -> dict[str, str]:
        if written is None:
            return {}
        if not isinstance(written.node, Pairs):
            self.report.add(
                written.line, written.key, f"must be names and values, not {_kind(written.node)}; write NAME: VALUE"
            )
            return {}
        result: dict[str, str] = {}
        for name, field_ in self._fields(written.node, written.key, None).items():
            known = self._read(_Written(Scalar(name, False, field_.line), field_.line, field_.key), name_of)
            value = self._read(field_, value_of)
            if known is not None and value is not None:
                result[known] = value
        return result

    def _mapping(self, written: _Written, keys: Sequence[str]) -> _Fields:
        if isinstance(written.node, Pairs):
            return self._fields(written.node, written.key, keys)
        if not (isinstance(written.node, Scalar) and written.node.is_null):
            self.report.add(
                written.line, written.key, f"must hold keys ({', '.join(keys[:3])} ...), not {_kind(written.node)}"
            )
        return {}

    def _fields(self, node: Pairs, place: str, keys: Sequence[str] | None) -> _Fields:
        """The fields of a mapping by name; unknown and repeated keys are reported and left out."""
        fields: _Fields = {}
        for key, value in node.pairs:
            full = f"{place}.{plain_line(key.text)[:80]}" if place else plain_line(key.text)[:80]
            if keys is not None and key.text not in keys:
                self.report.add(key.line, full, _unknown(key.text, keys, place))
            elif key.text in fields:
                self.report.add(key.line, full, f"stands here already in line {fields[key.text].line}; remove one")
            else:
                line = value.line if isinstance(value, Scalar) and value.text else key.line
                fields[key.text] = _Written(value, line, full)
        return fields


def _text_of(node: Node) -> str:
    if not isinstance(node, Scalar):
        raise Unreadable(f"must be a single value, not {_kind(node)}")
    if node.is_null:
        raise Unreadable("is empty; write something or remove the key")
    if node.is_flag:
        raise Unreadable(f"must be a text, not {node.text}; put it in quotes if it is meant so")
    if any("\ud800" <= char <= "\udfff" for char in node.text):
        raise Unreadable("holds half of a character (a lone surrogate); write the whole one")
    return node.text


def _kind(node: Node) -> str:
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Pairs):
        return "a group of keys"
    if node.is_null:
        return "nothing"
    return "a number" if node.is_number else "true or false" if node.is_flag else "a text"


def _unknown(key: str, keys: Sequence[str], place: str) -> str:
    if key in LATER and place not in ("", "network"):
        return "is not available in this version; remove it"
    near = difflib.get_close_matches(key.lower().replace("-", "_"), keys, n=1, cutoff=0.6)
    if near:
        return f"there is no such key; did you mean {near[0]}?"
    if place == "defaults" and key in SOURCE_KEYS:
        return "belongs to one source alone; write it there"
    if place == "" and key in SOURCE_KEYS:
        return "belongs to a source; write it under sources: or defaults:"
    return f"there is no such key; known are {', '.join(keys)}"
