"""A real Chromium on the page: every request to another address is refused and remembered, like every console error."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "artifacts" / "screenshots"
START_S = 120.0
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
WIDE = {"width": 1360, "height": 860}
PHONE = {"width": 360, "height": 740}


def chromium_path() -> str | None:
    """Where Chromium is, or None."""
    named = os.environ.get("TUNEWISE_CHROMIUM")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return named or next((path for path in found if path), None)


@dataclass
class Server:
    """The page in a process of its own."""

    address: str
    home: Path

    @property
    def asked(self) -> list[str]:
        """Messages that reached the model."""
        log = self.home / "asked.txt"
        return log.read_text().splitlines() if log.exists() else []


@contextmanager
def serving(kind: str, home: Path) -> Iterator[Server]:
    """A served page; it is stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home / "server.log"
    command = [sys.executable, "-m", "tests.ui.served", kind, str(home), str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + START_S
        while "serving" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield Server(f"http://127.0.0.1:{port}", home)
    finally:
        process.terminate()
        process.wait(20)


@dataclass
class Visitor:
    """One browser session with its page, and what went wrong or out in it."""

    page: Any
    address: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> None:
        """Go to the page and wait until it can be used."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector("#message")
        self.page.wait_for_selector(".tw-turns")
        self.page.wait_for_function("Boolean(window.tunewise && window.tunewise.trigger)")

    def ask(self, text: str, *, wait: bool = True) -> None:
        """Send a message, and wait until it is answered."""
        before = self.page.locator(".tw-turn").count()
        self.page.fill("#message", text)
        self.page.press("#message", "Enter")
        self.page.wait_for_function(f"document.querySelectorAll('.tw-turn').length > {before}")
        if wait:
            self.idle()

    def idle(self) -> None:
        """Wait until nothing runs."""
        self.page.wait_for_selector(".tw-stage[data-busy=no]", state="attached", timeout=240_000)

    def tab(self, name: str) -> Any:
        """Show a tab and return its panel."""
        self.page.click(f"#tab-{name}")
        panel = self.page.locator(f"#panel-{name}")
        panel.wait_for(state="visible")
        return panel

    def picture(self, name: str) -> None:
        """Keep a screenshot for people to look at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(250)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


@contextmanager
def visiting(browser: Any, server: Server, **options: Any) -> Iterator[Visitor]:
    """A visitor in a browser session of their own."""
    context = browser.new_context(**({"viewport": WIDE, "reduced_motion": "reduce"} | options))
    page = context.new_page()
    page.set_default_timeout(10_000)
    visitor = Visitor(page, server.address)

    def gate(route: Any) -> None:
        if route.request.url.startswith((server.address + "/", "data:", "blob:")):
            route.continue_()
        else:
            visitor.strangers.append(route.request.url)
            route.abort()

    context.route("**/*", gate)
    page.on("console", lambda message: visitor.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: visitor.errors.append(str(error)))
    try:
        yield visitor
    finally:
        context.close()


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium; skips the test where there is none, unless CI says that there must be."""
    path = chromium_path()
    if path is None:
        assert not os.environ.get("CI"), "No Chromium was found. Install Debian's 'chromium' or set TUNEWISE_CHROMIUM."
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
