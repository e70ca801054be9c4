"""What stands in front of Gradio: who may ask, how much they may send, and what the browser may load.

Gradio by default answers any host name (so a web page elsewhere can reach a loopback server by rebinding its own
name to 127.0.0.1), accepts uploads from other sites, and sends no content policy.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
import socket
from collections.abc import Collection
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

OWNER_COOKIE = "tunewise_visitor"
OWNER_DAYS = 400
MAX_BODY_BYTES = 16 * 1024 * 1024

# Gradio starts from inline scripts and compiles its templates, hence 'unsafe-inline' and 'unsafe-eval'; what matters
# here is that nothing can be loaded from or sent to another address.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "media-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
# Instead of Gradio's own words when its queue is full.
FULL = json.dumps(
    {"detail": "Too many people use this page at the moment. Nothing was lost: send it again in about a minute."}
).encode()
# Nothing on the page uploads files or proxies addresses; what Gradio offers for that is closed.
CLOSED = (
    "/gradio_api/upload",
    "/gradio_api/proxy=",
    "/gradio_api/stream/",
    "/gradio_api/call/",
    "/gradio_api/api/",
    "/gradio_api/run/",
    "/gradio_api/deep_link",
)


@dataclass(frozen=True, slots=True)
class Doors:
    """Which hosts the server answers to.

    `names` are host names in lower case, without a port. With `any_address` every literal IP address is accepted too
    (a rebinding attack needs a name); that is for servers bound beyond loopback, which ask for a login.
    """

    names: frozenset[str]
    any_address: bool = False
    secure: bool = False

    def accept(self, authority: str) -> bool:
        """Whether a Host header names one of ours."""
        _, host, _ = place_of(f"http://{authority}")
        return host in self.names or (self.any_address and is_address(host))


def doors_for(host: str, extra: Collection[str] = (), *, secure: bool = False) -> Doors:
    """The doors of a server bound to `host`; `extra` are further names it is reached by."""
    names = {name.lower() for name in extra}
    if is_loopback(host):
        return Doors(frozenset(names | {"localhost", "127.0.0.1", "::1", host.lower()}), secure=secure)
    own = {socket.gethostname().lower(), socket.getfqdn().lower(), "localhost", host.lower()}
    return Doors(frozenset(names | own), any_address=True, secure=secure)


def is_loopback(host: str) -> bool:
    """Whether a server bound to `host` can be reached from this machine only."""
    bare = host.strip("[]")
    return host.lower() == "localhost" or (is_address(bare) and ipaddress.ip_address(bare).is_loopback)


def is_address(host: str) -> bool:
    """Whether a host is a literal IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def place_of(address: str) -> tuple[str, str, int | None]:
    """(scheme, host in lower case, port) of a web address, with the scheme's own port if it names none.

    The host is "" where there is none.
    """
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", "", None


class FrontDoor:
    """ASGI middleware: host and origin check, closed routes, body limit, security headers, visitor cookie."""

    def __init__(self, app: Any, doors: Doors, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._doors = doors
        self._limit = max_body_bytes

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Let a request through, or answer it with one sentence."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._refusal(scope, headers)
        if refused is not None:
            await _answer(scope, send, *refused)
            return
        await self._app(scope, _Limited(receive, self._limit), self._sender(scope, headers, send))

    def _refusal(self, scope: dict[str, Any], headers: dict[str, str]) -> tuple[int, str] | None:
        if not self._doors.accept(headers.get("host", "")):
            return 421, "This server does not answer to that host name. Open it by its own address."
        origin = headers.get("origin")
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        if origin is not None and place_of(origin) != place_of(f"{scheme}://{headers['host']}"):
            return 403, "Requests from other sites are refused."
        if origin is None and headers.get("sec-fetch-site") == "cross-site" and scope.get("method") != "GET":
            return 403, "Requests from other sites are refused."
        if any(scope["path"].find(closed) >= 0 for closed in CLOSED):
            return 403, "Tunewise takes no uploads and proxies no addresses."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._limit:
            return 413, f"At most {self._limit // 1024 // 1024} MB are accepted in one request."
        return None

    def _sender(self, scope: dict[str, Any], headers: dict[str, str], send: Any) -> Any:
        cookie = None if owner_of(headers.get("cookie", "")) else self._new_cookie(scope)

        is_full = False

        async def with_headers(message: dict[str, Any]) -> None:
            nonlocal is_full
            if message["type"] == "http.response.start":
                is_full = message["status"] == 503
                dropped = (b"server", b"content-length") if is_full else (b"server",)
                kept = [pair for pair in message["headers"] if pair[0].lower() not in dropped]
                own = [(b"content-length", str(len(FULL)).encode())] if is_full else []
                message["headers"] = [*kept, *own, *HEADERS, *([cookie] if cookie else [])]
            elif is_full:
                message["body"] = b"" if message.get("more_body") else FULL
            await send(message)

        return with_headers

    def _new_cookie(self, scope: dict[str, Any]) -> tuple[bytes, bytes] | None:
        """A visitor is a random value that only their browser knows; their conversations belong to it."""
        if scope["type"] != "http" or scope["method"] != "GET" or "/gradio_api/" in scope["path"]:
            return None
        secure = "; Secure" if self._doors.secure else ""
        value = (
            f"{OWNER_COOKIE}={secrets.token_hex(16)}; Path=/; HttpOnly; SameSite=Strict; Max-Age={OWNER_DAYS * 86400}"
        )
        return (b"set-cookie", (value + secure).encode())


class _BodyTooLarge(Exception):
    """A body without a length turned out to be larger than the limit."""


class _Limited:
    """Counts what a request sends, for bodies that do not say their length."""

    def __init__(self, receive: Any, limit: int) -> None:
        self._receive = receive
        self._left = limit

    async def __call__(self) -> dict[str, Any]:
        message: dict[str, Any] = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                # To the application it looks as if the client had gone away in the middle.
                return {"type": "http.disconnect"}
        return message


def owner_of(cookie_header: str) -> str | None:
    """The visitor's key from a Cookie header, None if there is none of ours."""
    try:
        morsel = SimpleCookie(cookie_header).get(OWNER_COOKIE)
    except CookieError:
        return None
    if morsel is None or len(morsel.value) != 32 or not all(char in "0123456789abcdef" for char in morsel.value):
        return None
    return morsel.value


async def _answer(scope: dict[str, Any], send: Any, status: int, text: str) -> None:
    if scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = text.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
