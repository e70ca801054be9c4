"""Fits what speaks for a practice note as the answer to a message (`tunewise.evidence.finding.WEIGHTS`).

`corpus/reading/graded_notes.jsonl` holds messages, most of them examples of the reader or short questions, each with
the notes that the searches proposed and how well each answers it (0 off the point or wrong, 1 near, 2 in part or in
general, 3 the asker would be satisfied), by readers who did not know the code; where no note is of use, `wants` says
what a reader would have had the reply say, for whoever writes the next notes. The weights make two things likely at
once: that the best notes of a message come before the others, and that a note is of use where its fit says so. What is
then left over is the note's own: some are of use more often than all that promises, others less (`proven`), and
`--write` puts that into the corpus. Only messages count that places were not learned from (`scripts.train_places`,
which comes first). Printed are the weights, and, with messages held out, how good the first note is:
with and without what is proven, beside today's weights, the best note of all that were graded, and by how sure the fit
is. Last, with today's weights, what `tunewise.answer.practice.near` would offer beside what is shown, by the least fit:
how good that is, and for how many messages something of use is in sight.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from tunewise.answer.practice import NEAR, choose, compose_note, near
from tunewise.errors import WeightsError
from tunewise.evidence.agreement import Agreement
from tunewise.evidence.finding import MOST_FOUND, PROVEN, WEIGHTS, FoundNote, NoteFinder
from tunewise.framework import load_framework
from tunewise.reading import ENCODER
from tunewise.reading.calibration import logistic
from tunewise.reading.encoder import card_of
from tunewise.reading.placing import NAME, Heard, digest_of_places
from tunewise.reading.reader import FOLDER, Reader
from tunewise.reading.understanding import understand
from tunewise.retrieval import open_searcher
from tunewise.retrieval.practice import Note
from tunewise.settings import Settings
from tunewise.types import Passage
from tunewise.weights import locate_embedding

USEFUL, SATISFYING = 2, 3
GAINS = (0.0, 0.2, 1.0, 2.5)  # what it is worth that a note with this grade comes first
CORPUS = FOLDER.parent.parent
GRADES = FOLDER.parent / "graded_notes.jsonl"
HELD_OUT = Path("artifacts/places-held-out")
DOUBT = 6.0  # how much evidence it takes before half of what a note has proven is believed
LEAST_PROVEN = 0.05
KEPT_SMALL = 1e-3  # weight of the sum of squares
FOLDS = 5
BANDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 1.0)
HEADING = """# Log odds by which a note is of use more often than what speaks for it promises; of messages that no place
# was learned from; notes that were graded for none of those lack.
# Written by `python -m scripts.weigh_notes --write` from corpus/reading/graded_notes.jsonl."""
LEAST_FITS = (0.1, 0.15, NEAR, 0.2, 0.25)


@dataclass(frozen=True, slots=True)
class Graded:
    """One note for one message: its evidence, its grade, and whether the asker's facts deny what it advises."""

    message: int
    evidence: tuple[float, ...]
    grade: int
    note: Note
    passage: Passage
    denied: bool


def is_held_out(number: int) -> bool:
    """Whether a graded message is one that places are not learned from where that is measured."""
    return number % 5 < 2


def graded_rows() -> list[dict[str, Any]]:
    """The graded messages, in the order on which it hangs which are held out."""
    return [json.loads(line) for line in GRADES.read_text("utf-8").splitlines()]


