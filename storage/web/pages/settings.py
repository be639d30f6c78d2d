"""The help page, and the choice of colours that a browser remembers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from storage.language.table import LANGUAGE
from storage.web.rendering import THEMES, page
from storage.web.views.results import Asked

A_YEAR_S = 31_536_000
router = APIRouter()


@router.get("/help")
def show_help(request: Request) -> Response:
    """The search language on one page."""
    return page(request, "help.html", title="Help", groups=LANGUAGE, address=lambda words: Asked(words).address)


@router.get("/theme")
def choose_theme(request: Request, colours: str = "auto", back: str = "/") -> Response:
    """Remember the colours, and go back to the page that was shown. Without a script this has to be a page; one that
    another site makes a browser open changes nothing."""
    is_own_path = back.startswith("/") and not back.startswith("//") and "\\" not in back
    answer = RedirectResponse(back if is_own_path else "/", 303)
    if request.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        if colours in THEMES:
            answer.set_cookie("theme", colours, max_age=A_YEAR_S, httponly=True, samesite="strict")
        else:
            answer.delete_cookie("theme", httponly=True, samesite="strict")
    return answer
