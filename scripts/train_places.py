"""Teaches the reader where among the practice notes the answer to a message lies: an adapter of its own in the upper
half of MPNet, and one attention. Below it stands the reader's, so that a message is worked out once up to there.

Learned are the messages and questions of all notes, each with its own, and what graders said of the notes that the
searches proposed (`corpus/reading/graded_notes.jsonl`): which of them answer, which lie near and do not. It begins with
what the reader has learned. Two fifths of the graded messages are held out first; what is learned without them goes to
`--held-out`, where `python -m scripts.weigh_notes` finds how far a place is to be trusted. Then all are
learned. `make reader` runs this too: two times a quarter of an hour on two idle cores with bfloat16 matrix units.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scripts.adapting import SHARPNESS, AdaptedEncoder, last_states, pooled, take_over
from scripts.artefact import write_beside
from scripts.train_reader import NOTE_SHARPNESS, RANK, Notes, first_message, load_notes
from scripts.weigh_notes import (
    GAINS,
    HELD_OUT,
    SATISFYING,
    USEFUL,
    digest_of_grades,
    graded_rows,
    held_out_of,
    is_held_out,
)
from tunewise.errors import WeightsError
from tunewise.reading import ENCODER
from tunewise.reading.encoder import card_of
from tunewise.reading.placing import NAME
from tunewise.reading.reader import FOLDER, WEIGHTS_FILE, Artefact
from tunewise.settings import DEFAULT_EMBEDDING, Settings
from tunewise.weights import locate_embedding

STEPS, HEARD, GRADED = 1000, 24, 8  # messages of notes and graded ones a step
BUCKET = 30  # batches of like length are cut from so many
ADAPTER_RATE, HEAD_RATE = 3e-4, 1e-3
SMOOTHING = 0.05  # of which note is the right one: others may answer as well


@dataclass(frozen=True, slots=True)
class GradedMessage:
    """A message, the rows of the notes that were graded for it, and their grades."""

    text: str
    notes: tuple[int, ...]
    grades: tuple[int, ...]


class Learner(AdaptedEncoder):
    """The encoder with its adapter and attention while they learn, from where the reader stands."""

    def __init__(self, folder: Path, notes: Notes, reader: Artefact, seed: int = 0) -> None:
        super().__init__(folder, RANK, 2 * RANK, seed)
        self.notes = notes
        self.longest = reader.longest
        take_over(self.model, reader.weights)
        self.learn_above_middle()
        self.query, self.note = (
            nn.Parameter(torch.from_numpy(np.asarray(reader.weights[f"head.{name}.weight"], np.float32)))
            for name in ("note_query", "note")
        )
        self.sharpness = nn.Parameter(torch.tensor(math.log(NOTE_SHARPNESS)))

    def learn(self, graded: Sequence[GradedMessage], steps: int = STEPS) -> None:
        """Learn from graded messages and from those of the notes; prints a line every 50 steps."""
        descend = self.descent([self.query, self.note, self.sharpness], (ADAPTER_RATE, HEAD_RATE), steps)
        heard = self._batches(self.notes.heard, HEARD)
        judged = self._batches([(each.text, each) for each in graded], GRADED)
        started, losses = time.perf_counter(), []
        for step in range(1, steps + 1):
            of_notes, of_grades = self._note_loss(next(heard)), self._grade_loss(next(judged))
            descend(of_notes + of_grades)
            losses.append((of_notes.item(), of_grades.item()))
            if step % 50 == 0:
                own, graded_loss = np.mean(losses[-50:], axis=0)
                took = time.perf_counter() - started
                print(f"step {step}: loss {own:.3f} and {graded_loss:.3f}, {took:.0f} s", flush=True)

    def cosines(self, graded: Sequence[GradedMessage]) -> list[NDArray[np.float32]]:
        """Of each message and the notes that were graded for it."""
        found = []
        with torch.inference_mode():
            for start in range(0, len(graded), 2 * HEARD):
                some = graded[start : start + 2 * HEARD]
                placed = self.place([each.text for each in some]) @ self.notes.vectors.T
                found += [row[list(each.notes)].numpy() for row, each in zip(placed, some, strict=True)]
        return found

    def artefact(self) -> dict[str, NDArray[np.float16]]:
        """Adapter and attention as `Placer` takes them."""
        return self.artefact_with({"query": self.query, "note": self.note}.items())

    def place(self, texts: Sequence[str]) -> Tensor:
        """Where the notes lie that answer messages: batch × embedding, each of length 1."""
        read = [first_message(text) for text in texts]
        tokens = self.tokenizer(
            [each.context for each in read], [each.marked.text for each in read], padding=True,
            truncation="only_second", max_length=self.longest, return_tensors="pt",
        )  # fmt: skip
        states, mask = last_states(self.model, tokens), tokens["attention_mask"].bool()
        attended = pooled(self.query, states, mask, SHARPNESS / math.sqrt(states.shape[-1])).squeeze(1)
        return nn.functional.normalize(attended @ self.note.T, dim=-1)

    def _scores(self, texts: Sequence[str]) -> Tensor:
        return self.place(texts) @ self.notes.vectors.T * self.sharpness.exp()

    def _note_loss(self, heard: Sequence[tuple[str, int]]) -> Tensor:
        """That the note to which a message belongs is the nearest of all."""
        own = torch.tensor([row for _, row in heard])
        return nn.functional.cross_entropy(self._scores([text for text, _ in heard]), own, label_smoothing=SMOOTHING)

    def _grade_loss(self, judged: Sequence[tuple[str, GradedMessage]]) -> Tensor:
        """How far the order of the notes that were graded is from what they are worth (Kullback-Leibler)."""
        total = torch.zeros(())
        for scores, (_, each) in zip(self._scores([text for text, _ in judged]), judged, strict=True):
            gains = torch.tensor([GAINS[grade] for grade in each.grades])
            likely = scores[list(each.notes)].log_softmax(0)
            total = total + nn.functional.kl_div(likely, gains / gains.sum(), reduction="sum")
        return total / len(judged)

    def _batches(self, items: Sequence[tuple[str, Any]], size: int) -> Iterator[list[tuple[str, Any]]]:
        """Batches of texts of like length, without end; each text once before any comes again."""
        while True:
            shuffled = self.random.sample(list(items), len(items))
            for start in range(0, len(shuffled), BUCKET * size):
                near = sorted(shuffled[start : start + BUCKET * size], key=lambda one: len(one[0]))
                batches = [near[place : place + size] for place in range(0, len(near), size)]
                yield from self.random.sample(batches, len(batches))


def main() -> None:
    """Learn without the messages that are held out, measure on them, learn from all, and write both artefacts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", type=Path, default=HELD_OUT, help="where what is learned without them goes")
    parser.add_argument("--only", choices=("held-out", "all"), help="one of the two")
    given = parser.parse_args()
    settings = Settings.from_environment()
    folder, notes = locate_embedding(ENCODER, settings), load_notes(settings)
    rows = graded_rows()
    reader = Artefact.load(FOLDER)
    if given.only != "all":
        held_out = held_out_of(rows)
        others = graded(held_out, notes)
        learner = Learner(folder, unheard(notes, held_out), reader)
        before = shares_of(learner.cosines(others), others)
        taught = graded([row for number, row in enumerate(rows) if not is_held_out(number)], notes)
        learner.learn(taught)
        figures = {"messages": len(others), "before": before, "learned": shares_of(learner.cosines(others), others)}
        print(figures)
        write(given.held_out, learner, notes, len(taught), figures)
    if given.only != "held-out":
        figures = measured(given.held_out)
        learner = Learner(folder, notes, reader)
        taught = graded(rows, notes)
        learner.learn(taught)
        write(FOLDER, learner, notes, len(taught), figures)