def held_out_of(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of all graded messages that places are not learned from where that is measured."""
    return [row for number, row in enumerate(rows) if is_held_out(number)]


def digest_of_grades() -> str:
    """SHA-256 of the graded notes: which messages are held out hangs on their order."""
    return hashlib.sha256(GRADES.read_bytes()).hexdigest()


def main() -> None:
    """Weigh the graded notes of the messages held out, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write what notes have proven into {CORPUS / PROVEN}")
    parser.add_argument("--places", type=Path, default=HELD_OUT, help="what places those that were held out")
    given = parser.parse_args()
    pairs = list(graded(graded_rows(), given.places))
    known = np.array([each.evidence[:-1] for each in pairs])  # all but what it has proven
    grades = np.array([each.grade for each in pairs])
    messages = np.array([each.message for each in pairs])
    ids = np.array([each.note.id for each in pairs])
    plain, fits = np.zeros(len(pairs)), np.zeros(len(pairs))
    for learned, kept_back in GroupKFold(FOLDS).split(known, groups=messages):
        weights = fitted(known[learned], grades[learned], messages[learned])
        own = proven(fit_of(weights, known[learned]), grades[learned], ids[learned])
        plain[kept_back] = fit_of(weights, known[kept_back])
        fits[kept_back] = fit_of(weights, known[kept_back], [own.get(id_, 0.0) for id_ in ids[kept_back]])
    weights = fitted(known, grades, messages)
    today = np.array([logistic(WEIGHTS, each.evidence) for each in pairs])
    print(f"{len(pairs)} notes graded for {len(np.unique(messages))} messages that places were not learned from")
    print("weights:", tuple(round(weight, 2) for weight in (*weights[:-1], 1.0, weights[-1])))
    of = (("today's weights", today), ("these, held out", fits), ("… not proven", plain), ("the best there is", grades))
    for name, score in of:
        print(f"{name}: first note {told(grades[first_of(messages, score)])}")
    first = first_of(messages, fits)
    for low, high in pairwise(BANDS):
        band = first[(fits[first] >= low) & (fits[first] < high)]
        print(f"fit {low} to {high}: {len(band)} messages, {told(grades[band])}" if len(band) else f"fit {low}: none")
    for least in LEAST_FITS:
        print(f"nearby, fit {least} or more: {beside(pairs, today.tolist(), least)}")
    if given.write:
        own = proven(fit_of(weights, known), grades, ids)
        lines = [f"{id_}: {round(each, 2)}" for id_, each in sorted(own.items()) if abs(each) >= LEAST_PROVEN]
        (CORPUS / PROVEN).write_text("\n".join((HEADING, *lines)) + "\n", "utf-8")


def fit_of(
    weights: Sequence[float], known: NDArray[np.float64], own: Sequence[float] | float = 0.0
) -> NDArray[np.float64]:
    """How likely notes are to be of use, by weights over what is known and by their `own` log odds (`proven`)."""
    fits: NDArray[np.float64] = 1 / (1 + np.exp(-(known @ np.array(weights[:-1]) + weights[-1] + np.array(own))))
    return fits


def proven(fits: NDArray[np.float64], grades: NDArray[np.int64], ids: NDArray[np.str_]) -> Mapping[str, float]:
    """For each note by how much, in log odds, it is of use more often than its fits promise: the step towards the
    likeliest value, held back by a prior around 0 that is worth `DOUBT`."""
    own: dict[str, float] = {}
    for id_ in np.unique(ids).tolist():
        mine = ids == id_
        surplus = ((grades[mine] >= USEFUL) - fits[mine]).sum()
        own[id_] = float(surplus / ((fits[mine] * (1 - fits[mine])).sum() + DOUBT))
    return own


def graded(rows: list[dict[str, Any]], places: Path) -> Iterator[Graded]:
    """The evidence for every graded note that the searches still propose, of messages that did not teach `places`."""
    settings, framework = Settings.from_environment(), load_framework()
    reader = Reader(locate_embedding(ENCODER, settings), FOLDER, framework, places)
    try:
        is_of_these = card_of(places, NAME)["grades_sha256"] == digest_of_grades()
        placed_by = Heard(places).made_by
    except (WeightsError, KeyError):
        is_of_these, placed_by = False, None
    if not is_of_these or placed_by != digest_of_places(places):
        raise SystemExit(
            f"The places in {places} are not of these grades, or of other messages of notes. Run: "
            f"python -m scripts.train_places; python -m scripts.place_notes --places {places}"
        )
    with open_searcher(settings) as searcher:
        finder = NoteFinder(framework, searcher)
        for number, row in enumerate(held_out_of(rows)):
            text, grades = row["text"], row["grades"]
            reading = understand(text, reader=reader, framework=framework)
            rules = Agreement(framework, reading.situation.values())
            for note, passage, evidence in finder.evidence(text, reading.asked, reading.situation, reader.place(text)):
                if note.id in grades:
                    weighed, denied = tuple(map(float, evidence)), bool(rules.denied(note.says))
                    yield Graded(number, weighed, grades[note.id], note, passage, denied)


def fitted(evidence: NDArray[np.float64], grades: NDArray[np.int64], messages: NDArray[np.int64]) -> tuple[float, ...]:
    """Weights over the evidence, the last the intercept: the least sum of the logistic loss and, message by message,
    the cross-entropy between the softmax of the scores and the gains of the grades."""
    mean, spread = evidence.mean(0), evidence.std(0) + 1e-9
    given = torch.tensor((evidence - mean) / spread)
    _, of = np.unique(messages, return_inverse=True)
    message, count = torch.tensor(of), int(of.max()) + 1
    gains = torch.tensor(np.array(GAINS)[grades])
    wanted = gains / torch.zeros(count, dtype=gains.dtype).index_add(0, message, gains)[message].clamp(min=1e-9)
    is_useful = torch.tensor((grades >= USEFUL).astype(float))
    direction = torch.zeros(given.shape[1], dtype=gains.dtype, requires_grad=True)
    scale = torch.tensor([1.0, -2.0], dtype=gains.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([direction, scale], max_iter=200)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        score = given @ direction
        among = torch.zeros(count, dtype=gains.dtype).index_add(0, message, score.exp()).log()[message]
        ranked = -(wanted * (score - among)).sum() / count
        useful = torch.nn.functional.binary_cross_entropy_with_logits(scale[0] * score + scale[1], is_useful)
        total = ranked + useful + KEPT_SMALL * (direction**2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    weights = (scale[0] * direction).detach().numpy() / spread
    return (*map(float, weights), float(scale[1].detach() - (weights * mean).sum()))


def first_of(messages: NDArray[np.int64], score: NDArray[np.float64]) -> NDArray[np.int64]:
    """The place of each message's note with the best score."""
    return np.array([np.flatnonzero(messages == one)[score[messages == one].argmax()] for one in np.unique(messages)])


def beside(pairs: Sequence[Graded], fits: Sequence[float], least: float) -> str:
    """How good the notes are that are offered with a least fit, and for how many messages one of the notes is of use,
    shown alone and with these."""
    offered, best_shown, best_in_sight = [], [], []
    for _, group in groupby(zip(pairs, fits, strict=True), key=lambda pair: pair[0].message):
        mine = list(group)
        grade_of = {each.note.id: each.grade for each, _ in mine}
        found = [FoundNote(each.note, each.passage, fit) for each, fit in mine if not each.denied]
        found = sorted(found, key=lambda each: (-each.fit, each.note.id))[:MOST_FOUND]
        shown = [cited for one in choose(found, frozenset()) for cited in compose_note(one, "en").citations]
        offers = [each.citation for each in near(found, shown, frozenset(), "en", least)]
        offered += [grade_of[each.id] for each in offers]
        best_shown.append(max((grade_of[each.id] for each in shown), default=-1))
        best_in_sight.append(max((grade_of[each.id] for each in (*shown, *offers)), default=-1))
    alone, together = (
        f"{(best >= USEFUL).mean():.1%} ({(best >= SATISFYING).mean():.1%} satisfied)"
        for best in (np.array(best_shown), np.array(best_in_sight))
    )
    rate = len(offered) / len(best_shown)
    return f"{rate:.2f} a message, {told(np.array(offered))}; of use for {alone} of the messages, with these {together}"


def told(grades: NDArray[np.int64]) -> str:
    """How many of some notes satisfy, are of use, and are off the point."""
    return (
        f"{(grades == SATISFYING).mean():.1%} satisfy, {(grades >= USEFUL).mean():.1%} are of use, "
        f"{(grades == 0).mean():.1%} are off the point"
    )


if __name__ == "__main__":
    main()
