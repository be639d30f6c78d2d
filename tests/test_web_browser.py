"""The pages in a browser: for everybody, in both schemes, by keys, with a chart to drag over, and without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import browser, needs_browser, watched
from pressroom import CORRECTED, titled
from served import Served, served

from storage import open_corpus

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [*needs_browser, pytest.mark.xdist_group("press")]
PHONE = {"width": 390, "height": 844}
HIDDEN_TO_THE_SIDE = """[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth)
    .map(one => one.getAttribute('aria-label'))"""
"""The tables of which a part is seen only by those who think of scrolling."""


@pytest.fixture(scope="module")
def site(press_db: Path) -> Iterator[Served]:
    with served(press_db) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, site: Served) -> Iterator[Page]:
    """A page on which nothing goes wrong."""
    with watched(chromium, site.address) as (made, troubles):
        yield made
        assert troubles == []


def words(page: Page) -> str:
    """The search that is shown."""
    return parse_qs(urlsplit(page.url).query).get("q", [""])[0]


def focused(page: Page) -> str:
    """The text of what has the focus."""
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_no_page_is_hard_to_use_in_either_scheme_nor_too_wide_for_a_phone(
    chromium: Browser, site: Served, press_db: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with open_corpus(press_db) as corpus:
        corrected, story = titled(corpus, CORRECTED).id, corpus.stories()[0].id
        arabic = corpus.search("language:ar")[0].id
    paths = [
        *("/", "/?q=(ferry+tag:harbour", "/?q=nothinglikethis", "/?q=since:x", "/stories", f"/stories/{story}"),
        *(f"/articles/{corrected}", f"/articles/{corrected}?diff=1:3", f"/articles/{arabic}", "/sources"),
        *("/sources/Plainfield%20Post", "/trends", "/help", "/nowhere"),
    ]
    axe = Axe()
    with watched(chromium, site.address) as (page, _):
        for path in paths:
            page.goto(path)
            for details in page.locator("details").all():
                details.evaluate("one => one.open = true")
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                found = axe.run(page)
                assert found.violations_count == 0, f"{path} {scheme}: {found.generate_report()}"
            wide = page.viewport_size
            page.set_viewport_size(PHONE)
            page.wait_for_function(f"innerWidth === {PHONE['width']}")  # a busy browser is a while behind
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
            assert page.evaluate(HIDDEN_TO_THE_SIDE) == [], path
            page.set_viewport_size(wide or PHONE)


def test_results_are_reached_and_opened_by_keys(page: Page) -> None:
    page.goto("/?q=the")
    headlines = [text.strip() for text in page.locator(".result .headline").all_text_contents()]
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == headlines[1]
    page.keyboard.press("k")
    assert focused(page) == headlines[0]
    page.keyboard.press("o")
    page.wait_for_url("**/articles/*")
    page.keyboard.press("u")
    page.wait_for_url("**/?q=the")
    page.keyboard.press("n")
    page.wait_for_url("**after=*")


def test_the_search_box_and_the_list_of_keys_are_one_key_away(page: Page) -> None:
    page.goto("/?q=ferry")
    page.keyboard.press("/")
    page.keyboard.type("j?libya")
    assert page.locator("#q").input_value() == "j?libya"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("Control+j")
    assert focused(page) != "Ferry operators agree on a common winter timetable"


def test_the_first_stop_of_the_tab_key_skips_to_the_content(page: Page) -> None:
    page.goto("/help")
    page.keyboard.press("Tab")
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_dragging_over_the_chart_chooses_a_time(page: Page) -> None:
    page.goto("/?q=language:en&sort=oldest")
    bars = page.locator(".chart .place").all()
    first, third = bars[1].bounding_box(), bars[3].bounding_box()
    assert first is not None
    assert third is not None
    page.mouse.move(first["x"] + 5, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(third["x"] + 5, third["y"] + 30, steps=4)
    told = page.locator(".said").inner_text()
    page.mouse.up()
    page.wait_for_url("**since*")
    assert words(page) == "language:en since:2020-05-19 until:2020-05-22"
    assert "sort=oldest" in page.url
    assert told == f"19 May 2020 to 21 May 2020: {page.locator('.total strong').inner_text()} articles"


def test_clicking_a_bar_shows_its_time_and_escape_lets_go(page: Page) -> None:
    page.goto("/?q=language:en")
    box = page.locator(".chart .place").nth(2).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 4, box["y"] + 20)
    page.wait_for_url("**since*")
    assert words(page) == "language:en since:2020-05-20 until:2020-05-21"


def test_the_chart_is_chosen_from_by_keys(page: Page) -> None:
    page.goto("/")
    page.locator(".chart svg a").last.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    assert page.locator(".said").inner_text().startswith("23 May 2020 to 25 May 2020: ")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_url("**since*")
    assert words(page) == "since:2020-05-22 until:2020-05-24"


def test_everything_works_without_a_script(chromium: Browser, site: Served) -> None:
    with watched(chromium, site.address, java_script_enabled=False) as (page, troubles):
        page.goto("/")
        page.fill("#q", "ferry")
        page.keyboard.press("Enter")
        page.wait_for_url("**/?q=ferry")
        page.locator(".facet a", has_text="The Northern Ledger").click()
        page.wait_for_url("**source*")
        assert page.locator(".result").count() == 1
        page.locator(".chip").click()
        page.wait_for_url("**/?q=ferry")
        page.locator(".chart svg a").first.click()
        page.wait_for_url("**since*")
        page.goto("/help")
        page.locator(".theme button", has_text="dark").click()
        page.wait_for_url("**/help")
        assert page.locator("html[data-theme=dark]").count() == 1
        assert not page.locator(".keyboard").is_visible()
        assert troubles == []


def test_s12_an_article_is_looked_at_without_asking_anybody_else(page: Page, press_db: Path) -> None:
    with open_corpus(press_db) as corpus:
        article_id = titled(corpus, CORRECTED).id
    page.goto(f"/articles/{article_id}")
    link = page.locator(".ways .out").first
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    assert re.match("http://harbour-courier.localhost:", link.get_attribute("href") or "")
    width = page.locator(".body p").first.evaluate("one => one.getBoundingClientRect().width")
    assert width < 720
