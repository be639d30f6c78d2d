"""The server: who may ask, by which name, and what protects a reader on every answer (S12, S13, S16)."""

from __future__ import annotations

import base64
import re
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from newsroom import Newsroom
from served import Served, served

from storage import CorpusMissing, Serving, ServingRefused, open_corpus, read_token, serve
from storage.web.conditional import is_known
from storage.web.guards import host_name

TOKEN = "correct-horse-battery-staple"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "cuttings.db"
    open_corpus(path, write=True).close()
    return path


@pytest.fixture(scope="module")
def site(db: Path) -> Iterator[Served]:
    with served(db) as running:
        yield running


@pytest.fixture(scope="module")
def locked(db: Path) -> Iterator[Served]:
    with served(db, Serving(token=TOKEN)) as running:
        yield running


def is_protected(answer: httpx.Response) -> bool:
    policy = answer.headers.get_list("content-security-policy")
    return (
        len(policy) == 1
        and policy[0].startswith("default-src 'none';")
        and "frame-ancestors 'none'" in policy[0]
        and "unsafe" not in policy[0]
        and answer.headers["x-content-type-options"] == "nosniff"
        and answer.headers["x-frame-options"] == "DENY"
        and answer.headers["referrer-policy"] == "no-referrer"
    )


def test_s12_every_answer_is_protected_errors_included(site: Served, locked: Served) -> None:
    style = re.search(r"/static/[^\"]+\.css", site.get("/nowhere").text)
    assert style is not None
    known = site.get("/api/v1/statistics")
    answers = {
        200: known,
        304: site.get("/api/v1/statistics", headers={"if-none-match": known.headers["etag"]}),
        404: site.get("/nowhere"),
        405: site.client.post(site.address + "/api/v1/statistics"),
        421: site.get("/", headers={"host": "evil.example"}),
        403: site.client.post(site.address + "/", headers={"origin": "https://evil.example"}),
        401: locked.get("/"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert is_protected(answer), status
    assert is_protected(site.get(style[0]))
    assert "immutable" in site.get(style[0]).headers["cache-control"]
    assert "immutable" not in site.get("/static/0/style.css").headers["cache-control"]


def test_s12_what_we_did_not_foresee_is_protected_too(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("storage.web.api.sources.totals_record", fails)
    with served(db) as running:
        answer = running.get("/api/v1/statistics")
    assert answer.status_code == 500
    assert is_protected(answer)
    assert "secret" not in answer.text


def test_s13_a_name_that_merely_leads_here_is_refused(site: Served) -> None:
    port = site.address.rpartition(":")[2]
    for name in (f"127.0.0.1:{port}", "localhost", f"LOCALHOST:{port}", "[::1]", "localhost."):
        assert site.get("/api/v1/statistics", headers={"host": name}).status_code == 200, name
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "10.0.0.1", "", "a b", "[::1"):
        assert site.get("/api/v1/statistics", headers={"host": name}).status_code in (400, 421), name


def test_s13_further_names_and_the_address_behind_a_proxy(db: Path) -> None:
    serving = Serving(hosts=("papers.example",), url="https://cuttings.example.org/")
    with served(db, serving) as running:
        for name in ("papers.example", "cuttings.example.org", "Cuttings.Example.org:443"):
            assert running.get("/api/v1/statistics", headers={"host": name}).status_code == 200, name


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
def test_s13_another_site_cannot_write(site: Served, headers: dict[str, str]) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert site.client.request(method, site.address + "/", headers=headers).status_code == 403


def test_s13_beyond_loopback_needs_a_token(db: Path) -> None:
    for host in ("0.0.0.0", "::", "192.168.0.1", "papers.example"):
        with pytest.raises(ServingRefused, match="a token is needed"):
            Serving(host)
    with pytest.raises(ServingRefused, match="16 ASCII characters"):
        Serving("0.0.0.0", token="short")
    with pytest.raises(ServingRefused, match="no address of a server"):
        Serving(url="cuttings.example.org")
    assert Serving("0.0.0.0", token=TOKEN).names == {"localhost", "127.0.0.1", "::1"}


def test_s13_a_name_of_this_machine_that_leads_beyond_it_is_refused(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("0.0.0.0", 0))]
    monkeypatch.setattr("storage.serving.socket.getaddrinfo", lambda *_, **__: everywhere)
    with pytest.raises(ServingRefused, match=r"write 127\.0\.0\.1"):
        serve(db, Serving("localhost", 0), identity=str)


def test_the_token_opens_as_bearer_and_as_password(locked: Served) -> None:
    def ask(authorization: str) -> int:
        return locked.get("/api/v1/statistics", headers={"authorization": authorization}).status_code

    def basic(words: str) -> str:
        return "Basic " + base64.b64encode(words.encode()).decode()

    assert ask(f"Bearer {TOKEN}") == ask(f"bearer  {TOKEN}") == ask(basic(f"anybody:{TOKEN}")) == 200
    for wrong in ("", TOKEN, "Bearer", f"Bearer {TOKEN}x", basic(TOKEN), basic(f"{TOKEN}:"), "Basic !!", "Bearer \xff"):
        assert ask(wrong.encode("latin-1")) == 401, wrong  # type: ignore[arg-type]
    asked = locked.get("/").headers["www-authenticate"]
    assert asked.startswith("Basic ")


def test_s16_a_token_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o640)
    with pytest.raises(ServingRefused, match="chmod 600"):
        read_token(file)
    file.chmod(0o600)
    assert read_token(file) == TOKEN
    file.write_text("\n")
    with pytest.raises(ServingRefused, match="holds no token"):
        read_token(file)
    with pytest.raises(ServingRefused, match="cannot be read"):
        read_token(tmp_path / "none")


