from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.vocabulary import WordVocabulary
from tunewise.llm.grammar import Alternatives, Template, quotes_grammar, word_spans


def fill(template: Template, wanted: str) -> str:
    """The template filled by a model that writes `wanted` wherever it may."""
    vocabulary = WordVocabulary()
    written = ""
    for part in template.parts:
        if isinstance(part, str):
            written += part
            continue
        slot = Alternatives(vocabulary, part)
        while not slot.done:
            texts = {token: vocabulary.piece(token).decode() for token in slot.candidates()}
            token = next((token for token, text in texts.items() if wanted.startswith(written + text)), min(texts))
            slot.accept(token)
            written += texts[token]
    return written


def test_quotes_need_names():
    with pytest.raises(ValueError, match="need names"):
        quotes_grammar([], "message")


def test_quotes_can_be_any_run_of_words_of_the_message_or_empty():
    message = 'I have 800 "rare" images\nand one GPU.'
    wanted = json.dumps({"size": '800 "rare" images', "compute": "one GPU", "goal": ""})
    assert fill(quotes_grammar(["size", "compute", "goal"], message), wanted) == wanted


def test_a_quote_may_run_over_a_line_break():
    wanted = json.dumps({"size": "images\nand one"})
    assert fill(quotes_grammar(["size"], 'I have 800 "rare" images\nand one GPU.'), wanted) == wanted


def test_chinese_words_can_be_quoted_without_spaces_around_them():
    wanted = json.dumps({"size": "五百张"}, ensure_ascii=False)
    assert fill(quotes_grammar(["size"], "我有五百张 图片"), wanted) != ""


@given(message=st.text(max_size=80), wanted=st.text(max_size=80))
def test_whatever_the_model_wants_a_quote_is_a_span_of_the_message(message, wanted):
    for target in (wanted, message, message[len(message) // 3 :]):
        answer = fill(quotes_grammar(["a", "b"], message), json.dumps({"a": target, "b": ""}, ensure_ascii=False))
        quotes = json.loads(answer)
        assert list(quotes) == ["a", "b"]
        assert all(quote in message for quote in quotes.values())


def test_spans_begin_and_end_at_words():
    text = "About 2.5k images, <1GB"
    assert [text[start:][:3] for start, _ in word_spans(text)] == ["Abo", "2.5", "5k ", "ima", "<1G"]
    assert [text[:end][-2:] for _, end in word_spans(text)] == ["ut", " 2", "5k", "es", "GB"]


def test_a_template_describes_itself_as_json_schema():
    schema = quotes_grammar(["size", "goal"], "a message").schema
    assert schema["required"] == ["size", "goal"]
    assert schema["additionalProperties"] is False
