"""The reader's own text encoder, MPNet, run with NumPy: it reads a message before PyTorch has been imported.

PyTorch takes five seconds to import; the same weights as plain matrices are there in half a second and give the same
hidden states (a test compares them). Which model search uses does not matter here. Adapters (LoRA) stay beside the
weights, so that encoders for different tasks share those.

Source of the architecture: Song et al., MPNet, 2020; of the adapter: Hu et al., LoRA, 2021 (in the corpus).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tunewise.errors import WeightsError
from tunewise.reading import ENCODER

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Matrix = NDArray[np.float32]
Offsets = list[tuple[int, int]]

FARTHEST = 128  # tokens: beyond that, distances share one bias
PADDING = 2  # of position ids: the first two are taken


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as the encoder sees it in its context.

    `states` has one row a token, as wide as the model. `offsets` are each token's characters in the text, None for
    tokens that are not of the text (context, separators).
    """

    states: Matrix
    offsets: list[tuple[int, int] | None]


class Encoder:
    """MPNet weights from a folder, with an adapter on top; safe to use from several threads."""

    def __init__(self, folder: Path, adapter: Mapping[str, NDArray[Any]] | None = None, longest: int = 256) -> None:
        """Read the weights; nothing else is loaded.

        Args:
            folder: Holds `config.json`, `tokenizer.json` and `model.safetensors` of an MPNet model.
            adapter: "<layer's name>.down" (r × in) and "<layer's name>.up" (out × r, already scaled) for each
                changed weight.
            longest: Tokens of context and text together; a longer text is cut.

        Raises:
            OSError, ValueError: If the folder holds no such model.
        """
        from safetensors.numpy import load_file

        config = json.loads((folder / "config.json").read_text("utf-8"))
        if config.get("model_type") != "mpnet":
            raise ValueError(f"{folder} holds no MPNet model; the reader needs all-mpnet-base-v2.")
        self._weights: dict[str, Matrix] = load_file(folder / "model.safetensors")
        self._adapter = _transposed(adapter or {})
        self.width: int = config["hidden_size"]
        self._layers: int = config["num_hidden_layers"]
        self._heads: int = config["num_attention_heads"]
        self._epsilon: float = config["layer_norm_eps"]
        self._middle = self._layers // 2
        self._halfway = self._remembering()
        self._folder = folder
        self._most: int = config["max_position_embeddings"] - PADDING
        self._longest = min(longest, self._most)

    def adapted(self, adapter: Mapping[str, NDArray[Any]], longest: int) -> Encoder:
        """The same weights with another adapter and another length; arguments as those of `Encoder`."""
        other = copy(self)
        other._adapter, other._longest = _transposed(adapter), min(longest, self._most)
        other._halfway = other._remembering()
        return other

    def adapted_above(self, adapter: Mapping[str, NDArray[Any]]) -> Encoder:
        """The same with another adapter from the middle layer on: what either of them has read last, the other one does
        not work out again up to there.

        Raises:
            KeyError: If the adapter is one of lower layers too.
        """
        other = copy(self)
        other._adapter = _transposed(adapter)
        if below := sorted(name for name in other._adapter if int(name.split(".")[2]) < self._middle):
            raise KeyError(below[0])
        return other

    def encode(self, text: str, context: str) -> Encoded:
        """Hidden states of a text behind its context.

        Args:
            text: What is read; cut where the model's reading ends.
            context: What came before; must be shorter than half of what the model reads.
        """
        encoding: Encoding = _tokenizer(self._folder, self._longest).encode(context[: 2 * self._longest], text)
        sequences = encoding.sequence_ids
        offsets = [span if sequence == 1 else None for span, sequence in zip(encoding.offsets, sequences, strict=True)]
        return Encoded(self.states(encoding.ids), offsets)

    def embed(self, text: str) -> Matrix:
        """The mean of a text's hidden states, of length 1; what sentence-transformers gives without an adapter."""
        vector = self.states_of_text(text).mean(axis=0)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)

    def states_of_text(self, text: str) -> Matrix:
        """Hidden states of a text without context, tokens × width; cut where the model's reading ends."""
        return self.states(_tokenizer(self._folder, None).encode(text).ids[: self._longest])

    def states(self, ids: list[int]) -> Matrix:
        """Last hidden states, len(ids) × width."""
        hidden, bias = self._halfway(tuple(ids))
        for layer in range(self._middle, self._layers):
            hidden = self._layer(hidden, bias, f"encoder.layer.{layer}")
        return hidden

    def _remembering(self) -> Callable[[tuple[int, ...]], tuple[Matrix, Matrix]]:
        return lru_cache(maxsize=1)(self._up_to_middle)

    def _up_to_middle(self, ids: tuple[int, ...]) -> tuple[Matrix, Matrix]:
        """Hidden states after half of the layers, len(ids) × width, and the bias of each head for each pair of
        tokens."""
        weights, count = self._weights, len(ids)
        hidden = weights["embeddings.word_embeddings.weight"][list(ids)]
        hidden = hidden + weights["embeddings.position_embeddings.weight"][PADDING : PADDING + count]
        hidden = self._norm(hidden, "embeddings.LayerNorm")
        bias = weights["encoder.relative_attention_bias.weight"][_buckets(count)].transpose(2, 0, 1)
        for layer in range(self._middle):
            hidden = self._layer(hidden, bias, f"encoder.layer.{layer}")
        return hidden, bias

    def _layer(self, hidden: Matrix, bias: Matrix, name: str) -> Matrix:
        count, width = hidden.shape
        query, key, value = (
            self._linear(hidden, f"{name}.attention.attn.{part}").reshape(count, self._heads, -1).transpose(1, 0, 2)
            for part in "qkv"
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(width // self._heads) + bias
        mixed = (softmax(scores) @ value).transpose(1, 0, 2).reshape(count, width)
        hidden = self._norm(self._linear(mixed, f"{name}.attention.attn.o") + hidden, f"{name}.attention.LayerNorm")
        inner = _gelu(self._linear(hidden, f"{name}.intermediate.dense"))
        return self._norm(self._linear(inner, f"{name}.output.dense") + hidden, f"{name}.output.LayerNorm")

    def _linear(self, hidden: Matrix, name: str) -> Matrix:
        mapped: Matrix = hidden @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        if changed := self._adapter.get(name):
            down, up = changed
            mapped += hidden @ down @ up
        return mapped

    def _norm(self, hidden: Matrix, name: str) -> Matrix:
        centred = hidden - hidden.mean(-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(-1, keepdims=True) + self._epsilon)
        normed: Matrix = centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return normed


@cache
def _tokenizer(folder: Path, longest: int | None) -> Tokenizer:
    """Of context and text, which cuts the text at so many tokens of both; None cuts nothing."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    if longest is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(longest, strategy="only_second")
    return tokenizer


def _transposed(adapter: Mapping[str, NDArray[Any]]) -> dict[str, tuple[Matrix, Matrix]]:
    """For each changed layer the two matrices that its input is multiplied by."""
    names = {key.rsplit(".", 1)[0] for key in adapter}
    return {
        name: (adapter[f"{name}.down"].T.astype(np.float32), adapter[f"{name}.up"].T.astype(np.float32))
        for name in names
    }


def softmax(scores: Matrix) -> Matrix:
    """Softmax over the last axis."""
    exponents = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(-1, keepdims=True), np.float32)


def attended(states: Matrix, queries: Matrix, scale: float) -> Matrix:
    """What each query attends to in all of a text, queries × width."""
    return softmax((states @ queries.T * scale).T) @ states


def beside(
    folder: Path,
    name: str,
    told: Sequence[str],
    heads: Sequence[str],
    join: Callable[[dict[str, NDArray[Any]], dict[str, Any]], Encoder],
) -> tuple[dict[str, Any], Encoder, dict[str, Matrix]]:
    """What was learned beside the reader (`<name>.json` and `<name>.safetensors`): what its card `told`, the encoder
    that its adapter makes, and its heads.

    Args:
        folder: Where it lies.
        name: Of its files.
        told: What the card has to tell.
        heads: The heads that it has to have.
        join: Joins the adapter to an encoder, by what the card told; its KeyError says that it does not fit.

    Raises:
        WeightsError: If there is none, or if it is of another form than this.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        card = card_of(folder, name)
        weights = load_file(folder / f"{name}.safetensors")
        stated = {key: card[key] for key in told}
        found = {head: np.asarray(weights[f"head.{head}"], np.float32) for head in heads}
        joined = join(part_of(weights, "adapter"), stated)
    except (OSError, KeyError, SafetensorError) as error:
        raise unusable(folder, name) from error
    return stated, joined, found


def card_of(folder: Path, name: str) -> dict[str, Any]:
    """The card of what was learned beside the reader.

    Raises:
        WeightsError: If there is none that can be read, or if it was learned on another encoder.
    """
    try:
        card: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
        if card["encoder"] == ENCODER:
            return card
    except (OSError, ValueError, KeyError) as error:
        raise unusable(folder, name) from error
    raise unusable(folder, name)


def unusable(folder: Path, name: str) -> WeightsError:
    """The error of what was learned beside the reader and cannot be used."""
    return WeightsError(
        f"What was learned of {name} is missing in {folder}, is damaged, or belongs to another encoder than {ENCODER}. "
        f"Install Tunewise again, or run: python -m scripts.train_{name}"
    )


def part_of(weights: Mapping[str, NDArray[Any]], part: str) -> dict[str, NDArray[Any]]:
    """The weights of one part of an artefact ("adapter", "head"), by their names in it."""
    return {name.removeprefix(f"{part}."): each for name, each in weights.items() if name.startswith(f"{part}.")}


def _gelu(values: Matrix) -> Matrix:
    from scipy.special import erf  # type: ignore[import-untyped]

    return np.asarray(values * 0.5 * (1.0 + erf(values * math.sqrt(0.5))), np.float32)


def _buckets(count: int, of: int = 32) -> NDArray[np.int64]:
    """Which relative attention bias each pair of tokens has: near distances have their own, far ones share."""
    places = np.arange(count)
    distance = places[:, None] - places[None, :]
    half, exact = of // 2, of // 4
    size = np.abs(distance)
    far = exact + (np.log(np.maximum(size, 1) / exact) / math.log(FARTHEST / exact) * (half - exact)).astype(np.int64)
    near = np.where(size < exact, size, np.minimum(far, half - 1))
    return np.asarray(near + np.where(distance < 0, half, 0), np.int64)
