"""The JSON API: the objects that the command line gives with `--json`, at addresses that stay."""

from storage.web.api.document import describe
from storage.web.api.routes import router

__all__ = ["describe", "router"]
