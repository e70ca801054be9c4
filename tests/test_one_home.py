"""A strategy or a fact is added in one framework file, and everybody who speaks or hears of it knows it from there."""

import ast
from pathlib import Path

import pytest

from tests.evaluation.conftest import small_scorer
from tests.fakes.advisor import FakeAdvisor
from tests.framework.conftest import DEFAULT_RULE, SMALL
from tunewise.answer.composed import Composer
from tunewise.answer.follow_ups import what_would_change, why_not
from tunewise.answer.phrases import Phrases
from tunewise.answer.plan import make_plan
from tunewise.answer.stance import read_stances
from tunewise.desk.session import Desk
from tunewise.desk.state import State
from tunewise.errors import SituationError
from tunewise.evaluation.cases import Case
from tunewise.evaluation.scoring import Scorer
from tunewise.facts import edit, read_message
from tunewise.framework import Framework, decide, decision_map, load_framework, map_svg, next_questions, prove
from tunewise.framework.decision_map import COLOURS
from tunewise.framework.naming import lexicon_for
from tunewise.routing.follow_up import Said, read_follow_up
from tunewise.routing.topics import load_topics
from tunewise.types import Fact, Recommendation, Situation
from tunewise.ui import evidence
from tunewise.ui.panels import Painter
from tunewise.ui.views import labels
from tunewise.ui.views.templates import render

