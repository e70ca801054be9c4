"""Writes constraints.txt from the virtual environment: Tunewise's packages and all that they need, nothing else.

Run it with the environment's own Python after raising a version and a green `make test`:
`.venv/bin/python -m scripts.constraints`. PyTorch stays a range, because its builds differ between machines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from packaging.requirements import Requirement

TARGET = Path(__file__).resolve().parent.parent / "constraints.txt"
RANGES = {"torch": "torch>=2.10"}
TITLE = "# Versions that were tested together. Written by scripts/constraints.py.\n"


def main() -> None:
    """Write the file."""
    names = sorted(set(_needed("tunewise", "dev", set())))
    lines = [RANGES.get(name, f"{name}=={version(name).split('+')[0]}") for name in names]
    TARGET.write_text(TITLE + "\n".join(lines) + "\n", encoding="utf-8")


def _needed(name: str, extra: str, seen: set[tuple[str, str]]) -> Iterator[str]:
    """Names of everything that `name[extra]` needs here, without itself."""
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        needed = re.sub(r"[-_.]+", "-", requirement.name).lower()
        for wanted in ("", *requirement.extras):
            if (needed, wanted) in seen:
                continue
            seen.add((needed, wanted))
            try:
                distribution(needed)
            except PackageNotFoundError:  # an extra that is not installed here
                continue
            yield needed
            yield from _needed(needed, wanted, seen)


if __name__ == "__main__":
    main()
