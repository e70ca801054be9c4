"""What stands in front of Gradio: who may ask, how much they may send, and what the browser may load.

Gradio by default answers any host name (so a web page elsewhere can reach a loopback server by rebinding its own
name to 127.0.0.1), accepts uploads from other sites, and sends no content policy.
"""

from __future__ import annotations

import ipaddress
import json
import re
import secrets
import socket
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

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
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
OWN_SITES = ("same-origin", "none")  # "none": the visitor's own doing, such as an address typed in
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
        return host in self.names or (self.any_address and address_of(host) is not None)


def doors_for(host: str, extra: Collection[str] = (), *, secure: bool = False) -> Doors:
    """The doors of a server bound to `host`; `extra` are further names it is reached by."""
    names = {name.lower() for name in extra}
    if is_loopback(host):
        return Doors(frozenset(names | {"localhost", "127.0.0.1", "::1", host.lower()}), secure=secure)
    own = {socket.gethostname().lower(), socket.getfqdn().lower(), "localhost", host.lower()}
    return Doors(frozenset(names | own), any_address=True, secure=secure)


def is_loopback(host: str) -> bool:
    """Whether a server bound to `host` can be reached from this machine only."""
    address = address_of(host.strip("[]"))
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """A host as an IP address; None for a name."""
    with suppress(ValueError):
        return ipaddress.ip_address(host)
    return None


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

    def __init__(self, app: ASGIApp, doors: Doors, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._doors = doors
        self._limit = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with one sentence."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if (refused := self._refusal(scope, headers)) is None:
            await self._app(scope, self._limited(receive), self._sender(scope, headers, send))
        elif scope["type"] == "websocket":
            await WebSocketClose(1008)(scope, receive, send)
        else:
            status, text = refused
            await PlainTextResponse(text, status, HEADERS)(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        if not self._doors.accept(headers.get("host", "")):
            return 421, "This server does not answer to that host name. Open it by its own address."
        origin = headers.get("origin")
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        # "same-site" is another port or sub-domain: not ours.
        is_foreign = headers.get("sec-fetch-site", "none") not in OWN_SITES and scope.get("method") != "GET"
        if is_foreign if origin is None else place_of(origin) != place_of(f"{scheme}://{headers['host']}"):
            return 403, "Requests from other sites are refused."
        if any(closed in scope["path"] for closed in CLOSED):
            return 403, "Tunewise takes no uploads and proxies no addresses."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._limit:
            return 413, f"At most {self._limit // 1024 // 1024} MB are accepted in one request."
        return None

    def _limited(self, receive: Receive) -> Receive:
        """Counts what a request sends, for bodies that do not say their length."""
        left = self._limit

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            # To the application it looks as if the client had gone away in the middle.
            return message if left >= 0 else {"type": "http.disconnect"}

        return counted

    def _sender(self, scope: Scope, headers: Headers, send: Send) -> Send:
        """Adds our headers and the visitor's cookie to what the application answers; "full" is said in our words."""
        is_full = False

        async def with_headers(message: Message) -> None:
            nonlocal is_full
            if message["type"] == "http.response.start":
                is_full = message["status"] == 503
                own = MutableHeaders(scope=message)
                del own["server"]
                own.update(HEADERS | ({"content-length": str(len(FULL))} if is_full else {}))
                if owner_of(headers.get("cookie", "")) is None and (cookie := self._new_cookie(scope)):
                    own.append("set-cookie", cookie)
            elif is_full:
                message["body"] = b"" if message.get("more_body") else FULL
            await send(message)

        return with_headers

    def _new_cookie(self, scope: Scope) -> str | None:
        """A visitor is a random value that only their browser knows; their conversations belong to it."""
        if scope["type"] != "http" or scope["method"] != "GET" or "/gradio_api/" in scope["path"]:
            return None
        kept = f"Path=/; HttpOnly; SameSite=Strict; Max-Age={OWNER_DAYS * 86400}"
        return f"{OWNER_COOKIE}={secrets.token_hex(16)}; {kept}" + ("; Secure" if self._doors.secure else "")


def owner_of(cookie_header: str) -> str | None:
    """The visitor's key from a Cookie header, None if there is none of ours."""
    key = cookie_parser(cookie_header).get(OWNER_COOKIE, "")
    return key if re.fullmatch(r"[0-9a-f]{32}", key) else None
