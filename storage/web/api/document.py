"""The OpenAPI document, told by the operations themselves."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from storage.web.problems import MEDIA_TYPE

ADDRESS = "/api/openapi.json"
_DESCRIPTION = (
    "Everything that the corpus knows, for programs. It only reads. Objects are those that the command line gives with "
    "`--json`; times are RFC 3339 in UTC, what is missing is null and never invented."
)
_LINK = {
    "description": 'Where there are more: the next page, as `<…>; rel="next"` (RFC 8288)',
    "schema": {"type": "string"},
}
_ETAG = {"description": "Of this answer, to give as `If-None-Match`", "schema": {"type": "string"}}


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application; made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes)
        for methods in made["paths"].values():
            for operation in methods.values():
                _say_what_all_say(operation)
        made["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
            "password": {"type": "http", "scheme": "basic", "description": "The token as the password of any user"},
        }
        made["security"] = [{}, {"token": []}, {"password": []}]
        app.openapi_schema = made
    return app.openapi_schema


def _say_what_all_say(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        _without_null(parameter["schema"])
    for status, response in operation["responses"].items():
        if status == "200":
            response["headers"] = {"ETag": _ETAG}
            if any(one["name"] in ("after", "offset") for one in operation.get("parameters", ())):
                response["headers"]["Link"] = _LINK
        elif "content" in response:
            response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}


def _without_null(schema: dict[str, Any]) -> None:
    """A parameter can be left out, but an address cannot hold a null."""
    schema.pop("title", None)
    if "anyOf" in schema:
        (only,) = [part for part in schema.pop("anyOf") if part != {"type": "null"}]
        schema |= only
