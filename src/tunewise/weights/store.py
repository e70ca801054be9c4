"""Where weights lie and how they are trusted: hashed once, then recognised by a stamp of size and time.

Layout below the home folder: `models/<file>` or `models/<folder>/<file>`, stamps in `models/.verified/<name>.json`,
embedding models that are not pinned in `models/hub/<org>--<name>`. A stamp holds size, modification time and SHA-256 of
each file, so that finding 1.1 GB of weights takes no hashing.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tunewise.errors import WeightsMismatchError, WeightsMissingError
from tunewise.settings import Settings
from tunewise.weights.gguf import check_gguf
from tunewise.weights.pinned import PINNED, PinnedFile, Weights

CHUNK_BYTES = 1 << 20
_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")

Progress = Callable[[str, int, int], None]


def locate(name: str | os.PathLike[str], settings: Settings) -> Path:
    """Path of a chat model to load, or of a pinned embedding model; hashed unless its stamp fits.

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
    return location(weights, settings) if is_verified(weights, settings) else verify(weights.name, settings)


def locate_embedding(name: str, settings: Settings) -> Path:
    """Folder of an embedding model; nothing is fetched.

    Args:
        name: Name of a pinned embedding model, a folder, or "org/name" of a model that `models pull` has fetched.
        settings: Tells the home folder.

    Raises:
        WeightsMissingError: If it is not there; the message says what to do.
        WeightsMismatchError: If a pinned file has other content.
    """
    if name in PINNED:
        if PINNED[name].use != "embedding":
            raise WeightsMissingError(f"{name!r} is no embedding model. Correct TUNEWISE_EMBEDDING.")
        return locate(name, settings)
    own = Path(name).expanduser()
    for folder in (own, hub_folder(name, settings)) if is_hub_id(name) else (own,):
        if (folder / "config.json").is_file() or (folder / "modules.json").is_file():
            return folder
    if own.is_dir():
        raise WeightsMissingError(f"{str(own)!r} holds no sentence-transformers model (no modules.json, config.json).")
    if is_hub_id(name):
        raise WeightsMissingError(f"No embedding model {name!r} here. Run 'tunewise models pull {name}' while online.")
    raise WeightsMissingError(f"No embedding model {name!r}.{_hint(name, 'the folder of one, or org/name')}")


def is_hub_id(name: str) -> bool:
    """Whether it has the form "org/name"."""
    return _HUB_ID.fullmatch(name) is not None


def hub_folder(name: str, settings: Settings) -> Path:
    """Where a model lies that was fetched by its "org/name"."""
    return settings.models_dir / "hub" / name.replace("/", "--")


def is_present(name: str, settings: Settings) -> bool:
    """Whether every file of a pinned model is there with its pinned size (no hashing)."""
    return all(path.is_file() and path.stat().st_size == file.size for file, path in file_paths(PINNED[name], settings))


def verify(name: str, settings: Settings, progress: Progress | None = None) -> Path:
    """Hash every file of a pinned model again; one that is not the pinned file is not loaded from then on.

    Raises:
        WeightsMissingError: If a file is not there, or the name is not pinned.
        WeightsMismatchError: If a file differs.
    """
    if name not in PINNED:
        raise WeightsMissingError(f"No pinned weights named {name!r}.{_hint(name)}")
    weights = PINNED[name]
    for file, path in file_paths(weights, settings):
        if not path.is_file():
            raise WeightsMissingError(_missing(weights, path))
        if not matches(path, file, progress):
            with suppress(OSError):
                _stamp_path(weights, settings).unlink()
            raise WeightsMismatchError(
                f"{path} is not the pinned file {file.path!r} ({path.stat().st_size:,} of {file.size:,} bytes, SHA-256 "
                f"{file.sha256[:12]}… expected); it is not loaded. Run 'tunewise models pull {name}' to replace it."
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


def matches(path: Path, file: PinnedFile, progress: Progress | None = None) -> bool:
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
    return digest.hexdigest() == (file.sha256 or digest.hexdigest())


def write_stamp(weights: Weights, settings: Settings) -> None:
    """Remember that the files were just verified; a folder that cannot be written only costs hashing next time."""
    stamp = _stamp_path(weights, settings)
    partial = stamp.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        stamp.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(_as_stamped(weights, settings), indent=1))
        partial.replace(stamp)


def is_verified(weights: Weights, settings: Settings) -> bool:
    """Whether every file is there and is as it was when its hash was last checked; takes microseconds."""
    try:
        return bool(json.loads(_stamp_path(weights, settings).read_text()) == _as_stamped(weights, settings))
    except (OSError, ValueError):
        return False


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
    if isinstance(name, Path) or path.suffix == ".gguf" or len(path.parts) > 1:
        raise WeightsMissingError(
            f"No weights at {str(path)!r}. Correct the path, or use a pinned model: {', '.join(PINNED)}."
        )
    raise WeightsMissingError(f"No weights named {str(name)!r}.{_hint(str(name))}")


def _hint(name: str, instead: str = "the path of a .gguf file") -> str:
    close = difflib.get_close_matches(name, PINNED, n=1, cutoff=0.5)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    return f"{meant} Run 'tunewise models list' to see the names, or give {instead}."


def _missing(weights: Weights, path: Path) -> str:
    command = f"Run 'tunewise models pull {weights.name}' ({weights.size / 1e9:.1f} GB)"
    own = ", or set TUNEWISE_MODEL to a .gguf file" if weights.use == "chat" else ""
    return f"No weights at {str(path)!r}. {command}{own}."
