"""The journal of a running evaluation: each finished reply at once on disk, so that an interrupted run resumes.

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

from tunewise.evaluation.cases import Case
from tunewise.settings import Settings

Json = dict[str, Any]


class Journal:
    """Replies already computed; `record` appends one, `finish` removes the file once the results are written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[str, Json] = {}
        if path.exists():
            self._read()

    def get(self, key: str) -> Json | None:
        """The line recorded under `key`."""
        return self._lines.get(key)

    def record(self, key: str, line: Json) -> None:
        """Append a line and sync it."""
        self._lines[key] = line
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **line}, ensure_ascii=True) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> None:
        """Remove the journal."""
        self.path.unlink(missing_ok=True)

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


def key_of(case: Case, arm: str, version: str) -> str:
    """The key of one reply."""
    return hashlib.sha256(f"{version}\0{arm}\0{case.model_dump_json()}".encode()).hexdigest()[:24]


def version_hash(settings: Settings) -> str:
    """Hash of what a reply depends on: the package's code, prompts and frameworks, the corpus, and the settings."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    for path in sorted(_inputs(package)):
        digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    kept = {key: str(value) for key, value in dataclasses.asdict(settings).items() if key not in ("home", "remote_key")}
    digest.update(json.dumps(kept, sort_keys=True).encode())
    return digest.hexdigest()[:16]


def _inputs(package: Path) -> list[Path]:
    wanted = (".py", ".txt", ".yaml", ".yml", ".md", ".json")
    skipped = ("ui", "cli", "conversation", "__pycache__")
    found: list[Path] = []
    for entry in package.iterdir():
        if entry.name in skipped:
            continue
        files = entry.rglob("*") if entry.is_dir() else [entry]
        found.extend(path for path in files if path.suffix in wanted and path.is_file())
    scorers = {package / "evaluation" / name for name in ("scoring.py", "report.py", "plots.py", "runner.py")}
    return [path for path in found if path not in scorers]
