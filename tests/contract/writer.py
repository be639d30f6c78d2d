"""A process that files articles until it is killed: python writer.py URL. Prints a line when it is under way."""

from __future__ import annotations

import itertools
import sys

from contract.scenes import (
    HOUR,
    LEASE_S,
    NOW,
    STORED,
    article,
    discovery,
    poll_of,
    subscribe,
)

from storage import Validators, Visit, open_corpus


def main(url: str) -> None:
    """Poll, lease and file without end."""
    with open_corpus(url, write=True) as corpus:
        subscribe(corpus)
        start = corpus.totals().entries
        for step in itertools.count(start // 5):
            now = NOW + step * HOUR
            (feed,) = corpus.lease_feeds(now, 1, LEASE_S, polled_before=now)
            found = [discovery(f"p{step * 5 + number}") for number in range(5)]
            with corpus.filing() as filing:
                filing.add_poll(poll_of(feed.id, *found, at=now, validators=Validators(f"{step * 5 + 5}")))
            for _ in range(5):
                pages = corpus.lease_pages(now, 5, LEASE_S)
                with corpus.filing() as filing:
                    for page in pages:
                        article_id = filing.add_article(page.id, article(f"Text of {page.key}"), [], now)
                        filing.end_page(Visit(page.id, now, STORED), article_id)
            if step == start // 5:
                print("under way", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
