"""What is answered when something is wrong: to a program JSON, to a person a page, in the same words."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from storage.errors import CorpusBusy, CorpusMissing, QueryError, StorageError
from storage.plain import plain_line
from storage.web.rendering import page

RETRY_S = 5
"""When to ask again where the corpus could not be read now."""


def add_to(app: FastAPI) -> None:
    """Let the app answer for what goes wrong in it."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StorageError, _storage)


def answer(
    request: Request, status: int, message: str, headers: dict[str, str] | None = None, **more: object
) -> Response:
    """An error as a problem (RFC 9457) below `/api/`, with what `more` is known of it, as a page elsewhere."""
    if request.url.path.startswith("/api/"):
        title = HTTPStatus(status).phrase
        problem = {"type": "about:blank", "title": title, "status": status, "detail": message, **more}
        return JSONResponse(problem, status, headers, media_type="application/problem+json")
    made = page(request, "error.html", status=status, title=HTTPStatus(status).phrase, message=message)
    made.headers.update(headers or {})
    return made


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    message = "There is nothing at this address." if error.detail == phrase == "Not Found" else str(error.detail)
    return answer(request, error.status_code, message, dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:])
    return answer(request, 422, plain_line(f"{name}: {first['msg']}")[:500])


async def _storage(request: Request, error: Exception) -> Response:
    message = str(error)
    if isinstance(error, QueryError):
        if error.start is None:
            return answer(request, 400, message)
        return answer(request, 400, message, start=error.start, end=error.end)
    if isinstance(error, CorpusBusy | CorpusMissing):
        return answer(request, 503, message, {"retry-after": str(RETRY_S)})
    return answer(request, 500, message)
