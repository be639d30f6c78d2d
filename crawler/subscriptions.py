"""feeds.yaml as checked values: reads the file, and says of every mistake where it stands and what to write instead."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler import feeds_values as values
from crawler import urls
from crawler.config import Config, SourceConfig, WatchConfig
from crawler.errors import ConfigError
from crawler.feeds_nodes import Fields, Nodes, Report, Written, kind_of, text_of
from crawler.feeds_schema import (
    ADDRESSES,
    DEFAULTS_KEYS,
    NETWORK_KEYS,
    SOURCE_KEYS,
    TOP_KEYS,
    WATCH_KEYS,
)
from crawler.feeds_values import shown
from crawler.naming import default_name
from crawler.yaml_nodes import MAX_BYTES, Node, Pairs, YamlProblem, read_yaml
from storage import Source, SourceKind, Watch

_KINDS: dict[str, SourceKind] = {"feed": "feed", "sitemap": "sitemap", "site": "site"}


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read and check a feeds.yaml. `environ` is where `${NAME}` is looked up; the process's environment by default.

    Raises `ConfigError` with one line for each mistake, `FILE:LINE: KEY: what is wrong; what to write`, in the order of
    the file and at most `feeds_nodes.MOST_ERRORS` of them.
    """
    return check(path, read_bounded(path), environ)


