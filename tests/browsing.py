"""A browser for tests, Debian's Chromium, that reports what it asked for beyond the server under test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
needs_browser = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium; `apt-get install chromium` brings it"),
    pytest.mark.skipif(find_spec("playwright") is None, reason="playwright is missing; it is of the extra `dev`"),
]


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium without a window. The import is here, so that tests are collected where it is missing."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield running
        finally:
            running.close()


@contextmanager
def watched(running: Browser, address: str, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what happens on it that must not: dialogs, requests to others, blocked or failing scripts."""
    context = running.new_context(base_url=address, **options)
    context.set_default_timeout(15_000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("dialog", lambda dialog: (troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: troubles.append(f"error {error}"))
    page.on("console", lambda line: troubles.append(f"console {line.text}") if line.type == "error" else None)
    page.on("popup", lambda other: troubles.append(f"popup {other.url}"))
    page.on("request", lambda asked: _note(asked.url, address, troubles))
    try:
        yield page, troubles
    finally:
        context.close()


def _note(url: str, address: str, troubles: list[str]) -> None:
    if not url.startswith(address + "/"):
        troubles.append(f"request {url}")
