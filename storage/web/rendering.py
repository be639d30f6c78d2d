"""Turns templates into pages. Whatever a page shows came from strangers, so every value is escaped by default."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from storage.web import assets, safe, wording
from storage.web.service import service_of

THEMES = frozenset({"light", "dark"})
"""That may be chosen; without a choice a page has the colours of the system."""


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
    made.filters.update(_FILTERS)
    made.finalize = _shown
    return made


def _shown(value: object) -> object:
    """What an expression prints: a plain text without characters that are not seen and move what stands around them."""
    return safe.shown(value) if type(value) is str else value


def _capitalize_first(text: str) -> str:
    return text[:1].upper() + text[1:]


_FILTERS: dict[str, Callable[..., object]] = {
    "capitalize_first": _capitalize_first,
    "counted": lambda number, one, many=None: wording.counted(number, one, many),
    "day": wording.day,
    "direction": safe.direction,
    "distance": wording.distance,
    "href": safe.href,
    "language_tag": safe.language_tag,
    "length_of_time": wording.length,
    "machine": wording.machine,
    "marked": safe.marked,
    "moment": wording.moment,
    "size": wording.size,
}


def page(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page made from a template. `title` is its own; the name of the service and the path asked for come along."""
    made = (
        environment()
        .get_template(template)
        .render(
            service=service_of(request).serving.title,
            path=request.url.path,
            here=f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
            theme=theme_of(request),
            **values,
        )
    )
    return HTMLResponse(made, status_code=status)


def theme_of(request: Request) -> str:
    """The colours that whoever asks has chosen."""
    chosen = request.cookies.get("theme")
    return chosen if chosen in THEMES else "auto"
