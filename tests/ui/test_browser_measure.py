"""A dataset is measured in a real Chromium, by the real rules and the real encoder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homes import home_with_weights
from tests.measure.data import texts, write_csv
from tests.ui.browser import PHONE, Server, Visitor, serving
from tests.ui.test_browser import serious

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("rules", home_with_weights(tmp_path_factory.mktemp("home"))) as server:
        yield server


def chosen(visitor: Visitor, path: Path) -> None:
    visitor.tab("facts")
    visitor.page.set_input_files("#dataset-file", path)
    visitor.page.wait_for_selector("#measure-target", timeout=60_000)  # the first table loads pandas


def test_a_dataset_is_measured_and_what_follows_stands_in_the_sheet(visitor: Visitor, tmp_path: Path) -> None:
    chosen(visitor, write_csv(tmp_path / "topics.csv", texts(300)))
    visitor.page.fill("#measure-target", "90")
    visitor.page.click("#measure-button")
    visitor.page.wait_for_selector("[data-status=measured] #fact-n_examples", timeout=90_000)

    assert visitor.page.input_value("#fact-n_examples") == "300"
    assert visitor.page.input_value("#fact-frozen_features") == "sufficient"
    assert "300 of 300 rows by all-minilm-l6-v2" in visitor.page.inner_text(".tw-reading")
    assert serious(visitor) == []
    visitor.picture("15-measured")


def test_a_measurement_can_be_stopped(visitor: Visitor, tmp_path: Path) -> None:
    chosen(visitor, write_csv(tmp_path / "long.csv", texts(4000)))
    visitor.page.click("#measure-button")
    visitor.page.wait_for_selector("text=Measuring: encoding", timeout=30_000)
    visitor.picture("15-measuring")
    visitor.page.click("#measure-button")
    visitor.page.wait_for_selector("#measure-target", timeout=30_000)

    assert visitor.page.input_value("#fact-n_examples") == ""


def test_of_a_large_file_the_page_has_only_a_beginning_and_says_so(visitor: Visitor, tmp_path: Path) -> None:
    visitor.page.set_viewport_size(PHONE)
    path = tmp_path / "large.csv"
    path.write_text("text,label\n" + "some words that fill a line of this file,a\nothers that do it,b\n" * 140_000)
    chosen(visitor, path)
    visitor.page.click("#measure-button")
    visitor.page.wait_for_selector(".tw-reading .tw-problem", timeout=30_000)

    assert "the page has only its first 8 MB" in visitor.page.inner_text(".tw-reading .tw-problem")
    visitor.picture("15-measure-large-phone")
