"""Builds a generation of the index in a child process, whose exit closes every handle of the Chroma store.

`build_generation` is the parent's side; `python -m tunewise.retrieval.building` is the child. The child reads one JSON
line (`_Order`), writes progress lines, and goes away when its parent does.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tunewise.errors import IndexUnavailableError, TunewiseError
from tunewise.retrieval.corpus import load_corpus
from tunewise.retrieval.embedding import Embedder
from tunewise.retrieval.index import Index, Progress, build_index, index_key
from tunewise.retrieval.store import Generation, GenerationStore
from tunewise.settings import Settings

EMBEDDER = "tunewise.retrieval.embedding:open_embedder"
CHROMA = "chroma"
_ROOM_BYTES = 64 << 20  # a small store, its copy and its probe
_ROOM_PER_UNIT = 16 << 10  # vectors, HNSW graph, text, and their copies


@dataclass(frozen=True, slots=True)
class _Order:
    """What the child is to do: `task` "build", or "probe" what was built."""

    task: str
    folder: str
    home: str
    threads: int
    corpus: str | None
    embedder: str | None
    known: str | None


def build_generation(
    store: GenerationStore,
    settings: Settings,
    *,
    corpus_root: Path | None = None,
    embedder: str | None = EMBEDDER,
    progress: Progress | None = None,
) -> Generation:
    """Build, probe and publish a generation; CURRENT changes only when everything is in place.

    Args:
        store: Where it goes.
        settings: Home folder and threads.
        corpus_root: Another corpus than the shipped one.
        embedder: "module:function" that makes the embedder from settings; None for a search by words alone.
        progress: Called as (what, done, in all).

    Raises:
        BusyError: If another process is building.
        IndexUnavailableError: If there is too little room or the build failed.
    """
    root = None if corpus_root is None else str(corpus_root)
    with store.writing():
        known = store.newest()
        corpus = load_corpus(corpus_root)
        _require_room(store.folder, len(corpus.passages))
        folder = store.new_folder("build")
        try:
            order = _Order("build", str(folder), str(settings.home), settings.threads, root, embedder, None)
            facts = _in_child(_with_known(order, known), progress)
            if embedder is not None:
                _probe(store, folder, order)
            return store.publish(folder, facts.pop("key"), facts)
        except OSError as error:
            raise IndexUnavailableError(
                f"The index could not be written to {str(store.folder)!r} ({error.strerror or error}). "
                "Make room or set TUNEWISE_HOME; the index that was there is still in use."
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def make_embedder(spec: str | None, settings: Settings) -> Embedder | None:
    """The embedder that "module:function" makes; None for None."""
    if spec is None:
        return None
    module, _, function = spec.partition(":")
    embedder: Embedder = getattr(importlib.import_module(module), function)(settings)
    return embedder


def _with_known(order: _Order, known: Generation | None) -> _Order:
    values = asdict(order)
    values["known"] = str(known.folder) if known and known.manifest.get("embedder") else None
    return _Order(**values)


def _probe(store: GenerationStore, folder: Path, order: _Order) -> None:
    """Open a copy of the new store in another child and ask it for what it must know."""
    copy = store.new_folder("build")
    try:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        fault = _in_child(_Order(**{**asdict(order), "task": "probe", "folder": str(copy)}), None)["fault"]
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    if fault:
        raise IndexUnavailableError(f"The new index was not taken into use: {fault}. Run 'tunewise index' again.")


def _require_room(folder: Path, passages: int) -> None:
    needed, free = _ROOM_BYTES + _ROOM_PER_UNIT * passages, shutil.disk_usage(folder).free
    if free < needed:
        raise IndexUnavailableError(
            f"The index needs {needed / 1e6:.0f} MB below {str(folder)!r}, and {free / 1e6:.0f} MB are free. "
            "Make room or set TUNEWISE_HOME; the index that was there is still in use."
        )


def _in_child(order: _Order, progress: Progress | None) -> dict[str, Any]:
    """Run one order and return its last line."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    # -P: a module in the working directory never shadows one of ours or of the standard library.
    command = [sys.executable, "-P", "-W", "ignore", "-m", "tunewise.retrieval.building"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        complaints: list[str] = []
        listener = threading.Thread(target=lambda: complaints.extend(child.stderr or ()), daemon=True)
        listener.start()
        result: dict[str, Any] = {}
        try:
            child.stdin.write(json.dumps(asdict(order)) + "\n")
            child.stdin.flush()
            for line in child.stdout:
                result = json.loads(line)
                if progress and "progress" in result:
                    progress(*result["progress"])
        except (OSError, ValueError):
            result = {}  # the child died; its complaint is reported below
        with _ignoring_broken_pipe():
            child.stdin.close()
        child.wait()
        listener.join(timeout=5)
    if child.returncode != 0 or "progress" in result or not result:
        last = next((line.strip() for line in reversed(complaints) if line.strip()), f"exit {child.returncode}")
        raise IndexUnavailableError(f"The index could not be built ({last}). Run 'tunewise index' again.")
    return result


class _ignoring_broken_pipe:
    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, BrokenPipeError)


def _obey(order: _Order, report: Callable[[dict[str, object]], None]) -> None:
    """The child's side."""
    from tunewise import offline

    offline.seal()
    settings, folder = Settings(home=Path(order.home), threads=order.threads), Path(order.folder)
    if order.task == "probe":
        report({"fault": _fault(folder)})
        return
    embedder = make_embedder(order.embedder, settings)
    corpus = load_corpus(Path(order.corpus) if order.corpus else None)
    known = _load_known(order, embedder)
    index = build_index(
        corpus, embedder, known=known, progress=lambda *step: report({"progress": ["index: " + step[0], *step[1:]]})
    )
    for name, content in index.to_files().items():
        (folder / name).write_bytes(content)
    if index.vectors is not None:
        from tunewise.retrieval.chroma import build_store

        build_store(folder / CHROMA, index)
    fingerprint = embedder.fingerprint if embedder else None
    report({"key": index_key(corpus, embedder), "embedder": fingerprint, "passages": len(index.passages),
            "units": len(index.units), "corpus": corpus.hash})  # fmt: skip


def _fault(folder: Path) -> str | None:
    from tunewise.retrieval.chroma import probe

    index = Index.from_files({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})
    return probe(folder / CHROMA, index)


def _load_known(order: _Order, embedder: Embedder | None) -> Index | None:
    """The generation before, if the same embedder made its vectors; they are not computed again."""
    if order.known is None or embedder is None:
        return None
    generation = GenerationStore(Path(order.known).parent).verified(Path(order.known).name)
    if generation is None or generation.manifest.get("embedder") != embedder.fingerprint:
        return None
    return Index.from_files(generation.files)


def _leave_with_parent() -> None:
    """End this process when the parent's end of stdin is closed, which also happens when it is killed."""
    while os.read(0, 4096):  # not sys.stdin: a thread that holds its lock would block the exit
        pass
    os._exit(1)


def main() -> int:
    """Entry point of the child."""
    order = _Order(**json.loads(sys.stdin.readline()))
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        _obey(order, lambda line: print(json.dumps(line), flush=True))
    except (TunewiseError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
