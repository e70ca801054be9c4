"""How well stances are read from advice by authors whom nothing was written for: `python -m scripts.measure_stances`.

`tests/evidence/stances.jsonl` holds texts of one to three sentences by three authors who had seen neither the code nor
each other's texts, each with the strategies that it advises for or against; a quarter take no stance. In at least half
of the others a strategy is not called by its usual name.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tunewise.answer.elsewhere import read_advice
from tunewise.framework import Framework, load_framework
from tunewise.reading.reader import Reader, open_reader
from tunewise.settings import Settings

TEXTS = Path("tests/evidence/stances.jsonl")


@dataclass(slots=True)
class Counts:
    """Stances that were read rightly, that were read at all (`reversed` of them the wrong way round), that are there;
    and of the texts without any how many there are, and in how many one was read."""

    right: int = 0
    read: int = 0
    reversed: int = 0
    there: int = 0
    silent: int = 0
    claimed: int = 0


def main() -> None:
    """Print precision and recall by author, as the reader has learned it and by the words alone."""
    framework = load_framework()
    reader = open_reader(Settings.from_environment(), framework)
    if reader is None:
        raise SystemExit("The reader's encoder has not been fetched. Run: tunewise models pull all-mpnet-base-v2")
    for name, by in (("learned", reader), ("by words", None)):
        print(f"{name}:")
        report(framework, by)


def report(framework: Framework, reader: Reader | None) -> None:
    """Read all texts, and print what is found of their labels."""
    found = defaultdict[str, Counts](Counts)
    for line in TEXTS.read_text("utf-8").splitlines():
        row = json.loads(line)
        said = {taken.strategy: taken.stance for taken in read_advice(row["text"], framework, reader)}
        for counts in (found[row["author"]], found["all"]):
            add(counts, said, row["stances"])
    for author, each in sorted(found.items(), key=lambda one: len(one[0])):
        print(
            f"{author}: precision {each.right / max(each.read, 1):.2f}, recall {each.right / each.there:.2f} of "
            f"{each.there}; {each.reversed} the wrong way round; a stance in {each.claimed} of {each.silent} texts "
            "that take none"
        )


def add(counts: Counts, said: Mapping[str, str], labels: Mapping[str, str]) -> None:
    """Count one text."""
    counts.right += sum(labels.get(strategy) == stance for strategy, stance in said.items())
    counts.read += len(said)
    counts.reversed += sum(labels.get(strategy, stance) != stance for strategy, stance in said.items())
    counts.there += len(labels)
    counts.silent += not labels
    counts.claimed += not labels and bool(said)


if __name__ == "__main__":
    main()
