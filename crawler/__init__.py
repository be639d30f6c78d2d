"""The crawler: everything that reaches out. Subscriptions, polls, fetching, cutting, filing, the command line."""
