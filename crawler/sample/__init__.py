"""The sample newspaper: five small fictional news sites that ship with the product.

``cuttings demo`` serves them on loopback and crawls them as it would any site; the tests hold what was cut
against what was printed. Nothing here is imported by a crawl of the outside world.

    paper = newspaper()
    with serve(paper) as port:
        text = feeds_yaml(port)
"""

from crawler.sample.newspaper import Newspaper, Sample, Section, Site, Stray, newspaper
from crawler.sample.proof import chrome, leaked, lost
from crawler.sample.server import feeds_yaml, serve

__all__ = [
    "Newspaper",
    "Sample",
    "Section",
    "Site",
    "Stray",
    "chrome",
    "feeds_yaml",
    "leaked",
    "lost",
    "newspaper",
    "serve",
]
