"""Teaches the reader which strategies a text advises for or against: an adapter on MPNet of its own, and two attentions
for each strategy.

The examples are `corpus/reading/advice`, a file an author; `make reader` runs this too. A third of the authors is held
out first: from there comes how likely a stance has to be before it is taken. Then all are learned. That each strategy
does not learn its own directions, but all one (with a little of their own), is worth as much as twice the passes.
Two idle cores with bfloat16 matrix units need two minutes a pass over all authors.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scripts.adapting import SHARPNESS, AdaptedEncoder, last_states, pooled
from scripts.artefact import write_beside
from tunewise.framework import load_framework
from tunewise.reading import ENCODER
from tunewise.reading.advice import NAME
from tunewise.reading.reader import FOLDER
from tunewise.settings import Settings
from tunewise.weights import locate_embedding

EXAMPLES = FOLDER.parent / "advice"
RANK, EPOCHS, BATCH, LONGEST = 16, 8, 32, 160
ADAPTER_RATE, HEAD_RATE = 6e-4, 3e-3
WARM_UP = 30  # steps
HELD_OUT_OF, FIRST_HELD_OUT = 3, 1  # one author in so many is held out where it is measured, beginning with the second
PRECISION = 0.9  # of the stances taken, on authors held out


@dataclass(frozen=True, slots=True)
class Text:
    """A text, the stances that it takes, and the strategies on which its two readers do not agree."""

    author: str
    text: str
    stances: dict[str, str]
    disputed: frozenset[str] = frozenset()


class Heads(nn.Module):
    """The weights of `advice.likelihoods`, as logits while they learn."""

    def __init__(self, width: int, strategies: int) -> None:
        super().__init__()
        self.scale = SHARPNESS / width**0.5
        self.query, self.direction_query, self.stance = (
            nn.Parameter(0.02 * torch.randn(strategies, width)) for _ in range(3)
        )
        self.stance_bias = nn.Parameter(torch.full((strategies,), -2.5))
        self.direction = nn.Parameter(0.02 * torch.randn(width))
        self.direction_of = nn.Parameter(torch.zeros(strategies, width))
        self.direction_bias = nn.Parameter(torch.zeros(1))
        self.dropout = nn.Dropout(0.1)

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Whether a stance is taken, and whether it is one for: batch × strategies each, of states (batch × tokens ×
        width) where `mask` says that there are tokens."""
        states = self.dropout(states)
        about, said = (pooled(query, states, mask, self.scale) for query in (self.query, self.direction_query))
        there = (about * self.stance).sum(-1) + self.stance_bias
        directions = ((about + said) * (self.direction + self.direction_of)).sum(-1)
        return there, directions + self.direction_bias


