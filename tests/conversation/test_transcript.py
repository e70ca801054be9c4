"""A conversation written out."""

import json

import pytest

from tests.fakes.replies import MESSAGE, flower_reply
from tunewise.errors import ConversationError
from tunewise.types import ProposedFact

HOSTILE = '<script>alert(1)</script> ![x](http://evil.example/a.png) "quoted"'


@pytest.fixture
def conversation(store) -> str:
    made = store.create(HOSTILE)
    store.add_turn(made, MESSAGE + HOSTILE, flower_reply(answer=HOSTILE))
    store.save_edit(made, {"compute": "ample"}, flower_reply())
    return made


def test_the_html_page_holds_no_markup_of_the_user_and_asks_for_nothing(store, conversation: str):
    page = store.transcript(conversation, "html")
    assert "<script" not in page
    assert "<img" not in page
    assert "src=" not in page
    assert "default-src 'none'" in page
    assert "&lt;script&gt;" in page


def test_the_markdown_text_cannot_become_an_image_or_markup(store, conversation: str):
    text = store.transcript(conversation)
    assert "![" not in text
    assert "<script" not in text
    assert "800 labelled images of flowers" in text
    assert "Edited: compute = ample" in text
    assert "Recommended: feature\\_extraction" in text


def test_what_was_seemingly_said_stands_in_the_text(store, conversation: str):
    proposed = (ProposedFact("similarity", "low", "all new to it"),)
    store.add_turn(conversation, MESSAGE, flower_reply(proposed=proposed))
    store.save_edit(conversation, {"similarity": "not low"}, flower_reply())
    text = store.transcript(conversation)
    assert "Seemingly said: similarity = low (“all new to it”)" in text
    assert "Edited: similarity = not low" in text


def test_the_json_form_holds_every_turn_with_its_reply(store, conversation: str):
    written = json.loads(store.transcript(conversation, "json"))
    assert [turn["changes"] for turn in written["turns"]] == [{}, {"compute": "ample"}]
    assert written["turns"][0]["reply"]["verdict"]["status"] == "valid"


def test_an_unknown_format_is_refused_with_those_there_are(store, conversation: str):
    with pytest.raises(ConversationError, match="json, markdown, html"):
        store.transcript(conversation, "pdf")
