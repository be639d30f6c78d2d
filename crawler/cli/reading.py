"""The commands that ask the corpus: `search`, `show`, `explain`, `status`, `export`. None of them loads Scrapy."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from crawler import urls
from crawler.cli import Context, asking, display, revision_display, source_display, status_display
from crawler.cli.memory_display import print_memory
from crawler.cli.options import filters, json_option, print_json
from crawler.cli.site_display import print_shapes
from crawler.cli.stories import print_story, said
from storage import (
    Corpus,
    Query,
    Revision,
    Sort,
    StoredArticle,
    WatchState,
    alarming,
    by_severity,
    diff_record,
    explanation_record,
    judge,
    link_record,
    memory_record,
    open_corpus,
    open_watches,
    plain_line,
    provenance_record,
    record,
    revision_record,
    stalled,
    status_record,
    story_record,
    time_record,
    totals_record,
    watch_alarming,
    watch_record,
)


@click.command()
@click.argument("words", nargs=-1, metavar="[QUERY]...")
@filters
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N", help="Results at most."
)
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Results to skip.")
@click.option(
    "--sort",
    type=click.Choice(["relevance", "newest", "oldest"]),
    help="Order. [default: relevance; newest without words]",
)
@click.option("--one-per-story", is_flag=True, help="Of copies that match, only the one that ran first.")
@json_option
@click.pass_obj
def search(
    context: Context,
    words: tuple[str, ...],
    query: Query,
    limit: int,
    offset: int,
    sort: Sort | None,
    one_per_story: bool,
    as_json: bool,
) -> None:
    """Find articles.

    Words are found whatever their accents, capitals or endings in "*"; "words in quotes" are a phrase. Filters may
    stand among them: source:NAME, site:, language:, tag:, since:2020-05, until:, story:12, has:image, and -site: for
    all others. OR joins two neighbours, parentheses join more: (title:strike OR tag:labour) -language:fr.
    """
    asked = asking.asked(context, query, words)
    order: Sort = sort or ("relevance" if asked.words.strip() else "newest")
    with open_corpus(context.db) as corpus:
        found = corpus.search(asked, sort=order, limit=limit, offset=offset, one_per_story=one_per_story)
        total = corpus.count(asked, one_per_story=one_per_story)
        names = [] if total or query.source is None else [known.name for known in corpus.status()]
        meant = corpus.did_you_mean(asked) if not total and not context.quiet else None
    if as_json:
        print_json({"query": asked.words, "total": total, "articles": [record(article) for article in found]})
    else:
        display.print_results(found, total, offset)
        if names and query.source not in names:
            near = difflib.get_close_matches(query.source or "", names, n=3, cutoff=0.5) or names[:3]
            click.echo(plain_line(f"No source is called {query.source}; there is {', '.join(near)}."), err=True)
    asking.suggest(meant)


@click.command(short_help="Show one article, by its number or any address.")
@click.argument("article", metavar="ID|URL")
@click.option("--html", "as_html", is_flag=True, help="The article's safe HTML.")
@click.option("--revisions", is_flag=True, help="Every text the article has had, and what each changed.")
@click.option(
    "--diff",
    "diff",
    is_flag=False,
    flag_value="last",
    metavar="[N[:M]]",
    help="Word by word, what made revision N of the one before, or M of N. [default: the last change]",
)
@click.option("--provenance", is_flag=True, help="Which rule gave each field, and what other rules would have given.")
@click.option("--story", "as_story", is_flag=True, help="Its story: who ran it first, and every copy since.")
@click.option("--raw", is_flag=True, help="The page as its server sent it, unpacked; for a file or a pipe.")
@json_option
@click.pass_obj
def show(
    context: Context,
    article: str,
    as_html: bool,
    revisions: bool,
    diff: str | None,
    provenance: bool,
    as_story: bool,
    raw: bool,
    as_json: bool,
) -> None:
    """Show one article, by its number or by any of its addresses; with --story all that are copies of the same text."""
    if raw and sys.stdout.isatty():
        raise click.UsageError("a page's bytes could do anything to a terminal; send them to a file: --raw > page.html")
    with open_corpus(context.db) as corpus:
        found = _find(corpus, article, context.db)
        if raw:
            click.echo(_raw_page(corpus, found), nl=False)
            return
        texts = corpus.revisions(found.id) if revisions or diff is not None else []
        links = corpus.links(found.id)
        story = corpus.story(found.story_id) if as_story else None
    if diff is not None:
        old, new = _texts_of(diff, texts, found.id)
        if as_json:
            print_json(diff_record(old, new))
        else:
            revision_display.print_diff(found, old, new)
    elif story is not None:
        if as_json:
            print_json(story_record(story))
        else:
            print_story(story)
    elif as_json:
        document = record(found) | {"links": [link_record(link) for link in links]}
        if revisions:
            document["revisions"] = [revision_record(text) for text in texts]
        if provenance:
            document |= provenance_record(found)
        print_json(document)
    elif as_html:
        click.echo(found.html)
    elif revisions:
        revision_display.print_revisions(found, texts)
    elif provenance:
        display.print_provenance(found)
    else:
        display.print_article(found, said(links))


def _texts_of(asked: str, texts: Sequence[Revision], article_id: int) -> tuple[Revision, Revision]:
    """The two texts that are to be compared."""
    if len(texts) < 2:
        raise click.ClickException(f"article {article_id} has had one text only: nothing changed")
    if asked == "last":
        return texts[-2], texts[-1]
    first, _, second = asked.partition(":")
    by_number = {str(text.number): text for text in texts}
    new = by_number.get(second or first)
    old = by_number.get(first if second else str(int(first) - 1) if first.isdecimal() else "")
    if old is None or new is None:
        last = texts[-1].number
        raise click.ClickException(
            plain_line(f"article {article_id} has revisions 1 to {last}, no {asked}; write --diff 2 or 1:{last}")
        )
    return old, new


def _raw_page(corpus: Corpus, article: StoredArticle) -> bytes:
    """The latest raw page of an article, its content codings undone."""
    explained = [corpus.explain(urls.identity(url)) for url in article.urls]
    captures = [capture for one in explained if one is not None for capture in one.captures]
    if not captures:
        raise click.ClickException(f"the archive holds no raw page of article {article.id}")
    from crawler.network.decoding import BadEncoding, Bomb, decode, encodings
    from crawler.settings import DOWNLOAD_MAXSIZE

    answer = corpus.raw(max(captures, key=lambda capture: capture.at))
    declared = [value for name, value in answer.headers if name.lower() == "content-encoding"]
    try:
        return decode(answer.body, encodings(declared), DOWNLOAD_MAXSIZE)
    except (BadEncoding, Bomb) as error:
        raise click.ClickException(f"the raw page of article {article.id} cannot be unpacked: {error}") from error


@click.command(short_help="Tell the whole way of one address, and why it ended so.")
@click.argument("url")
@json_option
@click.pass_obj
def explain(context: Context, url: str, as_json: bool) -> None:
    """Tell the whole way of one address: who named it, what was tried, how it ended and why."""
    if url.isdecimal():
        raise click.UsageError(f"{url} is no address; `cuttings show {url}` gives those of an article")
    key = _key(url)
    with open_corpus(context.db) as corpus:
        explanation = corpus.explain(key)
    if explanation is None:
        raise click.ClickException(
            f"no source has ever named {url}; `cuttings add` subscribes to the feeds behind an address"
        )
    if as_json:
        print_json(explanation_record(explanation))
    else:
        display.print_explanation(explanation)


@click.command(short_help="Show the health of every source, or of one.")
@click.argument("source", required=False)
@click.option(
    "--all", "every", is_flag=True, help="Also those that are well, on a terminal, and those that were removed."
)
@click.option("--check", is_flag=True, help="Only what needs somebody; exit status 1 if there is any.")
@click.option("--memory", is_flag=True, help="Of one source: the text that its site repeats, left out of articles.")
@json_option
@click.pass_obj
def status(context: Context, source: str | None, every: bool, check: bool, memory: bool, as_json: bool) -> None:
    """Show the health of every source, the worst first, or all that is known of one.

    With --check for monitoring: sources that are gone, silent against their own rhythm, drifting (their articles
    changed all at once), or that could not be read for a day, and watches that stopped, gave up articles or could send
    nothing for a day, one line each, and nothing where all is well.
    """
    now = datetime.now(UTC)
    if memory and (source is None or check):
        raise click.UsageError("--memory tells of one source: cuttings status SOURCE --memory")
    with open_corpus(context.db) as corpus:
        known = corpus.status(source, now=now)
        if source is not None and not known:
            source = _in_any_case(source, [other.name for other in corpus.status(now=now)])
            known = corpus.status(source, now=now)
        if source is None and not every:
            known = [one for one in known if one.removed is None or one.is_file]
        detail = source is not None and not check
        history = corpus.history(known[0].name, now=now) if detail else None
        shapes = corpus.link_memory(known[0].name).shapes if detail else None
        remembered = corpus.remembered(known[0].name) if memory else None
        totals = corpus.totals() if as_json or not (check or history) else None
    watches = _watches_of(context.db, now, check=check) if source is None else []
    shown = [one for one in known if alarming(judge(one, now), one, now)] if check else known
    if as_json:
        assert totals is not None
        records = [status_record(one, now) for one in shown]
        if detail:
            records[0] = status_record(shown[0], now, history, shapes)
        if remembered is not None:
            records[0]["memory"] = [memory_record(host) for host in remembered]
        print_json(
            {
                "totals": totals_record(totals),
                "stalled_since": time_record(stalled(known, now)),
                "summary": {str(kind): n for kind, n in by_severity([judge(one, now) for one in known]).items()},
                "sources": records,
                "watches": [watch_record(state) for state in watches],
            }
        )
    elif remembered is not None:
        print_memory(known[0].name, remembered, now)
    elif history is not None and shapes is not None:
        source_display.print_source(known[0], history, now)
        print_shapes(shapes)
    elif totals is not None:
        status_display.print_status(known, totals, now, every=every or not sys.stdout.isatty())
        status_display.print_watches(watches, now)
    else:
        status_display.print_alarms(known, now)
        status_display.print_watches(watches, now)
    if check and (shown or watches or stalled(known, now)):
        click.get_current_context().exit(1)


def _watches_of(db: str, now: datetime, *, check: bool) -> list[WatchState]:
    """The watches of feeds.yaml; to `check` only those that need somebody."""
    with open_watches(db, write=False) as watches:
        states = [state for state in watches.states() if state.removed is None]
    return [state for state in states if watch_alarming(state, now)] if check else states


def _in_any_case(asked: str, names: list[str]) -> str:
    """The one of the names that is meant by a person who cares little for capitals and spaces."""
    for name in names:
        if name.casefold() == " ".join(asked.split()).casefold():
            return name
    near = difflib.get_close_matches(asked, names, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "`cuttings status` lists them"
    raise click.ClickException(plain_line(f"there is no source {asked!r}; {hint}"))


def _find(corpus: Corpus, asked: str, db: str) -> StoredArticle:
    found = corpus.article(int(asked)) if asked.isdecimal() else corpus.article_at(_key(asked))
    if found is None:
        raise click.ClickException(f"{db} has no article {asked}; `cuttings explain URL` tells why")
    return found


def _key(url: str) -> str:
    address = urls.normalize(url) or urls.normalize(f"https://{url}")
    if address is None:
        raise click.UsageError(f"{url!r} is neither the number nor the http(s) address of an article")
    return urls.identity(address)
