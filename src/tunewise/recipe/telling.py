"""What the templates of a recipe are filled with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tunewise import __version__
from tunewise.framework import flip_points
from tunewise.framework.model import StrategySpec
from tunewise.framework.words import text_in
from tunewise.recipe.choices import choices_of, fits_in_16_bit, stores_four_bit
from tunewise.recipe.choosing import Choice, detail_of
from tunewise.recipe.records import HEADED, WRITING, RecipeOptions
from tunewise.recipe.settings import Chosen, comment, in_docstring, measuring_of, plain, rules_behind, settings_of
from tunewise.types import MemoryEstimate

HOLDERS = {**dict.fromkeys(HEADED, "Classifier"), "embedding": "Retriever"}
IN_PYTHON = "from a Python file beside train.py:"
USAGE = {
    "tabular": "`joblib.load('out/model.joblib').predict(table)` takes a table with the same columns.",
    **dict.fromkeys(HEADED, "`out/model.pt` has {what}. From a Python file beside train.py:"),
}
SAVED = {
    **dict.fromkeys(("nothing", "last_layers", "gradual", "all"), "all weights"),
    **dict.fromkeys(("head", "low_rank", "bottleneck"), "what was trained, and the checkpoint stays one for all"),
}
AUTO = {"causal": "AutoModelForCausalLM", "seq2seq": "AutoModelForSeq2SeqLM", "speech": "AutoModelForSpeechSeq2Seq"}
TRIVIAL = {"embedding": "shared words and parts of words", "seq2seq": "copying the input", "speech": "silence"}
ONE_CARD = ("text", "image", "audio", "embedding", "seq2seq", "speech")


def values_of(chosen: Chosen, choice: Choice, options: RecipeOptions, text: str, label: str) -> dict[str, Any]:
    """Every value that a template may name, of a recipe for `text` and `label` columns."""
    settings = (*settings_of(chosen, choice.model, text, label), *choices_of(chosen))
    return {
        **_script_values(chosen, choice),
        **_readme_values(chosen),
        "settings": settings,
        "number": {setting.name: setting for setting in settings},
        "measuring": measuring_of(chosen),
        "choice": choice,
        "data": plain(str(Path(options.data).resolve()) if options.data else chosen.shape.data),
    }


def _script_values(chosen: Chosen, choice: Choice) -> dict[str, Any]:
    record, primary, trains, kind = chosen.record, chosen.primary, chosen.trains, chosen.kind
    done = (text_in(primary.noun, "en") + ".", text_in(primary.description, "en"), rules_behind(chosen, primary.id))
    stored = stores_four_bit(chosen)
    return {
        "title": in_docstring(_title(chosen, choice.model)),
        "version": __version__,
        "record": f"{record.content.checksum[:12]} of {record.content.created_at[:10]}",
        "why": comment(f"What is done: {' '.join(done)}"),
        "kind": kind,
        "shape": chosen.shape,
        "trains": trains,
        "auto": AUTO.get(kind, ""),
        "four_bit": stored is not None,
        "stores_four_bit": stored,
        "fits_in_16_bit": fits_in_16_bit(chosen),
        "varies": chosen.varies,
        "holder": HOLDERS.get(kind, "Writer"),
        "has_head": kind in HEADED,
        "writes": kind in WRITING,
        "metric": chosen.shape.metric,
        "names": _names(chosen),
    }


def _readme_values(chosen: Chosen) -> dict[str, Any]:
    record, primary, stored = chosen.record, chosen.primary, chosen.adds.get("four_bit")
    return {
        "instruction": text_in(primary.instruction, "en"),
        "rules": rules_behind(chosen, primary.id),
        "question": plain(" / ".join(record.content.messages)),
        "would_change": list(_would_change(chosen)),
        "named": plain(detail_of(chosen.record.reply.situation, "base_model")),
        "supporting": list(_supporting(chosen)),
        "steps": [
            (text_in(step.title, "en"), text_in(step.text, "en"), step.source)
            for step in primary.steps
            if not step.scripts or chosen.kind in step.scripts
        ],
        "halve": "MICRO_BATCH" if chosen.kind in WRITING else "BATCH_SIZE",
        "memory": _memory(chosen),
        "folds": _folds(chosen),
        "usage": USAGE.get(chosen.kind, IN_PYTHON).replace("{what}", SAVED[chosen.trains]),
        "trivial": TRIVIAL.get(chosen.kind, "the most frequent class"),
        "four_bit_rules": rules_behind(chosen, stored.id) if stored else "",
        "card": _card(chosen),
        "one_card": chosen.kind in ONE_CARD,
    }


def _memory(chosen: Chosen) -> tuple[MemoryEstimate, ...]:
    """What the strategy's own method takes, or that on a 4-bit base where the base is stored in 4 bit; nothing where
    the framework has no sum for it. Gradual training ends with all weights, so it takes what they take."""
    plan, strategies = chosen.record.reply.plan, chosen.framework.strategies
    own = {chosen.primary.id}
    if chosen.trains == "gradual":
        own |= {one.id for one in strategies.values() if one.recipe.trains == "all"}
    if stores_four_bit(chosen):
        own = {chosen.adds["four_bit"].id} if chosen.trains == "low_rank" else set()
    rows = [row for row in chosen.framework.parameters.memory if row.strategy in own]
    methods = {text for row in rows for text in row.method.values()}
    return tuple(need for need in (plan.memory if plan else ()) if need.method in methods)


def _title(chosen: Chosen, subject: str) -> str:
    if "torch" not in chosen.shape.packages:
        return f"{chosen.shape.what.capitalize()}, by {text_in(chosen.primary.noun, 'en')}."
    if chosen.trains == "nothing":
        return f"Measure {subject} as it is: {chosen.shape.what}."
    return f"Train {subject} by {text_in(chosen.primary.noun, 'en')}: {chosen.shape.what}."


def _names(chosen: Chosen) -> dict[str, str]:
    """Keys and sentence of result.json."""
    if chosen.kind in HEADED and chosen.trains not in ("nothing", "head"):
        return {
            "before": "head_alone",
            "after": "tuned",
            "sentence": "The tuned model is {better} than a new head on the frozen model",
        }
    if chosen.trains != "nothing":
        return {
            "before": "untouched",
            "after": "tuned",
            "sentence": "The tuned model is {better} than the untouched model",
        }
    than = {"causal": ("zero_shot", "few_shot", "A prompt with examples is {better} than one without")}
    trivial = ("trivial", "untouched", "The untouched model is {better} than the trivial answer")
    before, after, sentence = than.get(chosen.kind, trivial)
    return {"before": before, "after": after, "sentence": sentence}


def _supporting(chosen: Chosen) -> Iterator[dict[str, Any]]:
    """What the record advises beside, and whether the script does it."""
    for one in chosen.supporting:
        if one.recipe.adds == "augmentation" and not chosen.shape.augments:
            continue
        starts = [
            f"{text_in(point.name, 'en')}: {text_in(point.value, 'en')} ({point.source})"
            for point in one.start
            if not point.scripts or chosen.kind in point.scripts
        ]
        yield {
            "label": text_in(one.label, "en"),
            "description": text_in(one.description, "en"),
            "rules": plain(rules_behind(chosen, one.id)),
            "start": "; ".join(starts),
            "done": _is_done(chosen, one),
            "search": one.recipe.adds == "search" and chosen.trains != "nothing" and chosen.kind != "tabular",
        }


def _is_done(chosen: Chosen, one: StrategySpec) -> bool:
    """Whether the script does what a supporting strategy adds."""
    if chosen.trains == "nothing":
        return False
    by_addition = {
        "restraint": True,
        "early_stopping": chosen.kind != "tabular",
        "augmentation": chosen.shape.augments,
        "four_bit": bool(stores_four_bit(chosen)),
    }
    return by_addition.get(one.recipe.adds or "", False)


def _folds(chosen: Chosen) -> int:
    """Below how many rows one split says little."""
    return max((int(row.below or 0) for row in chosen.framework.parameters.splits if row.folds), default=0)


def _card(chosen: Chosen) -> str:
    """What the record says of the hardware: "GeForce RTX 4090, 24 GB"."""
    situation = chosen.record.reply.situation
    return plain(", ".join(filter(None, (detail_of(situation, "hardware"), detail_of(situation, "gpu_memory")))))


def _would_change(chosen: Chosen) -> Iterator[str]:
    """What turns the primary advice over: open questions, and other values of what the asker can find to be otherwise.

    What model and card make of it (whether it writes, what fits) stays as it is while they do.
    """
    framework, reply = chosen.framework, chosen.record.reply
    facts, strategies = framework.facts, framework.strategies
    for question in reply.questions:
        if question.fact in facts and len(set(question.outcomes.values())) > 1:
            spec = facts[question.fact]
            answers = [
                f"{text_in(spec.value_labels[value], 'en')}: {text_in(strategies[then].label, 'en')}"
                for value, then in question.outcomes.items()
            ]
            yield f"{text_in(spec.question, 'en')} {'; '.join(answers)}"
    for flip in flip_points(framework, reply.situation.values(), of_open=not reply.questions):
        spec = facts[flip.fact]
        if spec.computed or spec.factor == "model":
            continue
        condition = spec.conditions.get(flip.after)
        said = f"If {text_in(condition, 'en')}" if condition else f"{text_in(spec.label, 'en')} {flip.after}"
        amount = f" (from about {flip.amount:,.0f} {flip.unit})" if flip.amount and not flip.below else ""
        amount = f" (below about {flip.amount:,.0f} {flip.unit})" if flip.amount and flip.below else amount
        yield f"{said}{amount}: {text_in(strategies[flip.primary_after].label, 'en')}"
