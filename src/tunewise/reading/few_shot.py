"""A framework's own reading: facts read by heads that are trained on the examples beside them.

For each fact one head tells sentences that speak of it from all others (examples of the other facts, unrelated
sentences), and one a value tells it from the other values. Facts with the same values ("yes", "no") share
what they say about them: a fact's sentences are taken relative to their middle, where "not" points the same way. The
heads are trained at first use, in seconds, and kept by the hash of what they were trained on.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tunewise.facts.claims import Claim
from tunewise.reading import ENCODER
from tunewise.reading.heads import Floats, fit, sigmoid, with_bias
from tunewise.reading.signals import FactSignal, Signals
from tunewise.reading.thresholds import Thresholds, least_certain
from tunewise.tables import load_table
from tunewise.types import ProposedFact

if TYPE_CHECKING:
    from tunewise.facts.text import Message
    from tunewise.framework.model import Framework
    from tunewise.settings import Settings

EDITION = "1"  # of what is kept; another one is trained anew
FREEDOM = 100.0
NEAR = 0.3  # how much the examples of other facts count
FOLDS = 5
MOST_PROPOSALS = 2
PRECISIONS = 0.9, 0.6  # of what is stated, of what is proposed

Embed = Callable[[str], NDArray[np.float32]]
Labels = list[dict[str, str]]  # of each sentence: fact → value or "unknown"
Facts = Mapping[str, tuple[str, ...]]  # fact → its values


@dataclass(frozen=True, slots=True)
class Examples:
    """Sentences with what they state; of some it is only known that they are examples of something else."""

    facts: Facts
    sentences: tuple[str, ...]
    labels: tuple[Mapping[str, str], ...]

    @classmethod
    def of(cls, framework: Framework) -> Examples:
        """The examples of a framework's facts, and beside them sentences that state nothing."""
        labels: dict[str, dict[str, str]] = {}
        for name, fact in framework.facts.items():
            for value, sentences in fact.examples.items():
                for sentence in sentences:
                    labels.setdefault(sentence, {})[name] = value
        facts = {name: fact.values for name, fact in framework.facts.items() if fact.examples}
        for sentence in load_table("reading/unrelated.yaml"):
            labels.setdefault(sentence, {})
        # In an order that mixes all values, so that each fold has some of each.
        ordered = sorted(labels, key=lambda sentence: hashlib.sha256(sentence.encode()).digest())
        return cls(facts, tuple(ordered), tuple(labels[sentence] for sentence in ordered))

    @property
    def key(self) -> str:
        """Hash of everything that the heads depend on."""
        content = [EDITION, ENCODER, dict(self.facts), self.sentences, list(map(dict, self.labels))]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Heads:
    """`speaks` has a row for each fact, `states` one for each value of each, bias last; `middles` one for each fact."""

    facts: Facts
    speaks: Floats
    states: Floats
    middles: Floats

    @classmethod
    def train(cls, facts: Facts, rows: Floats, labels: Labels) -> Heads:
        """Heads for examples with these embeddings (one row each)."""
        stating = {fact: [i for i, label in enumerate(labels) if label.get(fact) in facts[fact]] for fact in facts}
        middles = {fact: rows[stating[fact]].mean(axis=0) for fact in facts}
        states = []
        for fact, values in facts.items():
            alike = [other for other in facts if facts[other] == values]
            centred = np.vstack([rows[stating[other]] - middles[other] for other in alike])
            said = np.array([labels[i][other] for other in alike for i in stating[other]])
            weights = np.concatenate([np.full(len(stating[other]), 1.0 if other == fact else NEAR) for other in alike])
            states += [fit(centred, said == value, weights, FREEDOM) for value in values]
        speaks = [_speaks(fact, stating[fact], rows, labels) for fact in facts]
        return cls(facts, np.stack(speaks), np.stack(states), np.stack(list(middles.values())))

    def read(self, row: Floats) -> dict[tuple[str, str], float]:
        """How likely a sentence with this embedding states each value of each fact."""
        speaks = sigmoid(with_bias(row[None]) @ self.speaks.T)[0]
        said: dict[tuple[str, str], float] = {}
        place = 0
        for chance, middle, (fact, values) in zip(speaks, self.middles, self.facts.items(), strict=True):
            each = sigmoid(with_bias((row - middle)[None]) @ self.states[place : place + len(values)].T)[0]
            place += len(values)
            said |= {
                (fact, value): float(chance * share) for value, share in zip(values, each / each.sum(), strict=True)
            }
        return said


def _speaks(fact: str, stating: list[int], rows: Floats, labels: Labels) -> Floats:
    targets = np.zeros(len(rows), bool)
    targets[stating] = True
    weights = np.array([1.0 if fact in label else NEAR for label in labels])
    return fit(rows, targets, weights, FREEDOM)


def held_out(facts: Facts, rows: Floats, labels: Labels) -> list[tuple[str, float, bool]]:
    """For every fact that an example was written for: the fact, the probability of its likeliest value, is it right?

    Each example is read by heads that were trained without it and the others of its fold.
    """
    folds = np.arange(len(rows)) % FOLDS
    scored: list[tuple[str, float, bool]] = []
    for fold in range(FOLDS):
        kept = [label for i, label in zip(folds, labels, strict=True) if i != fold]
        heads = Heads.train(facts, rows[folds != fold], kept)
        for i in np.flatnonzero(folds == fold):
            said = heads.read(rows[i])
            for fact in labels[i] or facts:
                best = max(facts[fact], key=lambda value: said[fact, value])
                scored.append((fact, said[fact, best], labels[i].get(fact) == best))
    return scored


