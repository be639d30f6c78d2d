"""Articles as feeds that any reader takes: Atom, RSS and JSON Feed, and lists of them as OPML. Pure."""

from storage.syndication.atom import write_atom
from storage.syndication.channel import Channel, Item
from storage.syndication.json_feed import write_json_feed
from storage.syndication.opml import FeedOutline, write_opml
from storage.syndication.rss import write_rss

__all__ = ["Channel", "FeedOutline", "Item", "write_atom", "write_json_feed", "write_opml", "write_rss"]
