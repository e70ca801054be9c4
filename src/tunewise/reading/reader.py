"""Reads a message with what was learned from examples: a shared encoder, and one small head for each label.

The artefact (`corpus/reading/reader`) is made by `make reader`; its card says from what and how well it reads.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tunewise.facts.text import read as in_sentences
from tunewise.reading import ENCODER
from tunewise.reading.advice import AdviceReader, AdviceSignal
from tunewise.reading.calibration import Trust, logit
from tunewise.reading.encoder import Encoded, Encoder, Matrix, attended, card_of, part_of, softmax
from tunewise.reading.heads import sigmoid
from tunewise.reading.marking import MARK_KINDS, Mark, MarkedText, mark, own_by_label
from tunewise.reading.placing import NAME as PLACES
from tunewise.reading.placing import Heard, Place, Placer, place_of
from tunewise.reading.signals import (
    ASKS,
    MODEL_TYPE,
    MODEL_TYPES,
    MOVES,
    PROJECTS,
    REALITIES,
    FactSignal,
    Signals,
)

if TYPE_CHECKING:
    from tunewise.facts.text import Message
    from tunewise.framework.model import Framework
    from tunewise.settings import Settings

FOLDER = Path(str(files("tunewise").joinpath("corpus/reading/reader")))
WEIGHTS_FILE, CARD_FILE = "reader.safetensors", "reader.json"
STATED_SCALE = 0.25  # of the logits beside a place, which is of length 1


@dataclass(frozen=True, slots=True)
class Artefact:
    """What training leaves: adapters and heads, the labels of the heads, and how far each fact is to be trusted."""

    weights: Mapping[str, NDArray[Any]]
    labels: tuple[tuple[str, str], ...]
    trust: Trust
    longest: int
    sharpness: float

    @classmethod
    def load(cls, folder: Path) -> Artefact:
        """Read an artefact.

        Raises:
            OSError, ValueError: If there is none, or if it belongs to another edition of the code.
        """
        from safetensors.numpy import load_file

        card = json.loads((folder / CARD_FILE).read_text("utf-8"))
        if (tuple(card["asks"]), tuple(card["moves"])) != (ASKS, MOVES):
            raise ValueError(f"The reader in {folder} was trained for other questions or moves. Run: make reader")
        return cls(
            load_file(folder / WEIGHTS_FILE),
            tuple((fact, value) for fact, value in card["labels"]),
            Trust(
                {fact: tuple(weights) for fact, weights in card["trust"].items()},
                card["stated"],
                card["answered"],
                card["proposed"],
            ),
            card["longest"],
            card["sharpness"],
        )


class Reader:
    """Reads messages in English; its weights load at first use, and it is safe to use from several threads."""

    def __init__(
        self, encoder_folder: Path, artefact_folder: Path, framework: Framework, places_folder: Path | None = None
    ) -> None:
        self.framework = framework
        self._folders = encoder_folder, artefact_folder
        self._places = places_folder or artefact_folder
        self._guard = threading.Lock()
        self._marked = lru_cache(maxsize=1)(partial(mark, framework=framework))  # a message is read, then placed
        self._loaded: tuple[Encoder, Artefact, dict[str, Matrix]] | None = None
        self._advice: AdviceReader | None = None
        self._placer: tuple[Placer, Heard] | None = None

    def warm_up(self) -> None:
        """Load the weights in the background."""
        threading.Thread(target=self._load_placer, name="reader", daemon=True).start()

    @property
    def trust(self) -> Trust:
        """How far its readings are to be trusted."""
        return self._load()[1].trust

    @property
    def embedding(self) -> str:
        """The embedding model among whose vectors it places messages (`Settings.embedding`)."""
        return str(card_of(self._places, PLACES)["embedding"])

    @property
    def sharpness(self) -> float:
        """Of its attention: how much its scores are scaled up."""
        return self._load()[1].sharpness

    def encode(self, message: Message, context: str = "new") -> Encoded:
        """The hidden states of a message with its marks, behind what came before it."""
        return self._load()[0].encode(self._marked(message).text, context)

    def read(self, message: Message, context: str = "new") -> Signals:
        """What a message says, behind what came before it (`signals.context_text`).

        Raises:
            OSError, ValueError, WeightsError: If the weights or the artefact cannot be read.
        """
        encoder, artefact, heads = self._load()
        marked = self._marked(message)
        if not marked.sentences:
            return Signals()
        encoded = encoder.encode(marked.text, context)
        scale = artefact.sharpness / np.sqrt(np.float32(encoder.width))
        facts = _facts(encoded, marked, artefact, heads, scale)
        place = place_of(encoded.states, heads["note_query.weight"], heads["note.weight"], scale)
        return Signals(
            facts,
            *_message_level(encoded.states, heads, scale),
            place,
            _model_types(type_evidence(place, facts), heads),
            *_of_turn(encoded.states, heads, scale),
        )

    def place(self, text: str) -> Place:
        """Where among the practice notes, and among the messages that belong to them, a message lies.

        Raises:
            OSError, ValueError, WeightsError: If the weights or the artefact cannot be read.
        """
        placer, heard = self._load_placer()
        vector = placer.place(self._marked(in_sentences(text)).text)
        return Place(vector, heard.cosines(vector))

    def advice(self, text: str) -> tuple[AdviceSignal, ...]:
        """The stances on strategies that a text of a few sentences may take, the likeliest first.

        Raises:
            OSError, ValueError, WeightsError: If the weights or the artefact cannot be read.
        """
        return self._load_advice().read(text)

    @property
    def advice_strategies(self) -> tuple[str, ...]:
        """The strategies on which stances are read."""
        return self._load_advice().strategies

    def _load_placer(self) -> tuple[Placer, Heard]:
        encoder = self._load()[0]
        with self._guard:
            if self._placer is None:
                placer = Placer(encoder, self._places)
                self._placer = placer, Heard(self._places, placer.width)
            return self._placer

    def _load_advice(self) -> AdviceReader:
        encoder = self._load()[0]
        with self._guard:
            if self._advice is None:
                self._advice = AdviceReader(encoder, self._folders[1])
            return self._advice

    def _load(self) -> tuple[Encoder, Artefact, dict[str, Matrix]]:
        with self._guard:
            if self._loaded is None:
                encoder_folder, artefact_folder = self._folders
                artefact = Artefact.load(artefact_folder)
                encoder = Encoder(encoder_folder, part_of(artefact.weights, "adapter"), artefact.longest)
                weights = part_of(artefact.weights, "head")
                heads = {name: np.asarray(weight, np.float32) for name, weight in weights.items()}
                self._loaded = encoder, artefact, heads
            return self._loaded


@cache
def open_reader(settings: Settings, framework: Framework) -> Reader | None:
    """The shipped reader; None where its encoder has not been fetched, or the framework has none of its facts."""
    from tunewise.errors import WeightsError
    from tunewise.weights import locate_embedding

    try:
        folder = locate_embedding(ENCODER, settings)
    except WeightsError:
        return None
    return Reader(folder, FOLDER, framework)


def _facts(
    encoded: Encoded, marked: MarkedText, artefact: Artefact, heads: Mapping[str, Matrix], scale: float
) -> tuple[FactSignal, ...]:
    """For every label the sentence that states it most clearly."""
    scores = encoded.states @ heads["fact_query.weight"].T * scale
    values = encoded.states @ heads["fact.weight"].T
    logits, places = [], []
    for sentence in marked.sentences:
        if tokens := _tokens(encoded, sentence.start, sentence.end):
            attention = softmax(scores[tokens].T)
            logits.append((attention * values[tokens].T).sum(-1) + heads["fact.bias"])
            places.append(sentence)
    if not logits:
        return ()
    own = own_by_label(_own(encoded, marked, heads))
    table = np.stack(logits)
    best = table.argmax(axis=0)
    probabilities = sigmoid(table.max(axis=0))
    return tuple(
        FactSignal(
            fact,
            value,
            float(probability),
            places[row].message_start,
            places[row].message_end,
            own.get((fact, value), 0.5),
        )
        for (fact, value), probability, row in zip(artefact.labels, probabilities, best, strict=True)
    )


def _own(encoded: Encoded, marked: MarkedText, heads: Mapping[str, Matrix]) -> Iterator[tuple[Mark, float]]:
    """Every mark that was read, with how likely it is the asker's own."""
    for each in marked.marks:
        kind = MARK_KINDS.index(each.mark.kind)
        if tokens := _tokens(encoded, each.start, each.end):
            mean = encoded.states[tokens].mean(axis=0)
            yield each.mark, float(sigmoid(mean @ heads["own.weight"][kind] + heads["own.bias"][kind]))