def check(path: Path, raw: bytes, environ: Mapping[str, str] | None = None) -> Config:
    """What `load` does with bytes that are at hand; `path` is what messages call them."""
    report = Report(path)
    try:
        root = read_yaml(raw)
    except YamlProblem as problem:
        report.add(problem.line, "", problem.problem)
        raise report.error() from None
    if root is None:
        report.add(None, "", "is empty; `cuttings init` writes one to start from")
        raise report.error()
    config = _Reader(Nodes(report, os.environ if environ is None else environ)).config(root)
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
class _Reader:
    nodes: Nodes
    names: dict[str, str] = field(default_factory=dict)
    """Names taken, folded, and where."""
    addresses: dict[str, str] = field(default_factory=dict)

    def config(self, root: Node) -> Config:
        if not isinstance(root, Pairs):
            self.nodes.report.add(root.line, "", f"must hold keys such as `sources:`, not {kind_of(root)}")
            return Config(self.nodes.report.path, None)
        top = self.nodes.fields(root, "", TOP_KEYS)
        contact = self.nodes.read(top.get("contact"), self.nodes.user_agent)
        allow: tuple[str, ...] = ()
        if "network" in top:
            network = self.nodes.mapping(top["network"], NETWORK_KEYS)
            allow = self.nodes.many(network.get("allow"), values.address_range)
        defaults = self.nodes.mapping(top["defaults"], DEFAULTS_KEYS) if "defaults" in top else {}
        common = self._settings(defaults, {})  # a mistake there is told once, and not for each source
        mistakes = len(self.nodes.report.found)
        sources = self._sources(top.get("sources"), defaults if mistakes == 0 else {})
        return Config(
            *(self.nodes.report.path, contact, allow, tuple(sources), common["delay_s"], common["proxy"]),
            archive=common["archive"],
            watches=tuple(self._watches(top.get("watch"))),
        )

    def _watches(self, written: Written | None) -> Iterator[WatchConfig]:
        names: dict[str, str] = {}
        for whole in self.nodes.items(written, "watch"):
            if not isinstance(whole.node, Pairs):
                self.nodes.tell(
                    whole,
                    f"must have keys such as `name:`, not be {kind_of(whole.node)}; write `name: NAME`",
                )
                continue
            fields = self.nodes.mapping(whole, WATCH_KEYS)
            if "name" not in fields:
                self.nodes.tell(whole, "has no name; write `name: NAME`")
            self._take_name(fields.get("name"), names)
            watch = self._watch(fields)
            if watch is not None:
                yield watch

    def _watch(self, fields: Fields) -> WatchConfig | None:
        webhook = self.nodes.read(fields.get("webhook"), self.nodes.expanding(values.webhook))
        secret = self.nodes.read(fields.get("secret"), self.nodes.expanding(values.webhook_secret))
        allow = self.nodes.many(fields.get("allow"), values.address_range)
        for key in ("secret", "allow"):
            if key in fields and "webhook" not in fields:
                written = fields[key]
                self.nodes.tell(written, "is for a webhook, and there is none; write one or remove it")
        search = self.nodes.read(fields.get("search"), values.search) or ""
        one_per_story = self.nodes.flag(fields.get("one_per_story"), default=False)
        revised = self.nodes.flag(fields.get("revised"), default=False)
        if not self.nodes.has_name(fields):
            return None
        name = values.text(text_of(fields["name"].node))
        receiver = None if webhook is None else hashlib.sha256(webhook.encode()).hexdigest()[:16]
        return WatchConfig(Watch(name, search, one_per_story, revised, receiver), webhook, secret, allow)

    def _sources(self, written: Written | None, defaults: Fields) -> list[SourceConfig]:
        drafts: list[tuple[Fields, SourceKind, str, Written]] = []
        for item in self.nodes.items(written, "source"):
            draft = self._source(item)
            if draft is not None:
                drafts.append(draft)
        sources = []
        for fields, kind, url, whole in drafts:  # given names are known by now, so that no default takes one of them
            sources.append(self._configured(fields, kind, url, whole, defaults))
        return sources

    def _source(self, whole: Written) -> tuple[Fields, SourceKind, str, Written] | None:
        if not isinstance(whole.node, Pairs):
            hint = "write `feed: ADDRESS`"
            self.nodes.tell(whole, f"must have keys such as `feed:`, not be {kind_of(whole.node)}; {hint}")
            return None
        fields = self.nodes.mapping(whole, SOURCE_KEYS)
        self._take_name(fields.get("name"), self.names)
        given = [key.name for key in ADDRESSES if key.name in fields]
        if len(given) != 1:
            problem = "has no address" if not given else f"has {' and '.join(given)}"
            self.nodes.tell(whole, f"{problem}; give it exactly one of feed, sitemap or site")
            return None
        written = fields[given[0]]
        url = self.nodes.read(written, values.address)
        if url is None:
            return None
        self._take_address(written, url)
        return fields, _KINDS[given[0]], url, whole

    def _take_name(self, written: Written | None, names: dict[str, str]) -> None:
        name = self.nodes.read(written, values.text)
        if written is None or name is None:
            return
        if name.casefold() in names:
            first = names[name.casefold()]
            self.nodes.tell(written, f"{shown(name)} is the name of {first} already; choose another")
        names.setdefault(name.casefold(), f"{written.key.removesuffix('.name')} (line {written.line})")

    def _take_address(self, written: Written, url: str) -> None:
        identity = urls.identity(url)
        if identity in self.addresses:
            first = self.addresses[identity]
            self.nodes.tell(written, f"{shown(url)} is subscribed by {first} already; remove one")
        place = written.key.rpartition(".")[0]
        self.addresses.setdefault(identity, f"{place} (line {written.line})")

    def _configured(self, fields: Fields, kind: SourceKind, url: str, whole: Written, defaults: Fields) -> SourceConfig:
        name = values.text(fields["name"].node.text) if self.nodes.has_name(fields) else default_name(url, self.names)  # type: ignore[union-attr]
        self.names.setdefault(name.casefold(), f"{whole.key} (line {whole.line})")
        settings = self._settings(fields, defaults)
        tags, enabled = settings.pop("tags"), settings.pop("enabled")
        languages = settings["languages"]
        source = Source(name, kind, url, tags, languages[0] if len(languages) == 1 else None, enabled)
        return SourceConfig(source, **settings)

    def _settings(self, own: Fields, defaults: Fields) -> dict[str, Any]:
        """The arguments of `SourceConfig`, and `tags` and `enabled` of its source."""
        nodes, fields = self.nodes, {**defaults, **own}
        every_s, min_every_s, max_every_s = self._intervals(fields)
        return {
            "every_s": every_s,
            "min_every_s": min_every_s,
            "max_every_s": max_every_s,
            "delay_s": nodes.read(fields.get("delay"), values.delay_s),
            "keep": nodes.many(fields.get("keep"), values.pattern),
            "drop": nodes.many(fields.get("drop"), values.pattern),
            "full_text": nodes.choice(fields.get("full_text")) or "auto",
            "since": nodes.read(fields.get("since"), values.day),
            "user_agent": nodes.read(fields.get("user_agent"), nodes.user_agent),
            "headers": nodes.named(fields.get("headers"), values.header_name, nodes.expanding(values.header_value)),
            "cookies": nodes.named(fields.get("cookies"), values.cookie_name, nodes.expanding(values.cookie_value)),
            "proxy": nodes.read(fields.get("proxy"), nodes.expanding(values.proxy)),
            "languages": nodes.many(fields.get("language"), values.language),
            "strip": nodes.many(fields.get("strip"), values.selector),
            "content": nodes.read(fields.get("content"), values.selector),
            "tags": nodes.many(fields.get("tags"), values.text),
            "archive": nodes.flag(fields.get("archive")),
            "recheck_s": nodes.spans(fields.get("recheck")),
            "enabled": nodes.flag(fields.get("enabled")),
            "opml": nodes.named(fields.get("opml"), values.attribute_name, values.attribute_value),
        }

    def _intervals(self, fields: Fields) -> tuple[float, float, float]:
        """every, min_every, max_every in seconds. A bound that is not given makes way for what is."""
        every, least, most = (
            self.nodes.read(fields.get(key), values.interval_s) for key in ("every", "min_every", "max_every")
        )
        every_s = every if every is not None else 3600.0
        if least is not None and most is not None and least > most:
            written = fields["max_every"]
            self.nodes.tell(written, "is shorter than min_every; make it longer")
        elif every is not None and least is not None and every < least:
            written = fields["every"]
            self.nodes.tell(written, "is shorter than min_every; make it longer, or min_every shorter")
        elif every is not None and most is not None and every > most:
            written = fields["every"]
            self.nodes.tell(written, "is longer than max_every; make it shorter, or max_every longer")
        if every is None:
            every_s = max(min(every_s, most or every_s), least or 0.0)
        least_s = least if least is not None else min(900.0, every_s)
        most_s = most if most is not None else max(86400.0, every_s)
        return every_s, min(least_s, every_s), max(most_s, every_s)
