"""What is answered when something is wrong: to a program JSON, to a person a page, in the same words."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from storage.errors import CorpusBusy, CorpusMissing, QueryError, StorageError
from storage.plain import plain_line
from storage.web.problems import is_program, problem
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
    """An error as JSON below `/api/`, as a page elsewhere."""
    if is_program(request.url.path):
        return problem(status, message, headers, **more)
    made = page(request, "error.html", status=status, title=HTTPStatus(status).phrase, message=message)
    made.headers.update(headers or {})
    return made


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    message = "There is nothing at this address." if error.detail == phrase == "Not Found" else str(error.detail)
    headers = dict(error.headers or {})
    if error.status_code == 405 and headers.get("Allow") == "GET":
        headers["Allow"] = "GET, HEAD"
    return answer(request, error.status_code, message, headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:])
    return answer(request, 422, plain_line(f"{name}: {first['msg']}")[:500])


async def _storage(request: Request, error: Exception) -> Response:
    message = str(error)
    if isinstance(error, QueryError):
        return answer(request, 400, message, start=error.start, end=error.end)
    if isinstance(error, CorpusBusy | CorpusMissing):
        return answer(request, 503, message, {"retry-after": str(RETRY_S)})
    return answer(request, 500, message)