ROOT = Path(__file__).parent.parent
RANKING = ", ".join(load_framework().precedence.ranking)
HOUSE = f"""
name: house
title: The article with a method and a question of our own
extends: article
facts:
  power:
    kind: report
    factor: compute
    priority: 1
    label: power supply
    short: {{en: power, zh: 供电}}
    question: Will the device that trains run on a battery?
    why: Training drains it.
    values: {{battery: on a battery, mains: from the mains}}
    conditions: {{battery: {{en: the device runs on a battery, zh: 设备靠电池供电}}}}
strategies:
  sparse_tuning:
    roles: [primary]
    trains: true
    label: {{en: Sparse tuning, zh: 稀疏微调}}
    noun: {{en: tuning a few weights, zh: 稀疏微调}}
    instruction: {{en: "train one weight in a hundred (sparse tuning)", zh: 只训练百分之一的权重}}
    description: Train the few weights that matter.
    names: {{en: [sparse tuning, '/bit-?fit/'], zh: [稀疏微调]}}
    colour: red
    cost: minutes
    start: [{{name: share of weights, value: 1 %, source: our own runs}}]
    steps: [{{title: Choose the weights, text: Rank them by their gradients., source: our own runs}}]
precedence: {{ranking: [{RANKING}, sparse_tuning]}}
parameters:
  memory:
    - {{method: sparse tuning, strategy: sparse_tuning, bytes_per_parameter: 3, formula: 3 bytes × parameters,
       rule_of_thumb: true, source: our own runs}}
rules:
  - id: HOUSE1
    when: {{power: battery}}
    then: {{sparse_tuning: recommend}}
    strength: must
    factor: purpose
    because: Few weights cost little power.
    interpretation: Measured on our own devices.
"""
ON_BATTERY = {"power": "battery", "dataset_size": "small"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Framework:
    file: Path = tmp_path_factory.mktemp("house") / "house.yaml"
    file.write_text(HOUSE, encoding="utf-8")
    return load_framework(file)


def known(**amounts: float) -> Situation:
    facts = {name: Fact(name, value, "edited") for name, value in ON_BATTERY.items()}
    details = {name: Fact(name, str(value), "stated", amount=value) for name, value in amounts.items()}
    return Situation(facts, details)


def no_passage(rule: object) -> None:
    return None


def test_the_rules_decide_for_it_and_the_framework_stays_sound(house: Framework):
    assert decide(house, ON_BATTERY).primary == "sparse_tuning"
    proof = prove(house)
    assert proof.holds, proof.properties


@pytest.mark.parametrize("message", ["Why not sparse tuning?", "Why not BitFit?", "为什么不用稀疏微调？"])
def test_a_message_that_names_it_is_understood(house: Framework, message: str):
    reading = read_message(message, framework=house)
    follow_up = read_follow_up(Said(message, reading.mentions), ("lora",))
    assert follow_up is not None
    assert follow_up.strategies == ("sparse_tuning",)
    assert "sparse_tuning" in load_topics(house).subjects(message)
    assert read_message(message, framework=load_framework()).mentions == ()


def test_a_composed_answer_calls_it_by_its_instruction_and_noun(house: Framework):
    decision = decide(house, ON_BATTERY)
    english, chinese = (Composer(house, known(), decision, code, no_passage).compose().text for code in ("en", "zh"))
    assert "train one weight in a hundred (sparse tuning)" in english
    assert "只训练百分之一的权重" in chinese
    other = decide(house, {"dataset_size": "small"})
    answer = why_not(Composer(house, Situation(), other, "en", no_passage), "sparse_tuning").text
    assert answer.startswith("Nothing that you have stated calls for tuning a few weights")
    assert "if the device runs on a battery" in answer


def test_its_plan_has_its_steps_starting_values_and_memory(house: Framework):
    situation = known(n_examples=800, model_parameters=1e9, gpu_memory=4)
    plan = make_plan(house, situation, Recommendation("sparse_tuning"), "en")
    shown = {step.title: (step.text, step.source) for step in plan.steps}
    assert shown["Choose the weights"] == ("Rank them by their gradients.", "our own runs")
    assert shown["Starting values"] == ("Share of weights: 1 %.", "our own runs")
    assert [(one.method, one.gigabytes, one.fits) for one in plan.memory] == [("sparse tuning", 3.0, True)]


def test_sentences_are_read_for_and_against_it(house: Framework):
    lexicon = lexicon_for(house)
    for sentence, sign in (("Use sparse tuning.", 1), ("Avoid BitFit.", -1)):
        spoken = read_stances(sentence, lexicon)
        assert [(one.mention.ids, one.sign) for one in spoken] == [(("sparse_tuning",), sign)]


def test_page_and_picture_show_its_label_and_colour(house: Framework):
    with labels.named_by(house):
        assert labels.strategy("sparse_tuning") == "Sparse tuning"
        assert labels.description("sparse_tuning") == "Train the few weights that matter."
        html = render("map", map=evidence.map_view(house, known(), {}))
    assert "<strong>Sparse tuning</strong>" in html
    assert "tw-c-red" in html
    picture = map_svg(decision_map(house, {"power": "battery"}), language="zh")
    assert "稀疏微调" in picture
    assert COLOURS["red"] in picture


def test_the_page_calls_a_strategy_as_its_framework_does(tmp_path: Path):
    file = tmp_path / "renamed.yaml"
    text = (ROOT / "corpus/frameworks/vocabulary.yaml").read_text(encoding="utf-8")
    rules = "rules: [{id: R, then: {lora: recommend}, strength: may, because: b, interpretation: i}]\n"
    file.write_text(text.replace("label: {en: LoRA,", "label: {en: low-rank tuning,") + rules, encoding="utf-8")
    with labels.named_by(load_framework(file)):
        assert labels.strategy("lora") == "Low-rank tuning"


def test_the_scorer_knows_that_it_can_be_primary(house: Framework):
    scorer = Scorer(small_scorer().corpus, house)
    expected = {"recommend_any_of": ["sparse_tuning"]}
    case = Case.model_validate({"id": "S1", "kind": "situation", "question": "How?", "expected": expected})
    replies = [{"kind": "advice", "recommendation": {"primary": id_}} for id_ in ("sparse_tuning", "lora")]
    assert [scorer.score(case, reply)["primary_acceptable"] for reply in replies] == [True, False]


def test_a_fact_of_its_own_is_asked_for_edited_and_worded(house: Framework):
    questions = {one.fact: one for one in next_questions(house, {"dataset_size": "small"}, limit=9)}
    assert questions["power"].text == "Will the device that trains run on a battery?"
    assert questions["power"].outcomes["battery"] == "sparse_tuning"
    assert edit(Situation(), house, {"power": "battery"}).value("power") == "battery"
    phrases = Phrases("zh", house)
    assert phrases.condition("power", "battery") == "设备靠电池供电"
    assert phrases.condition("power", "mains") == "power supply：from the mains"
    facts = {"dataset_size": Fact("dataset_size", "small", "edited"), "similarity": Fact("similarity", "low", "edited")}
    flips = what_would_change(Composer(house, Situation(facts), decide(house, {}), "en", no_passage)).text
    assert "If the device runs on a battery" in flips


def test_a_fact_of_its_own_stands_on_the_page_under_its_short_name(house: Framework):
    with labels.named_by(house):
        assert (labels.fact("power"), labels.value("power", "battery")) == ("Power", "on a battery")
        html = render("map", map=evidence.map_view(house, None, {}))
    assert "on a battery" in html


def test_no_code_names_a_strategy():
    strategies = load_framework().strategies
    named = {
        f"{path}: {node.value}"
        for package in ("src/tunewise", "ui")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in strategies
    }
    assert named == set()


def test_a_framework_without_size_and_similarity_has_every_panel_but_no_map(tmp_path: Path):
    file = tmp_path / "small.yaml"
    file.write_text(SMALL + DEFAULT_RULE, encoding="utf-8")
    small = load_framework(file)
    panels = Painter(Desk(FakeAdvisor(tmp_path, small))).changed(None, State())
    assert "there is no map" in panels["map"]
    with pytest.raises(SituationError, match="dataset_size"):
        decision_map(small, {})
