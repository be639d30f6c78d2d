"""The JSON API: the objects of `--json`, pages of them, and what is told when something is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from contract.scenes import NOW, article, discovery, file_article, lease_pages, poll, source, subscribe
from jsonschema import Draft202012Validator
from newsroom import Newsroom
from pressroom import Demonstrated
from served import Served, served

from storage import Corpus, Query, Serving, open_corpus
from storage.web.readers import Readers

TOKEN = "correct-horse-battery-staple"
HOSTILE = "]]></script><script>alert(1)</script>\x00\x1b[31m\u202e\ud800"
pytestmark = pytest.mark.xdist_group("api")


@pytest.fixture(scope="module")
def db(demo: Demonstrated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample newspaper, crawled; one article of it was revised, and another is as hostile as can be."""
    path = demo.copy(tmp_path_factory.mktemp("api")) / "cuttings.db"
    with open_corpus(path, write=True) as corpus:
        subscribe(corpus, source("Harbour / Post", "https://harbour.example/feed", tags=("sea",)))
        (feed,) = corpus.lease_feeds(NOW, 5, 60)
        poll(corpus, feed, discovery("odd", title=HOSTILE), discovery("copy"), discovery("copied"))
        page, *others = sorted(
            (one for one in lease_pages(corpus) if one.host == "harbour.example"),
            key=lambda one: not one.url.endswith("/odd"),
        )
        cut = article(
            HOSTILE,
            title=HOSTILE,
            authors=(HOSTILE,),
            tags=(HOSTILE,),
            provenance={"title": "meta"},
            runners_up={"title": (("h1", HOSTILE),)},
        )
        odd = file_article(corpus, page, cut)
        with corpus.filing() as filing:
            filing.revise_article(odd, article("Now it is tame."), (), NOW)
        first = file_article(corpus, others[0], article("The harbour text of two papers."))
        file_article(corpus, others[1], article("The harbour text of two papers."), story_id=first)
        while corpus.index():
            pass
    return path


@pytest.fixture(scope="module")
def site(db: Path) -> Iterator[Served]:
    with served(db) as running:
        yield running


@pytest.fixture(scope="module")
def corpus(db: Path) -> Iterator[Corpus]:
    with open_corpus(db) as corpus:
        yield corpus


@pytest.fixture(scope="module")
def document(site: Served) -> dict[str, Any]:
    found: dict[str, Any] = site.get("/api/openapi.json").json()
    return found


