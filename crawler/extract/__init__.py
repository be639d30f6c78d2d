"""Cut the article out of a page: text, safe HTML, title, authors, dates, language, each with its provenance.

Pure: bytes in, values out; no network, no Scrapy, no SQL. In order: `parse` makes the tree, `claims` reads what the
page says about itself, `titles`, `people` and `dates` choose among it, `chrome` prunes what surrounds the article,
`site_memory` knows what other pages of the host repeat,
`body` cuts it out, `verdict` tells pages without an article, `cut` sequences all of them.
"""

from crawler.extract.addresses import refresh_target
from crawler.extract.cut import Cut, cut_page, extract
from crawler.extract.headline import without_headline
from crawler.extract.site_memory import lesson_of
from storage import Article, Entry, Rejected

__all__ = [
    "Article",
    "Cut",
    "Entry",
    "Rejected",
    "cut_page",
    "extract",
    "lesson_of",
    "refresh_target",
    "without_headline",
]
