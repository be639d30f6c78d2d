"""Saved searches that post to a real receiver, or write for a pipe: each article once, whatever fails meanwhile."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alerting import KEY, OK, PATH, Desk, desk_of, document, hook
from answers import Answer, Response, Seen, redirect, unavailable
from contract.scenes import NOW, article
from localweb import LocalWeb
from misbehaviour import delayed, drip, endless, hang_up, header_flood, raw, stall
from newsroom import Newsroom

from crawler.alerts import message, retrying
from crawler.alerts.posting import post, without_secrets
from crawler.alerts.retrying import GIVE_UP_S, LEAST_TRIES, LONGEST_WAIT_S, settled
from crawler.alerts.retrying import Answer as Heard
from crawler.alerts.sending import send_all
from crawler.alerts.signing import signature
from crawler.network import Allowance
from storage import Delivery, Watch, open_corpus

LOOPBACK = Allowance.parse(["127.0.0.0/8"])
ESCAPES = "\x1b]0;owned\x07\u202e"


@pytest.fixture
def desk(newsroom: Newsroom, web: LocalWeb) -> Desk:
    return desk_of(newsroom, web)


def address(web: LocalWeb, answer: Answer, host: str = "127.0.0.2") -> str:
    return web.site(host).add(PATH, answer)


# --- a message ---------------------------------------------------------------------------------------------


def test_a_new_article_is_posted_signed_and_once(desk: Desk) -> None:
    desk.file("an old ferry")
    desk.watch(hook(desk, secret="${SECRET}"))
    assert desk.send().posts == 0
    new, _ = desk.file("a new ferry", "a bridge")
    assert desk.send().words() == "1 article sent in 1 message"
    assert desk.send().posts == 0
    (seen,) = desk.posts
    assert (seen.method, seen.header("content-type")) == ("POST", "application/json")
    assert str(seen.header("user-agent")).startswith("Cuttings/")
    at = str(seen.header("webhook-timestamp"))
    assert datetime.fromtimestamp(int(at), UTC) == desk.now
    signed = f"{seen.header('webhook-id')}.{at}.".encode() + seen.body
    proof = base64.b64encode(hmac.digest(KEY, signed, "sha256")).decode()
    assert seen.header("webhook-signature") == f"v1,{proof}"
    told = document(seen)
    assert told["type"] == "articles.new"
    assert (told["data"]["watch"], told["data"]["search"]) == ("Ferries", "ferry")
    (one,) = told["data"]["articles"]
    with open_corpus(desk.newsroom.db) as corpus:
        assert (one["id"], one["text"]) == (new, corpus.article(new).text)  # type: ignore[union-attr]


def test_the_signature_is_that_of_the_published_example() -> None:
    """The one of the Standard Webhooks libraries."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_many_articles_come_in_few_messages_and_without_a_secret_unsigned(desk: Desk) -> None:
    desk.watch(hook(desk, search="number"))
    filed = desk.file(*[f"ferry number {number}" for number in range(23)])
    assert desk.send().words() == "23 articles sent in 2 messages"
    assert desk.got == [filed[:20], filed[20:]]
    assert len(set(desk.ids)) == 2
    assert desk.posts[0].header("webhook-signature") is None


def test_what_there_is_no_time_for_waits(desk: Desk) -> None:
    desk.watch(hook(desk))
    desk.file(*[f"ferry number {number}" for number in range(41)])
    db = str(desk.newsroom.db)
    assert send_all(desk.config, db, most_s=0).posts == 0
    assert send_all(desk.config, db, most_s=60).words() == "41 articles sent in 3 messages"


def test_revised_gives_an_article_again_whose_text_changed(desk: Desk) -> None:
    desk.watch(hook(desk, revised=True), hook(desk, "Once"))
    (new,) = desk.file("a ferry")
    assert desk.send().posts == 2
    with open_corpus(desk.newsroom.db, write=True) as corpus:
        with corpus.filing() as filing:
            filing.revise_article(new, article("a ferry, and what became of it"), [], NOW + timedelta(hours=1))
        corpus.index()
    assert desk.send().posts == 1
    last = document(desk.posts[-1])["data"]
    assert (last["watch"], last["articles"][0]["id"], last["articles"][0]["revision"]) == ("Ferries", new, 2)


