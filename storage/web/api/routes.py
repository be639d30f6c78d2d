"""Every address of the API."""

from fastapi import APIRouter

from storage.web.api import articles, overview, searching, stories
from storage.web.api.answering import PROBLEMS

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
for part in (searching, articles, stories, overview):
    router.include_router(part.router)
