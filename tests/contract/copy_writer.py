"""A process that files generated articles until all are filed or it is killed: python copy_writer.py PATH COUNT.

Texts are made from their number: copies, trimmed copies, revisions and texts with furniture among them. It prints a
line for every group that it has filed.
"""

from __future__ import annotations

import random
import sys
from datetime import timedelta

import judging
from contract.copying import Press, words
from contract.scenes import NOW, article

from storage import Article, Corpus, open_corpus

GROUP = 8


def cut_of(number: int) -> Article:
    """The article with this number; every third is a copy, whole or trimmed, of one of the last dozens."""
    chance = random.Random(number)
    origin = number if number % 3 else max(number - chance.randrange(1, 40), 0)
    text = words(origin * 100, chance.choice((30, 45, 60)) if origin != number else 60)
    return article(f"Follow us everywhere\n{text}\nAll about site {number % 5}", title=f"Article {number}")


def file_group(corpus: Corpus, press: Press, start: int, count: int) -> None:
    """Articles from this number on, in one transaction, with a revision of an earlier one."""
    with corpus.filing() as filing:
        for number in range(start, min(start + GROUP, count)):
            press.file_in(filing, cut_of(number))
        if start % 24 == 16:
            revised = article(f"Follow us everywhere\n{words(start * 100 + 7, 60)}", title="Revised")
            placed = judging.place(revised, press.index(filing))
            filing.revise_article(start // 2, revised, (), NOW + timedelta(days=1), placed)


def main(path: str, count: int) -> None:
    """Go on where the corpus ends."""
    with open_corpus(path, write=True) as corpus:
        start = corpus.totals().articles
        press = Press(corpus, f"from{start}p")
        for number in range(start, count, GROUP):
            file_group(corpus, press, number, count)
            print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
