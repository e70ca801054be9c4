"""A replay says in words which rules, facts, numbers and passages are not what they were."""

import dataclasses
import re
from pathlib import Path

import pytest

from tests.fakes.replies import flower_reply, flower_situation
from tests.record.test_decision_record import resigned
from tunewise.framework import Framework, load_framework
from tunewise.record import Record, load_record, parse_record, replay
from tunewise.record.changes import changed_citations, changed_numbers
from tunewise.retrieval.corpus import Corpus, load_corpus
from tunewise.types import Citation, Fact, MemoryEstimate, Plan, Situation


def altered(framework: Framework, **rules: object) -> Framework:
    """The framework with other rules under these ids; None takes one out."""
    changed = {**framework.rules, **rules}
    kept = {id_: rule for id_, rule in changed.items() if rule is not None}
    return framework.model_copy(update={"rules": kept, "hash": f"{sorted(rules.items(), key=repr)}"})


def changed_rule(framework: Framework, id_: str, **parts: object):
    return framework.rules[id_].model_copy(update=parts)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus()


@pytest.fixture
def primary_rules(record: Record) -> list[str]:
    chosen = record.reply.recommendation.primary
    return [id_ for each in record.reply.verdict.findings if each.strategy == chosen for id_ in each.rules]


def test_a_rule_that_is_gone_is_named_with_what_it_said(record, framework, primary_rules):
    said = record.content.rules[primary_rules[0]].because
    result = replay(record, altered(framework, **dict.fromkeys(primary_rules)))
    assert not result.identical
    assert f"The framework 'article' has no rule {primary_rules[0]}; it said: {said}" in result.reasons


def test_the_rule_and_the_fact_that_put_another_strategy_first_are_named(record, framework, primary_rules):
    result = replay(record, altered(framework, **dict.fromkeys(primary_rules)))
    first = result.reasons[0]
    assert re.search(r"comes first now by rule \w+ \((?:dataset_size|similarity) is \w+", first)


def test_a_rule_that_speaks_now_is_named_with_the_fact_it_fires_on(record, framework):
    chosen = record.reply.recommendation.primary
    new = changed_rule(framework, "F3", id="NEW1", when={"dataset_size": ("small",)}, then={chosen: "forbid"})
    result = replay(record, altered(framework, NEW1=new))
    assert any("NEW1 (dataset_size is small)" in reason for reason in result.reasons)
    assert result.reasons[1].startswith(f"Against {record.label(chosen)} speaks now rule NEW1")


def test_a_rule_that_no_longer_fires_on_the_recorded_facts_is_said_to(record, framework):
    silent = changed_rule(framework, "F3", when={"dataset_size": ("large",)})
    result = replay(record, altered(framework, F3=silent))
    assert "Rule F3 is behind the verdicts no longer and does not fire on the recorded facts." in result.reasons


def test_a_rule_that_is_only_reworded_changes_nothing_and_is_still_said(record, framework):
    reworded = changed_rule(framework, "F3", because={"en": "Too little data."}, strength="must")
    result = replay(record, altered(framework, F3=reworded))
    assert result.identical
    assert result.reasons == ()
    assert any(one.startswith("Rule F3 says now: Too little data. It said: ") for one in result.changes)
    assert any(re.match(r"Rule F3 is a 'must' now; it was a '\w+'\.", one) for one in result.changes)


def test_a_rule_that_rests_on_another_sentence_is_said_to(record, framework):
    source = framework.rules["F3"].source.model_copy(update={"quote": "Another sentence."})
    result = replay(record, altered(framework, F3=changed_rule(framework, "F3", source=source)))
    assert result.changes == ("Rule F3 rests on something else now (quote).",)


def test_an_unchanged_framework_has_nothing_to_say(record, framework, corpus):
    result = replay(record, framework, corpus=corpus.hash)
    assert (result.reasons, result.changes) == ((), ())


