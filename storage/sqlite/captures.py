"""Where raw pages are: the rows that point into the archive, and what was cut from each."""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this package

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from storage.captures import RawPage, Standing
from storage.model import Article, Capture
from storage.sqlite.frontier import due_page
from storage.sqlite.rows import clean, date_or_none, list_of, mapping_of, moment, moment_text, outcome_or_none, pairs_of

_CUT_COLUMNS = ("title", "text", "html", "authors", "published", "updated", "content_hash", "provenance")
_CURRENT_COLUMNS = (
    *_CUT_COLUMNS,
    *("url", "language", "site", "tags", "description", "image", "canonical", "syndicated_from", "word_count"),
    *("section", "licence", "free", "runners_up"),
)
_CAPTURE_COLUMNS = "captures.url, captures.at, captures.file, captures.offset, captures.length"


def add(connection: sqlite3.Connection, page_id: int, capture: Capture) -> None:
    """Point to a record."""
    connection.execute(
        "INSERT INTO captures (page_id, at, url, file, offset, length) VALUES (?, ?, ?, ?, ?, ?)",
        (
            *(page_id, moment_text(capture.at), clean(capture.url), capture.file),
            *(capture.offset, capture.length),
        ),
    )


def known_end(connection: sqlite3.Connection, file: str) -> int:
    """How far into a file the corpus points, in bytes."""
    row = connection.execute("SELECT max(offset + length) FROM captures WHERE file = ?", (file,)).fetchone()
    return int(row[0] or 0)


def of_page(connection: sqlite3.Connection, page_id: int) -> tuple[Capture, ...]:
    """Every answer that is kept of a page, oldest first."""
    rows = connection.execute(
        f"SELECT {_CAPTURE_COLUMNS} FROM captures WHERE page_id = ? ORDER BY at, id", (page_id,)
    ).fetchall()
    return tuple(_capture(row) for row in rows)


def by_file(connection: sqlite3.Connection) -> dict[str, tuple[int, datetime]]:
    """How many records of each file are pointed to, and when the last of them was fetched."""
    rows = connection.execute("SELECT file, count(*), max(at) FROM captures GROUP BY file").fetchall()
    return {file: (count, moment(last)) for file, count, last in rows}


def forget_file(connection: sqlite3.Connection, file: str) -> int:
    """Point to nothing in a file any more; gives how many records were pointed to."""
    return connection.execute("DELETE FROM captures WHERE file = ?", (file,)).rowcount


def articles_without(connection: sqlite3.Connection, sources: Collection[str] | None) -> dict[str, int]:
    """How many articles have no raw page, by the source that their page was fetched for."""
    rows = connection.execute(
        "SELECT sources.name, count(*) FROM articles JOIN pages ON pages.id = articles.page_id "
        "JOIN sources ON sources.id = pages.source_id WHERE NOT EXISTS (SELECT 1 FROM captures JOIN pages AS its "
        "ON its.id = captures.page_id WHERE its.article_id = articles.id) GROUP BY sources.name ORDER BY sources.name"
    ).fetchall()
    return {name: count for name, count in rows if sources is None or name in sources}


def raw_pages(
    connection: sqlite3.Connection, after: int, limit: int, sources: Collection[str] | None, since: date | None
) -> list[RawPage]:
    """See `storage.corpus.Corpus.raw_pages`."""
    wanted = None
    if sources is not None:
        wanted = {id for id, name in connection.execute("SELECT id, name FROM sources") if name in set(sources)}
    found: list[RawPage] = []
    rows = connection.execute(
        f"SELECT captures.id, page_id, source_id, pages.article_id, outcome, reason, detail, {_CAPTURE_COLUMNS} "
        "FROM captures JOIN pages ON pages.id = page_id WHERE captures.id > ? AND captures.at >= ? "
        "ORDER BY captures.id",
        (after, since.isoformat() if since else ""),
    )
    for capture_id, page_id, source_id, article_id, outcome, reason, detail, *place in rows:
        if wanted is not None and source_id not in wanted:
            continue
        stands, number, before = _standing(connection, capture_id, page_id, article_id)
        ended = outcome_or_none(outcome, reason, detail)
        page = due_page(connection, page_id)
        found.append(RawPage(capture_id, _capture(place), page, stands, before, number, ended))
        if len(found) >= limit:
            break
    rows.close()
    return found


def _standing(
    connection: sqlite3.Connection, capture_id: int, page_id: int, article_id: int | None
) -> tuple[Standing | None, int | None, Article | None]:
    """What was cut from a capture: the text with its number, or nothing, or what another capture serves for."""
    if article_id is None:
        (newest,) = connection.execute(
            "SELECT id FROM captures WHERE page_id = ? ORDER BY at DESC, id DESC LIMIT 1", (page_id,)
        ).fetchone()
        return ("rejected" if newest == capture_id else None), None, None
    number = _number(connection, capture_id, article_id)
    if number is None:
        return None, None, None
    current = connection.execute(
        f"SELECT {', '.join(_CURRENT_COLUMNS)} FROM articles WHERE id = ? AND revision = ?", (article_id, number)
    ).fetchone()
    if current is not None:
        return "current", number, _article(dict(zip(_CURRENT_COLUMNS, current, strict=True)))
    former = connection.execute(
        f"SELECT {', '.join(_CUT_COLUMNS)} FROM revisions WHERE article_id = ? AND number = ?", (article_id, number)
    ).fetchone()
    return "former", number, _article(dict(zip(_CUT_COLUMNS, former, strict=True)))