def test_one_per_story_gives_no_copy(desk: Desk) -> None:
    desk.watch(hook(desk, one_per_story=True))
    (first,) = desk.file("a ferry")
    desk.file("a ferry, copied", story_id=first)
    desk.send()
    desk.file("a ferry, copied late", story_id=first)
    (other,) = desk.file("another ferry")
    desk.send()
    assert desk.got == [[first], [other]]


def test_a_message_stays_below_its_bound_and_names_what_was_left_out(desk: Desk) -> None:
    desk.watch(hook(desk))
    desk.file("a ferry " + "word " * 2000, "a short ferry")
    with open_corpus(desk.newsroom.db) as corpus:
        articles = list(corpus.articles())
    assert all("left_out" not in one for one in message.fitting(articles, message.MOST_BODY_BYTES))
    long, short = message.fitting(articles, 8000)
    assert (long["text"], long["left_out"]) == (None, ["html", "text"])
    assert short["text"] == "a short ferry"
    assert len(json.dumps([long, short])) < 8000


# --- a receiver that fails ---------------------------------------------------------------------------------


def test_a_receiver_that_fails_is_tried_again_under_the_same_id(desk: Desk) -> None:
    desk.watch(hook(desk))
    (new,) = desk.file("a ferry")
    desk.answers(Response(f"busy {ESCAPES}", 500), hang_up(), Response("", 503), OK)
    failed = desk.send()
    assert failed.troubles == failed.new_troubles
    assert failed.troubles[0].startswith("watch Ferries: HTTP 500 (busy ")
    assert failed.troubles[0].isprintable(), "what a receiver says is shown in plain letters"
    assert desk.later(40).troubles == [], "it waits"
    assert desk.later(40).troubles == ["watch Ferries: 127.0.0.2: closed the connection without an answer"]
    assert desk.later(100).troubles == []
    again = desk.later(200)
    assert (again.troubles, again.new_troubles) == (["watch Ferries: HTTP 503"], []), "told once"
    assert desk.state()["failures"] == 3
    assert desk.later(1200).posts == 1
    assert desk.got == [[new]] * 4
    assert len(set(desk.ids)) == 1
    assert desk.state()["trouble"] is None
    assert desk.later(86400).posts == 0


def test_retry_after_makes_a_wait_longer_and_is_bounded(desk: Desk) -> None:
    desk.watch(hook(desk))
    desk.file("a ferry")
    desk.answers(unavailable(3600), unavailable("99999999"), OK)
    desk.send()
    assert desk.later(3500).troubles == []
    assert desk.later(101).troubles == ["watch Ferries: HTTP 503 (not now)"]
    assert desk.later(LONGEST_WAIT_S - 1).troubles == []
    assert desk.later(2).posts == 1


def test_one_message_that_is_refused_holds_up_no_other(desk: Desk) -> None:
    desk.watch(hook(desk))
    (refused,) = desk.file("a ferry that nobody wants")

    def choose(seen: Seen) -> Response:
        return Response("", 400 if b"nobody" in seen.body else 204)

    desk.receiver.page(PATH, choose)
    desk.send()
    (other,) = desk.file("another ferry")
    desk.later(80)
    assert desk.later(300).posts == 1
    assert [refused] in desk.got
    assert [other] in desk.got


def test_gone_stops_the_watch_until_it_is_resumed(desk: Desk) -> None:
    desk.watch(hook(desk))
    (first,) = desk.file("a ferry")
    desk.answers(Response("", 410), OK)
    assert "its receiver is gone, so it stops" in desk.send().new_troubles[0]
    (second,) = desk.file("another ferry")
    assert desk.later(86400).troubles == []
    assert len(desk.posts) == 1
    assert desk.state()["stopped"]
    assert "watch Ferries: stopped, for its receiver is gone" in desk.newsroom.ok("status")
    assert "watch Ferries: stopped" in desk.newsroom.run("status", "--check").stdout
    desk.newsroom.ok("watch", "ferries", "--resume")
    desk.now = datetime.now(UTC)
    assert desk.later(1).posts == 2
    assert desk.got == [[first], [first], [second]]
    assert "watch" not in desk.newsroom.run("status", "--check").stdout


