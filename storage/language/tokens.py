"""Cuts a typed text into words, filters, operators and parentheses, so that whatever was typed has a meaning.

What is no syntax where it stands is looked for as a word or passed over, with a notice that says so: so the grammar has
nothing to refuse. Of any text no more than `MAX_CHARACTERS` are read, each of them a bounded number of times.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from storage.errors import QueryError
from storage.folding import words_of
from storage.language.pointing import Notice
from storage.language.tree import Filter, Term
from storage.language.values import FIELDS, FILTERS, meant_by, read, way_out
from storage.plain import plain_line

MAX_CHARACTERS = 1_000
MAX_WORDS = 32
"""Of one search: each costs up to 0.1 s where a million articles hold it."""
MIN_PREFIX = 2
"""Letters. One letter would gather a twentieth of all words."""
MAX_PREFIXES = 4
"""Of one search; further stars are not seen. Each gathers up to 0.1 s worth of words in 100,000 articles."""
MAX_FILTERS = 16
"""Of one search: each costs a look at the tables for every article that matches the rest."""
MAX_DEPTH = 12
"""Parentheses within parentheses; FTS5 itself would take 30."""
Kind = Literal["TERM", "FILTER", "OPEN", "CLOSE", "OR", "AND", "NOT"]

_SPACE = re.compile(r"\s*")
_WITHOUT = re.compile(r"-+(?=[^\s-])")
_FIELD = re.compile(r"(\w+):(?=\S)")
_BARE_FIELD = re.compile(r"(\w+):(?=\s|$)")
_PHRASE = re.compile(r'"([^"]*)("?)(\*?)')
_WORD = re.compile(r'[^\s"]+')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂〝〞「」『』", '"'))
_OPERATORS: Mapping[str, Kind] = {"OR": "OR", "AND": "AND", "NOT": "NOT"}


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of the typed text. Of an operator `value` is the word that it is where it has nothing to join."""

    kind: Kind
    start: int
    end: int
    value: Term | Filter | None = None


def tokens_of(typed: str) -> tuple[list[Token], list[Notice]]:
    """The tokens of a typed text, which the grammar takes, and what is odd about it. Raises QueryError for a filter
    whose value cannot be read, and for one too many."""
    scanner = _Scanner(typed)
    scanner.scan()
    tokens = _joined(scanner.tokens, scanner.notices)
    return tokens, sorted(scanner.notices, key=lambda notice: (notice.start, notice.end))