def _number(connection: sqlite3.Connection, capture_id: int, article_id: int) -> int | None:
    """Which text of the article was cut from the capture: the one fetched at that moment; where that capture is gone,
    the next of the article's own page, which ended as unchanged, serves for it."""
    texts = connection.execute(
        "SELECT number, fetched, NULL FROM revisions WHERE article_id = ? UNION ALL "
        "SELECT revision, fetched, page_id FROM articles WHERE id = ? ORDER BY 1",
        (article_id, article_id),
    ).fetchall()
    own_page = texts[-1][2]
    kept = connection.execute(
        "SELECT captures.id, page_id, at FROM pages JOIN captures ON captures.page_id = pages.id "
        "WHERE article_id = ? ORDER BY at, captures.id",
        (article_id,),
    ).fetchall()
    for position, (number, fetched, _) in enumerate(texts):
        until = texts[position + 1][1] if position + 1 < len(texts) else None
        if _serving([(id, page_id == own_page, at) for id, page_id, at in kept], fetched, until) == capture_id:
            return int(number)
    return None


def _serving(kept: Sequence[tuple[int, bool, str]], fetched: str, until: str | None = None) -> int | None:
    """Which of an article's captures, oldest first, each with whether it is of its own page, a text was cut from."""
    exact = [id for id, _, at in kept if at == fetched]
    later = [id for id, is_own, at in kept if is_own and at >= fetched and (until is None or at < until)]
    return exact[-1] if exact else later[0] if later else None


def of_articles(connection: sqlite3.Connection, article_ids: Sequence[int]) -> dict[int, Capture]:
    """See `storage.corpus.Corpus.captures`."""
    rows = connection.execute(
        f"SELECT articles.id, fetched, captures.id, captures.page_id = articles.page_id, {_CAPTURE_COLUMNS} "
        "FROM articles JOIN pages ON pages.article_id = articles.id JOIN captures ON captures.page_id = pages.id "
        "WHERE articles.id IN (SELECT value FROM json_each(?)) ORDER BY captures.at, captures.id",
        (json.dumps(list(article_ids)),),
    ).fetchall()
    kept, places, times = defaultdict[int, list[tuple[int, bool, str]]](list), dict[int, Sequence[object]](), {}
    for article_id, fetched, capture_id, is_own, *place in rows:
        kept[article_id].append((capture_id, bool(is_own), place[1]))
        places[capture_id], times[article_id] = place, fetched
    serving = {article_id: _serving(kept[article_id], fetched) for article_id, fetched in times.items()}
    return {article_id: _capture(places[id]) for article_id, id in serving.items() if id is not None}


def _capture(row: Sequence[object]) -> Capture:
    url, at, file, offset, length = row
    return Capture(str(url), moment(str(at)), str(file), int(offset), int(length))  # type: ignore[call-overload]


def _article(stored: dict[str, object]) -> Article:
    text = {name: None if value is None else str(value) for name, value in stored.items()}
    return Article(
        title=text["title"],
        text=text["text"] or "",
        html=text["html"] or "",
        url=text.get("url"),
        authors=list_of(text["authors"] or "[]"),
        published=date_or_none(text["published"]),
        updated=date_or_none(text["updated"]),
        language=text.get("language"),
        site=text.get("site"),
        tags=list_of(text.get("tags") or "[]"),
        description=text.get("description"),
        image=text.get("image"),
        canonical=text.get("canonical"),
        syndicated_from=text.get("syndicated_from"),
        section=text.get("section"),
        licence=text.get("licence"),
        free=None if stored.get("free") is None else bool(stored["free"]),
        word_count=int(text.get("word_count") or len((text["text"] or "").split())),
        content_hash=text["content_hash"] or "",
        provenance=mapping_of(text["provenance"] or "{}"),
        runners_up=pairs_of(text.get("runners_up") or "{}"),
    )


# --- a run of `reextract` that was stopped ---------------------------------------------------------------------------

_RUN, _UPTO = "recut_run", "recut_upto"


def mark(connection: sqlite3.Connection) -> tuple[int, int] | None:
    """Which run was stopped, and the capture that it came to."""
    kept = dict(connection.execute("SELECT name, value FROM counters WHERE name IN (?, ?)", (_RUN, _UPTO)).fetchall())
    return (int(kept[_RUN]), int(kept[_UPTO])) if len(kept) == 2 else None


def set_mark(connection: sqlite3.Connection, reached: tuple[int, int] | None) -> None:
    """Remember how far a run came, or that it came to its end."""
    connection.execute("DELETE FROM counters WHERE name IN (?, ?)", (_RUN, _UPTO))
    if reached is not None:
        connection.executemany(
            "INSERT INTO counters (name, value) VALUES (?, ?)", zip((_RUN, _UPTO), reached, strict=True)
        )


# --- pages that come with their bytes --------------------------------------------------------------------------------

SETTLED = ("stored", "revised", "unchanged", "same_article", "rejected")
"""Outcomes of pages whose bytes were read: another copy of them says nothing new."""


def settled(connection: sqlite3.Connection, keys: Collection[str]) -> frozenset[str]:
    """See `storage.corpus.Corpus.settled`."""
    found = set()
    for key in keys:
        row = connection.execute(
            "SELECT 1 FROM pages WHERE key = ? AND outcome IN (?, ?, ?, ?, ?) AND due IS NULL "
            "AND (attempts > 0 OR article_id IS NOT NULL)",
            (clean(key), *SETTLED),
        ).fetchone()
        if row is not None:
            found.add(key)
    return frozenset(found)
