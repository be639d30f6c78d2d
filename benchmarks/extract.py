"""How well and how fast articles are cut out of pages whose article is known, beside other extractors in the same run.

    python benchmarks/extract.py [PAGES] [--only NAME,...] [--memory] [--limit N] [--worst N] [--json]

PAGES is a folder, or a file of JSON lines (also .xz or .gz). By default the pages of this project's tests. They are
few, and their articles were written down from ours: they show that the benchmark works, and nothing else.

A folder holds NAME.html, and beside each its article as NAME.txt (the text) or NAME.json: `text` (one string, or a list
of lines), and where they are known `url`, `title`, `authors` (a list) and `date` (or `published`; the day counts).
A line of JSON is an object with `id`, `html` (with `"html_is": "bytes"`: Latin-1 for the bytes), `gold` (the text) or
`present` and `absent` (strings that the text must have or must not have), and the same fields; `host` groups pages.

What a text is worth is counted in shingles, runs of four words (a Chinese or Japanese character is one): precision,
recall, and docF1, the mean of both' harmonic mean over the pages. Titles, authors and days count as right when they are
equal after folding case and white space. Time is CPU time of one process. Every page is given to all contenders before
the next one, in an order that moves on from page to page, so that a machine that is busy is so for all of them. The
difference to trafilatura comes with a 95% interval (paired bootstrap over pages).

With --memory the pages of a host teach what the host repeats, as they do in a crawl, and in that order.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.metadata
import importlib.util
import json
import lzma
import random
import re
import statistics
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PAGES = ROOT / "tests" / "pages"
PEER = "trafilatura"
RESAMPLES = 1000
_WORD = re.compile(r"\w+")
_CHARACTER = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af])")


@dataclass(frozen=True, slots=True)
class Page:
    """A page and what is known of its article."""

    name: str
    html: str | bytes
    url: str | None = None
    host: str = ""
    text: str | None = None
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    title: str | None = None
    authors: tuple[str, ...] = ()
    day: str | None = None


@dataclass(frozen=True, slots=True)
class Got:
    """What a contender made of a page; None where it does not say such a thing at all."""

    text: str
    title: str | None = None
    authors: tuple[str, ...] | None = None
    day: str | None = None
    tells: tuple[str, ...] = ()
    """Which of title, authors and day it gives."""


Contender = Callable[[Page], Got]


@dataclass(frozen=True, slots=True)
class Score:
    """One page by one contender."""

    right: int
    wrong: int
    missed: int
    ms: float
    fields: Mapping[str, bool] = field(default_factory=dict)
    error: str | None = None

    @property
    def f1(self) -> float:
        whole = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / whole if whole else 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """One contender over all pages."""

    precision: float
    recall: float
    doc_f1: float
    fields: Mapping[str, float]
    ms_median: float
    ms_mean: float
    ms_p99: float
    ratio: float | None
    """Mean CPU time in that of trafilatura."""
    difference: tuple[float, float, float] | None
    """Of docF1 to trafilatura: mean, and the 95% interval."""
    errors: int


# --- pages


def load(path: Path) -> list[Page]:
    """The pages of a folder or a file, hosts together and each host's in their order."""
    pages = list(_folder(path) if path.is_dir() else _lines(path))
    order: dict[str, int] = {}
    for page in pages:
        order.setdefault(page.host, len(order))
    return sorted(pages, key=lambda page: order[page.host])


def _folder(path: Path) -> Iterator[Page]:
    for html in sorted(path.glob("*.htm*")):
        known: dict[str, Any] = {}
        described, text = html.with_suffix(".json"), html.with_suffix(".txt")
        if described.exists():
            known = json.loads(described.read_text(encoding="utf-8"))
        if text.exists():
            known["text"] = text.read_text(encoding="utf-8")
        if known.get("text") is not None:
            yield _page({**known, "id": html.name, "html": html.read_bytes()})


def _lines(path: Path) -> Iterator[Page]:
    opened: Any = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            known = json.loads(line)
            if known.get("html_is") == "bytes":
                known["html"] = known["html"].encode("latin-1")
            yield _page(known)


