"""Before the method, and only where it helps, a reply says what published guides do before anybody trains."""

from dataclasses import replace

import pytest

from tunewise.advisor import Advisor
from tunewise.answer.composed import words_in
from tunewise.framework import load_framework
from tunewise.record import reply_from_json, reply_to_json

ASKED = "Should I fine-tune Mistral 7B on 3,000 tickets? I have one 24 GB card."
SAID = "published guides"


@pytest.fixture
def bare(rules, monkeypatch):
    """An advisor that finds no practice notes."""
    monkeypatch.setattr(rules._direct, "_notes", None)
    return rules


def test_it_stands_before_the_method_with_its_sources(bare):
    reply = bare.ask(ASKED)
    (place,) = (number for number, one in enumerate(reply.sentences) if SAID in one.text)
    method = next(number for number, one in enumerate(reply.sentences) if "LoRA" in one.text)
    assert place < method
    cited = {one.id: one for one in reply.citations}
    assert {cited[id_].collection for id_ in reply.sentences[place].citations} == {"notes"}
    assert words_in(reply.sentences[place].text) <= 40
    assert reply.verdict.status == "valid"


def test_the_reply_keeps_its_published_form(bare):
    reply = bare.ask(ASKED)
    assert reply_from_json(reply_to_json(reply)) == reply


@pytest.mark.parametrize(
    "message",
    [
        "Should I fine-tune a ResNet-50 on 800 flower photos? I have one 24 GB card.",
        "We tried prompting Mistral 7B and it was not good enough. Should we fine-tune it on 3,000 tickets?",
        "What if I fine-tuned Mistral 7B on 3,000 tickets with one 24 GB card?",
        "I fine-tune Mistral 7B on 3,000 tickets with one 24 GB card. How many epochs?",
    ],
)
def test_it_is_left_out_where_it_does_not_help(bare, message):
    assert SAID not in bare.ask(message).answer


def test_it_is_not_said_twice(bare):
    conversation = bare.conversations.create("Tickets")
    assert SAID in bare.ask(ASKED, conversation=conversation).answer
    again = bare.ask("Should I fine-tune it with 4,000 tickets?", conversation=conversation)
    assert SAID not in again.answer


def test_a_note_that_speaks_of_prompting_says_it_already(rules, read_as):
    read_as(learned=True, asked=("whether_to_tune",))
    reply = rules.ask("Should I fine-tune Mistral 7B or is a good prompt enough? I have 3,000 tickets.")
    assert any(one.by == "note" and "prompt" in one.text.lower() for one in reply.sentences)
    assert SAID not in reply.answer


def test_where_knowledge_is_the_aim_the_guides_look_it_up(bare, read_as):
    read_as(learned=True, asked=("hardware_enough",))
    message = "Is one 24 GB card enough to fine-tune Mistral 7B so that it learns new knowledge, our handbook?"
    assert "(retrieval)" in bare.ask(message).answer


def test_without_our_notes_it_is_not_said(settings, searcher):
    without = Advisor(replace(settings, notes=False), load_framework(), searcher)
    reply = without.ask(ASKED)
    without.conversations.close()
    assert SAID not in reply.answer
    assert "LoRA" in reply.answer


def test_it_is_part_of_what_is_streamed(bare):
    *events, last = bare.stream(ASKED)
    streamed = "".join(event.text for event in events if type(event).__name__ == "Sentence")
    assert SAID in streamed
    assert SAID in last.reply.answer


def test_another_framework_in_force_is_not_told_what_it_says_itself(settings, searcher):
    with_guides = Advisor(settings, load_framework("prompt-retrieve-tune"), searcher)
    reply = with_guides.ask(ASKED)
    with_guides.conversations.close()
    assert reply.recommendation.primary == "prompting"
    assert reply.answer.count(SAID) <= 1
