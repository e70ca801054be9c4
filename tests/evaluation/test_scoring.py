"""Each score, on replies made by hand."""

from typing import Any

import pytest

from tests.evaluation.conftest import TEXT, small_scorer
from tunewise.evaluation.cases import Case, TurnExpected
from tunewise.evaluation.scoring import says_not_covered, score_turn

Json = dict[str, Any]


def case(**changes: Any) -> Case:
    fields = {"id": "S1", "kind": "situation", "question": "I have 800 labelled images."}
    return Case.model_validate({**fields, **changes})


def advice(primary: str | None = "lora", supporting: tuple[str, ...] = (), **changes: Any) -> Json:
    chosen = {"primary": primary, "supporting": list(supporting), "conditional": []}
    return {"kind": "advice", "answer": "", "recommendation": chosen, "verdict": {"status": "valid"}, **changes}


def fact(value: str, status: str = "stated", quote: str | None = "800 labelled images") -> Json:
    return {"value": value, "status": status, "quote": quote}


def scored(case: Case, reply: Json | None) -> Json:
    return small_scorer().score(case, reply)


@pytest.mark.parametrize(
    ("expected", "claimed", "counts"),
    [
        ("small", fact("small"), (1, 0, 0)),
        ("small", fact("small", "edited"), (1, 0, 0)),
        ("small", fact("small", "measured"), (1, 0, 0)),
        ("unknown", fact("medium"), (0, 0, 0)),
        ("small", fact("large"), (0, 1, 1)),
        ("small", fact("small", "assumed"), (0, 0, 1)),
        ("small", fact("unknown", "unknown"), (0, 0, 1)),
        ("small", fact("unknown", "stated"), (0, 0, 1)),
        ("unknown", fact("small"), (0, 1, 0)),
        ("unknown", fact("small", "assumed"), (0, 0, 0)),
        ("unknown", None, (0, 0, 0)),
    ],
)
def test_a_fact_counts_by_what_is_claimed_of_it(expected: str, claimed: Json | None, counts: tuple[int, int, int]):
    reply = {"facts": {"dataset_size": claimed} if claimed else {}}
    found = scored(case(facts={"dataset_size": expected}), reply)["facts"]
    assert tuple(found.values()) == counts


def test_facts_that_are_not_scored_do_not_count():
    assert sum(scored(case(), {"facts": {"model_size": fact("large")}})["facts"].values()) == 0


@pytest.mark.parametrize(
    ("stated", "unquoted"),
    [
        (fact("small"), 0),
        (fact("small", quote="900 images"), 1),
        (fact("small", quote=None), 1),
        (fact("small", "assumed", quote=None), 0),
        (fact("small", "edited", quote=None), 0),
    ],
)
def test_a_stated_fact_needs_a_quote_from_the_message(stated: Json, unquoted: int):
    assert scored(case(), {"facts": {"dataset_size": stated}})["facts_unquoted"] == unquoted


@pytest.mark.parametrize(
    ("reply", "conforms"),
    [
        (advice("lora"), True),
        (advice("full_fine_tuning", ("lora",)), False),
        (advice("use_as_is", ("lora",)), True),
        (advice("use_as_is"), False),
        (advice("lora", ("ewc", "pruning", "quantization", "regularization", "data_augmentation")), True),
        (advice("lora", ("ewc", "pruning", "quantization", "regularization", "data_augmentation", "adapters")), False),
        ({"kind": "not_covered", "recommendation": None}, False),
        (None, False),
    ],
)
def test_a_recommendation_conforms_if_it_hits_and_violates_nothing(reply: Json | None, conforms: bool):
    expected = {"recommend_any_of": ["lora"], "must_not_recommend": ["full_fine_tuning"]}
    assert scored(case(expected=expected), reply)["conformity"] is conforms


def test_what_is_recommended_under_a_condition_is_no_violation():
    reply = advice("lora")
    reply["recommendation"]["conditional"] = [{"if": {"compute": "ample"}, "primary": "full_fine_tuning"}]
    scores = scored(case(expected={"must_not_recommend": ["full_fine_tuning"]}), reply)
    assert (scores["must_not_violations"], scores["conformity"]) == (0, True)


def test_every_violation_counts_as_supporting_too():
    expected = {"must_not_recommend": ["use_as_is", "pruning"]}
    assert scored(case(expected=expected), advice("use_as_is", ("pruning",)))["must_not_violations"] == 2


@pytest.mark.parametrize(
    ("expected", "primary", "acceptable"),
    [
        ({"recommend_any_of": ["lora"]}, "lora", True),
        ({"also_acceptable": ["lora"]}, "lora", True),
        ({"recommend_any_of": ["lora"]}, "evaluate_first", True),
        ({"recommend_any_of": ["lora"]}, "adapters", False),
        ({"recommend_any_of": ["ewc"]}, "adapters", True),
        ({"recommend_any_of": ["ewc"], "must_not_recommend": ["adapters"]}, "adapters", False),
        ({"recommend_any_of": ["ewc"]}, None, False),
    ],
)
def test_a_primary_strategy_is_acceptable_by_the_lists(expected: Json, primary: str | None, acceptable: bool):
    assert scored(case(expected=expected), advice(primary))["primary_acceptable"] is acceptable


