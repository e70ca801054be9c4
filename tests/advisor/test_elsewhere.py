"""Advice from elsewhere: its stances are judged first, and its facts are its author's."""

import pytest

COLLEAGUE = "I have 70 scans. My colleague, who has 2 million of them, says we should retrain all of the weights."


def test_the_reply_begins_with_a_verdict_on_each_stance(rules, read_as):
    read_as(move="advice_from_elsewhere")
    reply = rules.ask(COLLEAGUE)
    assert reply.sentences[0].text.startswith(
        "Full fine-tuning (“retrain all of the weights”): no, not with “70 scans”: with little data"
    )
    (stance,) = (each for each in reply.stances if each.by == "code")  # a practice note may say more behind it
    assert (stance.sentence, stance.by, stance.strategy, stance.stance) == (0, "code", "full_fine_tuning", "for")
    assert stance.verdict == "invalid"
    assert "F3" in stance.rules
    assert reply.sentences[0].citations
    assert reply.sentences[0].citations[0] in {cited.id for cited in reply.citations}


def test_the_facts_of_whoever_advises_are_not_the_askers(rules, read_as):
    read_as(move="advice_from_elsewhere")
    reply = rules.ask(COLLEAGUE)
    assert reply.situation.value("dataset_size") == "small"
    assert not reply.situation.clashes


@pytest.mark.parametrize(
    ("plan", "verdicts"),
    [
        ("train all of the weights and augment", [("full_fine_tuning", "for", "invalid")]),
        ("freeze the early layers and augment", []),
    ],
)
def test_where_a_note_answers_an_own_plan_the_rules_only_object(rules, read_as, plan, verdicts):
    read_as(asked=("plan_right",))
    reply = rules.ask(
        "I have 800 labelled flower photos and a ResNet-50 pre-trained on ImageNet. Should I fine-tune it? "
        f"I will {plan}."
    )
    judged = [(one.strategy, one.stance, one.verdict) for one in reply.stances if one.by != "note"]
    assert judged == verdicts
    assert reply.situation.value("dataset_size") == "small"
    assert any(one.by == "note" for one in reply.sentences)


def test_advice_without_a_case_of_the_askers_is_judged_too(rules, read_as):
    read_as(move="advice_from_elsewhere")
    reply = rules.ask("A newsletter says that full fine-tuning is always best.")
    assert reply.stances[0].verdict == "satisfiable"
    assert "that depends" in reply.sentences[0].text


def test_a_message_that_only_asks_has_no_stances(rules):
    assert rules.ask("I have 70 scans and one GPU. Should I use LoRA?").stances == ()


def test_what_streams_is_what_is_answered(advisor, model, read_as):
    read_as(move="advice_from_elsewhere")
    model.enqueue("Freeze the early layers.")
    events = list(advisor.stream(COLLEAGUE))
    shown = "".join(event.text for event in events if type(event).__name__ == "Sentence")
    assert shown == events[-1].reply.answer
    assert " ".join(sentence.text for sentence in events[-1].reply.sentences).split() == shown.split()