class _Scanner:
    """Goes through a typed text once."""

    def __init__(self, typed: str) -> None:
        self.tokens: list[Token] = []
        self.notices: list[Notice] = []
        self._text = typed[:MAX_CHARACTERS].translate(_QUOTES)
        """As long as what was typed: one mark for another."""
        self._open: list[tuple[int, str | None, bool]] = []
        """Of each parenthesis that is open: its place, the field before it, and whether it became a token."""
        self._words, self._prefixes, self._filters = MAX_WORDS, MAX_PREFIXES, MAX_FILTERS
        if len(typed) > MAX_CHARACTERS:
            self._notice(
                MAX_CHARACTERS, len(typed), f"only the first {MAX_CHARACTERS:,} characters of a search are read"
            )

    def scan(self) -> None:
        """Fill `tokens` and `notices`."""
        place = self._after_space(0)
        while place < len(self._text):
            place = self._after_space(self._piece(place))
        for start, _, _ in self._open:
            self._notice(start, start + 1, "this parenthesis is never closed; it ends with the text")
        self.tokens += [Token("CLOSE", place, place) for _, _, is_token in self._open if is_token]

    def _after_space(self, place: int) -> int:
        match = _SPACE.match(self._text, place)
        return match.end() if match else place

    def _notice(self, start: int, end: int, message: str) -> None:
        if message not in {notice.message for notice in self.notices}:
            self.notices.append(Notice(start, end, message))

    def _piece(self, start: int) -> int:
        """Take what begins at a place; gives where the next begins."""
        place = start
        if self._text[place] == ")":
            self._close(place)
            return place + 1
        excluded = _WITHOUT.match(self._text, place)
        if excluded:
            place = excluded.end()
            if self._text[place] == ")":
                return place
        named = _FIELD.match(self._text, place)
        field = named[1].casefold() if named else None
        if field in FIELDS or field in FILTERS:
            assert named is not None
            place = named.end()
        else:
            self._tell_unknown(named or _BARE_FIELD.match(self._text, place), is_bare=named is None)
            field = None
        if self._text[place] == "(":
            self._begin(start, place, field, is_excluded=excluded is not None)
            return place + 1
        return self._operand(start, place, field, is_excluded=excluded is not None)

    def _begin(self, start: int, place: int, field: str | None, *, is_excluded: bool) -> None:
        is_token = len(self._open) < MAX_DEPTH
        if not is_token:
            self._notice(place, place + 1, f"parentheses more than {MAX_DEPTH} deep are passed over")
        field = field or (self._open[-1][1] if self._open else None)
        self._open.append((place, field, is_token))
        if is_token:
            self.tokens += [Token("NOT", start, start + 1)] if is_excluded else []
            self.tokens.append(Token("OPEN", place, place + 1))

    def _close(self, place: int) -> None:
        if not self._open:
            self._notice(place, place + 1, "this parenthesis closes nothing; it is passed over")
            return
        if self._open.pop()[2]:
            if self.tokens[-1].kind == "OPEN":
                self._notice(self.tokens[-1].start, place + 1, "there is nothing between these parentheses")
            self.tokens.append(Token("CLOSE", place, place + 1))

    def _operand(self, start: int, place: int, field: str | None, *, is_excluded: bool) -> int:
        """A word, a phrase or a filter; gives where it ends."""
        is_phrase = self._text[place] == '"'
        if is_phrase:
            quoted = _PHRASE.match(self._text, place)
            assert quoted is not None
            first, last, end, star = quoted.start(1), quoted.end(1), quoted.end(), quoted[3] == "*"
            if not quoted[2]:
                self._notice(place, place + 1, "this quote is never closed; it ends with the text")
        else:
            first, last = place, self._word_end(place)
            end, star = last, self._text.endswith("*", first, last)
            kind = _OPERATORS.get(self._text[first:last])
            if kind is not None and start == place:
                self.tokens.append(Token(kind, first, last, Term((kind.lower(),), start=first, end=last)))
                return end
        field = field or (self._open[-1][1] if self._open else None)
        value: Term | Filter | None
        if field in FILTERS:
            value = self._filter(field, start, first, last)
        else:
            value = self._term(field, first, last, star, is_phrase=is_phrase)
        if value is not None:
            if is_excluded:
                self.tokens.append(Token("NOT", start, start + 1))
            kept = None if isinstance(value, Term) and not value.words else value
            self.tokens.append(Token("FILTER" if isinstance(value, Filter) else "TERM", start, end, kept))
        return end

    def _word_end(self, start: int) -> int:
        """Where a word ends: before a parenthesis opened before it, but `https://example.org/a_(b)` has its own."""
        match = _WORD.match(self._text, start)
        end = match.end() if match else start
        if ")" not in self._text[start:end]:
            return end
        inner = 0
        for place in range(start, end):
            inner += {"(": 1, ")": -1}.get(self._text[place], 0)
            if inner < 0:
                if self._open or place + 1 == end:
                    return place
                inner = 0
        return end

    def _filter(self, name: str, start: int, first: int, last: int) -> Filter:
        typed = self._text[first:last]
        value = typed.strip()
        found = read(name, value)
        if found is None:
            shown = f"{name}:{plain_line(value)[:80]}"
            raise QueryError(f"{shown}: cannot be read; {way_out(name, value, shown)}", start=start, end=max(last, 1))
        if self._filters == 0:
            shown = plain_line(self._text[start:last])[:80]
            raise QueryError(f"{shown}: more than {MAX_FILTERS} filters; take some out", start=start, end=last)
        self._filters -= 1
        first += len(typed) - len(typed.lstrip())
        return Filter(name, found[0], found[1], first, first + len(value))

    def _term(self, field: str | None, first: int, last: int, star: bool, *, is_phrase: bool) -> Term | None:
        """None where the stretch holds no word, as `--` or `!`; without a word where there is no room for any."""
        found = words_of(self._text[first:last])
        if not found:
            if star or "*" in self._text[first:last]:
                self._notice(first, last, f"a star needs {MIN_PREFIX} letters before it; this one is passed over")
            return None
        if self._words == 0:
            self._notice(first, last, f"only {MAX_WORDS} words are looked for; this one and those behind it are not")
            return Term(())
        prefix = self._is_prefix(found, star, first, last, is_phrase=is_phrase)
        found = found[: self._words]
        self._words -= len(found)
        self._prefixes -= prefix
        return Term(tuple(found), prefix, FIELDS.get(field or ""), first, last)

    def _is_prefix(self, found: list[str], star: bool, first: int, last: int, *, is_phrase: bool) -> bool:
        if not star:
            if not is_phrase and "*" in self._text[first:last]:
                self._notice(first, last, "a star counts at the end of a word only")
            return False
        if len(found[-1]) < MIN_PREFIX:
            self._notice(first, last, f"a star needs {MIN_PREFIX} letters before it; this is the word alone")
            return False
        if len(found) > self._words:
            return False
        if self._prefixes == 0:
            self._notice(first, last, f"only {MAX_PREFIXES} stars count; this one does not")
        return self._prefixes > 0

    def _tell_unknown(self, named: re.Match[str] | None, *, is_bare: bool) -> None:
        if named is None:
            return
        name = named[1].casefold()
        if is_bare:
            if name in FIELDS or name in FILTERS:
                self._notice(
                    named.start(), named.end(), f"{name}: has nothing right behind it; this is a word like any other"
                )
        elif (meant := meant_by(name)) is not None:
            shown = plain_line(name)[:40]
            self._notice(
                named.start(), named.end(), f"{shown}: is no filter but a word like any other; {meant}: is one"
            )


