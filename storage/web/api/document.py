"""The OpenAPI document of the API (https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from storage.web.api.schemas import Problem

_ABOUT = """What a corpus of Cuttings knows, for programs. Everything is read-only.

Objects are those that the command line gives with `--json`. Every answer has an `ETag`: send it back as
`If-None-Match`, and what is unchanged is answered with 304. Lists go on at `next`, which the header `Link` has too.
What goes wrong is told as `application/problem+json`. Where the server has a token, send it as `Authorization: Bearer
TOKEN`, or as the password of any user name."""


def describe(app: FastAPI) -> None:
    """Let the app describe its API."""

    def document() -> dict[str, Any]:
        if not app.openapi_schema:
            found = get_openapi(
                title=f"{app.title}: the API", version=app.version, description=_ABOUT, routes=app.routes
            )
            schemas = found["components"]["schemas"]
            schemas["Problem"] = TypeAdapter(Problem).json_schema()
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            found["components"]["securitySchemes"] = {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            }
            found["security"] = [{}, {"bearer": []}, {"basic": []}]
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
