"""Facts that a message only seems to state, in a real Chromium on the real advisor: yes, no, something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ui.browser import PHONE, Server, Visitor, serving, visiting
from tests.ui.test_browser import serious

pytestmark = pytest.mark.browser

XRAYS = (
    "I have 800 labelled images and a ResNet-50; all this is Martian to it, and people rely on the "
    "rest. Should I fine-tune it?"
)
TICKETS = "We have 800 labelled tickets; it is the stuff it grew up on. Should I fine-tune the model?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("proposing", tmp_path_factory.mktemp("home")) as server:
        yield server


def test_a_yes_by_keyboard_is_decided_on_at_once_and_the_next_proposal_has_the_focus(visitor: Visitor) -> None:
    page = visitor.page
    visitor.ask(XRAYS)
    assert page.locator(".tw-proposal").count() == 2
    page.focus("#proposal-similarity-yes")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.tw-proposal').length === 1")

    page.wait_for_function("document.activeElement.closest('.tw-proposal') !== null")
    row = visitor.tab("facts").locator("[data-status=edited]")
    assert "Martian to it" in row.inner_text()
    assert page.input_value("#fact-similarity") == "low"


def test_a_no_takes_nothing_for_granted_and_is_remembered_after_a_reload(visitor: Visitor) -> None:
    page = visitor.page
    visitor.ask(XRAYS)
    page.click("#proposal-similarity-no")
    page.wait_for_function("document.querySelectorAll('.tw-proposal').length === 1")
    page.wait_for_function("location.search.includes('conversation=')")
    page.reload()
    page.wait_for_selector(".tw-proposal")
    assert page.locator("#proposal-similarity").count() == 0
    visitor.ask(XRAYS)

    assert page.locator("#proposal-similarity").count() == 0
    visitor.tab("facts")
    assert page.input_value("#fact-similarity") == "unknown"


def test_something_else_opens_the_choices_of_that_fact(visitor: Visitor) -> None:
    page = visitor.page
    visitor.ask(TICKETS)
    page.focus("#proposal-similarity-other")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "proposal-similarity-1"
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.tw-proposal').length === 0")

    assert page.evaluate("document.activeElement.id") == "message"
    assert page.locator(".tw-answer .tw-summary").count() == 2
    visitor.tab("facts")
    assert page.input_value("#fact-similarity") == "low"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_axe_finds_nothing_serious(browser: Any, server: Server, scheme: str) -> None:
    with visiting(browser, server, viewport=PHONE, has_touch=True, color_scheme=scheme) as visitor:
        visitor.open()
        visitor.ask(XRAYS)
        visitor.page.click("#proposal-similarity-other")
        wider = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        visitor.page.locator("#proposal-similarity").scroll_into_view_if_needed()
        visitor.picture(f"phone-{scheme}-proposals")
        assert wider <= 1
        assert serious(visitor) == []
        visitor.page.click("#proposal-similarity-yes")
        visitor.page.wait_for_function("document.querySelectorAll('.tw-proposal').length === 1")
        visitor.picture(f"phone-{scheme}-proposal-answered")
        assert serious(visitor) == []


def test_it_is_asked_in_the_language_of_the_message(visitor: Visitor) -> None:
    visitor.ask("Ich habe 800 Bilder für ein ResNet-50, die sind etwas völlig Neues für das Modell. Was soll ich tun?")
    visitor.picture("proposals-de")

    assert visitor.page.inner_text("#proposal-similarity").startswith("Sie scheinen zu sagen, dass ")
    assert "„etwas völlig Neues für das Modell“" in visitor.page.inner_text("#proposal-similarity")
    assert visitor.page.inner_text("#proposal-similarity-yes").startswith("Ja")
