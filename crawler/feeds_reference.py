"""What is published of the keys of feeds.yaml: the JSON Schema for editors and the reference page, made from one table.

`python -m crawler.feeds_reference FOLDER` writes both files there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crawler.feeds_schema import (
    ADDRESSES,
    LATER,
    LONGEST_PATTERN_CHARS,
    LONGEST_TEXT_CHARS,
    NETWORK,
    SOURCE,
    TOP,
    WATCH,
    Key,
    Kind,
)
from crawler.rechecks import MOST_RECHECKS

SCHEMA_FILE = "feeds.schema.json"
PAGE_FILE = "feeds.yaml.md"

_TEXT: dict[str, Any] = {"type": ["string", "number"], "maxLength": LONGEST_TEXT_CHARS}
_STRING: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT_CHARS}
_DURATION: dict[str, Any] = {"type": "string", "pattern": r"^\s*\d{1,9}(\.\d{1,6})?\s*[smhd]\s*$"}
_NAMED: dict[str, Any] = {"type": "object", "additionalProperties": _TEXT}


def _one_or_many(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", "items": item}]}


_SHAPES: dict[Kind, dict[str, Any]] = {
    "address": {"type": "string", "pattern": "^[hH][tT][tT][pP][sS]?:"},
    "text": _TEXT,
    "texts": _one_or_many(_TEXT),
    "duration": _DURATION,
    "delay": {"anyOf": [_DURATION, {"type": "number", "minimum": 0}]},
    "patterns": _one_or_many({"type": "string", "minLength": 1, "maxLength": LONGEST_PATTERN_CHARS}),
    "selector": _STRING,
    "selectors": _one_or_many(_STRING),
    "choice": {"type": "string"},
    "date": {"anyOf": [{"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}, {"type": "integer"}]},
    "secret": _STRING,
    "secrets": _NAMED,
    "languages": _one_or_many({"type": "string", "pattern": "^[A-Za-z]{2,3}$"}),
    "flag": {"type": "boolean"},
    "ranges": _one_or_many({"type": "string"}),
    "attributes": _NAMED,
    "search": {"type": ["string", "number"], "minLength": 1, "maxLength": LONGEST_TEXT_CHARS},
    "spans": {"anyOf": [_DURATION, {"type": "array", "items": _DURATION, "maxItems": MOST_RECHECKS}, {"const": False}]},
}

_WORDS: dict[Kind, str] = {
    "address": "an http or https address",
    "text": "text on one line",
    "texts": "a text or a list of texts",
    "duration": "a duration: `30s`, `15m`, `1h`, `2d`; clamped to between `1m` and `30d`",
    "delay": "a duration, or a number of seconds; at most `1h`",
    "patterns": "a pattern or a list of patterns",
    "selector": "a CSS selector",
    "selectors": "a CSS selector or a list of them",
    "choice": "one of the words below",
    "date": "a day, month or year: `2020-05-25`, `2020-05`, `2020`",
    "secret": "text with `${NAME}` for environment variables; never shown",
    "secrets": "names and values, with `${NAME}` for environment variables; values are never shown",
    "languages": "a language code or a list of them",
    "flag": "`true` or `false`",
    "ranges": "a range or a list of ranges",
    "attributes": "names and values",
    "search": "a search, see [Search well](../how-to/search.md)",
    "spans": "a duration, a list of them, or `false`",
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of feeds.yaml. What it accepts may still be refused by the reader, which also
    looks at what no schema can say: names and addresses that stand twice, patterns and selectors that are none."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "feeds.yaml of Cuttings",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **_properties(TOP),
            "network": _object(NETWORK, "How far requests may reach."),
            "defaults": _object([key for key in SOURCE if key.in_defaults], "What holds where a source says nothing."),
            "sources": {
                "description": "What is subscribed.",
                "type": ["array", "null"],
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {**_properties(ADDRESSES), **_properties(SOURCE)},
                    "oneOf": [{"required": [key.name]} for key in ADDRESSES],
                },
            },
            "watch": {
                "description": "Saved searches whose new articles are sent or written.",
                "type": ["array", "null"],
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": _properties(WATCH),
                    "required": ["name"],
                },
            },
        },
    }


def _object(keys: Iterable[Key], does: str) -> dict[str, Any]:
    return {
        "description": does,
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": _properties(keys),
    }


def _properties(keys: Iterable[Key]) -> dict[str, Any]:
    return {key.name: {"description": key.does, **_shape(key)} for key in keys}


def _shape(key: Key) -> dict[str, Any]:
    return {"enum": list(key.choices)} if key.choices else _SHAPES[key.kind]


def reference() -> str:
    """The reference page, Markdown."""
    parts = [_HEAD, "## The file\n", *map(_entry, TOP)]
    parts += ["### network\n", *map(_entry, NETWORK)]
    parts += ["### defaults\n", _DEFAULTS, "### sources\n", _SOURCES]
    parts += ["### watch\n", _WATCH]
    parts += ["## Where a source is\n", *map(_entry, ADDRESSES), "## What a source may say\n", *map(_entry, SOURCE)]
    parts += ["## What a watch may say\n", *map(_entry, WATCH)]
    parts += [_TAIL.format(later=", ".join(f"`{name}`" for name in LATER))]
    return "\n".join(parts)


def _entry(key: Key) -> str:
    lines = [f"#### {key.name}\n", f"{key.does}\n", f"- Value: {_WORDS[key.kind]}"]
    if key.choices:
        lines[-1] = f"- Value: {', '.join(f'`{choice}`' for choice in key.choices)}"
    if key.default:
        lines.append(f"- Default: {key.default}")
    if key.kind != "address" and key in SOURCE and not key.in_defaults:
        lines.append("- Not in `defaults`")
    lines.append(f"- Example: `{key.name}: {key.example}`\n")
    return "\n".join(lines)


_HEAD = """# feeds.yaml

