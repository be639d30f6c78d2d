"""What is told when something is wrong, as programs read it: one JSON object (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from storage.records import text_record
from storage.web.json_answers import JsonAnswer

MEDIA_TYPE = "application/problem+json"


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: object) -> Response:
    """The answer that says so. `more` are further members of the object; those that are None are left out."""
    told: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text_record(detail),
    }
    told |= {name: value for name, value in more.items() if value is not None}
    return JsonAnswer(told, status, headers, media_type=MEDIA_TYPE)


def refusal(scope: Scope, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """The same for whoever asks the API, a plain line for all others: before it is known who asks, no page is made."""
    if is_program(scope["path"]):
        return problem(status, detail, headers)
    return PlainTextResponse(f"{detail}\n", status, headers)


def is_program(path: str) -> bool:
    """Whether who asks for this path reads JSON."""
    return path.startswith("/api/")
