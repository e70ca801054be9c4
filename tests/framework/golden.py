"""Decisions and verdicts of many situations, in canonical JSON: the same on every run and machine.

    python -m tests.framework.golden

writes `golden.json` anew after an intended change of the rules; read its diff. Each line has what a person reads
(primary, verdict) and the digest of the whole canonical JSON, messages included.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

from tunewise.errors import SituationError
from tunewise.framework import Framework, check, decide, load_framework, next_questions, to_json
from tunewise.types import Clash, Conditional, Fact, Recommendation, Situation

FILE = Path(__file__).with_name("golden.json")
MAIN = {
    "dataset_size": (None, "small", "medium", "large"),
    "similarity": (None, "high", "low"),
    "compute": (None, "limited", "ample"),
    "forgetting_concern": (None, "yes"),
}
MORE: tuple[dict[str, str], ...] = (
    {"baseline": "good_enough"},
    {"baseline": "insufficient", "dataset_size": "small"},
    {"model_type": "generative", "compute": "limited"},
    {"model_type": "generative", "similarity": "low", "dataset_size": "large", "compute": "ample"},
    {"latency_critical": "yes", "compute": "limited", "similarity": "high"},
    {"frozen_features": "insufficient", "dataset_size": "small", "similarity": "high"},
    {"frozen_features": "sufficient", "dataset_size": "small"},
    {"goal": "knowledge", "model_type": "generative"},
    {"prompting_tried": "no", "model_type": "generative"},
    {"model_size": "large", "compute": "limited", "dataset_size": "large"},
    {"model_size": "small", "latency_critical": "yes"},
    {"old_task_data": "yes", "forgetting_concern": "yes", "model_type": "generative"},
)
CLASHES = (
    Clash("dataset_size", (("small", "200 images"), ("large", "2 million images"))),
    Clash("compute", (("limited", "a laptop"), ("ample", "a cluster")), "ambiguous"),
    Clash("baseline", (("good_enough", "works well"), ("insufficient", "not good")), "impossible"),
)


def situations() -> Iterator[dict[str, str]]:
    """What is stated, fact → value."""
    for row in product(*MAIN.values()):
        yield {name: value for name, value in zip(MAIN, row, strict=True) if value}
    yield from MORE


def recommendations(framework: Framework, values: dict[str, str]) -> Iterator[Recommendation | None]:
    """The rules' own recommendation, and others of every quality."""
    own = decide(framework, values).recommendation()
    yield own
    for primary in ("full_fine_tuning", "feature_extraction", "lora", "use_as_is", "linear_probing"):
        yield Recommendation(primary, ("data_augmentation", "ewc", "quantization"))
    yield Recommendation("evaluate_first", ("linear_probing", "validate_experimentally"), origin="model")
    yield Recommendation("adapters", own.supporting)


def oddities() -> Iterator[tuple[Situation, Recommendation | None]]:
    """Clashes, nothing to check, names that do not exist, and conditions that cannot be."""
    small = Situation({"dataset_size": Fact("dataset_size", "small", "stated", "800 images", 1)})
    fine = Recommendation("feature_extraction", ("data_augmentation",))
    for clash in CLASHES:
        yield Situation(small.facts, clashes=(clash,)), fine
    yield Situation(small.facts, clashes=CLASHES[1:]), None
    for recommendation in (
        None,
        Recommendation(None),
        Recommendation(None, ("ewc",)),
        Recommendation("magic"),
        Recommendation("lora", ("magic", "ewc", "ewc")),
        Recommendation("ewc"),
        Recommendation("feature_extraction", ("full_fine_tuning",)),
        Recommendation("feature_extraction", conditional=(Conditional({"compute": "ample"}, "full_fine_tuning"),)),
        Recommendation("feature_extraction", conditional=(Conditional({"dataset_size": "large"}, "lora"),)),
        Recommendation("feature_extraction", conditional=(Conditional({}, "lora"),)),
        Recommendation(
            "feature_extraction",
            conditional=(Conditional({"dataset_size": "large", "similarity": "high"}, "evaluate_first"),),
        ),
        Recommendation("feature_extraction", conditional=(Conditional({"nonsense": "yes"}, "lora"),)),
        Recommendation(
            "feature_extraction",
            conditional=(Conditional({"similarity": "high", "baseline": "good_enough"}, "use_as_is"),),
        ),
    ):
        yield small, recommendation


def outcomes() -> dict[str, str]:
    """Situation and recommendation → outcome with the digest of its canonical JSON."""
    framework = load_framework()
    found: dict[str, str] = {}
    for values in situations():
        stated = json.dumps(values)
        decision = decide(framework, values)
        questions = [question.fact for question in next_questions(framework, values)]
        found[stated] = f"{decision.primary} | {', '.join(decision.supporting)} | ask {questions} | "
        found[stated] += _digest(replace(decision, framework_hash=""))  # a comment in the file changes that
        shown = Situation({name: Fact(name, value, "stated") for name, value in values.items()})
        for number, recommendation in enumerate(recommendations(framework, values)):
            verdict = check(framework, shown, recommendation)
            found[f"{stated} check {number}"] = f"{verdict.status} | {_digest(verdict)}"
    for number, (situation, odd) in enumerate(oddities()):
        try:
            verdict = check(framework, situation, odd)
            found[f"odd {number}"] = f"{verdict.status} | {[f.message for f in verdict.findings]} | {_digest(verdict)}"
        except SituationError as error:
            found[f"odd {number}"] = str(error)
    return found


def _digest(outcome: object) -> str:
    return hashlib.sha256(to_json(outcome).encode()).hexdigest()[:16]


if __name__ == "__main__":
    FILE.write_text(json.dumps(outcomes(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