def ok(site: Served, path: str, **values: Any) -> Any:
    answer = site.get(f"/api/v1{path}", params=values or None)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def closed(schema: Any) -> Any:
    """The schema, in which no object may have a field that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    return {**found, "additionalProperties": False} if "properties" in found and "type" in found else found


def revised(corpus: Corpus) -> int:
    return next(one.id for one in corpus.articles() if one.revision > 1)


def widest(corpus: Corpus) -> int:
    return corpus.stories()[0].id


def test_every_answer_has_the_fields_of_the_document_and_no_other(
    site: Served, corpus: Corpus, document: dict[str, Any]
) -> None:
    changed = revised(corpus)
    asked = {
        "/search": ["?q=harbour", "?sort=last-filed&one_per_story=1", "?q=(harbour+lang:en", "?q=harbuor"],
        "/articles": ["?limit=100"],
        "/articles/{article_id}": [f"/{one.id}" for one in corpus.articles()],
        "/articles/{article_id}/revisions": [f"/{changed}/revisions"],
        "/articles/{article_id}/diff": [f"/{changed}/diff"],
        "/articles/{article_id}/provenance": [f"/{one.id}/provenance" for one in corpus.articles()],
        "/explain": [f"?url={one.url}" for one in corpus.articles()],
        "/facets": ["?q=harbour"],
        "/timeline": ["?q=harbour"],
        "/trends": ["?days=90&past_days=730"],
        "/stories": [""],
        "/stories/{story_id}": [f"/{widest(corpus)}"],
        "/sources": ["?removed=1"],
        "/sources/{name}": [f"/{one.name}" for one in corpus.status()],
        "/statistics": [""],
    }
    assert {f"/api/v1{path}" for path in asked} == set(document["paths"])
    for path, endings in asked.items():
        content = document["paths"][f"/api/v1{path}"]["get"]["responses"]["200"]["content"]
        schema = {**content["application/json"]["schema"], "components": document["components"]}
        validator = Draft202012Validator(closed(schema))
        for ending in endings:
            answer = ok(site, f"{path.partition('/{')[0]}{ending}")
            found = [
                f"{ending} {'/'.join(map(str, one.absolute_path))}: {one.message[:300]}"
                for one in validator.iter_errors(answer)
            ]
            assert not found, (path, found)


def test_the_objects_are_those_of_the_command_line(site: Served, corpus: Corpus, db: Path) -> None:
    newsroom = Newsroom(db.parent)
    shown = newsroom.json("search", "harbour", "--limit", "5")
    found = ok(site, "/search", q="harbour", limit=5)
    assert (found["total"], found["articles"]) == (shown["total"], shown["articles"])
    number = found["articles"][0]["id"]
    assert ok(site, f"/articles/{number}") == newsroom.json("show", str(number))
    story = ok(site, f"/stories/{widest(corpus)}")
    assert story.pop("next") is None
    assert story == newsroom.json("show", str(story["first"]), "--story")
    listed = ok(site, "/stories", limit=10)
    assert {**newsroom.json("stories"), "next": None} == listed
    told = newsroom.json("explain", found["articles"][0]["url"])
    assert ok(site, "/explain", url=found["articles"][0]["url"]) == told
    name = corpus.status()[0].name
    kept = ("name", "url", "outcomes", "articles", "history", "shapes")
    (alone,) = newsroom.json("status", name)["sources"]
    assert {key: ok(site, f"/sources/{name}")[key] for key in kept} == {key: alone[key] for key in kept}
    assert ok(site, "/sources").keys() == newsroom.json("status").keys() - {"watches"}  # of feeds.yaml, no sources


def walked(site: Served, path: str) -> list[int]:
    """The ids of all articles on the pages that `Link` leads to."""
    ids, url = [], f"{site.address}/api/v1{path}"
    while True:
        answer = site.client.get(url)
        assert answer.status_code == 200, answer.text
        ids += [one["id"] for one in answer.json()["articles"]]
        if "next" not in answer.links:
            assert answer.json()["next"] is None
            return ids
        assert str(answer.json()["next"]) in answer.links["next"]["url"]
        url = str(httpx.URL(url).join(answer.links["next"]["url"]))


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest", "first-filed", "last-filed"])
def test_the_link_to_the_next_page_leads_through_everything_once(site: Served, corpus: Corpus, sort: Any) -> None:
    every = [one.id for one in corpus.search("the", sort=sort, limit=1000)]
    assert len(every) > 20
    assert walked(site, f"/search?q=the&sort={sort}&limit=7") == every
    one_each = corpus.search("the", sort=sort, limit=1000, one_per_story=True)
    assert walked(site, f"/search?one_per_story=true&q=the&sort={sort}&limit=6") == [one.id for one in one_each]


def test_all_articles_come_by_id_and_one_goes_on_where_one_was(site: Served, corpus: Corpus) -> None:
    every = sorted(one.id for one in corpus.articles())
    assert walked(site, "/articles?limit=7") == every
    assert walked(site, f"/articles?after={every[4]}") == every[5:]
    assert ok(site, "/articles", after=every[-1]) == {"articles": [], "next": None}


def test_stories_are_paged_by_offset(site: Served, corpus: Corpus) -> None:
    total = corpus.count_stories()
    assert total > 1
    first = ok(site, "/stories", limit=1)
    assert (first["total"], first["next"]) == (total, 1)
    second = site.client.get(site.address + "/api/v1/stories?limit=1").links["next"]["url"]
    assert second == "?limit=1&offset=1"
    assert ok(site, "/stories", limit=1, offset=total - 1)["next"] is None
    whole = ok(site, f"/stories/{widest(corpus)}")
    pieces = [ok(site, f"/stories/{widest(corpus)}", limit=1, offset=n) for n in range(whole["copies"])]
    assert [piece["articles"][0]["id"] for piece in pieces] == [one["id"] for one in whole["articles"]]
    assert [piece["next"] for piece in pieces] == [*range(1, whole["copies"]), None]


def test_facets_and_the_time_line_count_what_search_finds(site: Served, corpus: Corpus) -> None:
    facets = ok(site, "/facets", q="harbour", field=["language", "source"], limit=3)
    assert set(facets["counts"]) == {"language", "source"}
    assert facets["total"] == corpus.count("harbour")
    for one in facets["counts"]["language"]:
        assert one["count"] == corpus.count(Query("harbour", language=one["value"]))
    line = ok(site, "/timeline", q="harbour", by="month")
    assert line["by"] == "month"
    assert sum(bar["count"] for bar in line["bars"]) == line["total"] == facets["total"]


def test_what_is_odd_in_a_query_is_told_and_what_may_have_been_meant(site: Served) -> None:
    odd = ok(site, "/search", q="(harbour lang:en")
    assert odd["notices"]
    assert all(0 <= one["start"] <= one["end"] <= len("(harbour lang:en") for one in odd["notices"])
    nothing = ok(site, "/search", q="harbuor")
    assert (nothing["articles"], nothing["total"], nothing["did_you_mean"]) == ([], 0, "harbour")


def test_a_diff_is_of_the_last_change_unless_two_texts_are_named(site: Served, corpus: Corpus) -> None:
    number = revised(corpus)
    last = ok(site, f"/articles/{number}/diff")
    assert (last["from"], last["to"]) == (1, 2)
    assert "".join(run["text"] for run in last["text"] if run["op"] != "deleted") == corpus.revisions(number)[1].text
    back = ok(site, f"/articles/{number}/diff", **{"from": 2, "to": 1})
    assert "".join(run["text"] for run in back["text"] if run["op"] != "inserted") == corpus.revisions(number)[1].text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/search?q=harbour+since:yesterday", 400, "since"),
        ("/search?after=nonsense", 400, "no cursor"),
        ("/search?q=" + "x" * 1001, 422, "q: "),
        ("/search?limit=0", 422, "limit: "),
        ("/search?limit=101", 422, "limit: "),
        ("/search?after=" + "x" * 500, 422, "after: "),
        ("/search?sort=best", 422, "sort: "),
        ("/articles?after=-1", 422, "after: "),
        ("/articles?after=99999999999999999999", 422, "after: "),
        ("/articles/9999", 404, "no article 9999"),
        ("/articles/abc", 422, "article_id: "),
        ("/articles/9999/revisions", 404, "no article 9999"),
        ("/articles/9999/provenance", 404, "no article 9999"),
        ("/articles/1/diff", 404, "one text only"),
        ("/stories/9999", 404, "no story 9999"),
        ("/sources/Nobody", 404, "no source Nobody"),
        ("/explain", 422, "url: "),
        ("/explain?url=mailto:x", 400, "no address of a page"),
        ("/explain?url=https://nobody.example/", 404, "No source has ever named"),
        ("/nowhere", 404, "nothing at this address"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(site: Served, path: str, status: int, words: str) -> None:
    answer = site.get(f"/api/v1{path}")
    told = answer.json()
    assert answer.status_code == told["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"] == "about:blank"
    assert words in told["detail"]
    assert "\n" not in told["detail"]


def test_a_query_that_cannot_be_read_says_where(site: Served) -> None:
    query = "harbour since:yesterday"
    told = site.get("/api/v1/search", params={"q": query}).json()
    assert query[told["start"] : told["end"]] == "since:yesterday"


def test_a_program_without_the_token_is_told_in_its_language(db: Path) -> None:
    with served(db, Serving(token=TOKEN)) as running:
        refused = running.get("/api/v1/statistics")
        assert (refused.status_code, refused.json()["status"]) == (401, 401)
        assert refused.headers["content-type"] == "application/problem+json"
        assert running.get("/api/v1/statistics", auth=("me", TOKEN)).status_code == 200
        assert running.get("/api/v1/statistics", headers={"host": "evil.example"}).json()["status"] == 421


def test_only_reading_is_allowed(site: Served) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = site.client.request(method, f"{site.address}/api/v1/articles/1")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        assert answer.json()["status"] == 405


def test_head_says_what_get_would_say(site: Served, document: dict[str, Any]) -> None:
    for path in ("/api/v1/search?q=harbour", "/api/v1/statistics", "/api/openapi.json", "/", "/sources", "/nowhere"):
        shown, head = site.get(path), site.client.head(site.address + path)
        assert (head.status_code, head.content) == (shown.status_code, b"")
        for name in ("content-type", "content-length", "etag"):
            assert head.headers.get(name) == shown.headers.get(name), (path, name)


def test_what_strangers_wrote_comes_as_it_is_and_in_utf_8(site: Served, corpus: Corpus) -> None:
    number = revised(corpus)
    first = ok(site, f"/articles/{number}/revisions")["revisions"][0]
    assert "</script>" in first["title"]
    assert "\ud800" not in first["title"]
    for path in ("", "/revisions", "/diff", "/provenance"):
        answer = site.get(f"/api/v1/articles/{number}{path}")
        json.loads(answer.content.decode("utf-8", "strict"))
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_page_of_ours_loads_documentation_from_others(site: Served) -> None:
    for path in ("/docs", "/redoc", "/api/docs", "/openapi.json", "/docs/oauth2-redirect"):
        assert site.get(path).status_code == 404


def add_articles(corpus: Corpus, *names: str) -> None:
    """File and index articles about a harbour, each of a source of its own."""
    for name in names:
        subscribe(corpus, source(name))
        (feed,) = corpus.lease_feeds(NOW, 5, 60)
        poll(corpus, feed, discovery("late", f"{name.lower()}.example"))
        (page,) = lease_pages(corpus)
        file_article(corpus, page, article(f"A harbour of {name}"))
    while corpus.index():
        pass


def test_an_unchanged_corpus_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = tmp_path / "cuttings.db"
    borrowed = []
    borrow = Readers.borrow
    monkeypatch.setattr("storage.web.app._warm", lambda readers: None)
    monkeypatch.setattr(Readers, "borrow", lambda self: borrowed.append(1) or borrow(self))  # type: ignore[func-returns-value]
    with open_corpus(db, write=True) as writer, served(db) as running:
        add_articles(writer, "Post", "Mail", "Sun")
        path = "/api/v1/search?q=harbour&limit=2"
        first = running.get(path)
        known = {"if-none-match": first.headers["etag"]}
        assert len(borrowed) == 1
        again = running.get(path, headers=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert again.headers["link"] == first.headers["link"]
        assert running.client.head(running.address + path, headers=known).status_code == 304
        assert len(borrowed) == 1
        assert running.get(path, headers={"if-none-match": '"other"'}).status_code == 200
        assert running.get(path + "&sort=oldest", headers=known).status_code == 200
        assert len(borrowed) == 3
        # something was written, and the answer is still the same: it is made, and not sent
        subscribe(writer, source("Ledger"))
        assert running.get(path, headers=known).status_code == 304
        assert len(borrowed) == 4
        # an answer that depends on the time is made whenever it is asked for
        sources = running.get("/api/v1/sources").headers["etag"]
        running.get("/api/v1/sources", headers={"if-none-match": sources})
        assert len(borrowed) == 6
        add_articles(writer, "Ledger")
        changed = running.get(path, headers=known)
        assert changed.status_code == 200
        assert changed.json()["total"] == first.json()["total"] + 1