def test_validating_monitoring_and_measuring_are_never_off_the_lists():
    reply = advice("evaluate_first", ("validate_experimentally", "monitor_overfitting", "pruning", "ewc"))
    assert scored(case(expected={"also_acceptable": ["ewc"]}), reply)["off_list"] == {"hit": 1, "of": 2}


def test_a_question_hits_if_it_asks_for_one_of_the_facts():
    asking = case(expected={"should_ask_about": ["compute", "similarity"]})
    assert scored(asking, advice(questions=[{"fact": "latency_critical"}, {"fact": "compute"}]))["question_hit"]
    assert scored(asking, advice(questions=[{"fact": "dataset_size"}]))["question_hit"] is False
    assert scored(asking, advice(proposed=[{"fact": "similarity", "value": "low"}]))["question_hit"]
    assert scored(case(), advice())["question_hit"] is None


def citation(id_: str = "A1", document: str = "article", start: int = 14, end: int = 20, quote: str = "Freeze") -> Json:
    return {"id": id_, "document": document, "start": start, "end": end, "quote": quote}


@pytest.mark.parametrize(
    ("gold", "cited", "hit"),
    [
        ("freeze the model's early layers", citation(), True),
        ("freeze the model's early layers", citation("B9"), True),
        ("Quantize the model.", citation(), False),
        ("Quantize the model.", citation("A2"), True),
        ("Quantize the model.", citation("A9", "nowhere"), False),
        ("LoRA:  Low-Rank Adaptation of Large Language Models", citation("P1", "lora2021"), True),
        ("Some other paper", citation("P1", "lora2021"), False),
    ],
)
def test_a_citation_hits_gold_by_its_passage_or_its_documents_title(gold: str, cited: Json, hit: bool):
    assert scored(case(gold_passages=[gold]), advice(citations=[cited]))["citation_gold_hit"] is hit


def test_without_gold_or_out_of_scope_citations_are_not_judged():
    assert scored(case(), advice())["citation_gold_hit"] is None
    assert scored(case(kind="out_of_scope", gold_passages=["Freeze"]), advice())["citation_gold_hit"] is None


@pytest.mark.parametrize(
    ("cited", "valid"),
    [
        (citation(), 1),
        (citation(quote="freeze"), 0),
        (citation(start=13), 0),
        (citation(document="nowhere"), 0),
        (citation(start=0, end=0, quote=""), 0),
        (citation(end=len(TEXT) + 1, quote=TEXT[14:]), 0),
        ({"id": "A1"}, 0),
    ],
)
def test_a_cited_span_is_valid_if_it_is_the_documents_text(cited: Json, valid: int):
    assert scored(case(), advice(citations=[cited]))["citation_spans"] == {"hit": valid, "of": 1}


@pytest.mark.parametrize(
    ("behaviour", "reply", "right"),
    [
        ("answer", {"kind": "knowledge"}, True),
        ("answer", {"kind": "advice"}, True),
        ("answer", {"kind": "not_covered"}, False),
        ("answer_partly", {"kind": "knowledge", "answer": "It freezes. The sources do not cover the rank."}, True),
        ("answer_partly", {"kind": "knowledge", "answer": "It freezes."}, False),
        ("refuse", {"kind": "not_covered"}, True),
        ("refuse", {"kind": "small_talk"}, True),
        ("refuse", {"kind": "knowledge"}, False),
        ("refuse", {"kind": "knowledge", "sentences": [{"text": "Yes.", "by": "note"}]}, True),
        ("ask", {"kind": "clarify"}, True),
        ("ask", {"kind": "advice", "questions": [{"fact": "compute"}]}, True),
        ("ask", {"kind": "advice"}, False),
        ("ask", {"kind": "not_covered"}, False),
    ],
)
def test_behaviour_is_judged_by_the_form_of_the_reply(behaviour: str, reply: Json, right: bool):
    assert scored(case(kind="knowledge", expected={"behaviour": behaviour}), reply)["behaviour"] is right


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("The passages don't mention a temperature.", True),
        ("Der Rest. The exact figure is not covered by the sources.", True),
        ("这一点资料中没有提到。", True),
        ("資料沒有說明這一點。", True),
        ("Les sources ne précisent pas ce point.", True),
        ("LoRA freezes the weights and covers all layers.", False),
        ("EWC penalizes changes to important weights.", False),
    ],
)
def test_saying_that_something_is_not_covered_is_recognised(answer: str, said: bool):
    assert says_not_covered(answer) is said


def test_refusing_a_question_that_is_in_scope_is_a_false_refusal():
    assert scored(case(), {"kind": "not_covered"})["false_refusal"] is True
    assert scored(case(kind="knowledge"), {"kind": "knowledge"})["false_refusal"] is False
    assert scored(case(kind="out_of_scope"), {"kind": "not_covered"})["false_refusal"] is None


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [({"status": "valid"}, False), ({"status": "satisfiable"}, False), ({"status": "invalid"}, True), (None, True)],
)
def test_a_recommendation_that_the_checker_has_not_passed_is_counted(verdict: Json | None, shown: bool):
    assert scored(case(), advice(verdict=verdict))["unapproved_shown"] is shown