<!-- Made by `python -m crawler.feeds_reference docs/reference`. -->

The file is YAML 1.2 in UTF-8, at most 4 MiB. `cuttings init` writes one to start from, `cuttings add` adds to it and
leaves every other line as it is. A mistake is refused before any request, with file, line, key and what to write:

    feeds.yaml:12: sources[3].every: "1 parsec" is not a duration; write 30m, 1h or 2d

Sources are counted from 0. Aliases (`*name`), tags (`!!str`) and a second document are not read. Editors that know JSON
Schema check the file while you type with [feeds.schema.json](feeds.schema.json).
"""

_DEFAULTS = """What holds for every source that says nothing else. A source's own value takes the place of the default;
lists and groups are not merged. `delay` and `proxy` hold also for `cuttings add`.
"""

_SOURCES = """A list. Each source has exactly one of `feed`, `sitemap` and `site`. No two have the same
name or lead to the same address.
"""

_WATCH = """A list of saved searches, see [Get alerts](../how-to/get-alerts.md). Each has a `name` of its own.
"""

_TAIL = """## Intervals

`every`, `min_every` and `max_every` are clamped to between a minute and thirty days. Where only some of them are given,
the others make way: `every: 5m` lowers `min_every` to five minutes. Values that contradict each other are refused.

## Secrets

Values of `headers`, `cookies`, `proxy`, `webhook` and `secret` are never shown, logged or exported. `${{NAME}}` in
them is replaced by the environment variable of that name, so that the file can be shared; a variable that is not set is
an error. `$${{` stands for `${{` itself. Those of a source are sent to its origin alone, also after a redirect.

## Patterns

`keep` and `drop` are searched, not matched from the beginning, and are written for
[RE2](https://github.com/google/re2/wiki/Syntax), whose time is linear whatever the pattern. In double quotes YAML needs
each backslash twice; in single quotes once.

## Not in this version

{later} are kept for later versions and refused until then.
"""


def written(folder: Path) -> dict[Path, str]:
    """The published files and what stands in them."""
    return {
        folder / SCHEMA_FILE: json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n",
        folder / PAGE_FILE: reference(),
    }


def main() -> None:
    """Write the files into the folder named on the command line."""
    for path, content in written(Path(sys.argv[1])).items():
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