def test_an_answer_that_is_known_is_not_sent_again(site: Served) -> None:
    first = site.get("/api/v1/statistics")
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = site.get("/api/v1/statistics", headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert site.get("/api/v1/statistics", headers={"if-none-match": '"other"'}).status_code == 200
    assert is_known('W/"a"', ['"a"'])
    assert not is_known('"a"', ["a"])


def test_the_name_of_a_host_header() -> None:
    assert host_name("EXAMPLE.org:80") == "example.org"
    assert host_name("[::1]:8765") == "::1"
    for wrong in ("", ":80", "a@b", "a/b", "a:b", "a b", "[::1", "a,b"):
        assert host_name(wrong) is None, wrong


def test_a_corpus_that_is_replaced_while_it_is_served_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "cuttings.db"
    open_corpus(path, write=True).close()
    with served(path) as running:
        assert running.get("/api/v1/statistics").json()["sources"] == 0
        path.unlink()
        missing = running.get("/api/v1/statistics")
        assert (missing.status_code, missing.headers["retry-after"]) == (503, "5")
        assert "there is no corpus" in missing.json()["detail"]
        open_corpus(path, write=True).close()
        assert running.get("/api/v1/statistics").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_tells_where_it_is_and_stops(newsroom: Newsroom, number: signal.Signals) -> None:
    refused = newsroom.run("serve", "--port", "0")
    assert refused.returncode == 1
    assert "there is no corpus" in refused.stderr
    open_corpus(newsroom.db, write=True).close()
    running = newsroom.start("serve", "--port", "0", "--title", "Night Desk")
    assert running.stderr is not None
    line = running.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:([0-9]+)/", line)
    assert found is not None, line
    assert line.startswith("Night Desk is at")
    page = httpx.get(found[0] + "nowhere", trust_env=False)
    assert "Night Desk" in page.text
    with httpx.Client(trust_env=False) as idle:  # a connection that is kept open keeps nobody from stopping
        idle.get(found[0])
        running.send_signal(number)
        out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (0, "", "")


def test_what_stands_in_the_way_is_told_in_one_line(newsroom: Newsroom) -> None:
    open_corpus(newsroom.db, write=True).close()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for arguments, words in (
            (("--port", port), f"127.0.0.1:{port}: cannot be listened on (Address already in use)"),
            (("--host", "0.0.0.0"), "a token is needed"),
            (("--token-file", "none"), "none: cannot be read"),
        ):
            done = newsroom.run("serve", *arguments)
            assert (done.returncode, done.stderr.count("\n")) == (1, 1)
            assert words in done.stderr


def test_serving_without_the_extra_says_what_to_install(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    for name in [name for name in sys.modules if name.startswith("storage.web.server")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ServingRefused, match=r"pip install 'cuttings\[web\]'"):
        serve(db, Serving(port=0), identity=str)


def test_what_is_missing_is_told_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(CorpusMissing):
        serve(tmp_path / "none.db", replace(Serving(), port=0), identity=str)
