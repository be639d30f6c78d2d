"""Writes the reference of the API from its OpenAPI document: `python -m storage.web.api.reference`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from storage.serving import Serving
from storage.web.app import create_app

_HEAD = """# The JSON API

<!-- Written by `python -m storage.web.api.reference > docs/reference/api.md`. -->

`cuttings serve` answers programs under `/api/v1/`; its OpenAPI document is at `/api/openapi.json`, with every field
of every object. [Read in a browser](../how-to/serve.md) says how to start it, and how others get in.
"""


def main() -> None:
    """Print the page."""
    app = create_app("", Serving(), identity=lambda _: None)
    print(reference(app.openapi()), end="")


def reference(document: Mapping[str, Any]) -> str:
    """The page, in Markdown."""
    lines = [_HEAD, document["info"]["description"].replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n"), ""]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            lines += _operation(path, method, operation)
    lines += ["## Objects", "", "| Object | What it is | Fields |", "|---|---|---|"]
    for name, schema in sorted(document["components"]["schemas"].items()):
        fields = ", ".join(f"`{field}`" for field in schema.get("properties", ()))
        lines.append(f"| {name} | {_one_line(schema.get('description', ''))} | {fields} |")
    return "\n".join(lines) + "\n"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"## `{method.upper()} {path}`"
    yield ""
    yield f"{_one_line(operation['description'])} Gives {_kind(operation)}."
    yield ""
    if operation.get("parameters"):
        yield "| Parameter | | Default |"
        yield "|---|---|---|"
        for parameter in operation["parameters"]:
            schema = parameter["schema"]
            default = schema.get("default")
            shown = (
                "required"
                if parameter["required"]
                else ""
                if default in (None, "")
                else f"`{json.dumps(default).strip(chr(34))}`"
            )
            yield f"| `{parameter['name']}` | {parameter.get('description', '')}{_bounds(schema)} | {shown} |"
        yield ""


def _kind(operation: Mapping[str, Any]) -> str:
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    if "items" in schema:
        return f"a list of {_name(schema['items'])}"
    return _name(schema)


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _bounds(schema: Mapping[str, Any]) -> str:
    for part in (schema, *schema.get("anyOf", ()), schema.get("items", {})):
        inner = part.get("items", part)
        if "enum" in inner:
            return " One of " + ", ".join(f"`{value}`" for value in inner["enum"]) + "."
        if "maximum" in inner and inner["maximum"] < 1 << 53:
            return f" {inner['minimum']:,} to {inner['maximum']:,}."
    return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
