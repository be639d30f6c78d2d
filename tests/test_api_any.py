"""Whatever is asked of the API, it answers as its document says, and nothing breaks (S14)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from contract.scenes import NOW, article, discovery, file_article, lease_pages, poll, source, subscribe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import Served, served

from storage import Serving, open_corpus
from storage.web.app import create_app

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
pytestmark = pytest.mark.xdist_group("api-any")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small corpus: two articles of one story, one of them revised."""
    db = tmp_path_factory.mktemp("any") / "cuttings.db"
    with open_corpus(db, write=True) as corpus:
        subscribe(corpus, source("Harbour", tags=("sea",)))
        (feed,) = corpus.lease_feeds(NOW, 5, 60)
        poll(corpus, feed, discovery("a"), discovery("b"))
        first, second = lease_pages(corpus)
        story = file_article(corpus, first, article(language="en", published=NOW, authors=("Ann Lee",)))
        file_article(corpus, second, article(), story_id=story)
        with corpus.filing() as filing:
            filing.revise_article(story, article("The ferry was on time."), (), NOW)
        while corpus.index():
            pass
    with served(db) as running:
        yield running


def operations() -> list[str]:
    """The paths of the document, known before anything is served."""
    app = create_app("none.db", Serving(), identity=lambda _: None)
    return sorted(app.openapi()["paths"])


@pytest.fixture(scope="module")
def api(site: Served) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{site.address}/api/openapi.json")


WITHOUT_WRONG_VALUES = {"/api/v1/sources/{name}", "/api/v1/statistics"}
"""Nothing can be given to them that they have to refuse."""


@pytest.mark.parametrize(
    ("mode", "path"),
    [
        (mode, path)
        for mode in schemathesis.GenerationMode
        for path in operations()
        if mode is schemathesis.GenerationMode.POSITIVE or path not in WITHOUT_WRONG_VALUES
    ],
    ids=str,
)
def test_s14_every_answer_is_one_of_those_that_the_document_names(
    api: schemathesis.BaseSchema, path: str, mode: schemathesis.GenerationMode
) -> None:
    @given(case=api[path]["GET"].as_strategy(generation_mode=mode))
    @settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def asked(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    asked()


@pytest.mark.parametrize("path", ["search", "facets", "timeline", "stories"])
@given(q=st.text(max_size=80) | st.text('():"*-:,.ORNT since title 2020 ferry\x00\u202e', max_size=80))
@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_s14_any_text_is_a_query_or_a_problem(site: Served, path: str, q: str) -> None:
    answer = site.get(f"/api/v1/{path}", params={"q": q.encode("utf-8", "replace").decode()})
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 400:
        assert "\n" not in answer.json()["detail"]
