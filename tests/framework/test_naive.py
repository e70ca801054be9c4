"""The engine and the naive implementation agree; `python -m tests.framework.naive` compares every situation."""

from __future__ import annotations

import random

from tests.framework.naive import (
    disagreement,
    every_situation,
    naive_status,
    proposal_for,
)
from tunewise.framework import Framework, decide

MAIN_FACTS = ("dataset_size", "similarity", "compute", "forgetting_concern", "latency_critical")


def test_they_agree_on_every_situation_of_the_main_facts(article: Framework, pure: Framework) -> None:
    for framework in (article, pure):
        for number, values in enumerate(every_situation(framework, MAIN_FACTS)):
            assert disagreement(framework, values, proposal_for(framework, number)) is None


def test_they_agree_on_situations_drawn_from_all_facts(article: Framework) -> None:
    draw = random.Random(7)
    for number in range(400):
        values = {
            name: draw.choice(spec.values) for name, spec in article.facts.items() if draw.random() < 0.6
        }  # fmt: skip
        assert disagreement(article, values, proposal_for(article, number)) is None


def test_they_agree_on_what_is_always_or_never_admissible(article: Framework) -> None:
    draw = random.Random(11)
    for _ in range(12):
        values = {name: draw.choice(spec.values) for name, spec in article.facts.items() if draw.random() < 0.5}
        decision = decide(article, values)
        for strategy, status in decision.statuses.items():
            beside = None if strategy == decision.primary else decision.primary
            assert status.status == naive_status(article, values, strategy, beside), (values, strategy)
