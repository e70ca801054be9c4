"""Teaches the reader which case of a conversation a turn is about, and whether that is so or only supposed.

The labels are `project` and `reality` of the reader's examples; `make reader` runs this behind the reader's own
training. Two attentions over the tokens of a turn and its context, a linear head on each, on the reader's states as
they are. Held out are whole authors.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scripts.adapting import pooled
from scripts.artefact import add_heads
from tunewise.facts.text import read
from tunewise.framework import load_framework
from tunewise.reading.examples import Example, load_examples
from tunewise.reading.reader import FOLDER, open_reader
from tunewise.reading.signals import PROJECTS, REALITIES
from tunewise.reading.understanding import BACK_FROM, NEW_FROM, RETURNS_FROM
from tunewise.settings import Settings

EPOCHS, BATCH, RATE, DECAY, DROPOUT = 30, 64, 3e-3, 0.05, 0.3
FOLDS = 4


@dataclass(frozen=True, slots=True)
class Labelled:
    """A turn with its states (tokens × width) and labels, and what could be before it: whether the conversation has
    another case, and whether a what-if is under way."""

    example: Example
    states: NDArray[np.float32]
    has_other: bool
    supposes: bool


class Heads(nn.Module):
    """Logits of the cases and of the realities, from the states of a turn."""

    def __init__(self, width: int, sharpness: float) -> None:
        super().__init__()
        self.scale = sharpness / width**0.5
        self.turn_query = nn.Linear(width, 2, bias=False)
        self.project = nn.Linear(width, len(PROJECTS))
        self.reality = nn.Linear(width, len(REALITIES))
        self.dropout = nn.Dropout(DROPOUT)
        nn.init.normal_(self.turn_query.weight, std=0.02)

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Batch × classes each, of states (batch × tokens × width) where `mask` says that there are tokens."""
        states = self.dropout(states)
        of_project, of_reality = pooled(self.turn_query.weight, states, mask, self.scale).unbind(1)
        return self.project(of_project), self.reality(of_reality)


def main() -> None:
    """Read the labelled turns, fit the heads, measure them on held-out authors, and add both to the artefact."""
    framework = load_framework()
    reader = open_reader(Settings.from_environment(), framework)
    if reader is None:
        raise SystemExit("The reader's encoder has not been fetched. Run: tunewise models pull all-mpnet-base-v2")
    examples = load_examples(FOLDER.parent / "examples", framework, languages=frozenset({"en"}))
    turns = [
        Labelled(each, reader.encode(read(each.text), each.context).states, has_other, supposes)
        for each, has_other, supposes in standing([each for each in examples if each.project and each.reality])
        if each.context != "new"
    ]
    likely = [held_out(turns, fold, reader.sharpness) for fold in range(FOLDS)]
    heads = fit(turns, reader.sharpness)
    figures = scores([one for fold in likely for one in fold])
    learned = {name: parameter.detach().numpy() for name, parameter in heads.named_parameters()}
    add_heads(FOLDER, learned, {"turns": figures})
    print(json.dumps(figures, indent=1))


def standing(examples: Sequence[Example]) -> list[tuple[Example, bool, bool]]:
    """Every turn with whether its conversation has had another case, and whether a what-if is under way before it."""
    told = []
    for _, turns in groupby(examples, key=lambda each: each.id.rpartition("-")[0]):
        cases, supposes = 0, False
        for each in turns:
            told.append((each, cases > 1, supposes))
            cases += each.project == "new"
            supposes = each.reality == "supposes" or (supposes and each.reality == "real" and each.project == "same")
    return told


def fit(turns: Sequence[Labelled], sharpness: float) -> Heads:
    """Heads that have learned from turns; the same turns give the same heads."""
    torch.manual_seed(0)
    heads = Heads(turns[0].states.shape[1], sharpness)
    optimizer = torch.optim.AdamW(heads.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=EPOCHS * -(-len(turns) // BATCH) + 1
    )  # fmt: skip
    projects = torch.tensor([PROJECTS.index(each.example.project or "") for each in turns])
    realities = torch.tensor([REALITIES.index(each.example.reality or "") for each in turns])
    for _ in range(EPOCHS):
        order = torch.randperm(len(turns))
        for start in range(0, len(turns), BATCH):
            rows = order[start : start + BATCH]
            of_project, of_reality = heads(*_padded([turns[row] for row in rows]))
            loss = nn.functional.cross_entropy(of_project, projects[rows])
            loss = loss + nn.functional.cross_entropy(of_reality, realities[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return heads.eval()


def held_out(turns: Sequence[Labelled], fold: int, sharpness: float) -> list[tuple[Labelled, dict[str, float]]]:
    """The turns of one fold's authors with the probabilities that heads give which have not seen these authors."""
    unseen = set(sorted({each.example.author for each in turns})[fold::FOLDS])
    heads = fit([each for each in turns if each.example.author not in unseen], sharpness)
    tested = [each for each in turns if each.example.author in unseen]
    told = []
    with torch.inference_mode():
        for start in range(0, len(tested), BATCH):
            batch = tested[start : start + BATCH]
            likely = torch.cat([one.softmax(-1) for one in heads(*_padded(batch))], -1).tolist()
            told += [
                (each, dict(zip((*PROJECTS, *REALITIES), row, strict=True)))
                for each, row in zip(batch, likely, strict=True)
            ]
    return told


def scores(likely: Sequence[tuple[Labelled, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Precision and recall at the thresholds of `understanding`, of each where it can be."""
    with_other = [(each, one) for each, one in likely if each.has_other]
    supposing = [(each, one) for each, one in likely if each.supposes]
    return {
        "new": _rates([(each.example.project == "new", one["new"] >= NEW_FROM) for each, one in likely]),
        "back": _rates([(each.example.project == "back", one["back"] >= BACK_FROM) for each, one in with_other]),
        "returns": _rates(
            [(each.example.reality == "returns", one["returns"] >= RETURNS_FROM) for each, one in supposing]
        ),
    }


def _rates(told: Sequence[tuple[bool, bool]]) -> dict[str, float]:
    right = sum(truth and said for truth, said in told)
    there, claimed = sum(truth for truth, _ in told), sum(said for _, said in told)
    return {"turns": there, "precision": round(right / max(claimed, 1), 3), "recall": round(right / max(there, 1), 3)}


def _padded(turns: Sequence[Labelled]) -> tuple[Tensor, Tensor]:
    """States and where there are tokens."""
    states = [torch.from_numpy(each.states) for each in turns]
    mask = [torch.ones(len(each), dtype=torch.bool) for each in states]
    pad = nn.utils.rnn.pad_sequence
    return pad(states, batch_first=True), pad(mask, batch_first=True)


if __name__ == "__main__":
    main()
