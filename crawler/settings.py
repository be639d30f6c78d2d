"""Scrapy's settings: only those that differ from its defaults, each with its reason."""

from __future__ import annotations

import os

from crawler.network import user_agent

BOT_NAME = "cuttings"

# --- The crawl: spiders, pipelines, extensions -----------------------------------------------------------

SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
CUTTINGS_DB = os.environ.get("CUTTINGS_DB", "cuttings.db")
CUTTINGS_FEEDS = os.environ.get("CUTTINGS_FEEDS", "feeds.yaml")
# Processes that parse pages; 0: one a core.
CUTTINGS_WORKERS = 0
ITEM_PIPELINES = {
    "crawler.pipelines.BoxPipeline": 100,
    "crawler.pipelines.FilingPipeline": 200,
}
# Bytes of pages that are parsed or filed at the moment; beyond it nothing more is fetched. Memory is bounded by it.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 48 * 1024 * 1024

# --- Who we are ------------------------------------------------------------------------------------------

# The middleware `Headers` adds the contact from CUTTINGS_CONTACT; this is what `scrapy shell` and its kin start from.
USER_AGENT = user_agent(None)
# Private ranges that may be fetched, CIDR; feeds.yaml: network.allow.
CUTTINGS_ALLOW: list[str] = []
# The URL that the User-Agent names; feeds.yaml: contact.
CUTTINGS_CONTACT: str | None = None
# Seconds between two requests to one host where neither a source nor robots.txt asks for more.
CUTTINGS_DELAY_S = 1.0
# A reader's subscriptions are no one's business but his.
COOKIES_ENABLED = False
REFERER_ENABLED = False

# --- Politeness: the gate in the download handler decides, and nothing else does ---------------------------

DOWNLOAD_HANDLERS = {
    "http": "crawler.middlewares.download_handler.PoliteHandler",
    "https": "crawler.middlewares.download_handler.PoliteHandler",
    # These reach the disk of this machine or speak protocols that nobody publishes news by.
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
# Scrapy's own slots must never hold back what the gate would let go, nor the other way round.
DOWNLOAD_DELAY = 0
CONCURRENT_REQUESTS_PER_DOMAIN = 10_000
AUTOTHROTTLE_ENABLED = False
# Room for hundreds of hosts that take their time beside those that answer (S6): 200 tarpits hold 400 of these, a page
# and the robots.txt that it waits for each.
CONCURRENT_REQUESTS = 1000
# Scrapy makes so many tasks for each response, and ours yield one item: its default of 100 costs a third of all CPU.
CONCURRENT_ITEMS = 1
# This check parses the source of callbacks, which are all ours.
WARN_ON_GENERATOR_RETURN_VALUE = False
# The frontier asks again later; nothing is asked again at once.
RETRY_ENABLED = False
# `crawler.middlewares.robots` does this as RFC 9309 says, which Scrapy's own does not.
ROBOTSTXT_OBEY = False

# --- Bounds ----------------------------------------------------------------------------------------------

# Seconds for a whole response, its first byte to its last: this ends drips and tarpits.
DOWNLOAD_TIMEOUT = 40
# Bytes of a body as it travels, and again when unpacked. The largest feeds and pages we met have some 10 MB.
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024
# No warning before the limit: reaching it is recorded as the outcome of the URL.
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 10
# A redirect keeps its place: its page is half fetched.
REDIRECT_PRIORITY_ADJUST = 0
# Pages are parsed in a box, elsewhere; a meta refresh comes back from there as a new request.
METAREFRESH_ENABLED = False

# --- Addresses -------------------------------------------------------------------------------------------

TWISTED_DNS_RESOLVER = "crawler.middlewares.resolver.VettingResolver"
DNS_TIMEOUT = 20
# getaddrinfo runs in these threads and cannot be called off; ten dead name servers must not block the rest.
REACTOR_THREADPOOL_MAXSIZE = 32
# Off in Scrapy: without it anyone on the way may put words into a newspaper's mouth.
DOWNLOAD_VERIFY_CERTIFICATES = True

# --- Middlewares: ours in place of Scrapy's, and none that a crawl does not need ----------------------------

DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.robots.Robots": 100,
    "crawler.middlewares.headers.Headers": 400,
    "crawler.middlewares.conditional.ConditionalRequests": 450,
    "crawler.middlewares.redirect.Redirect": 590,
    "crawler.middlewares.compression.Compression": 600,
    "crawler.middlewares.pauses.Pauses": 700,
    "crawler.middlewares.proxy.ConfiguredProxy": 750,
    # Replaced by the ones above.
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": None,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    # Not needed, and each costs every request some time.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
}
SPIDER_MIDDLEWARES = {
    # Every status has an outcome of its own, so the spider sees them all.
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    # `crawler.urls.normalize` has the limit on the length of addresses.
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}
# The frontier knows what was seen.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"

# --- Doors that stay shut --------------------------------------------------------------------------------

TELNETCONSOLE_ENABLED = False
# It runs code that it is sent.
REMOTE_CONTROL_ENABLED = False
# Scrapy loads an extension before it finds that it is switched off, and the one for remote control is a web server: a
# tenth of what a crawl takes to start. The corpus is what a crawl yields; `cuttings export` writes files.
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.logstats.LogStats": 0,
}

# --- Log -------------------------------------------------------------------------------------------------

# A line for every request would tell of addresses with tokens in them, and costs more than the request.
LOG_LEVEL = "INFO"
# Items carry whole pages, which do not belong in a log.
LOG_FORMATTER = "crawler.logs.QuietFormatter"
