"""The shape of an address: what the addresses of one kind of page have in common, and those of another have not.

`/2026/03/12/ferry-runs-late-again.html` and every other article of its site have the shape `/Y/M/D/a-b-c.html`;
`/news/48213` has `/news/0`, `/index.php?id=45` has `/index.php?id=0`. Host and values are left out; words that say what
kind of page follows are kept. Shapes are what is remembered of a site's links: what one page taught holds for its like.
"""

import re
from urllib.parse import unquote, urlsplit

from crawler.urls.parameters import words

MAX_SHAPE_CHARS = 200
_MAX_SEGMENTS = 8
_MAX_SEGMENT_CHARS = 300
_MAX_PARAMETERS = 6

LIST_WORDS = words(
    "tag tags topic topics thema themen tema temas category categories kategorie kategorien categoria categorie "
    "rubrik rubrique rubrica author authors autor autoren auteur auteurs autore profile user users member members "
    "people archive archives archiv archivo archivio page pages seite pagina search suche recherche buscar "
    "busqueda cerca label labels keyword keywords section sections channel channels genre genres collections "
    "series"
)
"""Steps of a path after which a list is named: what stands behind them is no article."""

OTHER_WORDS = words(
    "about about-us aboutus ueber-uns uber-uns kontakt contact contact-us contacts contacto contatti impressum "
    "imprint privacy privacy-policy datenschutz privacidad cookies cookie-policy terms terms-of-use "
    "terms-of-service agb legal login signin sign-in signup sign-up register registration logout account "
    "my-account subscribe subscription abo abonnement abonnieren newsletter newsletters help hilfe faq jobs "
    "careers karriere advertise advertising mediadaten werbung sitemap rss feed feeds wp-admin wp-login.php "
    "wp-content cart checkout shop store download downloads print share comment comments reply accessibility "
    "cdn-cgi apps app donate redirect out ads mailto gewinnspiel gewinnspiele horoscope horoskop wetter weather "
    "tv-programm epaper e-paper"
)
"""Steps of a path that lead to what a site says of itself, sells, or lets people do."""

ARTICLE_WORDS = words(
    "article articles artikel articulo articulos articolo story stories news noticia noticias nachrichten "
    "nouvelles notizie actualite actualites nyheter nieuws post posts blog entry haber haberler novosti berita "
    "tin a p"
)
MEDIA_WORDS = words(
    "video videos gallery galleries galerie fotostrecke bilder photos photo fotos foto podcast podcasts audio "
    "live tv mediathek webcam webcams quiz games spiele"
)
KNOWN_WORDS = LIST_WORDS | OTHER_WORDS | ARTICLE_WORDS | MEDIA_WORDS

_EXTENSION = re.compile(r"\.([a-z][a-z0-9]{1,4})$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_DAY = re.compile(r"(?:19|20)\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])\Z")
_ID_TOKEN = re.compile(r"\d{4,}\Z|(?=[0-9a-z]*\d)(?=[0-9a-z]*[a-z])[0-9a-z]{6,}\Z", re.IGNORECASE)
_SEPARATORS = re.compile(r"[-_+ .,~]+")
_PACKED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that part no words, or few: Thai, Lao, Burmese, Khmer, Japanese, Chinese, Korean."""


def shape(url: str) -> str:
    """The shape of an address, at most `MAX_SHAPE_CHARS` characters. Empty for what is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    steps, dated = [], 0
    segments = [segment for segment in parts.path.split("/")[: _MAX_SEGMENTS * 2] if segment]
    for number, segment in enumerate(segments[:_MAX_SEGMENTS]):
        step, dated = _step(segment, dated, last=number == len(segments) - 1)
        steps.append(step)
    path = "/" + "/".join(steps) + ("/*" if len(segments) > _MAX_SEGMENTS else "")
    names = sorted({_parameter(pair) for pair in parts.query.split("&")[:_MAX_PARAMETERS] if pair})
    return (path + ("?" + "&".join(names) if names else ""))[:MAX_SHAPE_CHARS]


def words_in(segment: str) -> tuple[int, bool]:
    """How many words a step of a path has, and whether an id stands among them."""
    plain = unquote(segment[:_MAX_SEGMENT_CHARS], errors="replace")
    tokens = [token for token in _SEPARATORS.split(plain) if token]
    has_id = any(_ID_TOKEN.match(token) for token in tokens)
    packed = len(_PACKED.findall(plain))
    return max(sum(not token.isdigit() for token in tokens) - (has_id and len(tokens) == 1), packed // 2), has_id


def _step(segment: str, dated: int, *, last: bool) -> tuple[str, int]:
    """One step of the shape; `dated` counts the parts of a date that the steps before it gave."""
    extension = _EXTENSION.search(segment) if last else None
    name, ending = (segment[: extension.start()], extension[0].lower()) if extension else (segment, "")
    if name.isdigit() and name.isascii():
        if _DAY.match(name):
            return "D" + ending, 3
        if _YEAR.match(name):
            return "Y" + ending, 1
        if dated in (1, 2) and len(name) <= 2:
            return "MD"[dated - 1] + ending, dated + 1
        return "0" + ending, 0
    if _DAY.match(name):
        return "D" + ending, 3
    if name.lower() in KNOWN_WORDS or (last and ending == ".php"):
        return name.lower() + ending, 0
    count, has_id = words_in(name)
    word = "a-b-c" if count >= 4 else "a-b" if count >= 2 else "a" if count or not has_id else ""
    return "-".join(filter(None, (word, "0" if has_id else ""))) + ending, 0


def _parameter(pair: str) -> str:
    name, _, value = pair.partition("=")
    name = name.lower()[:30]
    return f"{name}={'0' if value.isdigit() else 'a' if value else ''}"
