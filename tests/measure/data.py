"""Small data sets for tests of measuring: features whose classes overlap a little, tables of texts, folders."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

TOPICS = {
    "cooking": "simmer onions garlic butter oven dough recipe salt pan boil",
    "sailing": "harbour mast tide anchor sail wind deck rope port keel",
    "chess": "rook bishop gambit endgame pawn castle queen check board knight",
}


def blobs(rows: int = 300, width: int = 8, classes: int = 3, spread: float = 1.0, seed: int = 0) -> Any:
    """Features and names of classes, around one centre each."""
    random = np.random.default_rng(seed)
    codes = np.arange(rows) % classes
    centres = random.normal(size=(classes, width)) * 2
    features = (centres[codes] + random.normal(size=(rows, width)) * spread).astype(np.float32)
    return features, np.array([f"class {code}" for code in codes])


def save_blobs(path: Path, **options: Any) -> Path:
    features, labels = blobs(**options)
    np.savez(path, features=features, labels=labels)
    return path


def texts(rows: int = 120, seed: int = 0) -> list[tuple[str, str]]:
    """(text, topic) pairs; every text is another."""
    random = np.random.default_rng(seed)
    names = list(TOPICS)
    return [
        (" ".join([*random.choice(TOPICS[names[i % 3]].split(), 6).tolist(), f"number {i}"]), names[i % 3])
        for i in range(rows)
    ]


def write_csv(path: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = ("text", "label")) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def write_jsonl(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path
