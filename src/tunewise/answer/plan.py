"""Practical next steps for the recommended primary strategy, fitted to the user's numbers, each with its source."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from tunewise.answer.memory import memory_estimates
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
    memory = memory_estimates(framework, situation, trains=strategy.trains)
    return Plan(tuple(steps), tuple(replace(one, method=_word("methods", one.method, language)) for one in memory))


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
    colon = {"zh": "：", "fr": " : "}.get(language, ": ")
    shown = [
        f"{_word('names', point.name, language)}{colon}{_word('values', point.value, language)}"
        for point in strategy.start
    ]
    sources = list(dict.fromkeys(point.source for point in strategy.start))
    stop = "。" if language == "zh" else "."
    text = ("；" if language == "zh" else " ; " if language == "fr" else "; ").join(shown) + stop
    title = _load()["steps"]["start"]["title"]
    return Step(_text(title, language), text[:1].upper() + text[1:], "; ".join(sources))


def _tells_when_to_stop(strategy: StrategySpec) -> bool:
    return any("stop" in step.text["en"].lower() for step in strategy.steps)


def _common(name: str, language: Language, *, source: str, **numbers: int) -> Step:
    entry = _load()["steps"][name]
    separator = "\u202f" if language == "fr" else ","
    written = {key: f"{value:,}".replace(",", separator) for key, value in numbers.items()}
    return Step(_text(entry["title"], language), _text(entry["text"], language).format(**written), source)


def _text(texts: Any, language: Language) -> str:
    return str(texts.get(language, texts["en"]))


def _word(kind: str, english: str, language: Language) -> str:
    return str(_load()[kind].get(english, {}).get(language, english))


@cache
def _load() -> dict[str, Any]:
    text = files("tunewise.answer").joinpath("data/plan.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
