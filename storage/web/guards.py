"""What every request passes before it is answered, and every answer on its way out.

Written against ASGI itself (https://asgi.readthedocs.io/en/latest/specs/www.html), so that errors, redirects and files
pass too, whatever made them.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import logging
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storage.plain import plain_line
from storage.web.problems import refusal

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing is loaded but from us, nothing inline runs, nobody frames us (https://www.w3.org/TR/CSP3/)."""

_ALWAYS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""RFC 9110 section 9.2.1."""
_log = logging.getLogger("storage.web")


class AnswerHeaders:
    """Puts the headers that protect a reader on every answer, and makes one of what went wrong (S12)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def protected(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-cache, private")
            await send(message)

        try:
            await self.app(scope, receive, protected)
        except Exception:
            _log.exception("%s %s", scope["method"], plain_line(repr(scope["path"]))[:500])
            if started:
                raise
            answer = refusal(scope, 500, "This answer could not be made; the log says why.")
            await answer(scope, receive, protected)


class CallerCheck:
    """Refuses requests that a foreign page makes a browser send, by a name that leads here (DNS rebinding) or from
    another origin (S13)."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refused := self._refusal(scope)) is not None:
            await refused(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(host_name(hosts[0]), scope):
            return refusal(
                scope,
                421,
                "This server is not called so. Whoever runs it can allow the name: cuttings serve --name HOST",
            )
        if scope["method"] not in _SAFE and self._is_foreign(headers):
            return refusal(scope, 403, "Another site may not write here.")
        return None

    def _is_ours(self, name: str | None, scope: Scope) -> bool:
        if name is None:
            return False
        if name in self.names:
            return True
        try:  # the number at which the caller reached us is ours; a name that leads here might be anybody's
            asked = ipaddress.ip_address(name)
            return scope.get("server") is not None and asked == ipaddress.ip_address(scope["server"][0])
        except ValueError:
            return False

    def _is_foreign(self, headers: Headers) -> bool:
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return True
        origin = headers.get("origin")
        if origin is None:
            return False
        try:
            parts = urlsplit(origin)
            return parts.scheme not in ("http", "https") or parts.netloc.lower() != headers["host"].lower()
        except ValueError:
            return True


class TokenCheck:
    """Lets in who knows the token: as `Authorization: Bearer TOKEN`, or as the password of any user name, which
    browsers and feed readers ask people for (RFC 6750, RFC 7617)."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app = app
        self.token = token.encode() if token is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.token is None or scope["type"] != "http" or self._knows(Headers(scope=scope).get("authorization")):
            await self.app(scope, receive, send)
            return
        answer = refusal(
            scope,
            401,
            "A token is needed here: as a bearer token, or as the password of any user name.",
            {"www-authenticate": 'Basic realm="Cuttings", charset="UTF-8"'},
        )
        await answer(scope, receive, send)

    def _knows(self, authorization: str | None) -> bool:
        assert self.token is not None
        kind, _, given = (authorization or "").partition(" ")
        if kind.lower() == "bearer":
            return hmac.compare_digest(given.strip().encode("latin-1", "replace"), self.token)
        if kind.lower() != "basic":
            return False
        try:
            _, _, password = base64.b64decode(given.strip(), validate=True).partition(b":")
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(password, self.token)


def host_name(host: str) -> str | None:
    """The name of a Host header in lower case, without port and brackets; None where it is no such header."""
    if any(character in host for character in "/@?#\\ \t,"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return None
    return parts.hostname.rstrip(".") if parts.hostname else None
