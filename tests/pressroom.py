"""The sample newspaper a while later: an article was corrected twice, another withdrawn, a source fails."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsroom import Newsroom

from storage import Article, ChangeKind, Corpus, Poll, StoredArticle, open_corpus

CORRECTED = "Libya"
WITHDRAWN = "Swing bridge"
FAILING = "Plainfield Post"


@dataclass(frozen=True)
class Demonstrated:
    """What `cuttings demo --keep sample` left and said. The folder is for all who test: nobody writes in it."""

    folder: Path
    said: str

    def copy(self, folder: Path) -> Path:
        """The kept folder, as `sample` in another one."""
        return Path(shutil.copytree(self.folder / "sample", folder / "sample"))


def demonstrated(folder: Path) -> Demonstrated:
    """The demo, run in a folder that nobody else uses meanwhile, unless it was before."""
    said = folder / "said"
    if not said.exists():
        folder.mkdir()
        told = Newsroom(folder).ok("demo", "--keep", "sample")
        said.write_text(told, encoding="utf-8")
    return Demonstrated(folder, said.read_text(encoding="utf-8"))


def sample(demo: Demonstrated, folder: Path) -> Path:
    """The corpus of `cuttings demo`, with a past; gives its address."""
    db = demo.copy(folder) / "cuttings.db"
    with open_corpus(db, write=True) as corpus:
        _live_on(corpus, datetime.now(UTC))
    return db


def copied(db: Path, folder: Path) -> Path:
    """A copy of a closed corpus, to be changed."""
    for file in db.parent.glob("cuttings*.db"):
        shutil.copy(file, folder / file.name)
    return folder / db.name


def titled(corpus: Corpus, beginning: str) -> StoredArticle:
    """The article with this in its title."""
    return next(article for article in corpus.articles() if beginning in (article.title or ""))


def _live_on(corpus: Corpus, now: datetime) -> None:
    corrected, withdrawn = titled(corpus, CORRECTED), titled(corpus, WITHDRAWN)
    with corpus.filing() as filing:
        for hours, (old, new) in enumerate(
            [("over the weekend", "on Friday and Saturday"), ("men and equipment", "several hundred men")], 1
        ):
            corrected = replace(corrected, text=corrected.text.replace(old, new), html=corrected.html.replace(old, new))
            change = ChangeKind.MINOR if hours == 1 else ChangeKind.SUBSTANTIVE
            filing.revise_article(corrected.id, cut(corrected, hours), [], now + timedelta(hours=hours), change=change)
        filing.mark_gone(withdrawn.id, now)
    feeds = corpus.lease_feeds(now + timedelta(days=30), 10, 600.0)
    failing = next(feed for feed in feeds if feed.source == FAILING)
    with corpus.filing() as filing:
        for failures in (1, 2, 3):
            at = now + timedelta(hours=failures)
            filing.add_poll(
                Poll(failing.id, at, "failed", at + timedelta(hours=6), 3600.0, failures, 503, reason="http_503")
            )


def cut(article: StoredArticle, mark: int) -> Article:
    """A stored article as it is cut out of a page, with another hash."""
    return Article(
        title=article.title,
        text=article.text,
        html=article.html,
        url=article.url,
        authors=article.authors,
        published=article.published,
        updated=article.published and article.published + timedelta(hours=mark),
        language=article.language,
        site=article.site,
        tags=article.tags,
        description=article.description,
        section=article.section,
        word_count=article.word_count,
        content_hash=f"{mark:064x}",
        provenance=article.provenance,
        runners_up={"title": (("og:title", "Fighters leave the front near Tripoli"),)},
    )