def _page(known: Mapping[str, Any]) -> Page:
    text = known.get("gold", known.get("text"))
    url = known.get("url") or None
    return Page(
        name=str(known.get("id") or url),
        html=known["html"],
        url=url,
        host=known.get("host") or (urlsplit(url).hostname or "" if url else ""),
        text="\n".join(text) if isinstance(text, list) else text,
        present=tuple(known.get("present") or ()),
        absent=tuple(known.get("absent") or ()),
        title=known.get("title") or None,
        authors=tuple(known.get("authors") or ()),
        day=str(known.get("date") or known.get("published") or "")[:10] or None,
    )


# --- contenders


class Ours:
    """The project's own extraction; with `memory`, hosts are learned from page to page."""

    def __init__(self, *, memory: bool = False) -> None:
        from crawler.extract import cut_page

        self._cut = cut_page
        self._memories: dict[str, Any] | None = defaultdict(_Remembered) if memory else None

    def __call__(self, page: Page) -> Got:
        remembered = self._memories[page.host] if self._memories is not None and page.host else None
        cut = self._cut(page.html, page.url, memory=remembered.memory if remembered else None)
        if remembered is not None and cut.page is not None and hasattr(cut.result, "text"):
            remembered.learn(cut.page)
        title, authors, published = (getattr(cut.result, name, None) for name in ("title", "authors", "published"))
        day = published.isoformat()[:10] if isinstance(published, date) else None
        return Got(getattr(cut.result, "text", ""), title, tuple(authors or ()), day, ("title", "authors", "day"))


class _Remembered:
    """What a corpus would remember of one host."""

    def __init__(self) -> None:
        from storage import SiteMemory

        self.memory = SiteMemory()
        self._window: list[Any] = []
        self._taught = 0

    def learn(self, judged: Any) -> None:
        from crawler.extract import lesson_of  # type: ignore[attr-defined]
        from storage import SiteMemory, bounded, lessons  # type: ignore[attr-defined]

        lesson = lesson_of(judged)
        if lesson is None:
            return
        lesson = bounded(lesson)
        self._taught += 1
        twin = lessons.is_twin(lesson, self._window)
        self._window.append(lessons.TaughtPage(self._taught, lesson.headline, twin, lesson.blocks))
        self._window = lessons.kept_window(self._window)
        own = sum(not page.twin for page in self._window)
        if lessons.is_counted(self._taught):
            self.memory = SiteMemory(own, lessons.repeated(self._window))


def _trafilatura(*, fast: bool) -> Contender:
    from trafilatura import bare_extraction

    def cut(page: Page) -> Got:
        found = bare_extraction(page.html, url=page.url, include_comments=False, with_metadata=True, fast=fast)
        if found is None or isinstance(found, dict):
            return Got("", None, (), None, ("title", "authors", "day"))
        authors = tuple(name.strip() for name in (found.author or "").split(";") if name.strip())
        return Got(found.text or "", found.title, authors, found.date, ("title", "authors", "day"))

    return cut


def _readability() -> Contender:
    from lxml.html import document_fromstring
    from readability import Document

    def cut(page: Page) -> Got:
        found = Document(page.html)
        return Got(_spoken(document_fromstring(found.summary())), found.short_title(), tells=("title",))

    return cut


def _spoken(tree: Any) -> str:
    """The words of a tree, an element to a line."""
    return "\n".join(line for piece in tree.itertext() if (line := " ".join(piece.split())))


def _newspaper() -> Contender:
    import newspaper

    def cut(page: Page) -> Got:
        article = newspaper.Article(page.url or "http://localhost/", fetch_images=False)
        article.download(input_html=_decoded(page))
        article.parse()
        day = article.publish_date.isoformat()[:10] if article.publish_date else None
        return Got(article.text, article.title, tuple(article.authors), day, ("title", "authors", "day"))

    return cut


def _resiliparse() -> Contender:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def cut(page: Page) -> Got:
        tree = HTMLTree.parse(_decoded(page))
        return Got(extract_plain_text(tree, main_content=True), tree.title, tells=("title",))

    return cut


def _justext() -> Contender:
    import justext

    stoplist = justext.get_stoplist("English")

    def cut(page: Page) -> Got:
        return Got("\n".join(p.text for p in justext.justext(page.html, stoplist) if not p.is_boilerplate))

    return cut


def _decoded(page: Page) -> str:
    from crawler.extract.parse import decode

    return page.html if isinstance(page.html, str) else decode(page.html)


