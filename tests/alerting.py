"""A newsroom whose watches post to a real receiver, with a clock that tests move."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from answers import Answer, Response, Seen
from contract.scenes import NOW, article, discovery, file_article, lease_feed, lease_pages, poll, subscribe
from localweb import LocalWeb, Site
from newsroom import Newsroom

from crawler import subscriptions
from crawler.alerts.sending import Sent, send
from storage import open_corpus, open_watches

KEY = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
PATH = "/hooks/T024BE7LH/s3cr3tpart"
OK = Response("", 204, content_type=None)
_numbers = count()


@dataclass
class Desk:
    """A newsroom whose watches post to a receiver, and its clock."""

    newsroom: Newsroom
    receiver: Site
    now: datetime = NOW
    config: Any = None

    def watch(self, *watches: dict[str, Any], **top: Any) -> None:
        """Make these the watches of feeds.yaml and of the corpus."""
        self.newsroom.subscribe(watch=list(watches), **top)
        with open_corpus(self.newsroom.db, write=True):
            pass
        self.config = subscriptions.load(self.newsroom.folder / "feeds.yaml", {"SECRET": SECRET})
        with open_watches(self.newsroom.db) as kept:
            kept.keep([one.watch for one in self.config.watches], self.now)

    def file(self, *texts: str, story_id: int | None = None, indexed: bool = True) -> list[int]:
        """File articles with these texts, as a crawl does."""
        filed = []
        with open_corpus(self.newsroom.db, write=True) as corpus:
            for text in texts:
                subscribe(corpus)
                poll(corpus, lease_feed(corpus), discovery(f"a{next(_numbers)}"), next_poll=NOW)
                (page,) = lease_pages(corpus)
                filed.append(file_article(corpus, page, article(text, title="News"), story_id=story_id))
            while indexed and corpus.index():
                pass
        return filed

    def answers(self, *answers: Answer) -> None:
        """What the receiver says in turn."""
        self.receiver.script(PATH, answers)

    def later(self, seconds: float) -> Sent:
        """Let time pass, and send."""
        self.now += timedelta(seconds=seconds)
        return self.send()

    def send(self) -> Sent:
        """One round."""
        return send(self.config, str(self.newsroom.db), now=lambda: self.now)

    @property
    def posts(self) -> list[Seen]:
        """All that the receiver got."""
        return self.receiver.requests(PATH)

    @property
    def got(self) -> list[list[int]]:
        """The ids of the articles in each post."""
        return [[one["id"] for one in document(seen)["data"]["articles"]] for seen in self.posts]

    @property
    def ids(self) -> list[str | None]:
        """The `webhook-id` of each post."""
        return [seen.header("webhook-id") for seen in self.posts]

    def state(self) -> dict[str, Any]:
        """The one watch, as `cuttings watch --json` gives it."""
        (state,) = self.newsroom.json("watch")
        return dict(state)


def desk_of(newsroom: Newsroom, web: LocalWeb) -> Desk:
    """One whose receiver takes everything."""
    desk = Desk(newsroom, web.site("127.0.0.2"))
    desk.answers(OK)
    newsroom.env["SECRET"] = SECRET
    return desk


def document(seen: Seen) -> dict[str, Any]:
    return dict(json.loads(seen.body))


def hook(desk: Desk, name: str = "Ferries", search: str = "ferry", **more: Any) -> dict[str, Any]:
    """A watch that posts to the receiver."""
    return {"name": name, "search": search, "webhook": desk.receiver.url(PATH), **more}