def test_what_is_given_up_is_told_and_can_be_tried_again(desk: Desk) -> None:
    desk.watch(hook(desk))
    (new,) = desk.file("a ferry")
    desk.answers(*[Response("", 500)] * LEAST_TRIES, OK)
    desk.send()
    for _ in range(LEAST_TRIES - 2):
        assert desk.later(GIVE_UP_S).troubles == ["watch Ferries: HTTP 500"]
    (lost,) = desk.later(GIVE_UP_S).new_troubles
    assert lost.endswith("HTTP 500; 1 article given up: `cuttings watch NAME --resume` tries again")
    assert desk.later(GIVE_UP_S).posts == 0
    assert "1 article given up; --resume tries again" in desk.newsroom.ok("watch")
    desk.newsroom.ok("watch", "Ferries", "--resume", "--send")
    assert desk.got[-1] == [new]
    assert len(set(desk.ids)) == 1
    assert desk.state()["lost"] == 0


@pytest.mark.parametrize(
    ("status", "attempts", "age_s", "ending"),
    [
        (200, 1, 0, "delivered"),
        (299, 9, 9e6, "delivered"),
        (301, 1, 0, "failed"),
        (404, 1, 0, "failed"),
        (410, 1, 0, "gone"),
        (None, 1, 0, "failed"),
        (500, LEAST_TRIES, GIVE_UP_S - 1, "failed"),
        (500, LEAST_TRIES - 1, GIVE_UP_S, "failed"),
        (500, LEAST_TRIES, GIVE_UP_S, "lost"),
    ],
)
def test_what_becomes_of_a_delivery(status: int | None, attempts: int, age_s: float, ending: str) -> None:
    tried = Delivery(1, "k", "Ferries", NOW, attempts, NOW - timedelta(seconds=age_s), 0, ())
    assert settled(tried, Heard(status, "said"), NOW, 0.5).ending == ending


def test_waits_grow_to_half_a_day_and_are_spread() -> None:
    waits = [retrying.wait_s(failures, 0.5) for failures in range(1, 9)]
    assert waits[:4] == [60, 240, 960, 3840]
    assert all(one <= next_one for one, next_one in pairwise(waits))
    assert waits[-1] == LONGEST_WAIT_S == retrying.wait_s(10_000, 0.5)
    assert (retrying.wait_s(1, 0), retrying.wait_s(1, 1)) == (48, 72)


def test_a_watch_whose_search_cannot_be_answered_is_told_and_stops_no_other(desk: Desk) -> None:
    desk.watch(hook(desk, "Odd"), hook(desk))
    desk.file("a ferry")
    odd = desk.config.watches[0]
    object.__setattr__(odd, "watch", Watch("Odd", "since:yesterday", receiver=odd.watch.receiver))
    sent = desk.send()
    assert [line.startswith("watch Odd: since:yesterday: cannot be read") for line in sent.stuck] == [True]
    assert sent.posts == 1


# --- one post ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (stall(), "127.0.0.2: did not answer in time"),
        (drip("x" * 900, 10, head_too=True), "127.0.0.2: did not answer in time"),
        (delayed(OK, 3), "127.0.0.2: did not answer in time"),
        (hang_up(), "127.0.0.2: closed the connection without an answer"),
        (raw(b"SSH-2.0-OpenSSH\r\n"), "127.0.0.2: what it answered is not HTTP"),
        (header_flood(4 << 20), "127.0.0.2: what it answered is not HTTP"),
        (Response("x" * 5000, 418), f"HTTP 418 ({'x' * 120})"),
        (Response(f"no hook at {PATH}", 404), "HTTP 404 (no hook at /hooks/***/***)"),
        (redirect("/elsewhere", 307), "HTTP 307; redirects are not followed, write the new address into feeds.yaml"),
    ],
)
def test_an_answer_is_bounded_in_time_and_size_and_repeats_no_secret(web: LocalWeb, answer: Answer, said: str) -> None:
    url, elsewhere = address(web, answer), web.site("127.0.0.2").page("/elsewhere", "taken")
    heard = post(url, {}, b"{}", LOOPBACK, timeout_s=0.5)
    assert heard.detail == said
    assert web.site("127.0.0.2").requests("/elsewhere") == [], elsewhere


