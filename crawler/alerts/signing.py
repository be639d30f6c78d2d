"""Signs what is sent to a webhook, as Standard Webhooks asks (https://github.com/standard-webhooks/standard-webhooks,
`spec/standard-webhooks.md`, version 1.0.0): HMAC-SHA256 of `ID.TIMESTAMP.BODY`, in base64, behind `v1,`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

SECRET_PREFIX = "whsec_"  # noqa: S105 - says that a secret follows
LEAST_BYTES, MOST_BYTES = 24, 64
"""Of a secret, by the specification ("Signature scheme", symmetric)."""


def read_secret(text: str) -> bytes:
    """The key that a secret spells: `whsec_` and 24 to 64 bytes in base64. ValueError where it is none."""
    try:
        key = base64.b64decode(text.strip().removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):  # ValueError: a character that is not ASCII
        raise ValueError("not base64") from None
    if not text.strip().startswith(SECRET_PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError("not a secret")
    return key


def signature(key: bytes, message_id: str, at: datetime, body: bytes) -> str:
    """The value of `webhook-signature`.

    >>> from datetime import UTC
    >>> signature(b"0" * 24, "msg_1", datetime(2026, 1, 31, tzinfo=UTC), b"{}")
    'v1,fy71EGXqbFRxa9V8CBERq8XY36gImCIN8ioUX6o4KXo='
    """
    signed = b"%s.%d.%s" % (message_id.encode("ascii"), int(at.timestamp()), body)
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


def headers(key: bytes | None, message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers of a message; without a key it bears no signature."""
    named = {"webhook-id": message_id, "webhook-timestamp": str(int(at.timestamp()))}
    return named if key is None else {**named, "webhook-signature": signature(key, message_id, at, body)}
