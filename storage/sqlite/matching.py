"""A query as SQL: which articles match.

What must hold of the words is one expression of FTS5, which leads to the articles; whatever else must hold is a
condition on each of these. Only where a search can match an article without any of its words (`title:strike OR
source:Harbour`) every article is asked, and words are sets of the articles that hold them.
"""

# ruff: noqa: S608 - what is put into statements are constants of this package; whatever came from a user is a parameter

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from storage.answers import Query
from storage.errors import StorageError
from storage.folding import fold_tag
from storage.language.expressions import expression, implied, names_what_is_there
from storage.language.tree import (
    AllOf,
    AnyOf,
    Filter,
    Node,
    Term,
    Without,
    all_of,
    any_of,
    holds_words_only,
    leaves,
    parts_of,
)
from storage.search import understand
from storage.sqlite import index
from storage.sqlite.rows import clean, time_text

FEW = 20_000
"""Pages of a source, or articles of a tag, up to which they are gathered first; more are looked up one by one."""

_WORDS = "idx.texts"
_MATCHES = f"{_WORDS} CROSS JOIN idx.docs ON docs.seq = texts.rowid"
ARTICLES = (
    f"(SELECT id AS article_id, seq, dated, site, {index.PRIMARY_LANGUAGE} AS language, story_id, {index.HAS} AS has "
    "FROM articles) AS docs"
)


@dataclass(slots=True)
class Matches:
    """A query as SQL: what to select from, under which conditions, with which parameters."""

    tables: str
    has_words: bool
    conditions: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)
    ranking: str | None = None
    """The parameter with the words by which to rank, where not all that match hold some (`has_words` is false then)."""
    apart: Query = field(default_factory=Query)
    """What else must hold, and is no condition here: days, site and language, for one who has them at hand."""

    @property
    def where(self) -> str:
        return " AND ".join(self.conditions) or "1"

    @property
    def seq(self) -> str:
        """The number of the text that matches."""
        return "texts.rowid" if self.has_words else "docs.seq"

    def parameter(self, value: object) -> str:
        """The name under which a statement gets this value."""
        name = f"value{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def matches_of(connection: sqlite3.Connection, query: Query, *, leave_apart: bool = False) -> Matches:
    """With words: what the index knows. Without: every article, from the index only where that is complete.

    With `leave_apart` what must hold of days, site and language is given in `apart` where it can be, and so may be
    whether a text is one that its article has still: the numbers of former texts match too, then.
    """
    search = understand(query.words)
    needs_index = bool(search.terms) or (search.tree is None and bool(query.words.strip()))
    if needs_index and not index.is_usable(connection):
        _refuse_without_index(connection)
        return Matches(ARTICLES, has_words=False, conditions=["0"])
    if search.tree is None and needs_index:
        return Matches("idx.docs", has_words=False, conditions=["0"])
    indexed = needs_index or index.is_complete(connection)
    matches = Matches("idx.docs" if indexed else ARTICLES, has_words=False)
    compiling = _Compiling(connection, matches, indexed)
    tree = search.tree
    if leave_apart and indexed:
        tree, query, matches.apart = _apart(tree, query)
    compiling.add(tree, search.sought)
    matches.conditions += compiling.filtered(query)
    if leave_apart and matches.has_words and len(matches.conditions) == 1:
        matches.tables = _WORDS
    return matches


def _apart(tree: Node | None, query: Query) -> tuple[Node | None, Query, Query]:
    """A question without those of its filters, at the top, that name days, a site or a language; and these as one."""
    filters = [
        part
        for part in parts_of(tree)
        if isinstance(part, Filter) and part.only is not None and part.only == _simple(part.only)
    ]
    own = _simple(query) or Query()
    given = [own, *(part.only for part in filters if part.only is not None)]
    sites = {clean(one.site).lower() for one in given if one.site is not None}
    languages = {clean(one.language).lower() for one in given if one.language is not None}
    if len(sites) > 1 or len(languages) > 1:
        return tree, query, Query()
    rest = [part for part in parts_of(tree) if part not in filters]
    return (
        all_of(rest),
        replace(
            query,
            site=None,
            language=query.language if own.language is None else None,
            since=query.since if own.since is None else None,
            until=query.until if own.until is None else None,
        ),
        Query(
            site=next(iter(sites), None),
            language=next(iter(languages), None),
            since=max((one.since for one in given if one.since is not None), default=None),
            until=min((one.until for one in given if one.until is not None), default=None),
        ),
    )


