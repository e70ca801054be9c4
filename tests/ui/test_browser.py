"""The page in a real Chromium: scripted answers, so that every state can be reached in moments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ui.browser import PHONE, ROOT, Server, Visitor, serving, visiting

pytestmark = pytest.mark.browser

FLOWERS = "I have 800 labelled images of flowers and a ResNet-50. Should I fine-tune it?"
AXE = ROOT / "tests" / "ui" / "assets" / "axe.min.js"
PANELS = ("advice", "facts", "why", "sources", "map", "opinions", "history")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("scripted", tmp_path_factory.mktemp("home")) as server:
        yield server


def serious(visitor: Visitor) -> list[str]:
    """Accessibility findings of axe that are serious or critical."""
    visitor.page.evaluate(AXE.read_text("utf-8") + ";0")
    findings = visitor.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{finding['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:160]})"
        for finding in findings
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]


def test_a_first_visit_leads_to_a_finished_recommendation(visitor: Visitor) -> None:
    visitor.picture("1-first-visit")
    visitor.page.click(".tw-example >> nth=0")
    visitor.page.wait_for_selector(".tw-turn")
    visitor.idle()

    assert visitor.page.inner_text("#card-title") == "Feature extraction"
    assert "Follows so far" in visitor.page.inner_text("#panel-advice")
    assert "overfitting" in visitor.page.inner_text(".tw-prose")
    visitor.picture("2-recommendation")


def test_the_decision_is_shown_while_the_model_still_works_and_can_be_stopped(visitor: Visitor) -> None:
    visitor.ask(FLOWERS + " slowly", wait=False)
    visitor.page.wait_for_selector("#card-title")
    visitor.page.wait_for_selector(".tw-stage[data-busy=yes]")

    assert "the rules’ decision" in visitor.page.inner_text("#panel-advice")
    assert visitor.page.is_visible(".tw-stop")
    visitor.picture("3-working")
    visitor.page.click(".tw-stop")
    visitor.idle()
    assert "Stopped." in visitor.page.inner_text(".tw-answer")


def test_an_edited_fact_changes_the_card_without_the_model(visitor: Visitor, server: Server) -> None:
    visitor.ask(FLOWERS)
    before = len(server.asked)
    visitor.tab("facts")
    visitor.page.select_option("#fact-compute", "ample")
    visitor.page.wait_for_selector("[data-status=edited] #fact-compute")
    visitor.picture("4-edited-fact")

    assert "Decided again from your edits" in visitor.tab("advice").inner_text()
    assert len(server.asked) == before


def test_after_an_edit_every_tab_shows_the_new_decision_and_it_can_be_undone(visitor: Visitor) -> None:
    visitor.ask(FLOWERS)
    assert not visitor.page.is_visible(".tw-strip")
    visitor.tab("facts")
    visitor.page.select_option("#fact-compute", "ample")
    visitor.page.wait_for_selector(".tw-answer .tw-old")

    for name in PANELS[1:]:
        visitor.tab(name)
        assert "Feature extraction" in visitor.page.inner_text(".tw-strip")
    assert visitor.page.locator(".tw-strip .tw-badge").bounding_box()["height"] < 32  # one line
    visitor.picture("4-decision-strip")
    visitor.page.click(".tw-strip >> text=Undo the edit")
    visitor.page.wait_for_selector(".tw-old", state="detached")
    visitor.tab("facts")
    assert visitor.page.input_value("#fact-compute") == "unknown"


def test_an_open_question_is_answered_by_one_click(visitor: Visitor, server: Server) -> None:
    visitor.ask(FLOWERS)
    before = len(server.asked)
    visitor.page.click(".tw-choice >> nth=0")
    visitor.page.wait_for_selector(".tw-fresh")

    assert len(server.asked) == before


def test_a_follow_up_continues_the_conversation(visitor: Visitor) -> None:
    visitor.ask(FLOWERS)
    visitor.ask("And what about LoRA?")

    assert visitor.page.locator(".tw-turn").count() == 2
    assert "LoRA?" in visitor.page.inner_text(".tw-turn >> nth=1")


def test_a_message_can_be_edited_and_sent_again(visitor: Visitor) -> None:
    visitor.ask("One thing about apples")
    visitor.page.click(".tw-edit")
    visitor.page.fill("#message", "One thing about pears")
    visitor.page.press("#message", "Enter")
    visitor.page.wait_for_selector("text=You asked about pears.")
    visitor.idle()

    assert visitor.page.locator(".tw-turn").count() == 1


def test_the_edit_of_a_message_says_that_it_replaces_it_and_escape_leaves_it(visitor: Visitor, server: Server) -> None:
    visitor.ask("One thing about plums")
    assert not visitor.page.is_visible("#message-editing")
    visitor.page.click(".tw-edit")
    assert visitor.page.is_visible("#message-editing")
    visitor.page.press("#message", "Escape")

    assert visitor.page.input_value("#message") == ""
    assert not visitor.page.is_visible("#message-editing")
    visitor.ask("Another about cherries")
    assert visitor.page.locator(".tw-turn").count() == 2


def test_a_mark_leads_to_its_source_and_back(visitor: Visitor) -> None:
    visitor.ask(FLOWERS)
    visitor.page.click("a.tw-cite >> nth=0")
    visitor.page.wait_for_selector("#source-A12", state="visible")
    assert "fine-tuning the entire model can lead to overfitting" in visitor.page.inner_text("#source-A12 mark")
    visitor.picture("5-sources")
    visitor.page.click("#source-A12 .tw-back a")

    visitor.page.wait_for_function("document.activeElement.classList.contains('tw-cite')")


def test_a_note_near_the_question_opens_with_the_keyboard_and_its_mark_leads_to_the_passage(visitor: Visitor) -> None:
    visitor.ask(FLOWERS)
    near = visitor.page.locator(".tw-near")
    assert near.locator("h3").inner_text() == "Near your question"
    assert not near.locator(".tw-prose").is_visible()
    near.locator("summary").focus()
    visitor.page.keyboard.press("Enter")
    near.locator(".tw-prose").wait_for(state="visible")
    visitor.picture("5-near")
    near.locator("a.tw-cite").click()
    visitor.page.wait_for_selector("#source-PN-flowers-01", state="visible")
    assert "Two passes are enough" in visitor.page.inner_text("#source-PN-flowers-01 mark")
    visitor.page.click("#source-PN-flowers-01 .tw-back a")

    visitor.page.wait_for_function("document.activeElement.id === 'cite-1-PN-flowers-01-1'")


def test_a_record_is_saved_and_replays(visitor: Visitor, tmp_path: Path) -> None:
    from tunewise.framework import load_framework
    from tunewise.record import load_record, replay

    visitor.ask(FLOWERS)
    panel = visitor.tab("history")
    visitor.picture("6-history")
    for form in ("JSON", "Markdown", "Web page"):
        with visitor.page.expect_download() as caught:
            panel.get_by_label(f"Save decision record as {form}").click()
        file = tmp_path / caught.value.suggested_filename
        caught.value.save_as(file)

        replay(load_record(file), load_framework("article"))


def test_a_reload_in_mid_answer_shows_what_there_is_and_that_it_was_stopped(visitor: Visitor) -> None:
    visitor.ask(FLOWERS + " slowly", wait=False)
    visitor.page.wait_for_selector("#card-title")
    visitor.page.wait_for_function("location.search.includes('conversation=')")
    for _ in range(2):
        visitor.page.reload()
        visitor.errors.clear()  # what the page that was left says of its broken connection
        visitor.page.wait_for_selector(".tw-turn")
        visitor.idle()

        assert FLOWERS in visitor.page.inner_text(".tw-question")
        assert visitor.page.inner_text("#card-title") == "Feature extraction"
        assert "Stopped." in visitor.page.inner_text(".tw-answer")
    visitor.page.click("text=Try again")
    visitor.page.wait_for_selector(".tw-stage[data-busy=yes]")
    visitor.page.click(".tw-stop")
    visitor.idle()


def test_a_reload_resumes_the_conversation(visitor: Visitor) -> None:
    visitor.ask(FLOWERS)
    visitor.page.wait_for_function("location.search.includes('conversation=')")
    visitor.page.reload()
    visitor.page.wait_for_selector(".tw-turn")

    assert FLOWERS in visitor.page.inner_text(".tw-question")
    assert visitor.page.inner_text("#card-title") == "Feature extraction"


def test_conversations_are_listed_renamed_opened_searched_and_deleted(visitor: Visitor) -> None:
    visitor.ask("About apples")
    visitor.page.click("[data-event=new]")
    visitor.page.wait_for_selector(".tw-example")
    visitor.ask("About pears")
    panel = visitor.tab("history")
    panel.locator(".tw-resume").nth(1).click()
    visitor.page.wait_for_selector(".tw-question >> text=About apples")
    panel.locator(".tw-rename summary").nth(1).click()
    panel.locator(".tw-rename input").nth(1).fill("Fruit")
    panel.locator(".tw-rename input").nth(1).press("Enter")
    visitor.page.wait_for_function("!document.querySelector('.tw-rename[open]')")
    panel.locator("strong", has_text="Fruit").wait_for()
    panel.get_by_label("Search conversations").fill("pears")
    panel.get_by_label("Search conversations").press("Enter")
    visitor.page.wait_for_function("document.querySelectorAll('.tw-resume').length === 1")
    visitor.page.once("dialog", lambda dialog: dialog.accept())
    panel.locator("[data-event=delete]").click()

    visitor.page.wait_for_function("document.querySelectorAll('.tw-resume').length === 0")


def test_what_is_being_typed_outlives_a_redrawing(visitor: Visitor) -> None:
    visitor.ask("About apples")
    panel = visitor.tab("history")
    panel.locator(".tw-rename summary").click()
    panel.locator(".tw-rename input").fill("Fruit")
    visitor.page.evaluate("tunewise.trigger('new', {})")
    visitor.page.wait_for_selector(".tw-open-row", state="detached")

    assert panel.locator(".tw-rename input").input_value() == "Fruit"
    panel.locator(".tw-rename input").press("Enter")
    panel.locator("strong", has_text="Fruit").wait_for()


def test_two_sessions_at_once_do_not_mix(browser: Any, server: Server) -> None:
    with visiting(browser, server) as ann, visiting(browser, server) as bob:
        ann.open()
        bob.open()
        ann.ask("A question about apples", wait=False)
        bob.ask("A question about pears", wait=False)
        ann.idle()
        bob.idle()

        assert "apples" in ann.page.inner_text(".tw-turns")
        assert "pears" not in ann.page.inner_text(".tw-turns")
        assert "apples" not in bob.page.inner_text(".tw-turns")
        assert ann.tab("history").locator(".tw-resume").count() == 1
        stolen = re.search(r"conversation=(\w+)", ann.page.url)
        assert stolen is not None
        bob.open(f"/?conversation={stolen.group(1)}")
        assert "not yours" in bob.page.inner_text("#tw-notice")


def test_a_broken_model_gives_a_sentence_and_the_decision_stands(visitor: Visitor) -> None:
    visitor.ask("Please break about photos")

    assert "The model stopped working" in visitor.page.inner_text(".tw-problem")
    assert visitor.page.inner_text("#card-title") == "Feature extraction"
    visitor.picture("7-broken-model")


def test_an_answer_with_a_remote_image_loads_nothing(visitor: Visitor) -> None:
    visitor.ask("Show me something remote about photos")

    assert visitor.page.locator(".tw-answer img").count() == 0
    assert "image removed" in visitor.page.inner_text(".tw-prose")
    visitor.page.wait_for_timeout(300)


def test_what_a_user_writes_is_never_run(visitor: Visitor) -> None:
    visitor.ask("<img src=x onerror=\"document.title='owned'\"> <script>document.title='owned'</script> photos")

    assert visitor.page.title() == "Tunewise"
    assert visitor.page.locator(".tw-question img").count() == 0


def test_the_map_answers_what_if_and_leaves_the_facts(visitor: Visitor) -> None:
    visitor.ask(FLOWERS)
    panel = visitor.tab("map")
    slider = panel.locator("#whatif-examples")
    slider.evaluate("box => { box.value = box.max; box.dispatchEvent(new Event('change', {bubbles: true})); }")
    panel.locator(".tw-pin-whatif").wait_for()
    visitor.picture("8-what-if")

    assert panel.locator(".tw-pin:not(.tw-pin-whatif)").count() == 1
    assert visitor.tab("facts").locator("#fact-dataset_size").input_value() == "small"


def test_a_dataset_is_read_and_used_after_a_click(visitor: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "mail.jsonl"
    rows = [{"text": f"a sentence of some length {i}", "label": "ab"[i % 2]} for i in range(300)]
    file.write_text("\n".join(json.dumps(row) for row in rows))
    visitor.tab("facts")
    visitor.page.set_input_files("#dataset-file", file)
    visitor.page.wait_for_selector("text=mail.jsonl")
    visitor.picture("9-dataset")
    assert "300" in visitor.page.inner_text(".tw-figures")
    visitor.page.click("text=Use these figures")

    visitor.page.wait_for_selector("[data-status=edited] #fact-n_examples")
    assert visitor.page.input_value("#fact-n_examples") == "300"


def test_of_a_folder_only_names_and_sizes_are_read(visitor: Visitor, tmp_path: Path) -> None:
    for name in ("rose", "lily"):
        (tmp_path / "flowers" / name).mkdir(parents=True)
        for i in range(3):
            (tmp_path / "flowers" / name / f"{i}.jpg").write_bytes(b"not an image")
    visitor.tab("facts")
    visitor.page.set_input_files("#dataset-folder", tmp_path / "flowers")
    visitor.page.wait_for_selector(".tw-reading >> text=flowers")

    assert "2 (by sub-folder)" in visitor.page.inner_text(".tw-figures")


def test_feedback_with_a_comment_can_be_exported(visitor: Visitor, tmp_path: Path) -> None:
    visitor.ask(FLOWERS)
    visitor.page.click("[title='Good answer']")
    visitor.page.fill("#comment-1", "clear")
    visitor.page.press("#comment-1", "Enter")
    visitor.page.wait_for_timeout(300)
    panel = visitor.tab("history")
    with visitor.page.expect_download() as caught:
        panel.get_by_label("Save my feedback as JSON").click()
    kept = json.loads(Path(caught.value.path()).read_text())

    assert (kept["thumb"], kept["comment"]) == ("up", "clear")


def test_a_fact_that_was_misread_can_be_marked_and_saved_as_a_case(visitor: Visitor) -> None:
    visitor.ask(FLOWERS)
    facts = visitor.tab("facts")
    facts.get_by_role("button", name="Wrong? Amount of data").click()
    visitor.page.wait_for_function("document.getElementById('fact-dataset_size').value === 'unknown'")
    panel = visitor.tab("history")
    with visitor.page.expect_download() as caught:
        panel.get_by_label("Save what was wrong as JSONL").click()
    kept = json.loads(Path(caught.value.path()).read_text())

    assert kept["question"] == FLOWERS
    assert kept["wrong"][0]["fact"] == "dataset_size"


def test_everything_can_be_reached_with_the_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    page.focus("#tab-advice")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-facts"
    page.keyboard.press("End")
    assert page.is_visible("#panel-history")
    page.keyboard.press("Home")
    page.focus("#message")
    page.keyboard.type("One line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("about photos")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tw-turn")
    visitor.idle()

    assert page.inner_text(".tw-bubble") == "One line\nabout photos"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Any, server: Server, scheme: str) -> None:
    with visiting(browser, server, color_scheme=scheme) as visitor:
        visitor.open()
        found = {"first visit": serious(visitor)}
        visitor.ask(FLOWERS)
        for name in PANELS:
            visitor.tab(name)
            found[name] = serious(visitor)
            visitor.picture(f"{scheme}-{name}")

    assert {name: findings for name, findings in found.items() if findings} == {}


def test_on_a_phone_everything_is_in_tabs_and_nothing_is_cut_off(browser: Any, server: Server) -> None:
    with visiting(browser, server, viewport=PHONE, has_touch=True, device_scale_factor=2) as visitor:
        visitor.open()
        visitor.picture("phone-first-visit")
        visitor.ask(FLOWERS)
        visitor.picture("phone-chat")
        for name in PANELS:
            visitor.tab(name)
            wider = visitor.page.evaluate(
                f"""() => {{ const panel = document.getElementById('panel-{name}');
                return [panel.scrollWidth - panel.clientWidth, document.documentElement.scrollWidth - innerWidth]; }}"""
            )
            assert max(wider) <= 1, name
            assert not visitor.page.is_visible("#message")
            visitor.picture(f"phone-{name}")
        visitor.page.click("#tab-chat")
        assert visitor.page.is_visible("#message")
        assert serious(visitor) == []
        assert visitor.errors == []


def test_the_theme_can_be_switched_and_is_kept(visitor: Visitor) -> None:
    visitor.page.click("[data-theme-toggle]")
    dark = visitor.page.evaluate("document.body.classList.contains('dark')")
    visitor.page.reload()
    visitor.page.wait_for_selector(".tw-example")

    assert visitor.page.evaluate("document.body.classList.contains('dark')") is dark


def test_behind_a_login_nothing_answers_until_somebody_signs_in(browser: Any, tmp_path: Path) -> None:
    with serving("login", tmp_path) as server, visiting(browser, server) as visitor:
        for path in ("/config", "/gradio_api/info"):
            assert visitor.page.request.get(server.address + path).status == 401
        visitor.page.goto(server.address)
        visitor.page.fill("input[type=password]", "secret")
        visitor.page.fill("input:not([type=password])", "ann")
        visitor.picture("login")
        visitor.page.get_by_role("button", name="Login").click()
        visitor.page.wait_for_selector(".tw-example")
        visitor.ask("About apples")

        assert visitor.tab("history").locator(".tw-resume").count() == 1
        assert visitor.strangers == []
