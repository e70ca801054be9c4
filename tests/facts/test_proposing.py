"""Which proposals are asked about, in which order, and what an answer does to them."""

from __future__ import annotations

import pytest

from tunewise.facts import edit, open_proposals, read_message, refusals, with_quotes
from tunewise.framework import Framework
from tunewise.types import ProposedFact, Situation

LOW = ProposedFact("similarity", "low", "all new to it")
HIGH = ProposedFact("similarity", "high", "its daily bread")
LIMITED = ProposedFact("compute", "limited", "on a shoestring")
KEEP = ProposedFact("forgetting_concern", "yes", "people rely on the rest")


def known(framework: Framework, **values: str) -> Situation:
    return edit(Situation(), framework, values)


def test_what_changes_the_first_choice_comes_before_what_changes_the_rest_and_nothing(framework: Framework) -> None:
    large = known(framework, dataset_size="large", model_type="other")
    idle = ProposedFact("model_size", "small", "a little one")
    assert open_proposals(framework, large, [idle, KEEP, LIMITED]) == (LIMITED, KEEP, idle)


def test_a_fact_is_proposed_once_the_newest_first(framework: Framework) -> None:
    assert open_proposals(framework, Situation(), [LOW], [HIGH]) == (LOW,)


def test_what_is_known_answers_earlier_proposals_and_may_be_contradicted_by_new_ones(framework: Framework) -> None:
    high = known(framework, similarity="high")
    assert open_proposals(framework, high, [], [LOW, HIGH]) == ()
    assert open_proposals(framework, high, [LOW]) == (LOW,)
    assert open_proposals(framework, high, [HIGH]) == ()


def test_what_was_refused_is_not_proposed_again(framework: Framework) -> None:
    refused = refusals({"similarity": "Not low", "compute": "limited"})
    assert refused == {("similarity", "low")}
    assert open_proposals(framework, Situation(), [LOW, LIMITED], refused=refused) == (LIMITED,)
    assert open_proposals(framework, Situation(), [HIGH], refused=refused) == (HIGH,)


@pytest.mark.parametrize("proposed", [ProposedFact("weather", "fine", "x"), ProposedFact("compute", "purple", "x")])
def test_what_the_framework_does_not_know_is_not_proposed(framework: Framework, proposed: ProposedFact) -> None:
    assert open_proposals(framework, Situation(), [proposed]) == ()


def test_a_clash_is_settled_as_such_and_not_proposed(framework: Framework) -> None:
    message = "I have only 200 images. With my 2 million images, should I fine-tune the whole ResNet?"
    situation = read_message(message, framework=framework).situation
    assert open_proposals(framework, situation, [ProposedFact("dataset_size", "large", "2 million")]) == ()


def test_a_confirmed_fact_keeps_the_words_and_a_corrected_one_does_not(framework: Framework) -> None:
    for value, quote in (("low", LOW.quote), ("high", None)):
        changes = {"similarity": value}
        fact = with_quotes(edit(Situation(), framework, changes), [LOW], changes).facts["similarity"]
        assert (fact.value, fact.status, fact.quote) == (value, "edited", quote)
