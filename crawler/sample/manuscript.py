"""Read a manuscript of the sample newspaper: a header, the text in light markup, the readers' comments.

A manuscript is a text file. Header lines are ``key: value`` up to the first empty line. Blocks follow, parted by
empty lines: ``## heading``, ``> quote``, ``- item`` lines, ``| cell | cell`` lines (the first row is the head),
``!figure name.svg | caption``, or a plain paragraph. ``!readalso``, ``!related``, ``!promo`` and ``!pullquote
text`` put a box of the site's own inside the text; a box is not part of the article. Within a line ``**strong**``,
``*emphasis*`` and ``[text](/path/)`` are known. After ``--- comments`` each line is ``name | date | text``.
"""

import html
import re
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["paragraph", "heading", "quote", "list", "table", "figure", "box"]
Kind = Literal["paragraph", "heading", "quote", "item", "cell", "caption"]

_PRINTED_AS: dict[BlockKind, Kind] = {
    "paragraph": "paragraph",
    "heading": "heading",
    "quote": "quote",
    "list": "item",
    "table": "cell",
    "figure": "caption",
}
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")
_EMPHASIS = re.compile(r"\*([^*]+)\*")
_COMMENTS = "\n--- comments\n"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a text. ``rows`` holds marked-up strings: one row of cells, one item a row, or one string.

    ``name`` is the picture of a figure or the sort of a box, otherwise empty.
    """

    kind: BlockKind
    rows: tuple[tuple[str, ...], ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reader wrote below an article."""

    name: str
    date: str
    text: str


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A parsed file: header values by key, blocks and comments in order."""

    header: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...]

    def get(self, key: str) -> str:
        """The header's value for ``key``, or an empty string."""
        return dict(self.header).get(key, "")


def parse_manuscript(text: str) -> Manuscript:
    """Parse one file. Raises ValueError naming the line when a header line has no colon."""
    written, _, talk = text.partition(_COMMENTS)
    head, _, body = written.partition("\n\n")
    header = []
    for line in head.splitlines():
        key, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"header line without a colon: {line!r}")
        header.append((key.strip(), value.strip()))
    chunks = (chunk.strip() for chunk in re.split(r"\n\s*\n", body))
    return Manuscript(
        header=tuple(header),
        blocks=tuple(_block(chunk) for chunk in chunks if chunk),
        comments=tuple(_comment(line) for line in talk.splitlines() if line.strip()),
    )


def _block(chunk: str) -> Block:
    lines = [line.strip() for line in chunk.splitlines()]
    if chunk.startswith("!"):
        sort, _, rest = " ".join(lines)[1:].partition(" ")
        if sort == "figure":
            name, _, caption = rest.partition("|")
            return Block("figure", ((caption.strip(),),), name.strip())
        return Block("box", ((rest,),), sort)
    if chunk.startswith("- "):
        return Block("list", tuple((line.removeprefix("- "),) for line in lines))
    if chunk.startswith("| "):
        return Block("table", tuple(tuple(c.strip() for c in line.strip("| ").split("|")) for line in lines))
    if chunk.startswith("## "):
        return Block("heading", ((" ".join(lines)[3:],),))
    if chunk.startswith("> "):
        return Block("quote", ((" ".join(line.removeprefix("> ") for line in lines),),))
    return Block("paragraph", ((" ".join(lines),),))


def _comment(line: str) -> Comment:
    name, date, text = (part.strip() for part in line.split("|", 2))
    return Comment(name, date, text)


def printed(blocks: tuple[Block, ...]) -> tuple[tuple[Kind, str], ...]:
    """Every string of the article in reading order with its kind, markup removed and boxes left out."""
    return tuple(
        (_PRINTED_AS[block.kind], plain(cell))
        for block in blocks
        if block.kind != "box"
        for row in block.rows
        for cell in row
    )


def plain(marked: str) -> str:
    """A marked-up string as a reader sees it."""
    return _EMPHASIS.sub(r"\1", _STRONG.sub(r"\1", _LINK.sub(r"\1", marked)))


def inline_html(marked: str) -> str:
    """A marked-up string as HTML, escaped."""
    text = html.escape(marked, quote=False)
    text = _LINK.sub(r'<a href="\2">\1</a>', text)
    return _EMPHASIS.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", text))
