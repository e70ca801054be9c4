"""The shipped corpus without the practice notes: an index of it is built in seconds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tunewise.retrieval.corpus import corpus_root, read_manifest
from tunewise.types import PRACTICE


def without_notes(root: Path) -> Path:
    """The corpus in `root`, copied there first if it is not."""
    if not root.exists():
        manifest = read_manifest(corpus_root())
        kept = [entry for entry in manifest["documents"] if entry["collection"] != PRACTICE]
        for entry in kept:
            path = root / entry["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(corpus_root() / entry["path"], path)
        (root / "manifest.json").write_text(json.dumps({**manifest, "documents": kept}))
    return root
