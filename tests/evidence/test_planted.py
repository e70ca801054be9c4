"""Advice that others wrote to contradict the rules, and advice that agrees with them, by its labelled stance.

The labels are the writers'. What no rule speaks against is not denied, even where another method comes first.
"""

import json
from pathlib import Path

import pytest

from tunewise.evidence.agreement import Agreement
from tunewise.framework import load_framework

FRAMEWORK = load_framework()
ADVICE = {"for": "recommend", "against": "avoid"}


def denied(name: str) -> tuple[int, int]:
    """How many statements of a file are denied, and how many take a stance at all."""
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    taken = [row for row in map(json.loads, lines) if row.get("strategy")]
    found = [Agreement(FRAMEWORK, row["facts"]).denied({row["strategy"]: ADVICE[row["stance"]]}) for row in taken]
    return sum(map(bool, found)), len(found)


@pytest.mark.parametrize(("name", "least", "most"), [("contradictions.jsonl", 150, 200), ("compatible.jsonl", 0, 8)])
def test_contradictions_are_denied_and_what_agrees_is_not(name, least, most):
    count, _ = denied(name)
    assert least <= count <= most
