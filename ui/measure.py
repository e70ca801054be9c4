"""How fast the page is in a real browser: from load to usable, and from send to decision.

Part of `tunewise bench` where Chromium and Playwright are installed (Playwright is a development dependency).
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tunewise.errors import SettingsError
from tunewise.ui.serve import ServeOptions, free_port, start

if TYPE_CHECKING:
    from tunewise.advisor import Advisor

MESSAGE = (
    "I have 800 labelled photos of flowers and a ResNet-50 trained on ImageNet. One laptop GPU. Should I fine-tune it?"
)
USABLE = "Boolean(window.tunewise && window.tunewise.trigger && document.querySelector('.tw-turns'))"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def page_times(advisor: Advisor, *, runs: int = 5) -> dict[str, Mapping[str, float]]:
    """Seconds as {"median", "min", "max"} of `page_usable_s` and `page_decision_s`; each run is a new visitor.

    Args:
        advisor: Serves the page; it is not closed.
        runs: How often to measure; one more run before them warms everything up.

    Raises:
        SettingsError: If there is no Chromium or no Playwright on this machine.
    """
    usable, decided = [], []
    with _page(advisor) as address, _browser() as browser:
        for run in range(runs + 1):
            times = _one_visit(browser, address)
            if run:
                usable.append(times[0])
                decided.append(times[1])
    return {"page_usable_s": _figure(usable), "page_decision_s": _figure(decided)}


def _one_visit(browser: Any, address: str) -> tuple[float, float]:
    context = browser.new_context()
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_function(USABLE, polling=10)
    usable = time.perf_counter() - began
    page.fill("#message", MESSAGE)
    began = time.perf_counter()
    page.press("#message", "Enter")
    page.wait_for_selector("#card-title", state="attached")
    decided = time.perf_counter() - began
    context.close()
    return usable, decided


@contextmanager
def _page(advisor: Advisor) -> Iterator[str]:
    port = free_port("127.0.0.1", None)
    has_model = getattr(advisor, "model", None) is not None
    page = start(advisor, ServeOptions(open_browser=False), port, rules_only=not has_model)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        page.close(verbose=False)


@contextmanager
def _browser() -> Iterator[Any]:
    path = os.environ.get("TUNEWISE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SettingsError("The page is measured in Chromium. Install it, or set TUNEWISE_CHROMIUM to its path.")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise SettingsError("The page is measured with Playwright. Run 'pip install playwright'.") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def _figure(seconds: list[float]) -> Mapping[str, float]:
    return {"median": statistics.median(seconds), "min": min(seconds), "max": max(seconds)}
