from __future__ import annotations

import pytest

from tests.fakes.model import ScriptedModel
from tunewise.errors import DeadlineError
from tunewise.facts import open_facts, quote_facts, read_message
from tunewise.framework import Framework

MESSAGE = "My set is on the meagre side I fear, and callers must not sit there staring at the phone."


def test_the_model_is_asked_with_the_message_and_a_grammar_of_its_spans() -> None:
    model = ScriptedModel().enqueue('{"dataset_size": "on the meagre side"}')
    assert quote_facts(model, MESSAGE, ["dataset_size"]) == {"dataset_size": "on the meagre side"}
    assert MESSAGE in model.prompts[0].tail  # type: ignore[union-attr]
    assert model.calls[0]["grammar"] is not None


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "no json",
        "[]",
        '{"dataset_size": 5}',
        '{"dataset_size": "a large dataset"}',
        '{"compute": "on the meagre side"}',
        '{"dataset_size": ""}',
        "{" * 5000,
    ],
)
def test_an_answer_that_copies_nothing_gives_nothing(answer: str) -> None:
    assert quote_facts(ScriptedModel().enqueue(answer), MESSAGE, ["dataset_size"]) == {}


def test_a_model_that_fails_gives_nothing() -> None:
    assert quote_facts(ScriptedModel().enqueue(DeadlineError("late")), MESSAGE, ["dataset_size"]) == {}


@pytest.mark.parametrize(
    ("message", "names"), [("", ["compute"]), ("  ", ["compute"]), (MESSAGE, []), (MESSAGE, ["x"])]
)
def test_the_model_is_not_asked_for_nothing(message: str, names: list[str]) -> None:
    model = ScriptedModel()
    assert quote_facts(model, message, names) == {}
    assert model.calls == []


def test_a_quoted_span_counts_only_if_code_reads_a_value_from_it(framework: Framework) -> None:
    message = "For my task the amount at hand is scarcely twelve."
    read = read_message(message, framework=framework, quotes={"dataset_size": "scarcely twelve"})
    assert read.situation.value("dataset_size") == "small"
    assert read.situation.facts["dataset_size"].quote == "scarcely twelve"
    unread = read_message(message, framework=framework, quotes={"dataset_size": "at hand"})
    assert unread.situation.value("dataset_size") == "unknown"


def test_a_span_that_is_not_in_the_message_is_ignored(framework: Framework) -> None:
    read = read_message("My task is hard.", framework=framework, quotes={"dataset_size": "12 images"})
    assert read.situation.value("dataset_size") == "unknown"


def test_a_span_never_overrides_what_the_patterns_read(framework: Framework) -> None:
    message = "I have 800 labelled images. The old system saw a large flood of rows."
    read = read_message(message, framework=framework, quotes={"dataset_size": "a large flood of rows"})
    assert read.situation.value("dataset_size") == "small"


def test_only_open_facts_that_the_message_hints_at_are_worth_asking(framework: Framework) -> None:
    message = "I have 800 labelled images and my machine is whatever the office has."
    names = open_facts(read_message(message, framework=framework), message)
    assert "compute" in names
    assert "dataset_size" not in names
    assert "latency_critical" not in names


def test_nothing_is_asked_about_a_general_question(framework: Framework) -> None:
    message = "Is inference slower with LoRA?"
    assert open_facts(read_message(message, framework=framework), message) == ()


@pytest.mark.parametrize(
    "span",
    ["tested xlm-roberta-large-xnli with zero-shot learning", "the performance was not really good", "a new model"],
)
def test_a_quoted_span_without_a_comparison_tells_no_similarity(span: str, framework: Framework) -> None:
    message = f"On my task I {span}, so what now?"
    read = read_message(message, framework=framework, quotes={"similarity": span})
    assert read.situation.value("similarity") == "unknown"


@pytest.mark.parametrize(
    ("span", "value"),
    [
        ("unfamiliar material", "low"),
        ("of another kind", "low"),
        ("hardly similar", "low"),
        ("close to it", "high"),
        ("resembles it", "high"),
    ],
)
def test_a_quoted_comparison_tells_similarity(span: str, value: str, framework: Framework) -> None:
    message = f"For my project, {span}, I suppose."
    read = read_message(message, framework=framework, quotes={"similarity": span})
    assert read.situation.value("similarity") == value
