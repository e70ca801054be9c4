"""What a recipe is made from and what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, TypeAdapter

from tunewise.framework.model import Trained
from tunewise.tables import load_table

WRITING = ("causal", "seq2seq", "speech")  # kinds whose model writes
HEADED = ("text", "image", "audio")  # kinds whose model gets a new head


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
    """A kind of script: its template, what it can train, what it reads and how it measures.

    `named` says how MODEL is written, `usual` is a checkpoint to name where nothing else is known.
    """

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
    named: str = "a name on the Hugging Face Hub or a folder"
    usual: str = ""
    input: str = "text"
    target: str = "label"
    augments: bool = False


class Checkpoint(BaseModel):
    """What a base model's name means: a checkpoint and a kind of script, or what to use `instead`.

    `pad` is the token that Axolotl is to fill rows with, where the tokenizer names none; `upper` and `capitalized` are
    groups of the pattern that the checkpoint writes so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: re.Pattern[str]
    kind: str = ""
    checkpoint: str = ""
    instead: str = ""
    pad: str = ""
    upper: tuple[str, ...] = ()
    capitalized: tuple[str, ...] = ()

    def meant_by(self, name: str) -> str | None:
        """The checkpoint that a whole name in lower case means ("" where `instead` says what to use); None if none."""
        match = self.pattern.fullmatch(name)
        if match is None:
            return None
        parts = {key: value or "" for key, value in match.groupdict().items()}
        parts |= {key: parts[key].upper() for key in self.upper}
        parts |= {key: parts[key].capitalize() for key in self.capitalized}
        return self.checkpoint.format_map(parts)

    def begins(self, name: str) -> bool:
        """Whether a name in lower case goes on behind one that the row means."""
        match = self.pattern.match(name)
        return match is not None and name[match.end() :][:1] in ("", "-", " ", ".", "/")


class Task(BaseModel):
    """A task as messages name it: the `kind` of script that does it, or what to use `instead` of those `unlike` it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: re.Pattern[str]
    kind: str = ""
    instead: str = ""
    unlike: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """The kinds of script by name."""
    return TypeAdapter(dict[str, Kind]).validate_python(load_table("kinds.yaml", __package__))


@lru_cache(maxsize=1)
def checkpoints() -> tuple[Checkpoint, ...]:
    """The checkpoints in the order in which they are tried."""
    return TypeAdapter(tuple[Checkpoint, ...]).validate_python(load_table("checkpoints.yaml", __package__))


@lru_cache(maxsize=1)
def tasks() -> tuple[Task, ...]:
    """The tasks in the order in which they are looked for."""
    return TypeAdapter(tuple[Task, ...]).validate_python(load_table("tasks.yaml", __package__))
