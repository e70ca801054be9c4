"""Where weights lie and how they are trusted: hashed once, then recognised by a stamp of size and time.

Layout below the home folder: `models/<file>` or `models/<folder>/<file>`, stamps in `models/.verified/<name>.json`.
A stamp holds size, modification time and SHA-256 of each file, so that finding 1.1 GB of weights takes no hashing.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from tunewise.errors import WeightsMismatchError, WeightsMissingError
from tunewise.settings import Settings
from tunewise.weights.gguf import check_gguf
from tunewise.weights.pinned import PINNED, PinnedFile, Weights

CHUNK_BYTES = 1 << 20


def locate(name: str | os.PathLike[str], settings: Settings) -> Path:
    """Path of the weights to load: a file for a chat model, a folder for the embedding model.

    Args:
        name: Name of a pinned model (`PINNED`), or path of a GGUF file that the user trusts.
        settings: Tells the home folder.

    Raises:
        WeightsMissingError: If the file is not there, or the name is not known.
        WeightsMismatchError: If a pinned file has other content, or a user's file is damaged or no GGUF.
    """
    weights = PINNED.get(str(name))
    if weights is None:
        return _locate_own(name)
    _require_files(weights, settings)
    if not is_verified(weights, settings):
        _check_hashes(weights, settings)
    return location(weights, settings)


def is_present(name: str, settings: Settings) -> bool:
    """Whether every file of a pinned model is there with its pinned size (no hashing)."""
    return all(path.is_file() and path.stat().st_size == file.size for file, path in file_paths(PINNED[name], settings))


def verify(name: str, settings: Settings, progress: Callable[[str, int, int], None] | None = None) -> Path:
    """Hash every file of a pinned model again; a file that is not the pinned one is removed.

    Raises:
        WeightsMissingError: If a file is not there, or the name is not pinned.
        WeightsMismatchError: If a file differs; it has been removed.
    """
    if name not in PINNED:
        raise WeightsMissingError(f"No pinned weights named {name!r}.{_hint(name)}")
    weights = PINNED[name]
    for file, path in file_paths(weights, settings):
        if not path.is_file():
            raise WeightsMissingError(_missing(weights, path))
        if not matches(path, file, progress):
            path.unlink()
            raise WeightsMismatchError(
                f"{path} is not the pinned file {file.path!r} (SHA-256 {file.sha256[:12]}…) and was removed. "
                f"Run 'tunewise models pull {name}' to fetch it again."
            )
    write_stamp(weights, settings)
    return location(weights, settings)


def location(weights: Weights, settings: Settings) -> Path:
    """Where the model is loaded from: its folder, or its only file."""
    return settings.models_dir / (weights.folder or weights.files[0].path)


def file_paths(weights: Weights, settings: Settings) -> list[tuple[PinnedFile, Path]]:
    """Each pinned file with its path."""
    folder = settings.models_dir / weights.folder
    return [(file, folder / file.path) for file in weights.files]


def matches(path: Path, file: PinnedFile, progress: Callable[[str, int, int], None] | None = None) -> bool:
    """Whether a file has the pinned size and SHA-256; `progress(path, bytes done, bytes in all)` while hashing."""
    if path.stat().st_size != file.size:
        return False
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            if progress:
                progress(f"checking {file.path}", done, file.size)
    return digest.hexdigest() == file.sha256


def write_stamp(weights: Weights, settings: Settings) -> None:
    """Remember that the files were just verified; a folder that cannot be written only costs hashing next time."""
    stamp = _stamp_path(weights, settings)
    partial = stamp.with_suffix(f".{os.getpid()}")
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(_as_stamped(weights, settings), indent=1))
        partial.replace(stamp)
    except OSError:
        return


def is_verified(weights: Weights, settings: Settings) -> bool:
    """Whether every file is there and is as it was when its hash was last checked; takes microseconds."""
    try:
        return bool(json.loads(_stamp_path(weights, settings).read_text()) == _as_stamped(weights, settings))
    except (OSError, ValueError):
        return False


def _require_files(weights: Weights, settings: Settings) -> None:
    for file, path in file_paths(weights, settings):
        if not path.is_file():
            raise WeightsMissingError(_missing(weights, path))
        if path.stat().st_size != file.size:
            raise WeightsMismatchError(
                f"{path} has {path.stat().st_size:,} bytes where {file.size:,} are pinned; it is damaged or cut short. "
                f"Run 'tunewise models pull {weights.name}' to replace it."
            )


def _check_hashes(weights: Weights, settings: Settings) -> None:
    for file, path in file_paths(weights, settings):
        if not matches(path, file):
            raise WeightsMismatchError(
                f"{path} is not the pinned file {file.path!r} (SHA-256 {file.sha256[:12]}…); it is not loaded. "
                f"Run 'tunewise models pull {weights.name}' to replace it."
            )
    write_stamp(weights, settings)


def _stamp_path(weights: Weights, settings: Settings) -> Path:
    return settings.models_dir / ".verified" / f"{weights.name}.json"


def _as_stamped(weights: Weights, settings: Settings) -> dict[str, list[object]]:
    seen: dict[str, list[object]] = {}
    for file, path in file_paths(weights, settings):
        status = path.stat()
        seen[file.path] = [status.st_size, status.st_mtime_ns, file.sha256]
    return seen


def _locate_own(name: str | os.PathLike[str]) -> Path:
    path = Path(name).expanduser()
    if path.is_file():
        check_gguf(path)
        return path.resolve()
    looks_like_a_path = isinstance(name, Path) or path.suffix == ".gguf" or len(path.parts) > 1
    if looks_like_a_path:
        raise WeightsMissingError(
            f"No weights at {str(path)!r}. Correct the path, or use a pinned model: {', '.join(PINNED)}."
        )
    raise WeightsMissingError(f"No weights named {str(name)!r}.{_hint(str(name))}")


def _hint(name: str) -> str:
    close = difflib.get_close_matches(name, PINNED, n=1, cutoff=0.5)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    return f"{meant} Run 'tunewise models list' to see the names, or give the path of a .gguf file."


def _missing(weights: Weights, path: Path) -> str:
    command = f"Run 'tunewise models pull {weights.name}' ({weights.size / 1e9:.1f} GB)"
    own = ", or set TUNEWISE_MODEL to a .gguf file" if weights.use == "chat" else ""
    return f"No weights at {str(path)!r}. {command}{own}."
