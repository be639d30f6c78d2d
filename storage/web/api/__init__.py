"""The JSON API: the same objects as the command line gives with `--json`. It only reads."""

from fastapi import APIRouter

from storage.web.api import articles, searching, sources, stories
from storage.web.api.asking import PROBLEMS

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
for part in (searching, articles, stories, sources):
    router.include_router(part.router)

__all__ = ["router"]
