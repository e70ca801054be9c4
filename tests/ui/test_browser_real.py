"""The page in a real Chromium with the real advisor behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.homes import home_with_weights
from tests.ui.browser import Server, Visitor, serving, visiting

pytestmark = pytest.mark.browser

FLOWERS = (
    "I have 800 labelled photos of flowers in 5 classes and a ResNet-50 trained on ImageNet. I only have a laptop with "
    "an RTX 3060. Should I fine-tune the whole network?"
)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("rules", home_with_weights(tmp_path_factory.mktemp("home"))) as server:
        yield server


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("model", home_with_weights(tmp_path_factory.mktemp("home"))) as server:
        yield server


def check_answer(visitor: Visitor) -> None:
    """A recommendation, a verdict, citations that lead to marked words, and nothing wrong or out."""
    assert visitor.page.inner_text("#card-title") not in ("", "No recommendation")
    assert visitor.page.locator("#panel-advice .tw-verdict [data-verdict]").count() == 1
    assert visitor.page.locator("a.tw-cite").count() >= 1
    sources = visitor.tab("sources")
    assert sources.locator("mark").count() >= 1
    for name in ("facts", "why", "map", "opinions", "history"):
        assert visitor.tab(name).inner_text().strip() != ""
    assert visitor.errors == []
    assert visitor.strangers == []


def test_without_a_model_the_whole_turn_works_and_says_so(browser: Any, rules: Server) -> None:
    with visiting(browser, rules) as visitor:
        visitor.open()
        visitor.ask(FLOWERS)

        assert "Rules only" in visitor.page.inner_text(".tw-header")
        check_answer(visitor)
        visitor.picture("real-rules-only")


def test_facts_come_with_the_words_they_were_read_from(browser: Any, rules: Server) -> None:
    with visiting(browser, rules) as visitor:
        visitor.open()
        visitor.ask(FLOWERS)
        words = visitor.tab("facts").locator(".tw-fact q").all_inner_texts()

        assert words
        assert all(re.sub(r'["“”]', "", word) in FLOWERS for word in words)


def test_an_edit_changes_what_the_rules_decide(browser: Any, rules: Server) -> None:
    with visiting(browser, rules) as visitor:
        visitor.open()
        visitor.ask(FLOWERS)
        before = visitor.page.inner_text("#card-title")
        visitor.tab("facts")
        visitor.page.select_option("#fact-baseline", "good_enough")
        visitor.page.wait_for_selector("[data-status=edited] #fact-baseline")

        assert visitor.page.inner_text("#card-title") != before or before == "Use the model as it is"


def test_this_machine_fills_in_its_hardware(browser: Any, rules: Server) -> None:
    with visiting(browser, rules) as visitor:
        visitor.open()
        visitor.tab("facts")
        visitor.page.click("[data-event=hardware]")
        visitor.page.wait_for_selector("text=This machine")
        visitor.page.wait_for_selector("[data-status=edited] #fact-hardware")

        assert visitor.page.input_value("#fact-hardware") != ""


@pytest.mark.models
def test_with_the_real_weights_the_decision_comes_first_and_the_answer_cites(browser: Any, model: Server) -> None:
    with visiting(browser, model) as visitor:
        visitor.open()
        visitor.ask(FLOWERS, wait=False)
        visitor.page.wait_for_selector("#card-title", timeout=60_000)
        visitor.picture("real-model-working")
        visitor.idle()

        check_answer(visitor)
        visitor.picture("real-model")
