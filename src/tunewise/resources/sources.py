"""Reads what a model is: a name of the table, or a config.json, which is checked here once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tunewise.errors import ResourcesError
from tunewise.resources.records import Method, Source
from tunewise.tables import load_table

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE = 1_000_000  # bytes
MOST_BLOCKS, MOST_WIDE = 512, 2_000_000
BLOCKS = ("layer", "depth", "block", "num_experts")
# Where the size of a step and not that of the model is meant, or a number of another kind.
UNLIMITED = ("position", "token_id", "length", "rope", "theta", "seed")


@dataclass(frozen=True, slots=True)
class Architecture:
    """One row of `corpus/resources/architectures.yaml`; `at` is (batch, length), so are others. `family`: what it is
    one size of."""

    source: Source
    label: str
    family: str
    unit: str
    at: tuple[int, int]
    fitted: tuple[tuple[int, int], ...]
    held_out: tuple[tuple[int, int], ...]
    recomputed: bool
    grows: tuple[str, ...]


def training_table() -> dict[str, Any]:
    """`corpus/resources/training.yaml`."""
    table: dict[str, Any] = load_table("resources/training.yaml")
    return table


@lru_cache(maxsize=1)
def methods() -> tuple[Method, ...]:
    """Ways to train, the one that takes most first."""
    return tuple(Method(**row) for row in training_table()["methods"])


@lru_cache(maxsize=1)
def architectures() -> dict[str, Architecture]:
    """What was walked through, by name."""
    rows = load_table("resources/architectures.yaml")["architectures"]
    return {row["name"]: _architecture(row) for row in rows}


def _architecture(row: dict[str, Any]) -> Architecture:
    grid = row["grid"]
    return Architecture(
        Source(row["name"], row.get("timm"), row.get("config")),
        row["label"],
        row.get("family", row["name"]),
        row["length"],
        (row["at"][0], row["at"][1]),
        tuple((batch, length) for batch, length in grid["fitted"]),
        tuple((batch, length) for batch, length in grid["held_out"]),
        row.get("recomputed", False),
        tuple(row.get("grows", ("length",))),
    )


def read_config(path: Path) -> Source:
    """A model's config.json as transformers writes it. Code that it names (auto_map) is never run.

    Raises:
        ResourcesError: If the file cannot be read, is no configuration, or describes a model beyond all measure.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ResourcesError(f"{str(path)!r} has more than 1 MB: no config.json. Give the file beside the weights.")
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ResourcesError(f"Cannot read {str(path)!r}: {error.strerror}. Give the path of a config.json.") from error
    except (ValueError, RecursionError) as error:
        raise ResourcesError(f"{str(path)!r} is no JSON. Give the config.json that lies beside the weights.") from error
    if not isinstance(values, dict) or not isinstance(values.get("model_type"), str):
        raise ResourcesError(f"{str(path)!r} names no 'model_type'. Give the config.json that lies beside the weights.")
    _check_sizes(values, str(path))
    dropped = {"quantization_config", "auto_map", "dtype", "torch_dtype", "transformers_version"}
    kept = {key: value for key, value in values.items() if key not in dropped and not key.startswith("_")}
    return Source(path.name, config={**kept, "model_type": _known_type(values["model_type"], path)})


def _known_type(kind: str, path: Path) -> str:
    from transformers import CONFIG_MAPPING

    if kind not in CONFIG_MAPPING:
        raise ResourcesError(f"{str(path)!r}: transformers has no model_type {kind!r}. Check the spelling.")
    return kind


def _check_sizes(values: dict[str, Any], where: str) -> None:
    for key, value in values.items():
        if isinstance(value, dict):
            _check_sizes(value, f"{where}, {key}")
        if not isinstance(value, int | float) or isinstance(value, bool) or any(part in key for part in UNLIMITED):
            continue
        most = MOST_BLOCKS if any(part in key for part in BLOCKS) else MOST_WIDE
        if value > most:
            raise ResourcesError(f"{where}: {key} is {value!r}; no model has more than {most:,}. Correct it.")
