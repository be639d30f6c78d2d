"""What speaks for and against a link of a front page leading to an article: address, words, place on the page.

Each piece of evidence is a number of points and the reason in words, so that every judgement can be told. No piece
decides alone, and none needs a language: words count by their number, addresses by their form. Lists of words
(`crawler.urls.shapes`) only add to that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.urls.parameters import words
from crawler.urls.shapes import ARTICLE_WORDS, LIST_WORDS, MEDIA_WORDS, OTHER_WORDS, words_in

Evidence = tuple[float, str]

_ASSET = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|mjs|json|xml|rss|atom|rdf|pdf|docx?|xlsx?|pptx?|epub|zip|gz|rar|7z|exe"
    r"|dmg|apk|mp3|m4a|ogg|wav|mp4|m4v|webm|avi|mov|m3u8?|ics|txt|csv)$",
    re.IGNORECASE,
)
_PAGE_ENDING = re.compile(r"\.(?:s?html?|phtml|aspx?|jsp|cfm|do)$", re.IGNORECASE)
_SCRIPT_ENDING = re.compile(r"\.(?:php|aspx?|jsp|cfm|cgi|pl|do)$", re.IGNORECASE)
_DATE_IN_PATH = re.compile(
    r"/(?:19|20)\d\d/(?:0?[1-9]|1[0-2])(?:/(?:0?[1-9]|[12]\d|3[01]))?(?=/|-)"
    r"|(?<![0-9])(?:19|20)\d\d[-_]?(?:0[1-9]|1[0-2])[-_]?(?:0[1-9]|[12]\d|3[01])(?![0-9])"
)
_ONLY_DATE = re.compile(r"/(?:19|20)\d\d(?:/\d{1,2}){0,2}/?$")
_PAGE_NUMBER = re.compile(r"/(?:page|seite|pagina|p)[/-]?\d{1,3}/?$", re.IGNORECASE)
_LIST_PARAMETERS = words(
    "cat category catid tag s q search query sort order orderby page paged pg offset start author lang filter "
    "view m rubrik rubric section topic from year month"
)
_ACTION_PARAMETERS = words(
    "share replytocom action add-to-cart print format feed rss login redirect return next url u logout"
)
_LANGUAGE_STEP = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?\Z", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*")
_PACKED_WORD = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page a link stands."""

    in_navigation: bool = False
    in_footer: bool = False
    in_aside: bool = False
    in_article: bool = False
    in_heading: bool = False
    has_image: bool = False


def count_words(text: str) -> int:
    """Words of a text in any script; where a script parts none, two characters count as one."""
    packed = sum(len(run) for run in _PACKED_WORD.findall(text))
    plain = _PACKED_WORD.sub(" ", text) if packed else text
    return len(_WORD.findall(plain)) + (packed + 1) // 2


def never_an_article(url: str) -> str | None:
    """Why an address cannot be an article's whatever else speaks for it; None where it can."""
    parts = urlsplit(url)
    if _ASSET.search(parts.path):
        return "a file, not a page"
    names = {name.lower() for name, _ in parse_qsl(parts.query[:2000], keep_blank_values=True, max_num_fields=None)}
    if names & _ACTION_PARAMETERS and not parts.path.strip("/"):
        return "an action, not a page"
    steps = _steps(parts.path)
    if not names and (not steps or (len(steps) == 1 and _LANGUAGE_STEP.match(steps[0]))):
        return "a front page"
    for step in steps:
        if step in OTHER_WORDS:
            return f"/{step}/ is no place for articles"
    return None


def of_address(url: str) -> list[Evidence]:
    """What the form of an address says."""
    parts = urlsplit(url)
    steps = _steps(parts.path)
    found: list[Evidence] = []
    for step in steps[:-1]:
        if step in LIST_WORDS:
            found.append((-4.0, f"/{step}/ leads to lists"))
        elif step in MEDIA_WORDS:
            found.append((-6.0, f"/{step}/ leads to pictures or sound"))
        elif step in ARTICLE_WORDS:
            found.append((0.5, f"/{step}/ leads to articles"))
    if _ONLY_DATE.search(parts.path):
        found.append((-3.0, "the archive of a time"))
    elif _DATE_IN_PATH.search(parts.path):
        found.append((3.0, "a date in the path"))
    if _PAGE_NUMBER.search(parts.path):
        found.append((-4.0, "a further page of a list"))
    if steps:
        found.extend(_of_last_step(steps))
    found.extend(_of_query(parts.query, bool(steps) and not _SCRIPT_ENDING.search(steps[-1])))
    return found


def _steps(path: str) -> list[str]:
    return [unquote(step, errors="replace").lower() for step in path[:2000].split("/") if step]


def _of_last_step(steps: list[str]) -> list[Evidence]:
    last = steps[-1]
    if last in LIST_WORDS | MEDIA_WORDS:
        return [(-3.0, f"ends in /{last}")]
    name = _PAGE_ENDING.sub("", last)
    found: list[Evidence] = []
    if name != last and not (len(steps) == 1 and name in ("index", "default", "home")):
        found.append((0.5, "ends like a page"))
    if _SCRIPT_ENDING.search(last):
        return found
    count, has_id = words_in(name)
    digits = name.isdigit() and len(name) >= 3 and name.isascii()
    if count >= 5:
        found.append((3.0, f"a name of {count} words"))
    elif count == 4:
        found.append((2.5, "a name of four words"))
    elif count == 3:
        found.append((1.0, "a name of three words"))
    elif count <= 1 and not has_id and not digits:
        found.append((-1.5, "a name of one word"))
    if has_id or digits:
        found.append((2.0 if count != 1 or len(name) > 8 else 1.5, "a number or id in its name"))
    if len(steps) >= 3 and count >= 2:
        found.append((0.5, "deep in the site"))
    return found


def _of_query(query: str, in_path: bool) -> list[Evidence]:
    found: list[Evidence] = []
    for name, value in parse_qsl(query[:2000], keep_blank_values=True)[:10]:
        name = name.lower()
        if name in _ACTION_PARAMETERS:
            found.append((-4.0, f"?{name}= is an action"))
        elif name in _LIST_PARAMETERS:
            found.append((-4.0, f"?{name}= makes a list"))
        elif value.isdigit() and not in_path:
            found.append((2.0, f"?{name}= numbers a page"))
        elif not in_path and words_in(value)[0] >= 3:
            found.append((2.0, f"?{name}= names a page in words"))
    return found


def of_text(text: str, is_repeated: bool) -> list[Evidence]:
    """What the words of a link say. `is_repeated`: many links say the same, so that it says nothing of this one."""
    if is_repeated:
        return [(0.0, "says what many links say")]
    count = count_words(text)
    if count == 0:
        return [(-0.5, "no words")]
    if count >= 6:
        return [(2.5, f"a headline of {count} words")]
    if count >= 4:
        return [(1.5, f"{count} words")]
    if count == 3:
        return [(0.0, "three words")]
    return [(-1.5, "one or two words")]


def of_place(place: Place, with_image_and_words: bool) -> list[Evidence]:
    """What the place of a link says."""
    found: list[Evidence] = []
    if place.in_heading:
        found.append((2.0, "a heading"))
    if place.in_article:
        found.append((0.5, "in the main part"))
    if place.in_navigation:
        found.append((-2.5, "in the navigation"))
    if place.in_footer:
        found.append((-4.0, "in the footer"))
    if place.in_aside:
        found.append((-0.5, "beside the main part"))
    if with_image_and_words:
        found.append((1.0, "picture and headline"))
    return found
