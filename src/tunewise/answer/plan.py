"""Practical next steps for the recommended primary strategy, fitted to the user's numbers, each with its source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tunewise.answer.memory import memory_estimates
from tunewise.languages import capitalised
from tunewise.languages import language as language_texts
from tunewise.types import UNKNOWN, Language, Plan, Recommendation, Situation, Step

if TYPE_CHECKING:
    from tunewise.framework import Framework, StrategySpec

TINY = 1_000  # examples; below, one split says little
LARGE = 50_000  # examples; above, a fixed number for test and validation is enough
LEAST_TEST = 20


def make_plan(framework: Framework, situation: Situation, recommendation: Recommendation, language: Language) -> Plan:
    """A short plan: measure, split, train with these starting values, watch and stop; and what memory it takes.

    Args:
        framework: Gives the strategy's steps, starting values and memory rules, each with its source.
        situation: `details` n_examples, model_parameters and gpu_memory fit the plan to the user's numbers.
        recommendation: Its primary strategy is planned; without one the plan is empty.
        language: Language of titles and texts.
    """
    strategy = framework.strategies.get(recommendation.primary or "")
    if strategy is None:
        return Plan()
    steps: list[Step] = []
    if strategy.trains and situation.value("baseline") == UNKNOWN:
        steps.append(_common("measure", language, source="D18"))
    if strategy.trains:
        steps.append(_split(situation, language))
    own = [Step(_text(step.title, language), _text(step.text, language), step.source) for step in strategy.steps]
    steps += own
    if strategy.trains and strategy.start:
        steps.insert(len(steps) - max(len(own) - 1, 0), _starting_values(strategy, language))
    if strategy.trains and not _tells_when_to_stop(strategy):
        steps.append(_common("watch", language, source="D13"))
    methods = language_texts(language).plan.methods
    memory = memory_estimates(framework, situation, trains=strategy.trains)
    return Plan(tuple(steps), tuple(replace(one, method=methods.get(one.method, one.method)) for one in memory))


def _split(situation: Situation, language: Language) -> Step:
    counted = situation.details.get("n_examples") or situation.facts.get("dataset_size")
    total = counted.amount if counted else None
    unit = (counted.unit or "").lower() if counted else ""
    if not total or total < 2 or any(word in unit for word in ("hour", "gb", "token", "minute", "/", "per")):
        return _common("split_unknown", language, source="A6")
    number = int(total)
    if number < TINY:
        folds = 5 if number >= 50 else 3
        test = min(max(number // 5, LEAST_TEST), number // 3)
        return _common("split_tiny", language, source="T20", total=number, test=test, folds=folds)
    if number < LARGE:
        return _common("split_small", language, source="A6", total=number, test=number // 10, validation=number // 10)
    return _common("split_large", language, source="A6", total=number, test=min(number // 20, 10_000))


def _starting_values(strategy: StrategySpec, language: Language) -> Step:
    texts = language_texts(language)
    colon, semicolon = texts.punctuation["colon"], texts.punctuation["semicolon"]
    shown = [
        f"{texts.plan.names.get(point.name, point.name)}{colon}{texts.plan.values.get(point.value, point.value)}"
        for point in strategy.start
    ]
    sources = list(dict.fromkeys(point.source for point in strategy.start))
    text = capitalised(semicolon.join(shown)) + texts.punctuation["stop"]
    return Step(texts.plan.steps["start"]["title"], text, "; ".join(sources))


def _tells_when_to_stop(strategy: StrategySpec) -> bool:
    return any("stop" in step.text["en"].lower() for step in strategy.steps)


def _common(name: str, language: Language, *, source: str, **numbers: int) -> Step:
    texts = language_texts(language)
    step = texts.plan.steps[name]
    return Step(step["title"], step["text"].format_map({k: texts.number(n) for k, n in numbers.items()}), source)


def _text(texts: Any, language: Language) -> str:
    return str(texts.get(language, texts["en"]))
