"""What filing costs: CPU and bytes written a page, beside plain sqlite-utils with an insert a row, in the same run.

    python benchmarks/filing.py [PAGES]

Every page brings an article of about 6 KB of text and 8 KB of HTML. Ours files 64 pages a transaction.
"""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from storage import (
    Address,
    Article,
    Discovery,
    DuePage,
    Ending,
    Entry,
    Outcome,
    Poll,
    Source,
    Visit,
    open_corpus,
)

BATCH = 64
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def articles(count: int) -> list[Article]:
    """`count` articles of random words."""
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghijklmnoprstuvwy", k=rng.randint(2, 9))) for _ in range(5000)]
    made = []
    for number in range(count):
        paragraphs = [" ".join(rng.choices(words, k=60)) for _ in range(16)]
        text = "\n\n".join(paragraphs)
        html = "".join(f'<p class="paragraph" id="p{index}">{line}</p>\n' for index, line in enumerate(paragraphs))
        html += "<!-- " + "x" * max(0, 8000 - len(html)) + " -->"
        digest = hashlib.sha256(text.encode()).hexdigest()
        made.append(
            Article(
                title=f"Article {number}",
                text=text,
                html=html,
                url=f"https://news.example/{number}",
                authors=("A. Writer",),
                published=NOW - timedelta(minutes=number),
                language="en",
                site="news.example",
                tags=("news",),
                word_count=960,
                content_hash=digest,
                provenance={"published": "json-ld", "text": "trafilatura"},
            )
        )
    return made


def written_bytes() -> int:
    """What this process handed to write(2) so far."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("wchar")))


def measure(name: str, pages: int, work: Callable[[], None]) -> None:
    """Run and print."""
    cpu, wall, written = time.process_time(), time.perf_counter(), written_bytes()
    work()
    cpu, wall, written = time.process_time() - cpu, time.perf_counter() - wall, written_bytes() - written
    print(
        f"{name:28} {cpu / pages * 1e3:7.3f} ms CPU, {wall / pages * 1e3:7.3f} ms, {written / pages / 1024:6.1f} KiB "
        "written a page"
    )


def file_with_corpus(folder: Path, made: list[Article]) -> None:
    """File everything as the crawler does."""
    with open_corpus(folder / "ours.db", write=True) as corpus:
        corpus.subscribe([(Source("Example", "feed", "https://news.example/feed"), "news.example")], NOW)
        (feed,) = corpus.lease_feeds(NOW, 1, 60)
        found = tuple(
            Discovery(Entry(str(number), article.url), article.url or "", f"news.example/{number}", f"host{number}")
            for number, article in enumerate(made)
        )
        with corpus.filing() as filing:
            filing.add_poll(Poll(feed.id, NOW, "new", NOW + timedelta(hours=1), 3600, discoveries=found))
        leased: list[DuePage] = []
        while batch := corpus.lease_pages(NOW, 1000, 3600):
            leased += batch
        pairs = [(page, made[int(page.key.rpartition("/")[2])]) for page in leased]

        def work() -> None:
            for start in range(0, len(pairs), BATCH):
                with corpus.filing() as filing:
                    for page, article in pairs[start : start + BATCH]:
                        keys = (page.key, page.key + "/amp")
                        assert filing.match(keys, article.site or "", article.content_hash) is None
                        aliases = [Address(page.url + "/amp", keys[1], "amphtml")]
                        article_id = filing.add_article(page.id, article, aliases, NOW)
                        visit = Visit(page.id, NOW, Outcome(Ending.STORED), page.url, 200, 90_000)
                        filing.end_page(visit, article_id)

        measure("corpus, 64 a transaction", len(pairs), work)


def file_with_sqlite_utils(folder: Path, made: list[Article]) -> None:
    """The same rows with an insert a row, as a first version would."""
    db = Database(folder / "naive.db")
    db.enable_wal()

    def work() -> None:
        for number, article in enumerate(made):
            db["articles"].insert(
                {
                    "id": number + 1,
                    "url": article.url,
                    "title": article.title,
                    "text": article.text,
                    "html": article.html,
                    "authors": list(article.authors),
                    "published": str(article.published),
                    "content_hash": article.content_hash,
                },
                pk="id",
            )
            for suffix in ("", "/amp"):
                db["addresses"].insert({"key": f"news.example/{number}{suffix}", "article_id": number + 1}, pk="key")
            db["outcomes"].insert({"page_id": number, "at": str(NOW), "outcome": "stored"})

    measure("sqlite-utils, insert a row", len(made), work)
    db.close()


def main() -> None:
    """Run both."""
    made = articles(int(sys.argv[1]) if len(sys.argv) > 1 else 2048)
    with tempfile.TemporaryDirectory() as folder:
        file_with_corpus(Path(folder), made)
        file_with_sqlite_utils(Path(folder), made[: len(made) // 4])


if __name__ == "__main__":
    main()
