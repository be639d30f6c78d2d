"""The reference page of the JSON API, written from its OpenAPI document.

python -m storage.web.api.reference > docs/reference/api.md
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from storage.serving import Serving
from storage.web.app import create_app

_METHOD = "GET"
INTRODUCTION = """\
# The JSON API

[`cuttings serve`](cli.md#cuttings-serve) answers programs below `/api/v1/`. It only reads: `GET` and `HEAD`, and
nothing else. This page is generated from the document that the server itself gives, `/api/openapi.json` (OpenAPI
3.1), which makes clients for any language: `python -m storage.web.api.reference > docs/reference/api.md`.

```http
GET /api/v1/search?q="harbour dues"&limit=1

{"query": "\\"harbour dues\\"", "total": 1, "is_exact": true, "next": null, "notices": [], "did_you_mean": null,
 "articles": [{"title": "Ports freeze harbour dues until the end of the year",
               "published": "2020-05-25T09:05:00Z", "language": "en", "copies": 1, "revision": 1}]}
```

- **Objects** are those of `--json` on the [command line](cli.md). Times are RFC 3339 in UTC, a publication day
  without a time is `YYYY-MM-DD`, and what is missing is null, never invented. Texts hold what strangers wrote;
  `html` is safe to show, everything else has to be escaped.
- **Pages.** Where there is more, `next` is what to give as `after` (or `offset`), and the header `Link: <...>;
  rel="next"` is the whole address. By date and by filing, no article comes twice or is passed over, whatever is
  filed meanwhile.
- **All articles** come from `/api/v1/articles` in the order of their ids, which is that of filing. Who keeps the
  last id goes on behind it another day.
- **Caching.** Every answer has an `ETag`. Give it back as `If-None-Match`, and what did not change is 304, without
  a body; where the corpus did not change either, it is not even asked.
- **A token**, where the server has one, goes along as `Authorization: Bearer TOKEN`, or as the password of any user
  name.
- **Errors** are `application/problem+json` (RFC 9457): `detail` says in one line what is wrong. 400 is a query, a
  cursor or an address that cannot be read, and of a query `start` and `end` say where; 422 a parameter out of its
  bounds; 404 nothing there; 401 no token, or a wrong one; 503 with `Retry-After` a corpus that cannot be read now.

```http
GET /api/v1/search?q=harbour since:yesterday

{"type": "about:blank", "title": "Bad Request", "status": 400, "start": 8, "end": 23}
```

```http
GET /api/v1/facets?q=harbour&field=language&field=month&limit=2

{"total": 3, "is_exact": true,
 "counts": {"language": [{"value": "en", "count": 3}], "month": [{"value": "2020-05", "count": 3}]}}
```

```http
GET /api/v1/timeline?q=harbour&by=month

{"by": "month", "bars": [{"start": "2020-05-01", "end": "2020-06-01", "count": 3}], "total": 3, "is_exact": true}
```
"""


def page(document: Mapping[str, Any]) -> str:
    """The whole page, as Markdown."""
    operations = (_operation(path, methods[_METHOD.lower()]) for path, methods in document["paths"].items())
    shapes = (_shape(name, schema) for name, schema in sorted(document["components"]["schemas"].items()))
    return "\n".join([INTRODUCTION, "## Operations\n", *operations, "## Objects\n", *shapes])


def _operation(path: str, operation: Mapping[str, Any]) -> str:
    lines = [f"### {_METHOD} {path}", "", _one_line(operation["description"]), ""]
    if parameters := operation.get("parameters"):
        lines += ["| Parameter | Is | Without it | |", "|---|---|---|---|"]
        lines += [_parameter(one) for one in parameters] + [""]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return "\n".join([*lines, f"Gives {_kind(schema)}.", ""])


def _parameter(one: Mapping[str, Any]) -> str:
    default = one["schema"].get("default")
    without = "required" if one.get("required") else "" if default in (None, "") else f"`{json.dumps(default)}`"
    return f"| `{one['name']}` | {_kind(one['schema'])} | {without} | {_one_line(one.get('description', ''))} |"


def _shape(name: str, schema: Mapping[str, Any]) -> str:
    told = _one_line(schema.get("description", ""))
    if "enum" in schema:
        return "\n".join([f"### {name}", "", told, "", f"{_values(schema['enum'])}.", ""])
    required = set(schema.get("required", ()))
    rows = [
        f"| `{field}` | {_kind(one)}{'' if field in required else ', if there is one'} | "
        f"{_one_line(one.get('description', ''))} |"
        for field, one in schema["properties"].items()
    ]
    return "\n".join([f"### {name}", "", told, "", "| Field | Is | |", "|---|---|---|", *rows, ""])


def _kind(schema: Mapping[str, Any]) -> str:
    """What a value is, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        kinds = [_kind(part) for part in schema["anyOf"] if part.get("type") != "null"]
        return " or ".join([*kinds, *(["null"] if len(kinds) < len(schema["anyOf"]) else [])])
    if "enum" in schema:
        return _values(schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {_kind(schema['items'])}"
        case "object":
            return f"object of {_kind(schema['additionalProperties'])}"
        case "integer":
            return f"integer{_bounds(schema)}"
    if "pattern" in schema:
        return "day or time"
    return {"date": "day", "date-time": "time"}.get(schema.get("format", ""), f"{schema['type']}{_bounds(schema)}")


def _bounds(schema: Mapping[str, Any]) -> str:
    if (most := schema.get("maxLength")) is not None:
        return f" of {most:,} characters at most"
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is None or most > 1 << 40:
        return ""
    return f" from {least:,} to {most:,}"


def _values(values: Sequence[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def lines() -> Iterator[str]:
    """The page of this version, line by line."""
    yield from page(create_app("cuttings.db", Serving(), identity=lambda _: None).openapi()).splitlines()


if __name__ == "__main__":
    for line in lines():
        print(line)
