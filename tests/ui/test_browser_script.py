"""The training script in a real Chromium: saved as a zip that can be opened, or the sentence that says why not."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.ui.browser import PHONE, Server, Visitor, serving, visiting
from tests.ui.test_browser import FLOWERS, serious

pytestmark = pytest.mark.browser
SAVE = "Save training script as ZIP"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("scripted", tmp_path_factory.mktemp("home")) as server:
        yield server


def saved(visitor: Visitor, panel: Any) -> dict[str, str]:
    """The files of the zip, without their folder."""
    with visitor.page.expect_download() as caught:
        panel.get_by_label(SAVE).click()
    assert caught.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(caught.value.path()) as archive:
        return {name.split("/", 1)[1]: archive.read(name).decode() for name in archive.namelist()}


def test_the_training_script_is_saved_as_a_zip(visitor: Visitor) -> None:
    visitor.tab("history")
    assert not visitor.page.get_by_label(SAVE).is_visible()
    visitor.ask(FLOWERS)
    files = saved(visitor, visitor.tab("history"))

    assert "resnet50.a1_in1k" in files["train.py"]
    assert "Feature extraction" in files["README.md"] or "feature extraction" in files["README.md"]


def test_another_checkpoint_is_written_into_the_script(visitor: Visitor) -> None:
    visitor.ask(FLOWERS)
    panel = visitor.tab("history")
    panel.get_by_text("Another checkpoint or kind of script").click()
    visitor.page.fill("#script-model", "timm/convnext_tiny.fb_in22k")
    visitor.picture("14-training-script")

    assert "timm/convnext_tiny.fb_in22k" in saved(visitor, panel)["train.py"]
    assert serious(visitor) == []


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_where_no_script_is_written_the_page_says_why(browser: Any, server: Server, size: str) -> None:
    with visiting(browser, server, **({"viewport": PHONE} if size == "phone" else {})) as visitor:
        visitor.open()
        visitor.ask(FLOWERS)
        visitor.tab("facts")
        visitor.page.fill("#fact-base_model", "YOLOv8")
        visitor.page.press("#fact-base_model", "Tab")
        visitor.page.wait_for_selector("[data-status=edited] #fact-base_model")
        panel = visitor.tab("history")
        panel.get_by_text("Another checkpoint or kind of script").click()
        visitor.page.select_option("#script-kind", "image")
        visitor.page.get_by_label(SAVE).click()
        visitor.page.wait_for_selector("#tw-notice .tw-problem", state="visible")

        assert "no checkpoint is known for" in visitor.page.inner_text("#tw-notice")
        assert visitor.page.input_value("#script-kind") == "image"
        visitor.picture(f"14-no-script-{size}")
