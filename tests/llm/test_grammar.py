from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.vocabulary import WordVocabulary
from tunewise.llm.alternatives import steps
from tunewise.llm.grammar import Choice, Items, Template, quotes_grammar, word_ends, word_starts


def fill(template: Template, wanted: str) -> str:
    """The template filled by a model that writes `wanted` wherever it may."""
    vocabulary = WordVocabulary()
    written = ""
    for part in template.parts:
        if isinstance(part, str):
            written += part
            continue
        for step in steps(vocabulary, part):
            while not step.done:
                texts = {token: vocabulary.piece(token).decode() for token in step.candidates()}
                token = next((token for token, text in texts.items() if wanted.startswith(written + text)), min(texts))
                step.accept(token)
                written += texts[token]
    return written


def recommendation(primary: tuple[str, ...], supporting: tuple[str, ...], at_most: int) -> Template:
    """`{"primary": "lora", "supporting": ["ewc", ...]}`, as a step may ask for it."""
    first = Choice(tuple(f" {json.dumps(id_)}," for id_ in primary))
    return Template(('{"primary":', first, ' "supporting":', Items(supporting, at_most, closing="]}")))


def test_a_choice_can_only_be_one_of_its_texts():
    assert fill(Template((Choice(("lora", "adapters")),)), "adapters") == "adapters"
    assert fill(Template((Choice(("lora", "adapters")),)), "something else") in ("lora", "adapters")


def test_quotes_need_names():
    with pytest.raises(ValueError, match="need names"):
        quotes_grammar([], "message")


@pytest.mark.parametrize(
    "supporting",
    [[], ["ewc"], ["ewc", "pruning"], ["pruning", "ewc"]],
    ids=["none", "one", "two", "other order"],
)
def test_a_recommendation_can_hold_any_allowed_list(supporting):
    wanted = json.dumps({"primary": "lora", "supporting": supporting})
    assert fill(recommendation(("lora", "adapters"), ("ewc", "pruning"), 2), wanted) == wanted


def test_a_recommendation_cannot_repeat_a_strategy_or_exceed_the_limit():
    grammar = recommendation(("lora",), ("ewc", "pruning", "quantization"), 2)
    repeated = '{"primary": "lora", "supporting": ["ewc", "ewc", "pruning"]}'
    supporting = json.loads(fill(grammar, repeated))["supporting"]
    assert len(supporting) <= 2
    assert len(set(supporting)) == len(supporting)


def test_a_recommendation_without_supporting_strategies_to_choose_from_has_an_empty_list():
    assert fill(recommendation(("lora",), (), 3), "") == '{"primary": "lora", "supporting": []}'


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
    assert [text[start:][:3] for start in word_starts(text)] == ["Abo", "2.5", "5k ", "ima", "<1G"]
    assert [text[:end][-2:] for end in word_ends(text)] == ["ut", " 2", "5k", "es", "GB"]


def test_a_template_describes_itself_as_json_schema():
    schema = quotes_grammar(["size", "goal"], "a message").schema
    assert schema["required"] == ["size", "goal"]
    assert schema["additionalProperties"] is False
