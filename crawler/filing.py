"""How a cut page is filed: which article it belongs to, what outcome it gets, when it is tried again.

    page key and final address known as an article of ours?
        the article's own page        -> nothing changed but what stands around the text: unchanged, else: revised
        another page of it            -> same_article
    claimed address (canonical, og:url) known, and the title or the text agrees
                                      -> same_article
    same site, same text              -> same_article
    else                              -> stored, in the story of which it is a copy, or in one of its own

Everything here decides; the `Filing` it is given stores.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler import copies, urls
from crawler.box import Overrun
from crawler.freshness import RETRY_AFTER_CAP_S
from crawler.messages import CutPage, Missed, Unmodified
from crawler.network.failures import retriable
from crawler.rechecks import next_look
from storage import (
    Address,
    Article,
    DuePage,
    Ending,
    Filing,
    Match,
    Outcome,
    Placement,
    Rejected,
    Validators,
    Visit,
    classify,
)

RETRY_WAITS_S = (900.0, 7200.0, 86400.0)
"""Waits before a page that failed for a passing reason is tried again: most outages of a site end within the quarter
of an hour, nearly all within the day; after the last the failure stands."""

SECOND_LOOKS = 1
"""A page that was not parsed in time is tried so often again. The deadline of the box is wall time: on a machine busy
with other work an ordinary page overran it (2 of 2,236 in a crawl of real pages, each of 0.7 s of CPU). One that is
slow by itself costs its deadline once more and no more."""


def retry_time(outcome: Outcome, attempts: int, asked_s: float | None, at: datetime) -> datetime | None:
    """When a page that ended so is due again; None: never by itself.

    `attempts` counts the finished visits before this one, `asked_s` is the server's Retry-After in seconds.
    """
    busy = outcome.ending is Ending.FAILED and outcome.reason == "parse_timeout"
    tries = SECOND_LOOKS if busy else len(RETRY_WAITS_S) if retriable(outcome) else 0
    if attempts >= tries:
        return None
    wait_s = max(RETRY_WAITS_S[attempts], min(asked_s or 0.0, RETRY_AFTER_CAP_S))
    return at + timedelta(seconds=wait_s)


def file_missed(filing: Filing, missed: Missed, at: datetime, recheck_s: Sequence[float] = ()) -> Outcome:
    """Record a page that could not be had. An article stays whatever became of its page."""
    page = missed.task
    assert isinstance(page, DuePage)
    if page.article_id is not None and missed.outcome.ending is Ending.GONE:
        filing.mark_gone(page.article_id, at)
    retry_at = retry_time(missed.outcome, page.attempts, missed.retry_after_s, at)
    if page.article_id is not None:
        retry_at = retry_at or next_look(recheck_s, missed.outcome.ending, page.discovered, None, at)
    filing.end_page(
        Visit(
            page_id=page.id,
            at=at,
            outcome=missed.outcome,
            final_url=missed.final_url,
            http_status=missed.http_status,
            retry_at=retry_at,
        ),
        page.article_id,
    )
    return missed.outcome


def file_cut(filing: Filing, cut: CutPage, at: datetime, recheck_s: Sequence[float] = ()) -> Outcome:
    """File what was cut out of a page; gives the page's outcome. `recheck_s` says when an article's page is looked at
    again, in seconds since it was named."""
    result = _front_page_instead(cut) or cut.result
    article_id = cut.page.article_id
    if isinstance(result, Article):
        outcome, article_id = file_article(filing, cut, result, at)
    elif isinstance(result, Unmodified):
        assert article_id is not None, "only the pages of articles are asked for with validators"
        filing.confirm_article(article_id, (), at)
        outcome = Outcome(Ending.UNCHANGED)
    elif isinstance(result, Rejected):
        outcome = Outcome(result.ending, result.reason, result.detail)
    elif isinstance(result, Overrun):
        outcome = Outcome(Ending.FAILED, result.reason, result.detail)
    else:
        outcome = Outcome(Ending.FAILED, "too_many_redirects", f"the page refreshes to {result.url}")
    if cut.note and outcome.detail is None:
        outcome = replace(outcome, detail=cut.note)
    retry_at = retry_time(outcome, cut.page.attempts, None, at)
    if article_id is not None:
        published = result.published if isinstance(result, Article) else None
        retry_at = retry_at or next_look(recheck_s, outcome.ending, cut.page.discovered, published, at)
    if cut.answer.raw is not None and not isinstance(result, Unmodified):
        filing.add_capture(cut.page.id, replace(cut.answer.raw, at=at))
    headers = cut.answer.headers
    filing.end_page(
        Visit(
            page_id=cut.page.id,
            at=at,
            outcome=outcome,
            final_url=cut.answer.url,
            http_status=cut.answer.status,
            size_bytes=len(cut.answer.body),
            retry_at=retry_at,
            validators=Validators(headers.get("etag"), headers.get("last-modified")),
        ),
        article_id,
    )
    return outcome


def teach(filing: Filing, cut: CutPage, outcome: Outcome, at: datetime) -> bool:
    """Remember what the page of a new article teaches of the host that answered; gives whether more is known now.

    A page that is fetched again, a revision and another address of a known article teach nothing: they would make an
    article's own paragraphs look repeated.
    """
    if cut.lesson is None or outcome.ending is not Ending.STORED:
        return False
    return filing.learn(urls.host(cut.answer.url), cut.page.id, cut.lesson, at)


def file_article(filing: Filing, cut: CutPage, article: Article, at: datetime) -> tuple[Outcome, int]:
    """File the article of a page, whether it was fetched or came in a file; gives the outcome and the article's id. The
    caller ends the page."""
    own, claimed = addresses_of(cut.page, cut.answer.url, article)
    site = urls.site(cut.answer.url)
    match = filing.match([a.key for a in own], site, article.content_hash, article.title)
    if match is None or match.by == "content":
        by_claim = filing.match([a.key for a in claimed], site, "") if claimed else None
        if by_claim is not None and not _agrees(by_claim, article):
            claimed, by_claim = (), None
        match = by_claim or match
    addresses = (*own, *claimed)
    if match is None:
        preferred = next((a.url for a in claimed if a.via == "canonical"), cut.answer.url)
        article = replace(article, url=urls.normalize(preferred) or preferred, site=site)
        return Outcome(Ending.STORED), filing.add_article(cut.page.id, article, addresses, at, _place(filing, article))
    if cut.page.id not in match.page_ids:
        filing.confirm_article(match.article_id, addresses, at)
        return Outcome(Ending.SAME_ARTICLE, f"same_{match.by}"), match.article_id
    article = replace(article, url=urls.normalize(cut.answer.url) or cut.answer.url, site=site)
    return _file_again(filing, match.article_id, article, addresses, at), match.article_id


def _file_again(
    filing: Filing, article_id: int, article: Article, addresses: Sequence[Address], at: datetime
) -> Outcome:
    """File what the page of a known article gives now."""
    known = filing.member(article_id)
    if (known.title, known.text) == (article.title, article.text):
        filing.confirm_article(article_id, addresses, at, article.updated)
        return Outcome(Ending.UNCHANGED)
    placement = _place(filing, article, known.story_id)
    around = [
        *copies.lines_among(article.text, placement.left_out),
        *copies.lines_among(known.text, known.left_out),
    ]
    change = classify(known.title, known.text, article.title, article.text, around)
    if change is None:
        filing.confirm_article(article_id, addresses, at, article.updated)
        return Outcome(Ending.UNCHANGED)
    filing.revise_article(article_id, article, addresses, at, placement, change.kind)
    return Outcome(
        Ending.REVISED,
        None,
        f"{change.kind}: {change.deleted} word{'' if change.deleted == 1 else 's'} went, {change.inserted} came",
    )


def _place(filing: Filing, article: Article, story: int | None = None) -> Placement:
    """Which story it belongs to, of all that was filed before, in this transaction too; `story` if it has one."""
    return copies.place(article, filing.copies(copies.prints, copies.VERSION), story)


def addresses_of(page: DuePage, final_url: str, article: Article) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """The addresses that led to the page, and those that the page claims for itself.

    A claim counts only on the page's own site, and never where it names a front page: sites that put the same canonical
    link on every page would otherwise become one article.
    """
    own = _distinct([Address(page.url, page.key, "page"), _address(final_url, "redirect")])
    known = {address.key for address in own}
    claims = (
        _address(url, via)
        for via, url in article.addresses
        if urls.normalize(url) and urls.same_site(url, final_url) and not _is_front_page(url)
    )
    return own, tuple(a for a in _distinct(claims) if a.key not in known)


def _address(url: str, via: str) -> Address:
    return Address(urls.normalize(url) or url, urls.identity(url), via)


def _distinct(addresses: Iterable[Address]) -> tuple[Address, ...]:
    first: dict[str, Address] = {}
    for address in addresses:
        first.setdefault(address.key, address)
    return tuple(first.values())


def _agrees(match: Match, article: Article) -> bool:
    same_title = bool(article.title) and (match.title or "").casefold() == (article.title or "").casefold()
    return same_title or match.content_hash == article.content_hash


def _front_page_instead(cut: CutPage) -> Rejected | None:
    """Sites answer for an article they removed with a redirect to their front page."""
    if cut.answer.redirects and _is_front_page(cut.answer.url) and not _is_front_page(cut.page.url):
        return Rejected("not_an_article", f"redirects to the front page {cut.answer.url}")
    return None


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
