"""The Scrapy classes between spider and network. Each is thin: what it does is decided in `crawler.network`.

A request passes, in this order: robots, headers, redirect, decompression, retry-after, proxy; then the download
handler, where it waits for its host's turn, has its host's addresses vetted and is sent. A response comes back the
same way. A redirect begins anew at the top, as a request of its own.
"""
