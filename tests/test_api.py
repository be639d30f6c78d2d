"""The JSON API: every answer is as its OpenAPI document says, and is what the command line gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from newsroom import Newsroom
from pressroom import CORRECTED, FAILING, titled
from served import Served, served

from storage import Serving, open_corpus
from storage.web.api.reference import reference
from storage.web.app import create_app

pytestmark = pytest.mark.xdist_group("press")


@pytest.fixture(scope="module")
def site(press_db: Path) -> Iterator[Served]:
    with served(press_db) as running:
        yield running


@pytest.fixture(scope="module")
def document(site: Served) -> dict[str, Any]:
    """The OpenAPI document, in which an object has what is named and nothing else."""
    found: dict[str, Any] = site.get("/api/openapi.json").json()
    for schema in found["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return found


@pytest.fixture(scope="module")
def numbers(press_db: Path) -> dict[str, int]:
    """Articles and a story to ask for."""
    with open_corpus(press_db) as corpus:
        return {"corrected": titled(corpus, CORRECTED).id, "story": corpus.stories()[0].id}


def schema_of(document: dict[str, Any], template: str, status: str = "200") -> dict[str, Any]:
    content = document["paths"][template]["get"]["responses"][status]["content"]
    (kind,) = content
    return {**content[kind]["schema"], "components": document["components"]}


def checked(site: Served, document: dict[str, Any], template: str, path: str) -> Any:
    """What an address gives, which must be as the document says."""
    answer = site.get(path)
    assert answer.status_code == 200, answer.text
    jsonschema.validate(answer.json(), schema_of(document, template))
    return answer.json()


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/api/v1/search", "/api/v1/search?q=the&limit=100"),
        ("/api/v1/search", "/api/v1/search?q=(ferry&one_per_story=1&sort=oldest"),
        ("/api/v1/search", "/api/v1/search?q=libia"),
        ("/api/v1/search", "/api/v1/search?limit=3"),
        ("/api/v1/facets", "/api/v1/facets"),
        ("/api/v1/facets", "/api/v1/facets?q=ferry&field=author&field=month&limit=2"),
        ("/api/v1/timeline", "/api/v1/timeline?by=month"),
        ("/api/v1/timeline", "/api/v1/timeline?q=nothinglikethis"),
        ("/api/v1/trends", "/api/v1/trends?days=28"),
        ("/api/v1/articles/{article_id}", "/api/v1/articles/{corrected}"),
        ("/api/v1/articles/{article_id}/revisions", "/api/v1/articles/{corrected}/revisions"),
        ("/api/v1/articles/{article_id}/diff", "/api/v1/articles/{corrected}/diff"),
        ("/api/v1/articles/{article_id}/diff", "/api/v1/articles/{corrected}/diff?from=1&to=3"),
        ("/api/v1/articles/{article_id}/provenance", "/api/v1/articles/{corrected}/provenance"),
        ("/api/v1/articles/{article_id}/links", "/api/v1/articles/{corrected}/links"),
        ("/api/v1/stories", "/api/v1/stories"),
        ("/api/v1/stories/{story_id}", "/api/v1/stories/{story}"),
        ("/api/v1/sources", "/api/v1/sources"),
        ("/api/v1/sources/{name}", f"/api/v1/sources/{quote(FAILING)}"),
        ("/api/v1/statistics", "/api/v1/statistics"),
    ],
)
def test_every_answer_is_as_the_document_says(
    site: Served, document: dict[str, Any], numbers: dict[str, int], template: str, path: str
) -> None:
    found = checked(site, document, template, path.format(**numbers))
    assert found or template.endswith("links")


def test_every_address_of_the_document_is_tried(document: dict[str, Any]) -> None:
    (tried,) = (mark for mark in test_every_answer_is_as_the_document_says.pytestmark if mark.name == "parametrize")
    assert set(document["paths"]) == {template for template, _ in tried.args[1]} | {"/api/v1/explain"}


def test_the_way_of_a_page_is_told(site: Served, document: dict[str, Any], press_db: Path) -> None:
    with open_corpus(press_db) as corpus:
        url = titled(corpus, CORRECTED).url
    found = checked(site, document, "/api/v1/explain", f"/api/v1/explain?url={quote(url, safe='')}")
    assert (found["outcome"]["ending"], len(found["attempts"])) == ("stored", 1)


def test_objects_are_those_of_the_command_line(
    site: Served, press_db: Path, numbers: dict[str, int], tmp_path: Path
) -> None:
    room = Newsroom(tmp_path)

    def told(*command: str) -> Any:
        return json.loads(room.ok("--db", str(press_db), *command, "--json"))

    searched, asked = told("search", "ferry"), site.get("/api/v1/search?q=ferry").json()
    assert {name: asked[name] for name in searched} == searched
    shown = told("show", str(numbers["corrected"]), "--revisions", "--provenance")
    article = site.get(f"/api/v1/articles/{numbers['corrected']}").json()
    assert {name: shown[name] for name in article} == article
    assert shown["revisions"] == site.get(f"/api/v1/articles/{numbers['corrected']}/revisions").json()
    assert shown["provenance"] == site.get(f"/api/v1/articles/{numbers['corrected']}/provenance").json()["provenance"]
    listed = site.get("/api/v1/stories").json()
    assert {name: listed[name] for name in ("total", "stories")} == {
        name: told("stories")[name] for name in ("total", "stories")
    }


def test_pages_of_results_follow_one_another(site: Served) -> None:
    seen, path = [], "/api/v1/search?sort=newest&limit=7"
    while path:
        answer = site.get(path.removeprefix(site.address))
        seen += [article["id"] for article in answer.json()["articles"]]
        cursor = answer.json()["next"]
        path = answer.links["next"]["url"] if cursor else ""
        assert ("next" in answer.links) == (cursor is not None)
    assert len(seen) == len(set(seen)) == site.get("/api/v1/statistics").json()["articles"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/search?q=ferry+since:yesterday", 400, "since"),
        ("/api/v1/search?after=nonsense", 400, "no cursor"),
        ("/api/v1/facets?q=story:x", 400, "story"),
        ("/api/v1/search?limit=0", 422, "limit"),
        ("/api/v1/search?limit=101", 422, "limit"),
        ("/api/v1/facets?field=colour", 422, "field"),
        ("/api/v1/articles/0", 422, "article_id"),
        ("/api/v1/articles/x", 422, "article_id"),
        ("/api/v1/articles/999999", 404, "999999"),
        (f"/api/v1/articles/{(1 << 63) - 1}/revisions", 404, "article"),
        (f"/api/v1/articles/{1 << 63}", 422, "article_id"),
        ("/api/v1/stories/999999", 404, "story"),
        ("/api/v1/sources/nobody", 404, "source"),
        ("/api/v1/explain?url=https://nowhere.example/", 404, "named"),
        ("/api/v1/explain?url=%00", 404, "named"),
        ("/api/v1/nothing", 404, "address"),
    ],
)
def test_what_goes_wrong_is_told_in_one_line(
    site: Served, document: dict[str, Any], path: str, status: int, said: str
) -> None:
    answer = site.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    jsonschema.validate(answer.json(), {"$ref": "#/components/schemas/Problem", "components": document["components"]})
    assert said in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]


def test_a_wrong_query_is_pointed_at(site: Served) -> None:
    problem = site.get("/api/v1/search?q=ferry+since:yesterday").json()
    assert "ferry since:yesterday"[problem["start"] : problem["end"]] in ("since:yesterday", "yesterday")


def test_head_is_get_without_a_body_and_what_is_known_is_not_sent_again(site: Served) -> None:
    for path in ("/api/v1/search?q=ferry", "/api/v1/sources", "/", "/sources"):
        got, head = site.get(path), site.client.head(site.address + path)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", got.headers["etag"])
        assert head.headers["content-length"] == got.headers["content-length"]
        known = site.get(path, headers={"if-none-match": got.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")


def test_nothing_is_written_and_no_page_of_others_explains_it(site: Served) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = site.client.request(method, site.address + "/api/v1/articles/1")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    for path in ("/docs", "/redoc", "/api/docs"):
        assert site.get(path).status_code == 404


def test_the_reference_is_that_of_the_document() -> None:
    written = Path(__file__).parent.parent / "docs/reference/api.md"
    document = create_app("", Serving(), identity=lambda _: None).openapi()
    told = "python -m storage.web.api.reference > docs/reference/api.md"
    assert written.read_text(encoding="utf-8") == reference(document), told
