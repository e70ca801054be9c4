"""Features of texts and images by a frozen encoder that lies on this machine; as many rows as the time allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunewise.measure.images import image_checkpoint, open_image_encoder
from tunewise.measure.records import Budget, Drawn, MeasureError
from tunewise.settings import Settings

if TYPE_CHECKING:
    from tunewise.measure.records import Vectors

AT_ONCE = 256  # rows between two looks at the clock
SIZES = (250, 500, 750, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 24_000, 32_000, 48_000, 64_000)
LEAST_ROWS = 250

Encode = Callable[[Sequence[Any]], "Vectors"]


@dataclass(frozen=True, slots=True)
class Encoder:
    """A frozen model: `encode` gives one row of numbers for each item; `words` the same for texts, None if it reads
    none. An item that cannot be read gets a row of NaN. `checkpoint` is what a training script loads it by: a name or a
    folder; None where no script can."""

    name: str
    encode: Encode
    words: Encode | None = None
    checkpoint: str | None = None


def open_encoder(drawn: Drawn, name: str | None, settings: Settings) -> Encoder:
    """The encoder for a kind of data; features need none.

    Raises:
        MeasureError: If there is none here, or it cannot be loaded.
        WeightsError: If the weights of a text encoder are missing or were changed.
    """
    if drawn.kind == "features":
        if name:
            raise MeasureError(f"{drawn.source!r} holds features already; leave --encoder out.")
        return Encoder("features as given", lambda items: items)  # type: ignore[arg-type,return-value]
    if drawn.kind == "image":
        label, encode = open_image_encoder(name)
        return Encoder(label, encode, checkpoint=image_checkpoint(name or ""))
    return _text_encoder(name, settings)


def _text_encoder(name: str | None, settings: Settings) -> Encoder:
    import numpy as np

    from tunewise.retrieval.embedding import open_embeddings

    model = open_embeddings(settings, name)
    named = name or settings.embedding
    shown = Path(named).name if name else named

    def encode(texts: Sequence[str]) -> Vectors:
        try:
            return np.array(model.embed_documents(list(texts)), dtype=np.float32)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise MeasureError(
                f"The text encoder {shown!r} cannot be used ({str(error).splitlines()[0][:140]}). Give the folder of a "
                "sentence-transformers or transformers model with safetensors weights."
            ) from None

    own = Path(named).expanduser()
    return Encoder(shown, encode, encode, str(own.resolve()) if own.is_dir() else named)


def encode(drawn: Drawn, encoder: Encoder, budget: Budget, share: float) -> tuple[Drawn, Vectors, tuple[str, ...]]:
    """Encode a beginning of the drawn rows: a round number of them, by how fast the first rows went.

    Args:
        drawn: Rows in random order.
        encoder: The model.
        budget: Tells the time that is left.
        share: Of the whole time, by which encoding is to be done.

    Returns:
        The rows that were encoded, their features, and what is to be said of it.

    Raises:
        MeasureError: If most of them cannot be read.
    """
    import numpy as np

    if drawn.kind == "features":
        return drawn, np.asarray(drawn.items, dtype=np.float32), ()
    if not drawn.items:
        raise MeasureError(f"{drawn.source!r} holds no rows that can be read.")
    wanted, parts, done = len(drawn.items), [], 0
    while done < wanted:
        before = budget.used
        # a small first block: it also loads the model, which takes seconds and says nothing of the speed
        upto = min(wanted, done + (AT_ONCE if done else 32))
        parts.append(encoder.encode(drawn.items[done:upto]))
        rate = (upto - done) / max(1e-6, budget.used - before)
        done = upto
        if done > 32:
            wanted = _wanted(wanted, done, done + rate * max(0.0, budget.left(share)), len(drawn.items))
        budget.at("encoding", done, wanted)
    vectors = np.concatenate(parts)
    whole = np.isfinite(vectors).all(axis=1)
    notes = _on_encoding(drawn, done, int((~whole).sum()))
    kept = np.flatnonzero(whole).tolist()
    rows = replace(drawn, items=[drawn.items[i] for i in kept], labels=tuple(drawn.labels[i] for i in kept))
    return rows, vectors[whole], notes


def _wanted(wanted: int, done: int, possible: float, most: int) -> int:
    """More rows where more are possible, fewer only where clearly fewer are: the speed of a block says little."""
    if possible < 0.9 * wanted or _round_size(possible, most) > wanted:
        return max(done, _round_size(possible, most))
    return wanted


def _round_size(rows: float, most: int) -> int:
    """The largest round number of rows that fits, so that a repeated run mostly uses the same."""
    return most if rows >= most else max((size for size in SIZES if size <= rows), default=LEAST_ROWS)


def _on_encoding(drawn: Drawn, done: int, unreadable: int) -> tuple[str, ...]:
    if unreadable > done / 2:
        raise MeasureError(f"{unreadable:,} of {done:,} files of {drawn.source!r} cannot be read as images.")
    notes = []
    if done < len(drawn.items):
        notes.append(f"The time allowed encoding {done:,} rows; --max-rows {done} draws the same ones on any machine.")
    if unreadable:
        notes.append(f"{unreadable:,} files cannot be read as images and were left out.")
    return tuple(notes)


def names_read(labels: Sequence[str]) -> tuple[str, ...] | None:
    """Names of classes as words, None if they are numbers or codes."""
    words = [" ".join("".join(c if c.isalnum() else " " for c in label).split()) for label in labels]
    return tuple(words) if all(any(c.isalpha() for c in word) and len(word) > 1 for word in words) else None
