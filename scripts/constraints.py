"""Writes constraints.txt from the virtual environment: Tunewise's packages and all that they need, nothing else.

Run it with the environment's own Python after raising a version and a green `make test`:
`.venv/bin/python -m scripts.constraints`. PyTorch and torchvision stay ranges: their builds differ between machines.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "constraints.txt"
RANGES = {"torch": "torch>=2.10", "torchvision": "torchvision>=0.25"}
TITLE = "# Versions that were tested together. Written by scripts/constraints.py.\n"


def main() -> None:
    """Write the file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = sorted(set(_needed(wanted, "", set())))
    lines = [RANGES.get(name, f"{name}=={version(name).split('+')[0]}") for name in names]
    TARGET.write_text(TITLE + "\n".join(lines) + "\n", encoding="utf-8")


def _needed(texts: Iterable[str], extra: str, seen: set[tuple[str, str]]) -> Iterator[str]:
    """Names of the required packages that are installed here, and of everything that they need."""
    for requirement in map(Requirement, texts):
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        for wanted in {"", *requirement.extras} - {extra for known, extra in seen if known == name}:
            seen.add((name, wanted))
            try:
                needs = distribution(name).requires or ()
            except PackageNotFoundError:  # an extra that is not installed here
                continue
            yield name
            yield from _needed(needs, wanted, seen)


if __name__ == "__main__":
    main()
