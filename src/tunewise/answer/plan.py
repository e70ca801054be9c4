"""Practical next steps for the recommended primary strategy, fitted to the user's numbers, each with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunewise.framework.memory import memory_estimates
from tunewise.framework.words import text_in
from tunewise.languages import capitalised
from tunewise.languages import language as language_texts
from tunewise.types import UNKNOWN, Language, Plan, Recommendation, Situation, Step

if TYPE_CHECKING:
    from tunewise.framework import Framework, StrategySpec

NOT_EXAMPLES = ("hour", "gb", "token", "minute", "/", "per")  # units in which data are no number of examples


def make_plan(framework: Framework, situation: Situation, recommendation: Recommendation, language: Language) -> Plan:
    """A short plan: measure, split, train with these starting values, watch and stop; and what memory it takes.

    Args:
        framework: Gives the steps, starting values, splits and memory rules, each with its source; what it does not
            give is left out of the plan.
        situation: `details` n_examples, model_parameters and gpu_memory fit the plan to the user's numbers.
        recommendation: Its primary strategy is planned; without one the plan is empty.
        language: Language of titles and texts.
    """
    strategy = framework.strategies.get(recommendation.primary or "")
    if strategy is None:
        return Plan()
    memory = memory_estimates(framework, situation, language, trains=strategy.trains, advised=strategy.id)
    own = [Step(text_in(step.title, language), text_in(step.text, language), step.source) for step in strategy.steps]
    if not strategy.trains:
        return Plan(tuple(own), memory)
    stops = any(step.stops for step in strategy.steps)
    steps = [
        _common(framework, situation, "measure", language),
        _split(framework, situation, language),
        *own[:1],
        _starting_values(strategy, language),
        *own[1:],
        None if stops else _common(framework, situation, "watch", language),
    ]
    return Plan(tuple(step for step in steps if step), memory)


def _common(framework: Framework, situation: Situation, name: str, language: Language, **numbers: int) -> Step | None:
    step = framework.plan.get(name)
    if step is None or any(situation.value(fact) != UNKNOWN for fact in step.unless):
        return None
    return _worded(name, step.source, language, **numbers)


def _worded(name: str, source: str, language: Language, **numbers: int) -> Step:
    texts = language_texts(language)
    step = texts.plan[name]
    return Step(step["title"], step["text"].format_map({k: texts.number(n) for k, n in numbers.items()}), source)


def _split(framework: Framework, situation: Situation, language: Language) -> Step | None:
    splits, total = framework.parameters.splits, _examples(situation)
    rows = (row for row in splits if total >= 2 and (row.below is None or total < row.below))
    if row := next(rows, None):
        test = row.test_size(total)
        numbers = {"total": total, "test": test, "validation": test, "folds": row.folds or 0}
        return _worded(row.step, row.source, language, **numbers)
    few = max((int(row.below or 0) for row in splits if row.folds), default=0)
    return _common(framework, situation, "split_unknown", language, few=few) if few else None


def _examples(situation: Situation) -> int:
    """The number of examples; 0 where it is unknown or the data are counted otherwise."""
    counted = situation.details.get("n_examples") or situation.facts.get("dataset_size")
    if counted is None or any(word in (counted.unit or "").lower() for word in NOT_EXAMPLES):
        return 0
    return int(counted.amount or 0)


def _starting_values(strategy: StrategySpec, language: Language) -> Step | None:
    if not strategy.start:
        return None
    texts = language_texts(language)
    colon, semicolon = texts.punctuation["colon"], texts.punctuation["semicolon"]
    shown = [f"{text_in(point.name, language)}{colon}{text_in(point.value, language)}" for point in strategy.start]
    sources = dict.fromkeys(point.source for point in strategy.start)
    text = capitalised(semicolon.join(shown)) + texts.punctuation["stop"]
    return Step(texts.plan["start"]["title"], text, "; ".join(sources))
