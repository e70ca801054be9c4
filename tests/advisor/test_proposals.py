"""A turn whose message only seems to state facts: asked about, never decided on, answered by edits."""

import pytest

from tests.fakes.proposing import ProposingAdvisor
from tunewise.events import Decided
from tunewise.framework import decide, load_framework
from tunewise.record import reply_from_json, reply_to_json

LARGE = "We have 300,000 labelled images and a ResNet-50. Should we fine-tune it?"
PAID = "We have 300,000 labelled images and a ResNet-50, and the machines are paid for. Should we fine-tune it?"
THREE = (
    "I have 800 labelled images and a ResNet-50; all this is Martian to it, people rely on the rest and callers hang "
    "up quickly. Should I fine-tune it?"
)


@pytest.fixture
def proposing(settings, searcher):
    advisor = ProposingAdvisor(settings, load_framework(), searcher)
    yield advisor
    advisor.conversations.close()


@pytest.fixture
def conversation(proposing):
    return proposing.conversations.create()


def facts_of(proposed):
    return [each.fact for each in proposed]


def test_a_proposal_is_asked_about_in_the_place_of_the_question(proposing, rules):
    assert "similarity" in facts_of(rules.ask(LARGE).questions)
    reply = proposing.ask(LARGE + " All along: all this is Martian to it.")
    assert facts_of(reply.proposed) == ["similarity"]
    assert reply.proposed[0].quote == "all this is Martian to it"
    assert "similarity" not in facts_of(reply.questions)
    assert reply_from_json(reply_to_json(reply)).proposed == reply.proposed


def test_nothing_is_decided_on_it(proposing, rules):
    without, reply = rules.ask(THREE), proposing.ask(THREE)
    assert reply.situation.values() == without.situation.values()
    assert reply.recommendation.strategies == without.recommendation.strategies
    assert reply.verdict == without.verdict


def test_at_most_two_are_shown_and_none_of_the_three_is_asked(proposing):
    reply = proposing.ask(THREE)
    assert len(reply.proposed) == 2
    assert not {"similarity", "forgetting_concern", "latency_critical"} & set(facts_of(reply.questions))


def test_the_conditions_name_it_first_and_say_what_the_rules_would_say(proposing):
    reply = proposing.ask(PAID)
    then = decide(proposing.framework, {**reply.situation.values(), "compute": "ample"})
    if then.primary != reply.recommendation.primary:
        assert reply.recommendation.conditional[0].when == {"compute": "ample"}
        assert reply.recommendation.conditional[0].primary == then.primary
    of_rules = [one.text for one in reply.sentences if one.by == "code"]
    first = next(text for text in of_rules if " if " in f" {text.lower()}")
    assert first.startswith("If I read you right that ")


def test_the_decision_event_has_it_before_anything_is_searched(proposing):
    decided = next(event for event in proposing.stream(THREE) if isinstance(event, Decided))
    assert len(decided.proposed) == 2
    assert decided.proposed == proposing.ask(THREE).proposed


def test_a_yes_is_an_edit_with_the_users_words(proposing, conversation):
    proposing.ask(THREE, conversation=conversation)
    reply = proposing.edit(conversation, {"forgetting_concern": "yes"})
    fact = reply.situation.facts["forgetting_concern"]
    assert (fact.value, fact.status, fact.quote) == ("yes", "edited", "people rely on the rest")
    assert "forgetting_concern" not in facts_of(reply.proposed)
    assert reply.recommendation.strategies != proposing.ask(THREE).recommendation.strategies


def test_a_no_is_remembered_and_assumes_nothing(proposing, conversation):
    before = proposing.ask(THREE, conversation=conversation)
    reply = proposing.edit(conversation, {"forgetting_concern": "not yes"})
    assert reply.situation == before.situation
    assert "forgetting_concern" not in facts_of(reply.proposed)
    again = proposing.ask(THREE, conversation=conversation)
    assert "forgetting_concern" not in facts_of(again.proposed)
    assert "similarity" in facts_of(again.proposed)
    elsewhere = proposing.ask(THREE, conversation=proposing.conversations.create())
    assert "forgetting_concern" in facts_of(elsewhere.proposed)


def test_it_waits_through_other_messages_and_a_what_if_and_is_answered_by_a_statement(proposing, conversation):
    proposing.ask(
        "I have 800 labelled images; all this is Martian to it. Should I fine-tune?", conversation=conversation
    )
    for message in ("What is elastic weight consolidation?", "Suppose I had 300,000 images instead?"):
        proposing.ask(message, conversation=conversation)
    waiting = proposing.ask("Why not full fine-tuning?", conversation=conversation)
    assert facts_of(waiting.proposed) == ["similarity"]
    told = proposing.ask("My images are very similar to what the model was pre-trained on.", conversation=conversation)
    assert told.situation.value("similarity") == "high"
    assert told.proposed == ()


def test_a_what_if_proposes_nothing(proposing, conversation):
    proposing.ask(LARGE, conversation=conversation)
    reply = proposing.ask("What if I had 200 images and the machines are paid for?", conversation=conversation)
    assert reply.hypothetical
    assert reply.proposed == ()


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("我有30万张标注图片，用ResNet-50，the machines are paid for，该微调吗？", "如果我没理解错"),
        (
            "Nous avons 300 000 images annotées et un ResNet-50, the machines are paid for. Faut-il l'affiner ?",
            "Si je vous lis",
        ),
    ],
)
def test_other_languages_say_it_too(proposing, message, words):
    reply = proposing.ask(message)
    assert facts_of(reply.proposed) == ["compute"]
    assert words in reply.answer
