"""Changes of a feeds.yaml that a person keeps: what is not meant stays as it is, byte for byte."""

from crawler.editing.adding import NewSource, add_or_create, add_source, add_sources, config_or_bare
from crawler.editing.amending import Amended, remove_sources, switch_sources
from crawler.editing.files import bare_starter, is_device, starter, write_new

__all__ = [
    "Amended",
    "NewSource",
    "add_or_create",
    "add_source",
    "add_sources",
    "bare_starter",
    "config_or_bare",
    "is_device",
    "remove_sources",
    "starter",
    "switch_sources",
    "write_new",
]