def _tokens(encoded: Encoded, start: int, end: int) -> list[int]:
    """Places of the tokens between two characters of the marked text."""
    return [
        place
        for place, span in enumerate(encoded.offsets)
        if span and span[1] > span[0] and span[0] >= start and span[1] <= end
    ]


def _message_level(
    states: Matrix, heads: Mapping[str, Matrix], scale: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Probabilities of what is asked, and of each move."""
    pooled = attended(states, heads["ask_query.weight"], scale)
    asks = sigmoid((pooled[:-1] * heads["ask.weight"]).sum(-1) + heads["ask.bias"])
    moves = softmax(pooled[-1] @ heads["move.weight"].T + heads["move.bias"])
    return dict(zip(ASKS, map(float, asks), strict=True)), dict(zip(MOVES, map(float, moves), strict=True))


def _of_turn(states: Matrix, heads: Mapping[str, Matrix], scale: float) -> tuple[dict[str, float], dict[str, float]]:
    """Probabilities of the case and of the reality that a turn is about."""
    of_project, of_reality = attended(states, heads["turn_query.weight"], scale)
    projects = softmax(of_project @ heads["project.weight"].T + heads["project.bias"])
    realities = softmax(of_reality @ heads["reality.weight"].T + heads["reality.bias"])
    return dict(zip(PROJECTS, map(float, projects), strict=True)), dict(
        zip(REALITIES, map(float, realities), strict=True)
    )


def type_evidence(place: Sequence[float], facts: Sequence[FactSignal]) -> Matrix:
    """What tells the type of model: where the message lies, and how surely a sentence states each type."""
    stated = {each.value: each.probability for each in facts if each.fact == MODEL_TYPE}
    logits = [STATED_SCALE * logit(stated.get(name, 0.0)) for name in MODEL_TYPES[:-1]]
    return np.asarray([*place, *logits], np.float32)


def _model_types(evidence: Matrix, heads: Mapping[str, Matrix]) -> dict[str, float]:
    """Probabilities of the types of model; none where that head was not learned."""
    if "model_type.weight" not in heads:
        return {}
    likely = softmax(heads["model_type.weight"] @ evidence + heads["model_type.bias"])
    return dict(zip(MODEL_TYPES, map(float, likely), strict=True))