def _simple(query: Query | None) -> Query | None:
    """What of a query names whole days, a site or a language without its region."""
    if query is None:
        return None
    since, until = (None if isinstance(day, datetime) else day for day in (query.since, query.until))
    language = None if query.language is None or "-" in query.language else query.language
    return Query(site=query.site, language=language, since=since, until=until)


def _refuse_without_index(connection: sqlite3.Connection) -> None:
    if connection.execute("SELECT 1 FROM articles LIMIT 1").fetchone():
        raise StorageError(
            "the search index is missing or of another version; a command that writes, `cuttings crawl` say, builds it"
        )


@dataclass(frozen=True, slots=True)
class _Compiling:
    """Makes conditions of a tree; the values in it go to `matches`."""

    connection: sqlite3.Connection
    matches: Matches
    indexed: bool
    """Whether `docs` are those of the index."""

    def add(self, tree: Node | None, sought: Sequence[Term]) -> None:
        """All that must hold."""
        parts = parts_of(tree)
        words = implied(tree) if tree is not None else None
        rest = [part for part in parts if not holds_words_only(part)]
        is_mixed = any(isinstance(leaf, Term) for part in rest for leaf in leaves(part))
        if words is not None and (names_what_is_there(words) or not is_mixed):
            self.matches.tables, self.matches.has_words = _MATCHES, True
            self.matches.conditions.append(f"texts MATCH {self.matches.parameter(expression(words))}")
            parts = rest
        elif sought:
            ranking = any_of(sought)
            assert ranking is not None
            self.matches.ranking = self.matches.parameter(expression(ranking))
        self.matches.conditions += map(self._condition, parts)

    def _condition(self, node: Node) -> str:
        """What holds of an article in `docs` that matches; false or null of others."""
        if holds_words_only(node) and names_what_is_there(node):
            words = self.matches.parameter(expression(node))
            return f"docs.seq IN (SELECT rowid FROM idx.texts WHERE texts MATCH {words})"
        match node:
            case Without(part):
                return f"({self._condition(part)}) IS NOT TRUE"
            case Filter():
                found = self._has(node.value) if node.only is None else self.filtered(node.only)
                return f"({' AND '.join(found)})"
            case AllOf(parts):
                words_only, others = _words_apart(parts)
                return f"({' AND '.join(map(self._condition, [*_some(all_of(words_only)), *others]))})"
            case AnyOf(parts):
                words_only, others = _words_apart(parts)
                return f"({' OR '.join(map(self._condition, [*_some(any_of(words_only)), *others]))})"
        raise AssertionError(node)  # a term names what is there

    def filtered(self, query: Query) -> list[str]:
        """A condition for each filter of the query."""
        connection, matches, indexed = self.connection, self.matches, self.indexed
        found: list[str] = []
        value = matches.parameter
        if query.since is not None:
            found.append(f"docs.dated >= {value(time_text(query.since))}")
        if query.until is not None:
            found.append(f"docs.dated < {value(time_text(query.until))}")
        if query.site is not None:
            found.append(f"docs.site = {value(clean(query.site).lower())}")
        if query.language is not None:
            language = clean(query.language).lower()
            found.append(f"docs.language = {value(language.partition('-')[0])}")
            if "-" in language:
                exact = f"SELECT id FROM articles WHERE language = {value(language)} COLLATE NOCASE"
                found.append(f"docs.article_id IN ({exact})")
        if query.story is not None:
            found.append(f"docs.article_id IN (SELECT id FROM articles WHERE story_id = {value(query.story)})")
        if query.source is not None:
            sql = "SELECT id FROM sources WHERE ? IN (name, url)"
            found.append(_membership(connection, matches, _ids(connection, sql, clean(query.source)), None, indexed))
        if query.tag is not None:
            tag = fold_tag(clean(query.tag))
            sql = "SELECT id FROM sources WHERE EXISTS (SELECT 1 FROM json_each(tags) WHERE fold_tag(value) = ?)"
            found.append(_membership(connection, matches, _ids(connection, sql, tag), tag, indexed))
        return found

    def _has(self, name: str) -> list[str]:
        """What holds of an article that has that."""
        if name == "language":
            return ["docs.language <> ''"]
        if name == "copies" and not self.matches.has_words:
            several = "SELECT story_id FROM articles GROUP BY story_id HAVING count(*) > 1"
            return [f"docs.article_id IN (SELECT id FROM articles WHERE story_id IN ({several}))"]
        if name == "copies":
            return [
                "EXISTS (SELECT 1 FROM articles AS own JOIN articles AS other ON other.story_id = own.story_id "
                "AND other.id <> own.id WHERE own.id = docs.article_id)"
            ]
        if name == "updated":  # is set anew where a page is found unchanged, too, and the index does not see that
            return ["EXISTS (SELECT 1 FROM articles AS own WHERE own.id = docs.article_id AND own.updated <> '')"]
        having = f"docs.has & {index.HAS_BITS[name]}"
        if name == "tags":
            given = (
                "EXISTS (SELECT 1 FROM pages JOIN sightings ON sightings.page_id = pages.id "
                "JOIN sources ON sources.id = sightings.source_id "
                "WHERE pages.article_id = docs.article_id AND sources.tags <> '[]')"
            )
            return [f"({having} OR {given})"]
        return [having]


