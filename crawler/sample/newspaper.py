"""What the sample newspaper consists of: sites, articles with every expected string, and stray addresses."""

import functools
import importlib.resources
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from typing import Literal

from crawler.sample.manuscript import Block, Comment, Kind, Manuscript, parse_manuscript, plain, printed

FeedKind = Literal["rss", "atom", "json", "rdf"]
StrayNature = Literal["missing", "moved", "forbidden", "section"]


def data() -> Traversable:
    """The package's own files, also when it was installed from a wheel."""
    return importlib.resources.files("crawler.sample")


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of a site's menu and the page it leads to."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Site:
    """One news site. ``charset`` is that of its pages, ``tracking`` what every other feed link has appended."""

    host: str
    title: str
    tagline: str
    language: str
    theme: str
    feed_path: str
    feed_kind: FeedKind
    charset: str
    tags: tuple[str, ...]
    tracking: str
    sections: tuple[Section, ...]
    forbidden: str
    """Path prefix that robots.txt forbids."""

    @property
    def key(self) -> str:
        """The host without ``.localhost``: the folder of its manuscripts, the name in feeds.yaml."""
        return self.host.removesuffix(".localhost")

    def url(self, port: int, path: str = "/") -> str:
        """An address on this site when it is served on ``port``."""
        return f"http://{self.host}:{port}{path}"

    def feed_url(self, port: int) -> str:
        """Where the site's feed is when it is served on ``port``."""
        return self.url(port, self.feed_path)


@dataclass(frozen=True, slots=True)
class Sample:
    """One article as it was written: what a perfect cut of its page must give."""

    key: str
    site: Site
    path: str
    title: str
    language: str
    authors: tuple[str, ...]
    published: datetime
    updated: datetime | None
    section: str
    summary: str
    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...]
    story: str
    """Equal for the articles that print one text; the key of the first to run it."""

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Every string of the text in reading order: headings, items, cells and captions included."""
        return tuple(text for _, text in printed(self.blocks))

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What each of ``paragraphs`` is."""
        return tuple(kind for kind, _ in printed(self.blocks))

    def url(self, port: int) -> str:
        """The article's own address when the newspaper is served on ``port``."""
        return self.site.url(port, self.path)


@dataclass(frozen=True, slots=True)
class Stray:
    """An address that a feed lists and that is no article of its own.

    ``missing`` answers 404; ``moved`` answers 301 to ``target`` (a path on the same site); ``forbidden`` is
    closed by robots.txt; ``section`` is a section page listed by mistake.
    """

    site: Site
    path: str
    title: str
    nature: StrayNature
    published: datetime
    target: str = ""

    def url(self, port: int) -> str:
        """The stray address when the newspaper is served on ``port``."""
        return self.site.url(port, self.path)


@dataclass(frozen=True, slots=True)
class Newspaper:
    """All sites, articles (newest first within a site) and stray addresses."""

    sites: tuple[Site, ...]
    samples: tuple[Sample, ...]
    strays: tuple[Stray, ...]
    shared: tuple[tuple[str, str], ...]
    """Pairs (site key, sample key): feeds that also list an article of another site."""

    def samples_of(self, site: Site) -> tuple[Sample, ...]:
        """The articles that one site printed, newest first."""
        return tuple(sample for sample in self.samples if sample.site == site)

    def listed_by(self, site: Site) -> tuple[Sample, ...]:
        """The articles that one site's feed names: its own, then those of partners."""
        partners = [sample for sample in self.samples if (site.key, sample.key) in self.shared]
        return (*self.samples_of(site), *partners)


@functools.cache
def newspaper() -> Newspaper:
    """Load the bundled newspaper. The result is immutable and read once a process."""
    sites: list[Site] = []
    strays: list[Stray] = []
    shared: list[tuple[str, str]] = []
    for entry in json.loads(data().joinpath("sites.json").read_text(encoding="utf-8")):
        site = Site(
            host=entry["host"],
            title=entry["title"],
            tagline=entry["tagline"],
            language=entry["language"],
            theme=entry["theme"],
            feed_path=entry["feed_path"],
            feed_kind=entry["feed_kind"],
            charset=entry["charset"],
            tags=tuple(entry["tags"]),
            tracking=entry["tracking"],
            sections=tuple(Section(name, path) for name, path in entry["sections"].items()),
            forbidden=entry["forbidden"],
        )
        sites.append(site)
        for stray in entry["strays"]:
            strays.append(Stray(site=site, **{**stray, "published": _moment(stray["published"])}))
        shared.extend((site.key, sample_key) for sample_key in entry["shared"])
    samples = [sample for site in sites for sample in _samples(site)]
    return Newspaper(tuple(sites), tuple(samples), tuple(strays), tuple(shared))


def _samples(site: Site) -> list[Sample]:
    folder = data().joinpath("articles", site.key)
    found = [
        _sample(site, f"{site.key}/{file.name.removesuffix('.txt')}", _manuscript(file))
        for file in folder.iterdir()
        if file.name.endswith(".txt")
    ]
    return sorted(found, key=lambda sample: (sample.published, sample.path), reverse=True)


def _manuscript(file: Traversable) -> Manuscript:
    try:
        return parse_manuscript(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file.name}: {error}") from error


def _sample(site: Site, key: str, written: Manuscript) -> Sample:
    blocks, story = written.blocks, key
    if source := written.get("text_of"):
        folder, name = source.split("/")
        blocks, story = _manuscript(data().joinpath("articles", folder, f"{name}.txt")).blocks, source
    updated = written.get("updated")
    return Sample(
        key=key,
        site=site,
        path=written.get("path"),
        title=written.get("title"),
        language=written.get("language") or site.language,
        authors=tuple(name.strip() for name in written.get("author").split(";") if name.strip()),
        published=_moment(written.get("published")),
        updated=_moment(updated) if updated else None,
        section=written.get("section"),
        summary=written.get("summary") or plain(blocks[0].rows[0][0]),
        blocks=blocks,
        comments=written.comments,
        story=story,
    )


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)
