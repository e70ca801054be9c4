"""Homes for tests: fetching weights and building an index take minutes, so those that are there are used."""

from __future__ import annotations

import shutil
from pathlib import Path

from tunewise.settings import default_home


def home_with_weights(folder: Path) -> Path:
    """A home of its own whose weights are the user's own, with a copy of their index."""
    weights, index = default_home() / "models", default_home() / "index"
    if weights.is_dir():
        (folder / "models").symlink_to(weights)
    if index.is_dir():
        shutil.copytree(index, folder / "index", ignore=shutil.ignore_patterns("run-*", "build-*"))
    return folder