def _joined(scanned: list[Token], notices: list[Notice]) -> list[Token]:
    """The tokens with every operator that has nothing to join made the word that it is, where there is room for one,
    and one of several in a row left."""
    tokens: list[Token] = []
    words = [len(token.value.words) for token in scanned if token.kind == "TERM" and isinstance(token.value, Term)]
    room = MAX_WORDS - sum(words)
    for place, token in enumerate(scanned):
        if token.kind not in _OPERATORS:
            tokens.append(token)
            continue
        before = tokens[-1].kind if tokens else "OPEN"
        joins = place + 1 < len(scanned) and scanned[place + 1].kind != "CLOSE"
        if token.kind == "NOT":
            if before == "NOT" and joins:
                continue
        elif before in ("OR", "AND") and joins:
            tokens[-1] = token
            notices.append(Notice(token.start, token.end, "of operators in a row the last counts"))
            continue
        else:
            joins = joins and before not in ("OPEN", "NOT")
        if joins:
            tokens.append(token)
        elif room == 0:
            left_out = (
                f"{token.kind} has nothing to join here; only {MAX_WORDS} words are looked for, and it is none of them"
            )
            notices.append(Notice(token.start, token.end, left_out))
            tokens.append(Token("TERM", token.start, token.end, Term(())))
        elif token.value is not None:
            room -= 1
            word = f"{token.kind} has nothing to join here; it is looked for as a word"
            notices.append(Notice(token.start, token.end, word))
            tokens.append(Token("TERM", token.start, token.end, token.value))
    return tokens