def thresholds_of(facts: Facts, scored: list[tuple[str, float, bool]]) -> dict[str, Thresholds]:
    """The thresholds of each fact; those with the same values share theirs, as one fact has few examples."""
    found: dict[tuple[str, ...], Thresholds] = {}
    for values in set(facts.values()):
        alike = [(probability, right) for fact, probability, right in scored if facts[fact] == values]
        probabilities, right = np.array([each[0] for each in alike]), np.array([each[1] for each in alike], bool)
        stated, proposed = (least_certain(probabilities, right, share) for share in PRECISIONS)
        found[values] = Thresholds(stated, min(stated, proposed))
    return {fact: found[values] for fact, values in facts.items()}


def train(examples: Examples, embed: Embed) -> tuple[Heads, dict[str, Thresholds]]:
    """Heads from all examples, and the thresholds that held-out ones give."""
    rows = np.stack([embed(sentence) for sentence in examples.sentences]).astype(np.float64)
    labels = list(map(dict, examples.labels))
    thresholds = thresholds_of(examples.facts, held_out(examples.facts, rows, labels))
    return Heads.train(examples.facts, rows, labels), thresholds


class FewShotReader:
    """Reads the facts of a framework that have examples; loads, or trains, at first use. Safe in several threads."""

    def __init__(self, framework: Framework, open_encoder: Callable[[], Embed], folder: Path) -> None:
        """Nothing is loaded yet.

        Args:
            framework: Whose facts are read.
            open_encoder: Gives what embeds a sentence as a vector of length 1.
            folder: Keeps what was trained, one file for each set of examples.
        """
        self._examples = Examples.of(framework)
        self._open_encoder, self._folder = open_encoder, folder
        self._guard = threading.Lock()
        self._loaded: tuple[Embed, Heads, dict[str, Thresholds]] | None = None

    @property
    def thresholds(self) -> Mapping[str, Thresholds]:
        """The thresholds of each fact that it reads."""
        return self._load()[2]

    def read(self, message: Message, asked: str | None = None) -> Signals:
        """For every value of every fact with examples the sentence that states it most clearly.

        Args:
            message: What is read.
            asked: The fact that was asked for last; a bare yes or no states it.

        Raises:
            OSError, ValueError: If the encoder's weights cannot be read.
        """
        answer = bare_answer(message)
        if asked is not None and answer in self._examples.facts.get(asked, ()):
            return Signals((FactSignal(asked, str(answer), 1.0, 0, len(message.raw)),))
        embed, heads, _ = self._load()
        best: dict[tuple[str, str], FactSignal] = {}
        for sentence in message.sentences:
            row = embed(message.raw[sentence.start : sentence.end]).astype(np.float64)
            for (fact, value), probability in heads.read(row).items():
                if (fact, value) not in best or probability > best[fact, value].probability:
                    best[fact, value] = FactSignal(fact, value, probability, sentence.start, sentence.end)
        return Signals(tuple(best.values()))

    def claims(self, message: Message, asked: str | None = None) -> tuple[list[Claim], tuple[ProposedFact, ...]]:
        """What a message states, and what it only seems to state, most likely first; see `read`."""
        best: dict[str, FactSignal] = {}
        for signal in sorted(self.read(message, asked).facts, key=lambda signal: -signal.probability):
            best.setdefault(signal.fact, signal)
        stated = [one for one in best.values() if one.probability >= self.thresholds[one.fact].stated]
        likely = [one for one in best.values() if one not in stated]
        likely = [one for one in likely if one.probability >= self.thresholds[one.fact].proposed][:MOST_PROPOSALS]
        return (
            [Claim(one.fact, one.value, one.start, one.end) for one in stated],
            tuple(ProposedFact(one.fact, one.value, message.quote(one.start, one.end)) for one in likely),
        )

    def _load(self) -> tuple[Embed, Heads, dict[str, Thresholds]]:
        with self._guard:
            if self._loaded is None:
                embed = self._open_encoder()
                path = self._folder / f"{self._examples.key}.npz"
                kept = _kept(path, self._examples.facts)
                if kept is None:
                    kept = train(self._examples, embed)
                    _keep(path, *kept)
                self._loaded = embed, *kept
            return self._loaded


def bare_answer(message: Message) -> str | None:
    """ "yes" or "no" where the message is nothing but that."""
    said = " ".join(message.folded.strip(" .,!?;:-").replace(",", " ").split())
    return next((value for value, words in load_table("reading/answers.yaml").items() if said in words), None)


def _kept(path: Path, facts: Facts) -> tuple[Heads, dict[str, Thresholds]] | None:
    """What was trained before; None where there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            heads = Heads(facts, file["speaks"], file["states"], file["middles"])
            rows = file["thresholds"].tolist()
            return heads, {fact: Thresholds(*row) for fact, row in zip(facts, rows, strict=True)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(path: Path, heads: Heads, thresholds: Mapping[str, Thresholds]) -> None:
    """Write beside and rename; where nothing can be written it is trained again at the next start."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            limits = [[thresholds[fact].stated, thresholds[fact].proposed] for fact in heads.facts]
            np.savez(file, speaks=heads.speaks, states=heads.states, middles=heads.middles, thresholds=limits)
        Path(file.name).replace(path)


@cache
def open_few_shot(settings: Settings, framework: Framework) -> FewShotReader | None:
    """The reader of a framework's examples; None where it has none, or the encoder has not been fetched."""
    from tunewise.errors import WeightsError
    from tunewise.reading.encoder import Encoder
    from tunewise.weights import locate_embedding

    if not any(fact.examples for fact in framework.facts.values()):
        return None
    try:
        folder = locate_embedding(ENCODER, settings)
    except WeightsError:
        return None
    return FewShotReader(framework, lambda: Encoder(folder).embed, settings.home / "reading")
