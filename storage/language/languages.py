"""What people call languages, and the codes that articles have."""

from __future__ import annotations

_NAMES = {
    "ar": "arabic عربي العربية ara",
    "bg": "bulgarian български bul",
    "bn": "bengali bangla বাংলা ben",
    "ca": "catalan català cat",
    "cs": "czech čeština česky ces cze",
    "da": "danish dansk dan",
    "de": "german deutsch deu ger",
    "el": "greek ελληνικά ell gre gr",
    "en": "english eng uk us",
    "es": "spanish español castellano spa",
    "et": "estonian eesti est",
    "fa": "persian farsi فارسی fas per",
    "fi": "finnish suomi fin",
    "fr": "french français fra fre",
    "he": "hebrew עברית heb iw",
    "hi": "hindi हिन्दी hin",
    "hr": "croatian hrvatski hrv",
    "hu": "hungarian magyar hun",
    "id": "indonesian bahasa ind",
    "it": "italian italiano ita",
    "ja": "japanese 日本語 jpn jp",
    "ko": "korean 한국어 kor kr",
    "lt": "lithuanian lietuvių lit",
    "lv": "latvian latviešu lav",
    "nb": "norwegian norsk bokmål nor",
    "nl": "dutch nederlands flemish nld dut",
    "no": "norwegian norsk nor",
    "pl": "polish polski pol",
    "pt": "portuguese português por br",
    "ro": "romanian română ron rum",
    "ru": "russian русский rus",
    "sk": "slovak slovenčina slk slo",
    "sl": "slovenian slovenščina slv",
    "sr": "serbian српски srpski srp",
    "sv": "swedish svenska swe se",
    "sw": "swahili kiswahili swa",
    "th": "thai ไทย tha",
    "tr": "turkish türkçe tur",
    "uk": "ukrainian українська ukr ua",
    "ur": "urdu اردو urd",
    "vi": "vietnamese tiếng vie vn",
    "zh": "chinese 中文 汉语 漢語 mandarin zho chi cn",
}


def codes_of(name: str) -> list[str]:
    """The codes (ISO 639-1) of a language by its English or own name, its code of three letters or what is mistaken
    for one; several where they are used side by side."""
    asked = name.casefold().split("-")[0]
    return [code for code, names in _NAMES.items() if asked in names.split()]
