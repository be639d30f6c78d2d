"""The pages for people: each asks the corpus, has a view made of the answer, and hands it to a template."""

from fastapi import APIRouter

from storage.web.pages import articles, searching, settings, sources, stories, trends

router = APIRouter(include_in_schema=False)
for part in (searching, articles, stories, sources, trends, settings):
    router.include_router(part.router)

__all__ = ["router"]
