"""The crawler: everything that reaches out. Subscriptions, polls, fetching, cutting, filing, the command line."""

__version__ = "0.1.0"
