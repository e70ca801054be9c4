"""Fits what speaks for a practice note as the answer to a message (`tunewise.evidence.finding.WEIGHTS`).

`tests/evidence/graded_notes.jsonl` holds messages, most of them examples of the reader, each with the notes that the
searches proposed and how well each answers it (0 off the point or wrong, 1 near, 2 in part or in general, 3 the asker
would be satisfied), by readers who did not know the code. Printed are the weights, and, with messages held out, how
good the first note is: beside today's weights, the best note of all that were graded, and by how sure the fit is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold, cross_val_predict  # type: ignore[import-untyped]

from tunewise.evidence.finding import WEIGHTS, NoteFinder
from tunewise.framework import load_framework
from tunewise.reading.calibration import logistic
from tunewise.reading.reader import open_reader
from tunewise.reading.understanding import understand
from tunewise.retrieval import open_searcher
from tunewise.settings import Settings

GRADES = Path("tests/evidence/graded_notes.jsonl")
USEFUL, SATISFYING = 2, 3
FOLDS = 5
BANDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 1.0)


@dataclass(frozen=True, slots=True)
class Graded:
    """One note for one message: its evidence, and its grade."""

    message: int
    evidence: tuple[float, ...]
    grade: int


def main() -> None:
    """Weigh all graded notes, and print what was found."""
    rows = [json.loads(line) for line in GRADES.read_text("utf-8").splitlines()]
    pairs = list(graded(rows))
    evidence = np.array([each.evidence for each in pairs])
    grades = np.array([each.grade for each in pairs])
    messages = np.array([each.message for each in pairs])
    model = LogisticRegression(C=10.0, max_iter=2000)
    fits = cross_val_predict(
        model, evidence, grades >= USEFUL, groups=messages, cv=GroupKFold(FOLDS), method="predict_proba"
    )[:, 1]
    model.fit(evidence, grades >= USEFUL)
    today = np.array([logistic(WEIGHTS, each.evidence) for each in pairs])
    print(f"{len(pairs)} notes graded for {len(rows)} messages")
    print("weights:", tuple(round(float(weight), 2) for weight in (*model.coef_[0], model.intercept_[0])))
    for name, score in (("today's weights", today), ("these, held out", fits), ("the best there is", grades)):
        print(f"{name}: first note {told(grades[first_of(messages, score)])}")
    first = first_of(messages, fits)
    for low, high in pairwise(BANDS):
        band = first[(fits[first] >= low) & (fits[first] < high)]
        print(f"fit {low} to {high}: {len(band)} messages, {told(grades[band])}" if len(band) else f"fit {low}: none")


def graded(rows: list[dict[str, object]]) -> Iterator[Graded]:
    """The evidence for every graded note that the searches still propose."""
    settings, framework = Settings.from_environment(), load_framework()
    reader = open_reader(settings, framework)
    if reader is None:
        raise SystemExit("The reader's encoder has not been fetched. Run: tunewise models pull all-mpnet-base-v2")
    with open_searcher(settings) as searcher:
        finder = NoteFinder(framework, searcher)
        for number, row in enumerate(rows):
            text, grades = str(row["text"]), row["grades"]
            assert isinstance(grades, dict)
            reading = understand(text, reader=reader, framework=framework)
            for note, _, evidence in finder.evidence(text, reading.asked, reading.situation, reading.place):
                if note.id in grades:
                    yield Graded(number, tuple(map(float, evidence)), grades[note.id])


def first_of(messages: NDArray[np.int64], score: NDArray[np.float64]) -> NDArray[np.int64]:
    """The place of each message's note with the best score."""
    return np.array([np.flatnonzero(messages == one)[score[messages == one].argmax()] for one in np.unique(messages)])


def told(grades: NDArray[np.int64]) -> str:
    """How many of some notes satisfy, are of use, and are off the point."""
    return (
        f"{(grades == SATISFYING).mean():.1%} satisfy, {(grades >= USEFUL).mean():.1%} are of use, "
        f"{(grades == 0).mean():.1%} are off the point"
    )


if __name__ == "__main__":
    main()
