"""What joins the reader's artefact behind its own training: heads, and what its card tells of them; and what is learned
beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from tunewise.reading.reader import CARD_FILE, WEIGHTS_FILE


def add_heads(folder: Path, heads: Mapping[str, NDArray[Any]], told: Mapping[str, Any]) -> None:
    """Write heads (by name, any shape) into the artefact of a folder, and what is told of them into its card."""
    weights = load_file(folder / WEIGHTS_FILE)
    # contiguous, since a transposed one would be stored in another order
    weights |= {f"head.{name}": np.ascontiguousarray(weight, np.float16) for name, weight in heads.items()}
    save_file(weights, folder / WEIGHTS_FILE)
    card = json.loads((folder / CARD_FILE).read_text("utf-8"))
    (folder / CARD_FILE).write_text(json.dumps(card | dict(told), indent=1) + "\n", "utf-8")


def write_beside(folder: Path, name: str, weights: dict[str, NDArray[np.float16]], card: Mapping[str, Any]) -> None:
    """Write what was learned beside the reader, as `tunewise.reading.encoder.beside` opens it."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / f"{name}.safetensors")
    (folder / f"{name}.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
