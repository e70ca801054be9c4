"""Teaches the reader which type of model a message is about where it names none: one head on where the message lies.

The labels are `corpus/reading/model_types.jsonl` (ids of the reader's examples, with the kind and the type of model
that a careful reader understands, "unknown" where nobody could tell); `make reader` runs this behind the reader's own
training. Where the reader puts a message among the practice notes tells the kind of model, and so does a sentence that
states it; a linear head on all of its hidden states was no better. Held out are whole authors.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from scripts.artefact import add_heads
from tunewise.facts.text import read
from tunewise.framework import load_framework
from tunewise.reading.examples import example_rows
from tunewise.reading.reader import FOLDER, open_reader, type_evidence
from tunewise.reading.signals import MODEL_TYPES
from tunewise.reading.understanding import ASSUMED_FROM
from tunewise.settings import Settings

LABELS = FOLDER.parent / "model_types.jsonl"
INVERSE_PENALTY, FOLDS = 5.0, 6


def main() -> None:
    """Read the labelled messages, fit the head, measure it on held-out authors, and add both to the artefact."""
    framework = load_framework()
    reader = open_reader(Settings.from_environment(), framework)
    if reader is None:
        raise SystemExit("The reader's encoder has not been fetched. Run: tunewise models pull all-mpnet-base-v2")
    labels = {row["id"]: row["type"] for row in map(json.loads, LABELS.read_text("utf-8").splitlines())}
    labelled = [row for row in example_rows(FOLDER.parent / "examples") if row["id"] in labels]
    signals = [reader.read(read(row["text"])) for row in labelled]
    evidence = np.stack([type_evidence(each.place or (), each.facts) for each in signals])
    types = np.array([labels[row["id"]] for row in labelled])
    add(FOLDER, evidence, types, [row["author"] for row in labelled])


def add(folder: Path, evidence: NDArray[np.float32], types: NDArray[np.str_], authors: list[str]) -> None:
    """Fit the head, and write it into the artefact of a folder with its scores."""
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=1000)
    likely = cross_val_predict(model, evidence, types, groups=authors, cv=GroupKFold(FOLDS), method="predict_proba")
    model.fit(evidence, types)
    assert tuple(model.classes_) == MODEL_TYPES
    heads = {"model_type.weight": model.coef_, "model_type.bias": model.intercept_}
    add_heads(folder, heads, {"model_types": {"labelled": len(types), **scores(likely, types)}})


def scores(likely: NDArray[np.float64], types: NDArray[np.str_]) -> dict[str, dict[str, float]]:
    """For each type: how often it is right where it is assumed, how often it is the opposite, how many are found."""
    told = {}
    for place, name in enumerate(MODEL_TYPES[:-1]):
        assumed, rightly = likely[:, place] >= ASSUMED_FROM, types == name
        told[name] = {
            "precision": round(float(rightly[assumed].mean()), 3),
            "opposite": round(float((~rightly & (types != MODEL_TYPES[-1]))[assumed].mean()), 3),
            "recall": round(float((rightly & assumed).sum() / rightly.sum()), 3),
        }
    return told


if __name__ == "__main__":
    main()
