"""Articles from elsewhere: the rows of a file become articles as the pages of a crawl do.

`lines` reads a file in flat memory, `columns` says what other tools call things, `rows` makes an article of a line,
`texts` its text and HTML, `moments` its dates, `placing` tells older texts from newer ones,
`run` sequences all of them and files what came of it, `report` counts that.
"""

from crawler.importing.report import ImportReport, Problem
from crawler.importing.run import import_articles, must_be_files

__all__ = ["ImportReport", "Problem", "import_articles", "must_be_files"]