def _words_apart(parts: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Parts that the index of words leads to, which it is asked for together, and the others."""
    words = [part for part in parts if holds_words_only(part) and names_what_is_there(part)]
    return words, [part for part in parts if part not in words]


def _some(node: Node | None) -> list[Node]:
    return [] if node is None else [node]


def _ids(connection: sqlite3.Connection, sql: str, value: str) -> list[int]:
    return [found for (found,) in connection.execute(sql, (value,))]


def _membership(
    connection: sqlite3.Connection, matches: Matches, sources: list[int], tag: str | None, indexed: bool
) -> str:
    """Only articles that one of the sources named, or that bear the tag: gathered first where they are few, looked up
    one by one as they match where they are many. The tag is folded."""
    wanted = f"(SELECT value FROM json_each({matches.parameter(json.dumps(sources))}))"
    gathered = [
        "SELECT pages.article_id FROM sightings JOIN pages ON pages.id = sightings.page_id "
        f"WHERE sightings.source_id IN {wanted} AND pages.article_id IS NOT NULL"
    ]
    looked_up = [
        "EXISTS (SELECT 1 FROM pages JOIN sightings ON sightings.page_id = pages.id "
        f"WHERE pages.article_id = docs.article_id AND sightings.source_id IN {wanted})"
    ]
    if tag is not None:
        own = matches.parameter(tag)
        if indexed:
            gathered.append(f"SELECT article_id FROM idx.tags WHERE folded = {own}")
            looked_up.append(
                f"EXISTS (SELECT 1 FROM idx.tags WHERE folded = {own} AND tags.article_id = docs.article_id)"
            )
        else:
            looked_up.append(
                "EXISTS (SELECT 1 FROM articles, json_each(articles.tags) AS own WHERE articles.id = docs.article_id "
                f"AND fold_tag(own.value) = {own})"
            )
    if len(gathered) == len(looked_up) and _are_few(connection, " UNION ALL ".join(gathered), matches.values):
        return f"docs.article_id IN ({' UNION '.join(gathered)})"
    return f"({' OR '.join(looked_up)})"


def _are_few(connection: sqlite3.Connection, sql: str, values: dict[str, object]) -> bool:
    counted = connection.execute(f"SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT {FEW + 1})", values).fetchone()
    return int(counted[0]) <= FEW