@pytest.mark.parametrize("status", [200, 500])
def test_a_body_that_drips_or_never_ends_does_not_hold_up_its_status(web: LocalWeb, status: int) -> None:
    body = b"HTTP/1.1 %d Well\r\nContent-Length: 900\r\n\r\nslow" % status
    began = time.monotonic()
    heard = post(address(web, raw(body, close=False)), {}, b"{}", LOOPBACK, timeout_s=0.5)
    assert heard.http_status == status
    assert post(address(web, endless()), {}, b"{}", LOOPBACK, timeout_s=5).http_status == 200
    assert time.monotonic() - began < 10


def test_an_answer_that_comes_before_all_was_read_is_heard(web: LocalWeb) -> None:
    listener = socket.create_server(("127.0.0.2", 0))

    def refuse() -> None:
        with listener, listener.accept()[0] as line:
            line.recv(100)
            line.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
            line.shutdown(socket.SHUT_WR)
            while line.recv(1 << 20):
                pass

    receiver = threading.Thread(target=refuse)
    receiver.start()
    heard = post(f"http://127.0.0.2:{listener.getsockname()[1]}/", {}, b"x" * (4 << 20), LOOPBACK, timeout_s=10)
    receiver.join()
    assert heard.http_status == 413


def test_s3_private_addresses_are_refused_unless_they_are_allowed(web: LocalWeb) -> None:
    url = address(web, OK)
    for refused in (url, url.replace("127.0.0.2", "localhost"), f"http://2130706434:{web.port}/", "http://[::1]/"):
        heard = post(refused, {}, b"{}", Allowance())
        assert heard.http_status is None
        assert "leads to a loopback address; if that is meant, add its range to the watch's `allow`" in heard.detail
    assert "leads to a metadata address" in post("http://169.254.169.254/", {}, b"{}", LOOPBACK).detail
    assert web.dialled == []
    assert post(url, {}, b"{}", Allowance.parse(["127.0.0.2"])).http_status == 204


def test_s3_a_name_is_resolved_once_and_what_was_vetted_is_dialled(
    web: LocalWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers otherwise the next moment, and one that hides a private address among others."""
    asked: list[str] = []
    web.site("127.0.0.2")
    web.site("127.0.0.3")
    web.site("hooks.example").add(PATH, OK)

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = ["127.0.0.3", "127.0.0.2"] if len(asked) == 1 else ["127.0.0.3"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    url = f"http://hooks.example:{web.port}{PATH}"
    assert post(url, {}, b"{}", Allowance.parse(["127.0.0.2"])).http_status == 204
    assert asked == ["hooks.example"]
    assert [(seen.server[0], seen.header("host")) for seen in web.requests] == [
        ("127.0.0.2", f"hooks.example:{web.port}")
    ]


def test_s6_certificates_are_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalWeb(tls_names=["127.0.0.2", "hooks.example"]) as web:
        url = address(web, OK)
        assert "127.0.0.2: its certificate is not valid (" in post(url, {}, b"{}", LOOPBACK).detail
        (tmp_path / "known.pem").write_bytes(web.certificate_pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "known.pem"))
        assert post(url, {}, b"{}", LOOPBACK).http_status == 204
        other = address(web, OK, "127.0.0.3")
        assert "127.0.0.3: its certificate is not valid (" in post(other, {}, b"{}", LOOPBACK).detail
        assert len(web.requests) == 1


def test_nothing_listens_there_or_the_name_is_none(web: LocalWeb) -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
    heard = post(f"http://127.0.0.2:{port}/", {}, b"{}", LOOPBACK)
    assert heard.detail == "127.0.0.2: cannot be reached (Connection refused)"
    assert "cannot be resolved" in post("http://nowhere.invalid/", {}, b"{}", LOOPBACK).detail


def test_a_secret_that_is_quoted_in_an_address_is_not_repeated_either() -> None:
    assert without_secrets("none: s3cr3t/token=1", "/s3cr3t%2Ftoken%3D1?b=2") == "none: ***"
    assert without_secrets("a b c", "/a/b?c") == "a b c"