def test_where_the_framework_is_the_same_a_difference_is_the_records_own(record, framework):
    def forge(content: dict) -> None:
        content["decision"]["primary"] = "full_fine_tuning"

    result = replay(parse_record(resigned(record, forge)), framework)
    (reason,) = result.reasons
    assert reason.startswith("The framework is the one that the record names")


def test_a_difference_without_a_rule_of_the_record_behind_it_is_not_explained_away(record, framework):
    def forge(content: dict) -> None:
        content["decision"]["conditional"] = []

    other = framework.model_copy(update={"hash": "another"})
    (reason,) = replay(parse_record(resigned(record, forge)), other).reasons
    assert reason.startswith("No rule behind the recorded verdicts has changed")


def test_an_amount_that_counts_as_another_size_today_is_named_with_the_cutoffs(record, framework):
    sizes = framework.parameters.sizes
    lower = {**sizes, "examples": sizes["examples"].model_copy(update={"small_below": 500.0})}
    parameters = framework.parameters.model_copy(update={"sizes": lower})
    result = replay(record, framework.model_copy(update={"parameters": parameters, "hash": "lower"}))
    assert result.identical  # facts are not read anew
    assert (
        "By the cut-offs in force (small below 500, large from 100,000) 800 images are medium; the record counts them "
        "as small." in result.changes
    )


def test_memory_that_is_reckoned_otherwise_is_named_in_both_figures(make, decided, framework):
    base = flower_situation()
    details = {**base.details, "model_parameters": Fact("model_parameters", "7e9", "stated", "7B", 1, None, 7e9)}
    method = framework.parameters.memory[0].method["en"]
    plan = Plan(memory=(MemoryEstimate(method, 112.0, "16 bytes × parameters", "source"),))
    lora = dataclasses.replace(decided.recommendation, primary="lora")
    reply = dataclasses.replace(decided, situation=Situation(base.facts, details), plan=plan, recommendation=lora)
    assert list(changed_numbers(make(reply), framework)) == [
        f"Memory for {method}: 126.0 GB now, 112.0 GB in the record."
    ]


@pytest.fixture
def citing(make, decided, corpus):
    """A record whose reply cites one span."""

    def made(**changes: object) -> Record:
        passage = corpus.by_id["N-rag-1"]
        cited = Citation(
            passage.id, passage.collection, passage.document, passage.section, passage.start, passage.end, passage.text
        )
        return make(dataclasses.replace(decided, citations=(dataclasses.replace(cited, **changes),)))

    return made


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"document": "old"}, ["Cited N-rag-1: the document 'old' is gone."]),
        ({"quote": "RAG is magic."}, ["Cited N-rag-1: these words stand in 'note-rag' no longer: “RAG is magic.”"]),
        ({"id": "N-rag-99"}, ["Cited N-rag-99: its words still stand in 'note-rag', under another id."]),
        ({"start": 0, "end": 5}, ["Cited N-rag-1: its words stand elsewhere in 'note-rag' now."]),
    ],
)
def test_a_cited_passage_that_is_gone_or_changed_is_named(citing, corpus, changes, said):
    assert list(changed_citations(citing(**changes), corpus)) == said


def test_a_practice_note_that_was_shown_is_looked_up_like_any_passage(make, decided, corpus):
    note = next(iter(corpus.notes.values()))
    cited = Citation(
        note.id, "practice", corpus.by_id[note.id].document, "", note.answer.start, note.answer.end, "Gone."
    )
    record = make(dataclasses.replace(decided, citations=(cited,)))
    assert list(changed_citations(record, corpus)) != []


def test_a_record_of_version_1_is_explained_too(framework):
    record = load_record(Path(__file__).parent / "version1" / "record.json")
    result = replay(record, load_framework("article-pure"))
    assert any("has no rule T2; it said: " in reason for reason in result.reasons)
    assert replay(record, framework).reasons == ()


def test_a_reply_without_a_plan_has_no_memory_to_compare(make, decided, framework):
    assert list(changed_numbers(make(dataclasses.replace(decided, plan=None)), framework)) == []
    assert flower_reply().plan is not None
