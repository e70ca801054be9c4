"""A practice note that answers a first message is its whole text; beside it stands what was asked for, or nothing."""

import pytest

from tunewise.events import Decided
from tunewise.framework import decide, load_framework, next_questions
from tunewise.retrieval import Searcher

CHATS = "We have 900 support chats and one 24 GB card for Llama 8B. Which method, LoRA or full fine-tuning?"
RANK = "I have 3,000 examples and one 24 GB card. What LoRA rank and alpha should I take for a 7B model?"
SPLIT = "We have 900 windows of glucose readings from 45 patients. How do I split train and test when tuning a model?"


@pytest.fixture
def asking(read_as):
    """Let the reader have read every message, and found that it asks for something."""
    return lambda *asked: read_as(learned=True, asked=asked)


@pytest.mark.parametrize("asked", ["steps", "went_wrong", "which_of_two", "forgetting"])
@pytest.mark.parametrize("message", [RANK, SPLIT])
def test_where_no_recommendation_is_asked_for_there_is_none(rules, asking, message, asked):
    asking(asked)
    reply = rules.ask(message)
    assert reply.kind == "knowledge"
    assert reply.recommendation is None
    assert {sentence.by for sentence in reply.sentences} == {"note"}
    assert reply.situation.values()
    assert reply.questions


def test_the_recommendation_is_what_the_note_advises_and_the_checker_lets_pass(rules, asking):
    asking("which_method")
    reply = rules.ask(CHATS)
    assert {sentence.by for sentence in reply.sentences} == {"note"}
    advised = {one.strategy for one in reply.stances if one.stance == "for"}
    assert set(reply.recommendation.strategies) <= advised
    assert reply.verdict.status in ("valid", "satisfiable", "ambiguous")


def test_behind_an_answer_with_a_recommendation_nothing_is_asked(rules, asking):
    asking("which_method")
    decided = [event for event in rules.stream(CHATS) if isinstance(event, Decided)]
    assert [event.recommendation.strategies for event in decided] == [("lora",)]
    assert next_questions(load_framework(), rules.ask(CHATS).situation.values())
    assert not decided[0].questions
    assert not rules.ask(CHATS).questions


def test_where_the_note_advises_nothing_it_is_the_first_choice_of_the_rules(rules, asking):
    asking("whether_to_tune")
    reply = rules.ask(SPLIT)
    decided = decide(load_framework(), reply.situation.values()).recommendation()
    trained = {one.strategy for one in reply.stances if load_framework().strategies[one.strategy].trains}
    assert not trained
    assert reply.recommendation.strategies == (decided.primary,)


@pytest.mark.parametrize("asked", ["data_enough", "hardware_enough"])
def test_beside_an_amount_or_a_card_no_method_stands_that_the_note_does_not_name(rules, asking, asked):
    asking(asked)
    reply = rules.ask(SPLIT)
    assert {sentence.by for sentence in reply.sentences} == {"note"}
    assert reply.recommendation is None


def test_where_the_message_does_not_tell_what_it_asks_the_note_does(rules, asking):
    asking()
    reply = rules.ask(SPLIT)
    assert reply.kind == "knowledge"
    assert reply.recommendation is None


def test_in_the_next_turn_the_rules_recommend(rules, asking):
    asking("steps")
    conversation = rules.conversations.create()
    assert rules.ask(RANK, conversation=conversation).recommendation is None
    reply = rules.ask("We have only 300 examples, not 3,000.", conversation=conversation)
    assert reply.recommendation is not None


def test_while_the_index_is_being_built_the_decision_is_out_at_once_and_stands(rules, asking, monkeypatch):
    asking("steps")
    monkeypatch.setattr(Searcher, "opens_within", lambda _self, _seconds: False)
    *events, last = rules.stream(RANK)
    first = next(event for event in events if isinstance(event, Decided))
    decided = decide(load_framework(), last.reply.situation.values()).recommendation()
    assert first.recommendation.primary == last.reply.recommendation.primary == decided.primary


@pytest.mark.parametrize(
    ("model", "is_summed"), [("a 72B model", True), ("Llama 3 70B", False), ("a large model", False)], ids=str
)
def test_the_card_for_a_model_of_a_bare_size_is_summed_where_no_note_is_about_that_model(
    rules, read_as, monkeypatch, model, is_summed
):
    read_as(asked=("hardware_enough",))
    monkeypatch.setattr("tunewise.direct.SIZED", 1.1)
    reply = rules.ask(f"I want to tune {model} with LoRA. How much GPU memory do I have to rent?")
    assert reply.answer.startswith("For your model (72 billion parameters)") == is_summed
    notes = [note for note in rules.searcher.corpus.notes.values() if note.id in {one.id for one in reply.citations}]
    assert not is_summed or not [note for note in notes if "hardware_enough" in note.intents]


def test_a_note_that_fits_well_goes_before_the_sum(rules, read_as, monkeypatch):
    read_as(asked=("hardware_enough",))
    monkeypatch.setattr("tunewise.direct.SIZED", 0.0)
    reply = rules.ask("I want to tune a 72B model with LoRA. How much GPU memory do I have to rent?")
    assert "For your model (72 billion parameters)" not in reply.answer
