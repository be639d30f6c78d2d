"""Names of people out of what pages write for an author: without "By", roles, degrees, addresses and duplicates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from html import unescape

from crawler.extract.words import fold

MAX_AUTHORS = 50
_MAX_NAME_CHARS = 120

BY = re.compile(
    r"^\W*(?:(?:(?:view |see |all )*posts|written|posted|story|words|text|report(?:ed|ing)?|review(?:ed)?|published"
    r"|article)\s+)?"
    r"(?:by|von|par|por|di|da|door|av|af|autor(?:e|en|in|a)?|author|auteurs?|автор|текст|written by|texte)"
    r"(?:\s*[:：]\s*|\s+)",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[<(\[]?\s*[\w.+-]+@[\w-]+(?:\.[\w-]+)+\s*[>)\]]?")
_TAG = re.compile(r"<[^<>]{1,200}>")
URL = re.compile(r"(?:https?:)?//\S+|www\.\S+")
_SPLIT = re.compile(r"\s*(?:;|,|/|\||•|·|\n|、|，)\s*")
_CONJUNCTION = re.compile(
    r"\s*(?:&|\band\b|\bund\b|\bet\b|\by\b(?=\s+[A-ZÀ-Ý])|และ|\bwith\b|\bmit\b)\s*", re.IGNORECASE
)
_BODY = re.compile(
    r"\b(?:for|of|für|pour|para|cent(?:er|re)|department|departement|institut\w*|universit\w*|ministry|association|society)\b"
    r"|ministerium",
    re.IGNORECASE,
)
"""A public body has an "and" within its name."""
_DAY_WORD = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)\.?"
)
_DAY_WORDS = re.compile(rf"^(?:\d{{1,2}}\s+)?{_DAY_WORD}(?:\s+{_DAY_WORD})*$", re.IGNORECASE)
_DAY_BEHIND = re.compile(rf"^(\S+\s+\S.*?)(?:\s+{_DAY_WORD})+$", re.IGNORECASE)
_STATUS = re.compile(
    r"^(?:last\s+)?(?:updated|published|posted|modified|reviewed|\d+\s+min(?:ute)?s?\b)\b", re.IGNORECASE
)
_CREDENTIAL = re.compile(
    r"^(?:[A-Z]{2,6}®|(?:ph\.?\s?d|m\.?d|m\.?s|m\.?a|b\.?a|m\.?b\.?a|mph|msc|bsc|bsn|msn|rn|np|rd|rdn|ld|cpa|cfp|cfa|j\.?d|esq|dvm"
    r"|vmd|dds|dmd|dpt|lcsw|facs?m)\.?)$",
    re.IGNORECASE,
)
"""Letters that stand behind a name with a comma, or as its last words."""
_BEHIND = frozenset(
    ("foto", "fotos", "photo", "photos", "image", "text", "sponsored", "alle", "all", "view", "published", "updated")
)
"""What a by-line goes on with behind the name, capitalised or not."""
_PARTICLES = frozenset(
    (
        *("van", "von", "vom", "zu", "zum", "zur", "de", "del", "della", "der", "den", "des", "di", "da", "das", "do"),
        *(
            "dos",
            "du",
            "la",
            "le",
            "las",
            "los",
            "el",
            "al",
            "bin",
            "ibn",
            "ben",
            "y",
            "e",
            "i",
            "af",
            "av",
            "ter",
            "ten",
        ),
        *("op", "st", "und", "and", "&", "mc", "the", "d", "'t"),
    )
)
_HEADED = re.compile(
    r"^(?:\W*\b(?:alle?|view|zeige|see|more|all|posts?|beiträge|beitrag|artikel|article|articles|erstellt|written|geschrieben"
    r"|verfasst|veröffentlicht|autorenseite|story|guide|review|interview|reporting|reviewed|recommended|about|the|author"
    r"|über|den|autor|publiziert|words|text)\b\W*){1,5}(?:(?:by|von|par|por|di|da|door|av|af)\b[\s:]*|[-–—:]\s*)",
    re.IGNORECASE,
)
"""What a link or a box says before the name: "View all posts by", "About the author -"."""
_LINKING = re.compile(
    r"^\W*(?:(?:view|see|read|all|more|alle|weitere|mehr|weiter|zur|datum|date|login|video|quelle|source|library|posts?"
    r"|beiträge|artikel|articles|about)\b\W*)+(?:\w+\W*)?$",
    re.IGNORECASE,
)
_PLACING = frozenset(("in", "at", "on", "am", "im", "under", "from", "vom", "»", "—", "–", "foto", "text"))
_DASH = re.compile(r"\s+[-–—]\s+")
_TITLED = re.compile(
    r"^(\S+(?:\s+\S+){1,3}?)\s+(?:senior|former|deputy|chief|associate|managing|contributing|freelance|guest|executive|lead"
    r"|writer|editor|reporter|correspondent|contributor|columnist|journalist)\b.*$",
    re.IGNORECASE,
)
_OUTLET = re.compile(
    r"\b(?:press|presse|times|news|herald|gazette|telegram|tribune|report|agency|agence|agentur|magazine|journal|radio|tv"
    r"|media|group|inc|ltd|llc|gmbh)\b",
    re.IGNORECASE,
)
"""A paper or an agency, named behind the person who wrote for it."""
_ROLE = re.compile(
    r"\b(?:editors?|editorial|staff|reporters?|writers?|correspondents?|contributors?|columnists?|journalists?|"
    r"redaktion|redakteur(?:in)?|redacci[oó]n|r[ée]daction|redazione|redactie|news desk|newsroom|web ?team|team|"
    r"photographers?|producers?|ph\.?d\.?|m\.?d\.?|opinion|bureau|chief|director)\b",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"\s+(?:(?:am|on|le|el|il|published|updated)\s+)?(?:\d.*|(?:jan|feb|m[aä]r|apr|may|mai|jun|jul|aug|sep|o[ck]t|nov"
    r"|de[cz])\w*\.?\s+\d.*|(?:said|says|weiter)\b.*)$",
    re.IGNORECASE,
)
_NOBODY = frozenset(
    (
        "admin",
        "administrator",
        "author",
        "anonymous",
        "editor",
        "staff",
        "unknown",
        "none",
        "null",
        "undefined",
        "user",
        "webmaster",
        "redaktion",
        "guest",
        "root",
        "by",
        "test",
        "n a",
        "super user",
        "home",
        "sign in",
        "sign up",
        "log in",
        "login",
        "register",
        "subscribe",
        "share",
        "search",
        "menu",
        "comments",
        "read more",
        "on",
        "at",
        "in",
        "from",
        "von",
        "par",
        "por",
        "sign",
        "founder",
        "publiziert",
    )
)


def clean_names(raw: Iterable[str], site: frozenset[str] = frozenset(), *, printed: bool = False) -> tuple[str, ...]:
    """Names without "By", roles, e-mail, addresses and duplicates, in their order; at most 50 of 120 characters. What
    is `printed` on the page, and not named in its head, may go on behind the name."""
    kept: dict[str, str] = {}
    for entry in list(raw)[:MAX_AUTHORS]:
        for name in _people_in(entry, site, printed):
            folded = fold(name)
            if is_person(name, folded) and folded not in site:
                kept.setdefault(folded, name)
    return tuple(kept.values())[:MAX_AUTHORS]


def _people_in(entry: str, site: frozenset[str], printed: bool) -> list[str]:
    entry = unescape(entry[:1000])
    text = _EMAIL.sub(" ", URL.sub(" ", _TAG.sub(" ", unicodedata.normalize("NFC", entry))))
    text = _HEADED.sub("", BY.sub("", " ".join(text.split())))
    found: list[str] = []
    for part in (
        p for whole in _SPLIT.split(text) for p in ([whole] if _BODY.search(whole) else _CONJUNCTION.split(whole))
    ):
        name = _name_in(part, site, printed)
        if name and not (found and _OUTLET.search(name) and not _OUTLET.search(found[0])):
            found.append(name)
    return found


def _name_in(part: str, site: frozenset[str], printed: bool) -> str:
    """The name in one part of a list of authors; empty where it holds none."""
    name = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", part)
    name = _TRAILING.sub("", name)
    name = trimmed(BY.sub("", name))
    if dated := _DAY_BEHIND.match(name):
        name = dated[1]
    if _DAY_WORDS.match(name) or _STATUS.match(name) or _CREDENTIAL.match(name) or _LINKING.match(name):
        return ""
    if printed and (titled := _TITLED.match(name)):
        name = titled[1]
    halves = _DASH.split(name)
    if len(halves) > 1 and any(fold(half) in site for half in halves):
        halves = [half for half in halves if fold(half) not in site]
        name = trimmed(halves[0]) if halves else ""
    if name and _ROLE.search(name):
        name = "" if _ROLE.search(halves[0]) else trimmed(halves[0])
    return _without_what_follows(name, printed)


def _without_what_follows(name: str, printed: bool) -> str:
    """A name without letters of degrees and, where it is printed, without the words that a line goes on with; empty
    where what is left is the beginning of a sentence."""
    words = name.split()
    if printed and len(words) > 1 and words[0][:1].isupper():
        ends = next((i for i, word in enumerate(words) if i and _goes_on(word)), len(words))
        if ends == 1 and words[1].lower() not in _PLACING:
            return ""
        words = words[:ends]
    while len(words) > 2 and words[-1].isupper() and _CREDENTIAL.match(words[-1]):
        words.pop()
    while printed and len(words) > 1 and words[-1] in _PARTICLES:
        words.pop()
    return trimmed(" ".join(words))


def _goes_on(word: str) -> bool:
    bare = word.lower().strip(".:")
    small = word[:1].islower() and bare not in _PARTICLES and "'" not in word and "’" not in word
    return small or bare in _BEHIND or word in ("—", "–", "»")


def trimmed(name: str) -> str:
    """A name without the punctuation around it; the point of a last initial is its own."""
    bare = " ".join(name.strip(" \t.,:;-–—|*\"'“”»«").split())
    return f"{bare}." if re.search(r"[. ]\w$", bare) and f"{bare}." in " ".join(name.split()) else bare


def is_person(name: str, folded: str) -> bool:
    if not folded or folded in _NOBODY or len(name) > _MAX_NAME_CHARS or len(name) < 2 or len(name.split()) > 6:
        return False
    if "@" in name:
        return False
    if "." in name and re.fullmatch(r"[\w-]+(?:\.[\w-]+)*\.(?:[a-z]{2,6}|[A-Z]{2,3})", name):
        return False
    digits = sum(c.isdigit() for c in name)
    return digits * 3 < len(name)