def measured(folder: Path) -> dict[str, Any]:
    """What was measured on the messages held out of these grades."""
    try:
        card = card_of(folder, NAME)
    except WeightsError:
        card = {}
    if card.get("grades_sha256") != digest_of_grades():
        raise SystemExit(f"Nothing in {folder} is measured on these grades. Leave out: --only all")
    held_out: dict[str, Any] = card["held_out"]
    return held_out


def unheard(notes: Notes, rows: Sequence[dict[str, Any]]) -> Notes:
    """Notes without the messages of theirs that are among some graded ones."""
    among = {words_of(row["text"]) for row in rows}
    return replace(notes, heard=tuple(one for one in notes.heard if words_of(one[0]) not in among))


def words_of(text: str) -> tuple[str, ...]:
    """By what two messages are the same."""
    return tuple(re.findall(r"\w+", text.lower()))


def graded(rows: Sequence[dict[str, Any]], notes: Notes) -> list[GradedMessage]:
    """The messages of which some notes are worth more than others."""
    row_of = {id_: row for row, id_ in enumerate(notes.ids)}
    found = []
    for row in rows:
        grades = {row_of[id_]: grade for id_, grade in row["grades"].items() if id_ in row_of}
        if len(set(grades.values())) > 1:
            found.append(GradedMessage(row["text"], tuple(grades), tuple(grades.values())))
    return found


def digest_of_reader() -> str:
    """SHA-256 of the reader's weights: the adapter stands on their lower half."""
    return hashlib.sha256((FOLDER / WEIGHTS_FILE).read_bytes()).hexdigest()


def shares_of(cosines: Sequence[NDArray[np.float32]], of: Sequence[GradedMessage]) -> dict[str, float]:
    """For how many messages the nearest of the notes that were graded satisfies, and is of use."""
    first = np.array([each.grades[int(near.argmax())] for near, each in zip(cosines, of, strict=True)])
    shares = {"satisfies": first >= SATISFYING, "of_use": first >= USEFUL}
    return {name: round(float(share.mean()), 3) for name, share in shares.items()}


def write(folder: Path, learner: Learner, notes: Notes, messages: int, figures: dict[str, Any]) -> None:
    """Weights and card."""
    card = {
        "encoder": ENCODER,
        "embedding": DEFAULT_EMBEDDING,
        "sharpness": SHARPNESS,
        "graded_messages": messages,
        "grades_sha256": digest_of_grades(),
        "reader_sha256": digest_of_reader(),
        "notes": notes.files,
        "held_out": figures,
    }
    write_beside(folder, NAME, learner.artefact(), card)


if __name__ == "__main__":
    main()