class Learner(AdaptedEncoder):
    """The encoder with its adapter and heads while they learn."""

    def __init__(self, folder: Path, strategies: Sequence[str], seed: int = 0) -> None:
        super().__init__(folder, RANK, RANK, seed)
        self.strategies = tuple(strategies)
        self.heads = Heads(self.model.config.hidden_size, len(self.strategies))

    def learn(self, texts: Sequence[Text]) -> None:
        """Learn from texts; prints one line an epoch."""
        adapters = self.adapters
        rates = (ADAPTER_RATE, HEAD_RATE)
        optimizer = torch.optim.AdamW(
            [{"params": adapters, "lr": rates[0]}, {"params": self.heads.parameters(), "lr": rates[1]}],
            weight_decay=0.01,
        )
        steps, step = EPOCHS * -(-len(texts) // BATCH), 0
        self.heads.train()
        for epoch in range(EPOCHS):
            started, losses = time.perf_counter(), []
            shuffled = self.random.sample(list(texts), len(texts))
            for start in range(0, len(shuffled), BATCH):
                pace = min(1.0, (step + 1) / WARM_UP) * (1 - step / steps)
                for group, rate in zip(optimizer.param_groups, rates, strict=True):
                    group["lr"] = pace * rate
                loss = self._loss(shuffled[start : start + BATCH])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_([*adapters, *self.heads.parameters()], 2.0)
                optimizer.step()
                step += 1
                losses.append(loss.item())
            print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.perf_counter() - started:.0f} s", flush=True)

    def predict(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How likely each text takes a stance on each strategy, and one for it; a row a text."""
        self.heads.eval()
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        there, positive = (np.zeros((len(texts), len(self.strategies)), np.float32) for _ in range(2))
        with torch.inference_mode():
            for start in range(0, len(order), 2 * BATCH):
                places = order[start : start + 2 * BATCH]
                logits = self._logits([texts[place] for place in places])
                there[places], positive[places] = (each.sigmoid().numpy() for each in logits)
        return there, positive

    def artefact(self) -> dict[str, NDArray[np.float16]]:
        """Adapter and heads as `AdviceReader` takes them."""
        return self.artefact_with(self.heads.named_parameters())

    def _logits(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        tokens = self.tokenizer(list(texts), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        states, mask = last_states(self.model, tokens), tokens["attention_mask"].bool()
        logits: tuple[Tensor, Tensor] = self.heads(states, mask)
        return logits

    def _loss(self, batch: Sequence[Text]) -> Tensor:
        there, directions = self._logits([each.text for each in batch])
        taken = torch.tensor([[float(one in each.stances) for one in self.strategies] for each in batch])
        positive = torch.tensor([[float(each.stances.get(one) == "for") for one in self.strategies] for each in batch])
        counted = torch.tensor([[float(one not in each.disputed) for one in self.strategies] for each in batch])
        loss = (_binary(there, taken) * counted + _binary(directions, positive) * taken).sum()
        return loss / len(batch)


def main() -> None:
    """Learn without a third of the authors, measure on them, learn from all, and write the artefact."""
    strategies = tuple(load_framework().strategies)
    folder = locate_embedding(ENCODER, Settings.from_environment())
    texts = list(load_texts())
    authors = sorted({each.author for each in texts})
    held = set(authors[FIRST_HELD_OUT::HELD_OUT_OF])
    learner = Learner(folder, strategies)
    learner.learn([each for each in texts if each.author not in held])
    unseen = [each for each in texts if each.author in held]
    least, figures = threshold(learner, unseen)
    print(f"held out {', '.join(sorted(held))}: from {least:.2f} on {figures}")
    learner = Learner(folder, strategies)
    learner.learn(texts)
    card = {
        "encoder": ENCODER,
        "strategies": strategies,
        "read_from": least,
        "longest": LONGEST,
        "sharpness": SHARPNESS,
        "texts": len(texts),
        "authors": authors,
        "held_out": {"authors": sorted(held), **figures},
    }
    write_beside(FOLDER, NAME, learner.artefact(), card)


def load_texts(folder: Path = EXAMPLES) -> Iterator[Text]:
    """The labelled texts of all authors."""
    for path in sorted(folder.glob("*.jsonl")):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            yield Text(path.stem, row["text"], row["stances"], frozenset(row.get("disputed", ())))


def threshold(learner: Learner, texts: Sequence[Text]) -> tuple[float, dict[str, float]]:
    """How likely a stance has to be for the wanted precision, and what is read from there on."""
    there, positive = learner.predict([each.text for each in texts])
    likely = there * np.maximum(positive, 1 - positive)
    stances = np.where(positive >= 0.5, "for", "against")
    truth = np.array([[each.stances.get(one, "") for one in learner.strategies] for each in texts])
    counted = np.array([[one not in each.disputed for one in learner.strategies] for each in texts])
    right, count = stances == truth, sum(len(each.stances) for each in texts)
    for least in np.arange(0.3, 0.96, 0.01):
        taken = counted & (likely >= least)
        precision = round(float(right[taken].mean()), 3) if taken.any() else 1.0
        if precision >= PRECISION:
            recall = round(int(right[taken].sum()) / count, 3)
            return float(round(least, 2)), {"precision": precision, "recall": recall, "stances": count}
    raise SystemExit(f"No threshold gives a precision of {PRECISION} on the authors held out.")


def _binary(logits: Tensor, truth: Tensor) -> Tensor:
    return nn.functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")


if __name__ == "__main__":
    main()
