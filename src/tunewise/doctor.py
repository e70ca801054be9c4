"""Examines the installation, one line for each thing: what is there, and what to do about what is not.

Nothing is built, fetched or changed by looking.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tunewise.errors import TunewiseError
from tunewise.reading import ENCODER
from tunewise.settings import Settings

PACKAGES = ("llama-cpp-python", "chromadb", "gradio", "langchain", "langchain-core", "sentence-transformers", "torch")
NEEDED_WITHOUT_MODEL = frozenset(PACKAGES) - {"llama-cpp-python"}
MIN_FREE_MEMORY_GB = 2.5
MIN_FREE_DISK_GB = 0.5
SECRET_SETTINGS = frozenset({"remote_key"})


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `detail` says what to do if it is not `ok`."""

    name: str
    ok: bool
    detail: str


def examine(settings: Settings, *, deep: bool = False) -> list[Check]:
    """Look at versions, weights, index, corpus, framework, memory, disk and settings.

    Args:
        settings: The settings in force.
        deep: Hash the weights again; otherwise their stamp is trusted.
    """
    return [
        *_versions(),
        *_weights(settings, deep),
        _attempt("framework", lambda: _framework(settings)),
        _attempt("corpus", _corpus),
        _attempt("index", lambda: _index(settings)),
        _memory(),
        _disk(settings.home),
        _writable(settings.home),
        *_settings(settings),
    ]


def _versions() -> list[Check]:
    python = ".".join(map(str, sys.version_info[:3]))
    checks = [Check("python", (3, 11) <= sys.version_info[:2] <= (3, 13), f"{python} at {sys.executable}")]
    checks.append(Check("tunewise", True, version("tunewise")))
    for name in PACKAGES:
        try:
            checks.append(Check(name, True, version(name)))
        except PackageNotFoundError:
            hint = "not installed; " + ("run 'make setup'" if name in NEEDED_WITHOUT_MODEL else "only --no-model works")
            checks.append(Check(name, False, hint))
    return checks


def _weights(settings: Settings, deep: bool) -> list[Check]:
    from tunewise import weights

    def state(name: str, locate: Callable[[str, Settings], Path] = weights.locate) -> str:
        path = weights.verify(name, settings) if deep and name in weights.PINNED else locate(name, settings)
        pinned = weights.PINNED.get(name)
        if pinned is None:
            return f"{path} (your own choice; its content is not pinned)"
        largest = max(pinned.files, key=lambda file: file.size)
        how = "hashed now" if deep else "as last hashed"
        return f"{path}, {pinned.size / 1e6:,.0f} MB, SHA-256 {largest.sha256[:12]}… ({how})"

    if settings.remote_url:
        chat = Check("weights, chat", True, f"not needed: {settings.remote_model!r} at {settings.remote_url}")
    else:
        chat = _attempt(f"weights, chat ({settings.model})", lambda: state(settings.model))
    name = settings.embedding
    return [
        chat,
        _attempt(f"weights, search ({name})", lambda: state(name, weights.locate_embedding)),
        _attempt(f"weights, reading ({ENCODER})", lambda: state(ENCODER)),
    ]


def _attempt(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except (TunewiseError, ImportError, OSError) as problem:
        return Check(name, False, str(problem))


def _framework(settings: Settings) -> str:
    from tunewise.framework import load_framework

    framework = load_framework(settings.framework)
    return f"{framework.name}, {len(framework.rules)} rules, hash {framework.hash[:12]}"


def _corpus() -> str:
    from tunewise.retrieval import load_corpus

    corpus = load_corpus()
    return f"{len(corpus.documents)} documents, {len(corpus.passages)} passages, every hash as in the manifest"


def _index(settings: Settings) -> str:
    from tunewise.retrieval import index_state

    return index_state(settings)


def _memory() -> Check:
    import psutil

    memory = psutil.virtual_memory()  # type: ignore[no-untyped-call]
    free_gb, instead = memory.available / 1e9, "close programs or use --model smollm2-135m"
    return _room("memory", free_gb, MIN_FREE_MEMORY_GB, f"of {memory.total / 1e9:.1f} GB free", instead)


def _disk(home: Path) -> Check:
    free_gb, instead = shutil.disk_usage(_nearest(home)).free / 1e9, "make room or set TUNEWISE_HOME"
    return _room("disk", free_gb, MIN_FREE_DISK_GB, f"GB free at {home}", instead)


def _room(name: str, free_gb: float, needed_gb: float, free: str, instead: str) -> Check:
    enough = free_gb >= needed_gb
    return Check(
        name, enough, f"{free_gb:.1f} {free}" + ("" if enough else f"; {needed_gb:g} GB are needed: {instead}")
    )


def _writable(home: Path) -> Check:
    writable = os.access(_nearest(home), os.W_OK)
    return Check("home folder", writable, str(home) if writable else f"{home} cannot be written; set TUNEWISE_HOME")


def _nearest(path: Path) -> Path:
    """The path itself, or its nearest parent that exists."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())


def _settings(settings: Settings) -> list[Check]:
    """Every setting in force; those that differ from the default are marked."""
    default = Settings()
    checks = []
    for setting in fields(settings):
        value, usual = getattr(settings, setting.name), getattr(default, setting.name)
        shown = ("set" if value else "not set") if setting.name in SECRET_SETTINGS else repr(_plain(value))
        mark = "" if value == usual else f" (default {_plain(usual)!r})" if setting.name not in SECRET_SETTINGS else ""
        checks.append(Check(f"TUNEWISE_{setting.name.upper()}", True, shown + mark))
    return checks


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
