"""The arm without rules: what the model says is taken as it is."""

import json
from types import SimpleNamespace

import pytest

from tests.evaluation.conftest import SmallSources
from tests.fakes.model import ScriptedModel
from tunewise.evaluation.model_alone import ModelAlone, choice_grammar, read_choice
from tunewise.llm.grammar import Choice
from tunewise.record import reply_from_json
from tunewise.types import Hit

CHOICE = {
    "kind": "advice",
    "facts": {"dataset_size": "small", "compute": "unknown"},
    "primary": "full_fine_tuning",
    "supporting": ["pruning"],
    "ask": ["compute"],
}


class ArticleSearcher:
    """Finds the two passages of the small article, whatever is asked."""

    def search(self, question: str, top_k: int = 4) -> list[Hit]:
        return [Hit(passage, 1.0) for passage in SmallSources().passages("article")][:top_k]


@pytest.fixture
def framework():
    facts = {"dataset_size": ("small", "large"), "compute": ("limited", "ample")}
    primary = {"full_fine_tuning": True, "lora": True, "pruning": False}
    return SimpleNamespace(
        facts={name: SimpleNamespace(values=values) for name, values in facts.items()},
        strategies={
            name: SimpleNamespace(is_primary=is_primary, is_supporting=not is_primary)
            for name, is_primary in primary.items()
        },
    )


def answer(framework, choice: object, text: str = "Train all of it [A1].", question: str = "800 images?"):
    model = ScriptedModel().enqueue(json.dumps(choice), text)
    return ModelAlone(model, ArticleSearcher(), framework).answer(question), model


def test_what_the_model_chooses_is_recommended_unchecked(framework):
    reply, _ = answer(framework, CHOICE)
    assert reply["recommendation"]["primary"] == "full_fine_tuning"
    assert reply["proposals"][0]["supporting"] == ["pruning"]
    assert reply["verdict"] is None
    assert reply["facts"]["dataset_size"]["status"] == "stated"
    assert reply["facts"]["compute"]["status"] == "unknown"
    assert [question["fact"] for question in reply["questions"]] == ["compute"]


def test_the_reply_has_the_published_form(framework):
    reply, _ = answer(framework, CHOICE)
    assert reply_from_json(reply).recommendation is not None
    assert reply["timings_s"]["total"] >= reply["timings_s"]["first_token"] >= 0


def test_the_model_gets_the_passages_that_were_found(framework):
    _, model = answer(framework, CHOICE)
    assert [[passage.id for passage in prompt.passages] for prompt in model.prompts] == [["A1", "A2"]] * 2


def test_a_mark_that_was_not_given_is_a_citation_without_a_span(framework):
    reply, _ = answer(framework, CHOICE, "Freeze [A1], see [Z9] and [A1].")
    assert [(each["id"], each["document"]) for each in reply["citations"]] == [("A1", "article"), ("Z9", "")]


@pytest.mark.parametrize("choice", ["no JSON", [], {"kind": "poem"}])
def test_a_choice_that_cannot_be_read_leaves_an_answer_without_advice(framework, choice: object):
    reply, _ = answer(framework, choice)
    assert (reply["kind"], reply["recommendation"]) == ("knowledge", None)


def test_an_empty_message_is_not_searched_for(framework):
    _, model = answer(framework, CHOICE, question="  ")
    assert model.prompts[0].passages == ()


def test_the_answer_is_asked_for_in_the_language_of_the_question(framework):
    _, model = answer(framework, CHOICE, question="该怎样微调？")
    assert "in Chinese" in model.prompts[1].tail


def test_the_form_of_the_choice_names_known_things_only_and_bounds_its_lists():
    grammar = choice_grammar({"compute": ("limited", "ample")}, ["lora"], ["pruning"])
    slots = [part for part in grammar.parts if not isinstance(part, str)]
    assert [getattr(slot, "at_most", None) for slot in slots] == [None, None, None, 3, 3]
    assert slots[1].options == (' "limited"},', ' "ample"},', ' "unknown"},')


def test_the_first_options_of_the_form_make_a_choice_that_can_be_read():
    grammar = choice_grammar({"compute": ("limited",), "similarity": ("high",)}, ["lora"], ["pruning"])
    text = "".join(
        part if isinstance(part, str) else part.options[0] if isinstance(part, Choice) else " [" + part.closing
        for part in grammar.parts
    )
    assert read_choice(text) == {
        "kind": "advice",
        "facts": {"compute": "limited", "similarity": "high"},
        "primary": "lora",
        "supporting": [],
        "ask": [],
    }


def test_a_deeply_nested_choice_is_no_choice():
    assert read_choice("{" + '"a":[' * 100_000 + "}") == {}