PEERS: Mapping[str, tuple[str, Callable[[], Contender]]] = {
    PEER: ("trafilatura", lambda: _trafilatura(fast=False)),
    "trafilatura fast": ("trafilatura", lambda: _trafilatura(fast=True)),
    "readability": ("readability-lxml", _readability),
    "newspaper4k": ("newspaper4k", _newspaper),
    "resiliparse": ("resiliparse", _resiliparse),
    "jusText": ("justext", _justext),
}
"""Name to the package that has it and to what makes it ready."""


def contenders(only: Sequence[str] | None, *, memory: bool) -> tuple[dict[str, Contender], list[str]]:
    """Those that are wanted and installed, ours first; and a line for each that is missing."""
    ready: dict[str, Contender] = {"ours": Ours(memory=memory)}
    missing = []
    for name, (package, make) in PEERS.items():
        if only is not None and name not in only and name != PEER:
            continue
        try:
            importlib.metadata.version(package)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ready[name] = make()
        except ImportError:
            missing.append(f"{name}: skipped, {package} is not installed")
    return ready, missing


# --- counting


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Runs of `size` words with how often each occurs; a shorter text is one run."""
    words = _WORD.findall(_CHARACTER.sub(r" \1 ", text).casefold())
    return Counter(tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))) if words else Counter()


def score(page: Page, got: Got, ms: float = 0.0, error: str | None = None) -> Score:
    """How near a cut is to what is known."""
    if page.text is not None:
        known, found = shingles(page.text), shingles(got.text)
        right = (known & found).total()
        counts = right, found.total() - right, known.total() - right
    else:
        flat = _folded(got.text)
        right = sum(_folded(text) in flat for text in page.present)
        counts = right, sum(_folded(text) in flat for text in page.absent), len(page.present) - right
    fields = {}
    if page.title and "title" in got.tells:
        fields["title"] = _folded(got.title) == _folded(page.title)
    if page.authors and "authors" in got.tells:
        fields["authors"] = {_folded(name) for name in got.authors or ()} == {_folded(name) for name in page.authors}
    if page.day and "day" in got.tells:
        fields["day"] = (got.day or "")[:10] == page.day
    return Score(*counts, ms=ms, fields=fields, error=error)


def _folded(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()


def measure(pages: Sequence[Page], entered: Mapping[str, Contender]) -> dict[str, list[Score]]:
    """The scores of every contender, a page after the other; who begins moves on from page to page."""
    names = list(entered)
    scores: dict[str, list[Score]] = {name: [] for name in names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            if pages and name != "ours":  # ours may remember what it has seen; it is warmed by another
                _ask(entered[name], pages[0])
        if pages and "ours" in entered:
            _ask(Ours(), pages[0])
        for number, page in enumerate(pages):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                scores[name].append(_ask(entered[name], page))
    return scores


def _ask(contender: Contender, page: Page) -> Score:
    began_s = time.process_time()
    try:
        got, error = contender(page), None
    except Exception as problem:  # a contender that breaks on a page has cut nothing out of it
        got, error = Got(""), f"{type(problem).__name__}: {problem}"[:100]
    return score(page, got, (time.process_time() - began_s) * 1e3, error)


def figures(scores: Sequence[Score], peer: Sequence[Score] | None) -> Figures:
    """What the scores of one contender come to, beside those of the peer on the same pages."""
    times = sorted(one.ms for one in scores)
    fields: dict[str, list[bool]] = defaultdict(list)
    for one in scores:
        for name, right in one.fields.items():
            fields[name].append(right)
    found = [one.right / (one.right + one.wrong) for one in scores if one.right + one.wrong]
    known = [one.right / (one.right + one.missed) for one in scores if one.right + one.missed]
    return Figures(
        precision=statistics.mean(found) if found else 0.0,
        recall=statistics.mean(known) if known else 0.0,
        doc_f1=statistics.mean(one.f1 for one in scores),
        fields={name: statistics.mean(rights) for name, rights in fields.items()},
        ms_median=statistics.median(times),
        ms_mean=statistics.mean(times),
        ms_p99=times[int(len(times) * 0.99)],
        ratio=statistics.mean(times) / statistics.mean(one.ms for one in peer) if peer else None,
        difference=_difference(scores, peer) if peer else None,
        errors=sum(one.error is not None for one in scores),
    )


def _difference(scores: Sequence[Score], peer: Sequence[Score]) -> tuple[float, float, float]:
    each = [one.f1 - other.f1 for one, other in zip(scores, peer, strict=True)]
    chosen = random.Random(0)
    means = sorted(statistics.fmean(chosen.choices(each, k=len(each))) for _ in range(RESAMPLES))
    return statistics.fmean(each), means[int(RESAMPLES * 0.025)], means[int(RESAMPLES * 0.975)]


def worst(pages: Sequence[Page], scores: Mapping[str, Sequence[Score]], count: int) -> list[tuple[str, float, float]]:
    """The pages on which ours is furthest below the peer: name, docF1 of the peer (1 where there is none), of ours."""
    peers: Sequence[Score | None] = scores.get(PEER) or [None] * len(pages)
    rows = [
        (page.name, peer.f1 if peer else 1.0, mine.f1)
        for page, peer, mine in zip(pages, peers, scores["ours"], strict=True)
    ]
    return sorted(rows, key=lambda row: (row[2] - row[1], row[2]))[:count]


# --- telling


def _print(
    pages: Sequence[Page], scores: Mapping[str, Sequence[Score]], found: Mapping[str, Figures], most: int
) -> None:
    hosts = len({page.host for page in pages})
    print(f"{len(pages)} pages of {hosts} hosts\n")
    columns = f"{'P':>7}{'R':>7}{'docF1':>7}{'title':>7}{'authors':>8}{'day':>6}"
    print(f"{'':<17}{columns}{'ms: median':>12}{'mean':>7}{'p99':>7}{'ratio':>7}")
    for name, one in found.items():
        shown = [f"{one.fields[key]:.3f}" if key in one.fields else "-" for key in ("title", "authors", "day")]
        ratio = f"{one.ratio:.2f}" if one.ratio is not None else "-"
        print(
            f"{name:<17}{one.precision:>7.3f}{one.recall:>7.3f}{one.doc_f1:>7.3f}{shown[0]:>7}{shown[1]:>8}{shown[2]:>6}"
            f"{one.ms_median:>12.1f}{one.ms_mean:>7.1f}{one.ms_p99:>7.1f}{ratio:>7}"
            + (f"  {one.errors} errors" if one.errors else "")
        )
    print(f"\ndocF1, difference to {PEER}, 95%:")
    for name, one in found.items():
        if one.difference is not None and name != PEER:
            print(f"  {name:<17}{one.difference[0]:+.4f}  ({one.difference[1]:+.4f} to {one.difference[2]:+.4f})")
    if most:
        print(f"\nWhere ours is furthest below {PEER}:")
        for page, other, mine in worst(pages, scores, most):
            print(f"  {other:.3f} -> {mine:.3f}  {page}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="?", type=Path, default=PAGES, metavar="PAGES")
    parser.add_argument("--only", metavar="NAME,...", help=f"of {', '.join(PEERS)}; ours and {PEER} always run")
    parser.add_argument("--memory", action="store_true", help="let the pages of a host teach what it repeats")
    parser.add_argument("--limit", type=int, metavar="N", help="take the first pages only")
    parser.add_argument("--worst", type=int, default=5, metavar="N", help="show so many of the worst pages")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    given = parser.parse_args(arguments)
    if given.memory and importlib.util.find_spec("crawler.extract.site_memory") is None:
        parser.error("--memory: this version has no site memory")
    if not given.pages.exists():
        parser.error(f"{given.pages}: there is no such folder or file")
    pages = load(given.pages)[: given.limit]
    if not pages:
        parser.error(f"{given.pages}: holds no page whose article is known (NAME.html beside NAME.json or NAME.txt)")
    ready, missing = contenders(given.only.split(",") if given.only else None, memory=given.memory)
    for line in missing:
        print(line, file=sys.stderr)
    scores = measure(pages, ready)
    found = {name: figures(rows, scores.get(PEER)) for name, rows in scores.items()}
    if given.json:
        bad = [{"page": p, PEER: a, "ours": b} for p, a, b in worst(pages, scores, given.worst)]
        figured = {name: asdict(one) for name, one in found.items()}
        print(json.dumps({"pages": len(pages), "figures": figured, "worst": bad}, indent=2))
    else:
        _print(pages, scores, found, given.worst)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