def test_the_decision_takes_as_long_as_reading_and_deciding_together():
    timings = {"reading": 0.5, "retrieval": 0.25, "decision": 0.25, "model_first_sentence": 2.0, "total": 3.0}
    expected = {"to_decision": 0.75, "to_first_token": 2.0, "total": 3.0}
    assert scored(case(), advice(timings_s=timings))["seconds"] == expected
    assert scored(case(), advice(timings_s=timings | {"direct_answer": 0.8}))["seconds"]["to_first_token"] == 0.8
    assert scored(case(), {"timings_s": {"retrieval": 0.25}})["seconds"]["to_decision"] is None


def test_a_proposed_fact_is_found_but_is_no_claim():
    labelled = case(facts={"dataset_size": "small", "similarity": "low"})
    proposed = [{"fact": "similarity", "value": "low", "quote": "unlike"}, {"fact": "compute", "value": "ample"}]
    found = scored(labelled, {"facts": {"dataset_size": fact("small")}, "proposed": proposed})
    assert found["facts_found"] == {"hit": 2, "of": 2}
    assert tuple(found["facts"].values()) == (1, 0, 1)


def test_the_share_of_the_model_is_counted_in_sentences():
    sentences = [{"text": "a", "by": "code"}, {"text": "b", "by": "model"}]
    assert scored(case(), {"sentences": sentences})["model_written"] == {"hit": 1, "of": 2}


def test_no_reading_and_perfect_reading_are_scored_beside_the_arm():
    expected = {"recommend_any_of": ["linear_probing"], "must_not_recommend": ["full_fine_tuning"]}
    small = case(id="1", facts={"dataset_size": "small", "similarity": "high"}, expected=expected)
    large = case(id="2", expected={"recommend_any_of": ["quantization"]})
    arm = small_scorer().aggregate([(small, scored(small, None)), (large, scored(large, None))])
    one, six = arm["constant_baselines"]
    assert (one["strategies"], one["conformity"]) == (["linear_probing"], 0.5)
    assert (set(six["strategies"]), six["conformity"]) == ({"linear_probing", "quantization"}, 1.0)
    assert arm["gold_facts_conformity"] == 0.5


@pytest.mark.parametrize(
    ("expected", "missed"),
    [
        ({}, []),
        ({"facts": {"dataset_size": "small", "compute": "unknown"}}, []),
        ({"facts": {"dataset_size": "large", "compute": "ample"}}, ["dataset_size", "compute"]),
        ({"recommend_any_of": ["lora", "ewc"]}, []),
        ({"recommend_any_of": ["adapters"]}, ["adapters"]),
        ({"must_not_recommend": ["lora"]}, ["recommends lora"]),
        ({"kind": ["clarify", "advice"]}, []),
        ({"kind": ["knowledge"]}, ["kind advice"]),
        ({"asks": "compute"}, []),
        ({"asks": "similarity"}, []),
        ({"asks": "latency_critical"}, ["latency_critical"]),
    ],
)
def test_a_turn_is_right_if_everything_that_is_expected_holds(expected: Json, missed: list[str]):
    reply = advice(
        "lora",
        facts={"dataset_size": fact("small"), "compute": fact("ample", "assumed")},
        questions=[{"fact": "compute"}],
        proposed=[{"fact": "similarity", "value": "low"}],
    )
    said = score_turn(TurnExpected.model_validate(expected), reply)
    assert len(said) == len(missed)
    assert all(words in each for words, each in zip(missed, said, strict=True))


def test_small_talk_passes_where_a_refusal_is_listed():
    assert score_turn(TurnExpected(kind=("not_covered",)), {"kind": "small_talk"}) == []
    assert score_turn(TurnExpected(kind=("not_covered",)), None) == ["kind None, not not_covered"]


def test_an_arm_is_summed_up_with_and_without_doubtful_labels():
    expected = {"recommend_any_of": ["lora"]}
    sure = case(id="1", facts={"compute": "limited"}, expected=expected)
    doubtful = case(id="2", facts={"compute": "limited"}, expected=expected, label_confidence="low")
    good = scored(sure, advice("lora", facts={"compute": fact("limited")}, timings_s={"total": 1.0}))
    bad = scored(doubtful, advice("adapters", timings_s={"total": 2.0}))
    arm = small_scorer().aggregate([(sure, good), (doubtful, bad)])
    assert arm["facts_precision"] == 1.0
    assert arm["facts_recall"] == 0.5
    assert arm["facts_micro_f1"] == pytest.approx(2 / 3)
    assert arm["conformity"] == 0.5
    assert arm["off_list_rate"] == 0.5
    assert arm["seconds_total"] == {"p50": 1.5, "p95": pytest.approx(1.95)}
    assert arm["without_low"]["conformity"] == 1.0
    assert arm["counts"]["cases"] == 2
    assert arm["behaviour_accuracy"] is None
