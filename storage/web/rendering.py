"""Turns templates into pages. Whatever a page shows came from strangers, so every value is escaped by default."""

from __future__ import annotations

from functools import cache

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from storage.web import assets
from storage.web.service import service_of


@cache
def environment() -> Environment:
    """The templates of this package; a value that a template asks for and nobody gave is an error."""
    made = Environment(
        loader=PackageLoader("storage.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = assets.address
    return made


def page(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page made from a template. `title` is its own; the name of the service and the path asked for come along."""
    service = service_of(request)
    text = environment().get_template(template).render(service=service.serving.title, path=request.url.path, **values)
    return HTMLResponse(text, status_code=status)
