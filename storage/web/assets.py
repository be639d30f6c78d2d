"""The style sheet, the script and the icon, under addresses that change with what is in them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
FOREVER = "public, max-age=31536000, immutable"
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of ours as it is served."""

    body: bytes
    media_type: str
    mark: str
    """Changes with the contents."""


@cache
def _assets() -> dict[str, Asset]:
    found = {}
    for file in files("storage.web").joinpath("static").iterdir():
        ending = file.name.rpartition(".")[2]
        if ending in _TYPES:
            body = file.read_bytes()
            found[file.name] = Asset(body, _TYPES[ending], hashlib.sha256(body).hexdigest()[:12])
    return found


def address(name: str) -> str:
    """Where a file of `static/` is served."""
    return f"/static/{_assets()[name].mark}/{name}"


@router.get("/static/{mark}/{name}")
def asset(mark: str, name: str) -> Response:
    """A file of ours; one that was asked for under a former mark is given as it is now, and not for ever."""
    found = _assets().get(name)
    if found is None:
        raise HTTPException(404)
    headers = {"etag": f'"{found.mark}"', "cache-control": FOREVER if mark == found.mark else "no-cache"}
    return Response(found.body, media_type=found.media_type, headers=headers)
