"""The corpus over HTTP; needs the extra `web`. `storage.serve` is the way in."""
