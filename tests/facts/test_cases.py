"""The readers on whole messages and short wordings; the tables are the specification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.facts.measure import SCORED, load_cases, measure, report
from tunewise.facts import read_message
from tunewise.framework import Framework

HERE = Path(__file__).parent
CASES = load_cases(HERE / "cases.yaml")
PHRASES = [
    (name, str(value), text)
    for name, values in yaml.safe_load((HERE / "phrases.yaml").read_text(encoding="utf-8")).items()
    for value, texts in values.items()
    for text in texts
]


def stated(situation: Any) -> dict[str, str]:
    return {name: situation.value(name) for name in SCORED if situation.facts[name].status == "stated"}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_message_gives_the_facts_it_states_and_no_others(case: dict[str, Any], framework: Framework) -> None:
    assert stated(read_message(case["question"], framework=framework).situation) == case["facts"]


@pytest.mark.parametrize(("name", "value", "text"), PHRASES)
def test_a_wording_states_the_value_it_is_listed_under(name: str, value: str, text: str, framework: Framework) -> None:
    assert read_message(text, framework=framework).situation.value(name) == value


# Files that the readers were corrected on: a change shall not lose what was won.
REGRESSION = sorted(HERE.glob("regression_*.yaml"))


@pytest.mark.parametrize("path", [HERE / "cases.yaml", *REGRESSION], ids=lambda path: path.stem)
def test_every_quote_stands_in_its_message(path: Path, framework: Framework) -> None:
    for case in load_cases(path):
        situation = read_message(case["question"], framework=framework).situation
        facts = [*situation.facts.values(), *situation.details.values()]
        assert all(fact.quote and fact.quote in case["question"] for fact in facts if fact.known), case["id"]


@pytest.mark.parametrize("path", [HERE.parent / "cases" / "dev_cases.jsonl", *REGRESSION], ids=lambda path: path.stem)
def test_the_five_facts_are_read_with_a_micro_f1_of_at_least_0_90(path: Path, framework: Framework) -> None:
    scores = measure(load_cases(path), framework)
    assert scores["all"].f1 >= 0.90, report(scores)


@pytest.mark.parametrize("text", yaml.safe_load((HERE / "silent.yaml").read_text(encoding="utf-8")))
def test_a_message_that_states_none_of_the_five_facts_gives_none(text: str, framework: Framework) -> None:
    assert stated(read_message(str(text), framework=framework).situation) == {}
