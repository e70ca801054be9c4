"""The front door: who may ask, how much, and what the browser may load."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tunewise.ui.hardening import FrontDoor, doors_for, is_loopback, owner_of

LOCAL = doors_for("127.0.0.1")


def ask(
    path: str = "/",
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: tuple[bytes, ...] = (b"",),
    doors: Any = LOCAL,
    scheme: str = "http",
    limit: int = 1000,
) -> tuple[int, dict[str, str], bytes]:
    """One request through the door to an application that reads its body and answers 200."""
    sent: list[dict[str, Any]] = []
    parts = [{"type": "http.request", "body": part, "more_body": at < len(body) - 1} for at, part in enumerate(body)]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request" and message.get("more_body"):
            pass
        status = 200 if message["type"] == "http.request" else 499
        await send({"type": "http.response.start", "status": status, "headers": [(b"server", b"x")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    given = {"host": "127.0.0.1:7860", **(headers or {})}
    scope = {
        "type": "http",
        "scheme": scheme,
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    asyncio.run(FrontDoor(app, doors, limit)(scope, receive, send))
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, sent[1]["body"]


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "LOCALHOST:1", "[::1]:7860"])
def test_a_local_server_answers_to_its_own_names(host: str) -> None:
    assert ask(headers={"host": host})[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "192.168.0.7", "localhost.evil.example:7860", "[::1"]
)
def test_a_rebound_or_foreign_host_is_refused(host: str) -> None:
    assert ask(headers={"host": host})[0] == 421


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://localhost.evil.example",
        "http://127.0.0.1:9999",
        "http://127.0.0.1",
        "https://127.0.0.1:7860",
        "http://localhost:7860",
        "http://127.0.0.1:x",
        "http://[::1",
    ],
)
def test_requests_from_other_sites_are_refused(origin: str) -> None:
    assert ask("/gradio_api/queue/join", method="POST", headers={"origin": origin})[0] == 403


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9999", "http://127.0.0.1", "https://127.0.0.1:7860"])
def test_reading_from_another_port_is_refused(origin: str) -> None:
    headers = {"origin": origin, "sec-fetch-site": "same-site", "cookie": "tunewise_visitor=" + "a" * 32}

    assert ask("/gradio_api/queue/data", headers=headers)[0] == 403


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
def test_a_post_without_an_origin_must_come_from_the_page_itself(site: str, status: int) -> None:
    assert ask(method="POST", headers={"sec-fetch-site": site})[0] == status


def test_the_page_s_own_requests_pass() -> None:
    assert ask("/gradio_api/queue/join", method="POST", headers={"origin": "http://127.0.0.1:7860"})[0] == 200


def test_a_port_that_goes_without_saying_is_the_schemes_own() -> None:
    headers = {"host": "localhost", "origin": "https://localhost:443"}

    assert ask(method="POST", headers=headers, scheme="https")[0] == 200
    assert ask(method="POST", headers=headers, scheme="http")[0] == 403


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/upload", "/gradio_api/proxy=https://evil.example", "/gradio_api/call/send", "/sub/gradio_api/upload"],
)
def test_uploads_proxies_and_the_public_api_are_closed(path: str) -> None:
    assert ask(path, method="POST")[0] == 403


@pytest.mark.parametrize("length", ["1001", "99999999999999999999", "-1", "1e9", "abc"])
def test_a_body_that_is_or_claims_to_be_too_large_is_refused(length: str) -> None:
    assert ask(method="POST", headers={"content-length": length})[0] == 413


def test_a_body_without_a_length_is_cut_off_at_the_limit() -> None:
    assert ask(method="POST", body=(b"x" * 600, b"x" * 600, b""))[0] == 499


def test_nothing_can_be_loaded_from_another_address() -> None:
    policy = ask()[1]["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))

    assert directives["default-src"] == "'self'"
    assert directives["img-src"] == "'self' data: blob:"
    assert directives["connect-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert "http" not in policy


def test_refusals_carry_the_headers_too() -> None:
    assert "content-security-policy" in ask(headers={"host": "evil.example"})[1]


def test_a_visitor_gets_a_cookie_that_scripts_and_other_sites_cannot_use() -> None:
    cookie = ask()[1]["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert owner_of(cookie.split(";")[0]) is not None


def test_a_visitor_who_is_known_keeps_the_cookie() -> None:
    cookie = ask()[1]["set-cookie"].split(";")[0]

    assert "set-cookie" not in ask(headers={"cookie": cookie})[1]


def test_by_https_the_cookie_is_secure() -> None:
    assert "Secure" in ask(doors=doors_for("127.0.0.1", secure=True))[1]["set-cookie"]


@pytest.mark.parametrize("header", ["", "tunewise_visitor=short", "tunewise_visitor=" + "Z" * 32, "a=b; c", "=;;="])
def test_a_cookie_that_is_not_ours_is_nobody(header: str) -> None:
    assert owner_of(header) is None


def test_beyond_loopback_addresses_are_accepted_and_foreign_names_are_not() -> None:
    doors = doors_for("0.0.0.0", ["advisor.example"])

    assert doors.accept("192.168.0.7:7860")
    assert doors.accept("advisor.example")
    assert not doors.accept("evil.example")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("example.org", False),
    ],
)
def test_loopback_is_recognised(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
