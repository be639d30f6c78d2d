"""Alerts: what is new of a saved search, posted to a webhook.

feeds.yaml -> Watch -> corpus: what is new and matches -> Delivery      storage.watches
Delivery -> body, signature                                             message, signing
         -> one POST, to an address that was vetted                     posting
         -> delivered, tried again later, given up, stopped             retrying
all of it, for every watch                                              sending
"""
