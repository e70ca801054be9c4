"""Works out where the messages lie that belong to each practice note (`tunewise.reading.placing.Heard`).

To be run after notes were added or their messages were changed (a test says so); only those are placed, some 40
messages a second, since the others lie where they lay. After places were learned anew (`scripts.train_places`) all are;
then also with `--places`, where what was learned without some messages lies, which are left out there too.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from scripts.adapting import take_over
from scripts.train_places import Learner, words_of
from scripts.train_reader import Notes
from scripts.weigh_notes import HELD_OUT, graded_rows, held_out_of
from tunewise.errors import WeightsError
from tunewise.reading import ENCODER
from tunewise.reading.encoder import Matrix
from tunewise.reading.placing import HEARD_FILE, NAME, STEPS, Heard, digest_of, digest_of_places
from tunewise.reading.reader import FOLDER, Artefact
from tunewise.retrieval import load_corpus
from tunewise.settings import Settings
from tunewise.types import PRACTICE
from tunewise.weights import locate_embedding

BATCH = 48


def main() -> None:
    """Place the messages of the notes that are new, beside the places of the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=Path, default=FOLDER, help=f"what places them; {HELD_OUT}: without some")
    folder = parser.parse_args().places
    heard = messages_in(folder)
    learner = learned(locate_embedding(ENCODER, Settings.from_environment()), folder)
    place_notes(folder, learner, heard, known_in(folder, heard))


def messages_in(folder: Path) -> dict[str, tuple[str, ...]]:
    """The messages of each note that are placed in a folder: all where what ships lies, else without those held out."""
    held_out = [] if folder.resolve() == FOLDER.resolve() else held_out_of(graded_rows())
    return messages_of_notes([row["text"] for row in held_out])


def known_in(folder: Path, heard: Mapping[str, Sequence[str]]) -> dict[str, Matrix]:
    """The places in a folder that still hold: of the same messages, by the same weights."""
    try:
        placed = Heard(folder)
    except WeightsError:
        return {}
    if placed.made_by != digest_of_places(folder):
        return {}
    rows = zip(placed.ids, placed.places, placed.digests, strict=True)
    return {id_: place for id_, place, digest in rows if id_ in heard and digest_of(heard[id_]) == digest}


def messages_of_notes(without: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """The messages that belong to each note, by its id, without some that are held out."""
    corpus = load_corpus().only({PRACTICE})
    out = {words_of(text) for text in without}
    told = {passage.id: tuple(one for one in passage.heard if words_of(one) not in out) for passage in corpus.passages}
    return {id_: messages for id_, messages in told.items() if messages and not corpus.notes[id_].general}


def learned(encoder: Path, folder: Path) -> Learner:
    """The encoder as it learned the places in a folder."""
    reader, places = Artefact.load(FOLDER), load_file(folder / f"{NAME}.safetensors")
    learner = Learner(encoder, Notes(torch.empty(0), (), ()), reader)
    take_over(learner.model, {**reader.weights, **places})
    for head, name in ((learner.query, "query"), (learner.note, "note")):
        head.data = torch.from_numpy(places[f"head.{name}"].astype(np.float32))
    return learner


def place_notes(
    folder: Path, learner: Learner, heard: Mapping[str, Sequence[str]], known: Mapping[str, Matrix]
) -> None:
    """Write where the messages of each note lie, and take over what is known of some."""
    new = [(text, id_) for id_, messages in heard.items() if id_ not in known for text in messages]
    new.sort(key=lambda one: len(one[0]))
    sums: dict[str, NDArray[np.float32]] = {}
    with torch.inference_mode():
        for start in range(0, len(new), BATCH):
            some = new[start : start + BATCH]
            for (_, id_), place in zip(some, learner.place([text for text, _ in some]).numpy(), strict=True):
                sums[id_] = sums.get(id_, 0) + place
            if start // BATCH % 50 == 0:
                print(f"{start} of {len(new)} messages placed", flush=True)
    places = np.stack([known[id_] if id_ in known else sums[id_] / np.linalg.norm(sums[id_]) for id_ in heard])
    save_file(
        {
            "places": np.round(places * STEPS).astype(np.int8),
            "ids": np.frombuffer("\n".join(heard).encode(), np.uint8),
            "digests": np.array([digest_of(messages) for messages in heard.values()], np.int64),
            "made_by": np.array([digest_of_places(folder)], np.int64),
        },
        folder / HEARD_FILE,
    )
    print(f"{len(heard)} notes in {folder / HEARD_FILE}, {len(heard) - len(known)} of them placed now")


if __name__ == "__main__":
    main()
