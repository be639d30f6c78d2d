"""Puts the application together: what is asked for, in the order in which it passes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from storage.serving import Identity, Serving
from storage.web import api, assets, feeds, pages, troubles
from storage.web.api import document
from storage.web.conditional import Conditional
from storage.web.guards import AnswerHeaders, CallerCheck, TokenCheck
from storage.web.readers import Readers
from storage.web.service import Service


def create_app(db: str | Path, serving: Serving, *, identity: Identity) -> FastAPI:
    """The application that serves the corpus at a path or URL; any ASGI server can run it.

    It listens nowhere itself. Who binds it beyond loopback gives `serving` a token.
    """
    service = Service(Readers(db), serving, identity)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.readers.close()

    app = FastAPI(
        title=serving.title,
        version="1",
        lifespan=lifespan,
        openapi_url=document.ADDRESS,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.openapi = lambda: document.document(app)  # type: ignore[method-assign]
    app.state.service = service
    app.include_router(assets.router)
    app.include_router(api.router)
    app.include_router(feeds.router)
    app.include_router(pages.router)
    troubles.add_to(app)
    # The last that is added is the first that a request meets.
    app.add_middleware(Conditional, readers=service.readers)
    app.add_middleware(TokenCheck, token=serving.token)
    app.add_middleware(CallerCheck, names=serving.names)
    app.add_middleware(AnswerHeaders)
    return app
