"""The journal of a running evaluation: each finished case at once on disk, so that an interrupted run resumes.

A line is keyed by case, arm and version (hash of code, prompts, framework, corpus and settings), so replies of an
older version are never taken for new ones. A line cut off by a crash is ignored.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from tunewise.evaluation.cases import Case, Dialogue
from tunewise.settings import Settings

Json = dict[str, Any]

# Neither what shows replies nor what scores them changes a reply.
_NO_INPUT = ("ui", "cli", "desk", "evaluation", "benchmark", "__pycache__")
_KINDS_OF_FILE = (".py", ".txt", ".yaml", ".yml", ".md", ".json")


class Journal:
    """Lines already computed by one version; `record` appends one, `finish` removes the file at the end."""

    def __init__(self, path: Path, version: str) -> None:
        self.path = path
        self._version = version
        self._lines: dict[str, Json] = {}
        if path.exists():
            self._read()

    def get(self, case: Case | Dialogue, arm: str) -> Json | None:
        """The line of this case and arm, None if it has not been computed."""
        return self._lines.get(self._key(case, arm))

    def record(self, case: Case | Dialogue, arm: str, line: Json) -> None:
        """Append a line and sync it."""
        key = self._key(case, arm)
        self._lines[key] = line
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **line}, ensure_ascii=True) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> None:
        """Remove the journal."""
        self.path.unlink(missing_ok=True)

    def _key(self, case: Case | Dialogue, arm: str) -> str:
        return hashlib.sha256(f"{self._version}\0{arm}\0{case.model_dump_json()}".encode()).hexdigest()[:24]

    def _read(self) -> None:
        whole = self.path.read_text(encoding="utf-8", errors="replace")
        for text in whole.split("\n"):
            try:
                line = json.loads(text)
                self._lines[line.pop("key")] = line
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
        if whole and not whole.endswith("\n"):  # cut off: the next line must not be glued to it
            with self.path.open("a", encoding="utf-8") as file:
                file.write("\n")


def version_hash(settings: Settings) -> str:
    """Hash of what a reply depends on: the package's code, prompts and frameworks, the corpus, and the settings."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    parts = [package / "evaluation" / "arms.py", package / "evaluation" / "plain.py"]
    parts += [part for part in package.iterdir() if part.name not in _NO_INPUT]
    files = [path for part in parts for path in (part.rglob("*") if part.is_dir() else [part])]
    for path in sorted(path for path in files if path.suffix in _KINDS_OF_FILE):
        digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    kept = {key: str(value) for key, value in dataclasses.asdict(settings).items() if key not in ("home", "remote_key")}
    digest.update(json.dumps(kept, sort_keys=True).encode())
    return digest.hexdigest()[:16]
