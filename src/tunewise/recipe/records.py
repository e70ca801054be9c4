"""What a recipe is made from and what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, TypeAdapter

from tunewise.framework.model import Trained
from tunewise.tables import load_table


@dataclass(frozen=True, slots=True)
class RecipeOptions:
    """What a record does not say: the checkpoint, the data's name and columns, the kind of script.

    Each is None where the recipe should choose: `model` by the record's base model, `kind` by model and modality,
    `text` and `label` by the usual names. `resolves` says whether a folder that `model` names is one of this machine,
    to be written as its whole path; where somebody else asks, it is none of theirs.
    """

    model: str | None = None
    data: str | None = None
    text: str | None = None
    label: str | None = None
    kind: str | None = None
    resolves: bool = True


@dataclass(frozen=True, slots=True)
class Recipe:
    """Files to write side by side (name → text), for one kind of script and one checkpoint."""

    kind: str
    model: str
    strategy: str
    files: Mapping[str, str]


class Kind(BaseModel):
    """A kind of script: its template, what it can train, what it reads and how it measures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    template: str
    trains: tuple[Trained, ...]
    packages: tuple[str, ...]
    always: tuple[str, ...]
    data: str
    example: str
    format: str
    metric: str
    untouched: str
    input: str = "text"
    target: str = "label"
    augments: bool = False


class Checkpoint(BaseModel):
    """What a base model's name means: a checkpoint and a kind of script, or what to use `instead`.

    `pad` is the token that Axolotl is to fill rows with, where the tokenizer names none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: re.Pattern[str]
    kind: str = ""
    checkpoint: str = ""
    instead: str = ""
    pad: str = ""
    upper: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """The kinds of script by name."""
    return TypeAdapter(dict[str, Kind]).validate_python(load_table("kinds.yaml", __package__))


@lru_cache(maxsize=1)
def checkpoints() -> tuple[Checkpoint, ...]:
    """The checkpoints in the order in which they are tried."""
    return TypeAdapter(tuple[Checkpoint, ...]).validate_python(load_table("checkpoints.yaml", __package__))
