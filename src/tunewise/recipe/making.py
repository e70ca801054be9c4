"""A recipe from a decision record: choose script and checkpoint, collect settings, fill templates."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from tunewise import __version__
from tunewise.framework import Framework, load_framework
from tunewise.framework.model import Added
from tunewise.framework.words import text_in
from tunewise.recipe.choosing import Choice, choose
from tunewise.recipe.data import check_column, columns_of
from tunewise.recipe.records import Recipe, RecipeError, RecipeOptions, kinds
from tunewise.recipe.settings import WIDTH, Chosen, comment, in_docstring, measuring_of, plain, quoted, rules_behind, settings_of
from tunewise.record import Record
from tunewise.types import MemoryEstimate

if TYPE_CHECKING:
    from jinja2 import Environment

PACKAGES = {
    "accelerate": "accelerate>=1.0", "bitsandbytes": "bitsandbytes>=0.45", "numpy": "numpy>=2",
    "pandas": "pandas>=2.2", "peft": "peft>=0.17,<1", "pillow": "pillow>=11", "scikit-learn": "scikit-learn>=1.6,<2",
    "scipy": "scipy>=1.15", "sentence-transformers": "sentence-transformers>=5,<7", "timm": "timm>=1.0.15,<2",
    "torch": "torch>=2.6,<3", "torchvision": "torchvision>=0.21,<1", "transformers": "transformers>=5,<6",
}  # fmt: skip
HOLDERS = {"text": "Classifier", "image": "Classifier", "audio": "Classifier", "embedding": "Retriever"}
WHOLE = "`out/model` is a folder that {loads} loads like any other checkpoint."
PARTS = "`out/model.pt` holds {what}; build the model as train.py does, then `load_state_dict(..., strict=False)`."
USAGE = {
    "sklearn": "`joblib.load('out/model.joblib').predict(table)` takes a table with the same columns.",
    "text": PARTS.format(what="`labels` and `weights`"),
    "image": PARTS.format(what="`labels` and `weights`"),
    "audio": PARTS.format(what="`labels` and `weights`"),
    "low_rank": "`out/model` holds the low-rank matrices: `PeftModel.from_pretrained(base, 'out/model')`, then "
    "`merge_and_unload()` for use without extra latency.",
    "bottleneck": PARTS.format(what="the trained modules"),
    "head": PARTS.format(what="the linear layer"),
    "nothing": "",
    **{trains: WHOLE.format(loads="the model's library") for trains in ("last_layers", "gradual", "all")},
}
TRIVIAL = {"embedding": "shared words", "seq2seq": "copying the input", "speech": "silence"}
MARKUP = re.compile(r"([\\`*_\[\]|#!~$<>])")
GENERATING = ("causal", "seq2seq", "speech")


def make_recipe(
    record: Record, options: RecipeOptions | None = None, *, framework: Framework | None = None
) -> Recipe:
    """Write the files that carry out a record's recommendation.

    Args:
        record: A decision record; its recommendation, rules, facts and details are used.
        options: What the record does not say.
        framework: The framework that the record names, where it is not a shipped one.

    Returns:
        The texts of train.py, README.md, requirements.txt and, for a chat model, axolotl.yaml.

    Raises:
        RecipeError: If the record recommends nothing that a script can do, or model, data or columns do not fit.
        FrameworkError: If the record's framework is not a shipped one and none is given.
    """
    options = options or RecipeOptions()
    framework = framework or load_framework(record.content.hashes.framework_name)
    reply = record.reply
    if reply.recommendation is None or reply.recommendation.primary is None:
        raise RecipeError("The record recommends nothing, so there is nothing to run. Answer its open questions first.")
    unknown = [id_ for id_ in reply.recommendation.strategies if id_ not in framework.strategies]
    if unknown:
        raise RecipeError(f"The framework {framework.name!r} knows no strategy {unknown[0]!r}. Give the record's own.")
    choice = choose(reply.situation, options)
    primary = framework.strategies[reply.recommendation.primary]
    chosen = Chosen(record, framework, primary, choice.kind, kinds()[choice.kind])
    _check(chosen)
    text, label = _columns(chosen, options)
    values = _values(chosen, choice, options, text, label)
    return Recipe(choice.kind, choice.model, primary.id, dict(_files(chosen, values)))


def _check(chosen: Chosen) -> None:
    """Refuse what no script of this kind trains."""
    label, what = text_in(chosen.primary.label, "en"), chosen.shape.what
    if not chosen.trains:
        raise RecipeError(
            f"The framework does not say what {label!r} trains. Add 'recipe: {{trains: …}}' to the strategy "
            f"{chosen.primary.id!r}."
        )
    if chosen.trains not in chosen.shape.trains:
        raise RecipeError(
            f"No script is written for {label!r} on {what}: it does not fit this kind of model. Choose another kind with "
            f"--kind ({', '.join(name for name, kind in kinds().items() if chosen.trains in kind.trains)})."
        )


def _columns(chosen: Chosen, options: RecipeOptions) -> tuple[str, str]:
    """Names of the two columns; those that the data have, where data are given."""
    shape = chosen.shape
    text, label = options.text or shape.input, options.label or shape.target
    for name in (text, label):
        if not name.strip() or len(name) > 200 or not name.isprintable():
            raise RecipeError(f"{name[:60]!r} cannot be a column's name.")
    if options.data is not None:
        columns = columns_of(Path(options.data))
        if columns is not None and "messages" in columns and chosen.kind in GENERATING:
            return text, label
        if chosen.kind != "tabular":
            check_column(options.data, columns, text, "--text")
        check_column(options.data, columns, label, "--label")
    return text, label


def _values(chosen: Chosen, choice: Choice, options: RecipeOptions, text: str, label: str) -> dict[str, Any]:
    record, primary = chosen.record, chosen.primary
    named = text_in(primary.label, "en")
    trains, kind = chosen.trains, chosen.kind
    settings = settings_of(chosen, choice.model, text, label)
    subject = choice.model if "torch" in chosen.shape.packages else chosen.shape.what
    return {
        "title": in_docstring(_title(chosen, subject)),
        "strategy": named,
        "instruction": text_in(primary.instruction, "en"),
        "version": __version__,
        "record": f"{record.content.checksum[:12]} of {record.content.created_at[:10]}",
        "why": comment(f"What is done: {text_in(primary.noun, 'en')}. {text_in(primary.description, 'en')} {rules_behind(record, primary.id)}"),
        "rules": rules_behind(record, primary.id),
        "kind": kind,
        "shape": chosen.shape,
        "trains": trains,
        "adds": {name: name in chosen.adds for name in get_args(Added)},
        "four_bit": "four_bit" in chosen.adds and kind == "causal" and trains in ("low_rank", "bottleneck"),
        "varies": trains != "nothing" and "augmentation" in chosen.adds and chosen.shape.augments,
        "holder": HOLDERS.get(kind, "Writer"),
        "has_head": kind in ("text", "image", "audio"),
        "micro": kind in GENERATING,
        "metric": chosen.shape.metric,
        "names": _names(chosen),
        "settings": settings,
        "number": {setting.name: setting for setting in settings},
        "measuring": measuring_of(chosen),
        "choice": choice,
        "data": plain(str(Path(options.data).resolve()) if options.data else chosen.shape.data),
        "text": plain(text),
        "label": plain(label),
        "would_change": [plain(each) for each in record.content.would_change],
        "question": plain(" / ".join(record.content.messages)),
        "supporting": list(_supporting(chosen)),
        "steps": [(text_in(step.title, "en"), text_in(step.text, "en"), step.source) for step in primary.steps],
        "memory": _memory(chosen),
        "folds": _folds(chosen),
        "usage": USAGE["sklearn" if kind == "tabular" else kind if kind in USAGE else trains],
        "trivial": TRIVIAL.get(kind, "the most frequent class"),
        "four_bit_rules": plain(rules_behind(record, chosen.adds["four_bit"].id)) if "four_bit" in chosen.adds else "",
    }


def _memory(chosen: Chosen) -> tuple[MemoryEstimate, ...]:
    """What the method takes; that on a 4-bit base where the base is stored in 4 bit."""
    plan, stored = chosen.record.reply.plan, chosen.adds.get("four_bit")
    needs = plan.memory if plan else ()
    rows = chosen.framework.parameters.memory
    methods = {text for row in rows if stored and row.strategy == stored.id for text in row.method.values()}
    return tuple(sorted(needs, key=lambda need: need.method not in methods))


def _title(chosen: Chosen, subject: str) -> str:
    if chosen.trains == "nothing":
        return f"Measure {subject} as it is: {chosen.shape.what}."
    return f"Train {subject} by {text_in(chosen.primary.noun, 'en')}: {chosen.shape.what}."


def _names(chosen: Chosen) -> dict[str, str]:
    """Keys and sentence of result.json."""
    if chosen.trains != "nothing":
        return {"before": "untouched", "after": "tuned", "sentence": "The tuned model is {better} than the untouched model."}
    than = {"causal": ("zero_shot", "few_shot", "A prompt with examples is {better} than one without.")}
    trivial = ("trivial", "untouched", "The untouched model is {better} than the trivial answer.")
    before, after, sentence = than.get(chosen.kind, trivial)
    return {"before": before, "after": after, "sentence": sentence}


def _supporting(chosen: Chosen) -> Iterator[dict[str, Any]]:
    """What the record advises beside, and whether the script does it."""
    trained = chosen.trains != "nothing"
    for one in chosen.supporting:
        adds = one.recipe.adds
        done = trained and (adds in ("restraint", "early_stopping") and chosen.kind != "tabular")
        done = done or (trained and adds == "augmentation" and chosen.shape.augments)
        done = done or (adds == "four_bit" and chosen.kind == "causal" and chosen.trains in ("low_rank", "bottleneck"))
        starts = [f"{text_in(point.name, 'en')}: {text_in(point.value, 'en')} ({point.source})" for point in one.start]
        yield {
            "label": text_in(one.label, "en"),
            "description": text_in(one.description, "en"),
            "rules": plain(rules_behind(chosen.record, one.id)),
            "start": "; ".join(starts),
            "done": done,
            "search": adds == "search" and trained and chosen.kind != "tabular",
        }


def _folds(chosen: Chosen) -> int:
    """Below how many rows one split says little."""
    return max((int(row.below or 0) for row in chosen.framework.parameters.splits if row.folds), default=0)


def _files(chosen: Chosen, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    templates = {"train.py": chosen.shape.template, "measuring.py": "measuring.py.j2", "README.md": "readme.md.j2"}
    if chosen.kind == "causal" and chosen.trains in ("low_rank", "all"):
        templates["axolotl.yaml"] = "axolotl.yaml.j2"
    for name, template in templates.items():
        yield name, _environment().get_template(template).render(**values)
    packages = [*chosen.shape.packages, *(["peft"] if chosen.trains == "low_rank" else [])]
    packages += ["accelerate", "bitsandbytes"] if values["four_bit"] else []
    yield "ruff.toml", f'line-length = {WIDTH}\n[lint]\nselect = ["E", "F", "I", "B", "UP"]\n'
    yield "requirements.txt", "".join(f"{PACKAGES[name]}\n" for name in sorted(set(packages)))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(quoted=quoted, comment=comment, plain=plain, shell=shlex.quote)
    environment.filters["said"] = lambda text: MARKUP.sub(r"\\\1", text)
    environment.filters["yaml"] = lambda number: number.replace("e", ".0e") if "e" in number and "." not in number else number
    environment.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["third"] = lambda rate: " ".join(f"{float(rate) * factor:g}" for factor in (1 / 3, 1, 3))
    return environment
