"""A page of the sample newspaper on the standard output: `python -m crawler.sample harbour-courier/oyster-beds`.

Without a name it lists them all.
"""

from __future__ import annotations

import sys

from crawler.sample import newspaper
from crawler.sample.pages import article_page

PORT = 8000
"""What its links say; nothing has to listen there."""


def main() -> int:
    """Write the page, encoded as its site would; 2 for a name that no article has."""
    paper = newspaper()
    pages = {sample.key: sample for sample in paper.samples}
    if len(sys.argv) < 2:
        print("\n".join(pages))
        return 0
    sample = pages.get(sys.argv[1])
    if sample is None:
        print(f"{sys.argv[1]!r} is no article of the sample; without a name all are listed", file=sys.stderr)
        return 2
    page = article_page(paper, sample, PORT)
    sys.stdout.buffer.write(page.encode(sample.site.charset, "xmlcharrefreplace"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
