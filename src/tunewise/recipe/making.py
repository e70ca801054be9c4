"""A recipe from a decision record: choose script and checkpoint, collect settings, fill templates."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunewise.errors import RecipeError
from tunewise.framework import Framework, load_framework
from tunewise.framework.words import text_in
from tunewise.recipe.choosing import choose, measured_column
from tunewise.recipe.data import check_column, check_ending, columns_of
from tunewise.recipe.records import WRITING, Recipe, RecipeOptions, kinds
from tunewise.recipe.settings import WIDTH, Chosen, comment, plain, quoted
from tunewise.recipe.telling import values_of
from tunewise.record import Record

if TYPE_CHECKING:
    from jinja2 import Environment

PACKAGES = {
    "accelerate": "accelerate>=1.0", "bitsandbytes": "bitsandbytes>=0.45", "numpy": "numpy>=2",
    "pandas": "pandas>=2.2", "peft": "peft>=0.17,<1", "pillow": "pillow>=11", "protobuf": "protobuf>=5",
    "pyarrow": "pyarrow>=18",
    "scikit-learn": "scikit-learn>=1.6,<2", "scipy": "scipy>=1.15", "sentencepiece": "sentencepiece>=0.2",
    "sentence-transformers": "sentence-transformers>=5.4,<7", "timm": "timm>=1.0.15,<2", "torch": "torch>=2.6,<3",
    "torchvision": "torchvision>=0.21,<1", "transformers": "transformers>=5,<6",
}  # fmt: skip
MARKUP = re.compile(r"([\\`*_\[\]|#!~$<>])")


def make_recipe(record: Record, options: RecipeOptions | None = None, *, framework: Framework | None = None) -> Recipe:
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
    choice = choose(reply.situation, options, record.content.messages)
    primary = framework.strategies[reply.recommendation.primary]
    chosen = Chosen(record, framework, primary, choice.kind, kinds()[choice.kind])
    _check(chosen)
    text, label = _columns(chosen, options)
    values = values_of(chosen, choice, options, text, label)
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
            f"No script is written for {label!r} on {what}: it does not fit this kind of model. Choose another "
            f"with --kind ({', '.join(name for name, kind in kinds().items() if chosen.trains in kind.trains)})."
        )


def _columns(chosen: Chosen, options: RecipeOptions) -> tuple[str, str]:
    """Names of the two columns; those that the data have, where data are given."""
    shape = chosen.shape
    situation = chosen.record.reply.situation
    text = options.text or measured_column(situation, chosen.kind, "text_column") or shape.input
    label = options.label or measured_column(situation, chosen.kind, "label_column") or shape.target
    for name in (text, label):
        if not name.strip() or len(name) > 200 or not name.isprintable():
            raise RecipeError(f"{name[:60]!r} cannot be a column's name.")
    if options.data is not None:
        check_ending(Path(options.data), chosen.kind)
        columns = columns_of(Path(options.data))
        if columns is not None and "messages" in columns and chosen.kind in WRITING:
            return text, label
        if chosen.kind != "tabular":
            check_column(options.data, columns, text, "--text")
        check_column(options.data, columns, label, "--label")
    return text, label


def _files(chosen: Chosen, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    templates = {"train.py": chosen.shape.template, "measuring.py": "measuring.py.j2", "README.md": "readme.md.j2"}
    if chosen.kind in WRITING:
        templates["scoring.py"] = "scoring.py.j2"
    if chosen.kind == "causal" and chosen.trains in ("low_rank", "all"):
        templates["axolotl.yaml"] = "axolotl.yaml.j2"
    used = _environment().get_template("usage.j2").render(**values)
    for name, template in templates.items():
        yield name, _environment().get_template(template).render(**values, used=used.strip())
    packages = [*chosen.shape.packages, *(["peft"] if chosen.trains == "low_rank" else [])]
    packages += ["accelerate"] if chosen.kind == "causal" else []
    packages += ["bitsandbytes"] if values["four_bit"] else []
    packages += ["pyarrow"] if values["data"].lower().endswith(".parquet") else []
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
    environment.filters["yaml"] = lambda number: (
        number.replace("e", ".0e") if "e" in number and "." not in number else number
    )
    environment.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["third"] = lambda rate: " ".join(f"{float(rate) * factor:g}" for factor in (1 / 3, 1, 3))
    return environment
