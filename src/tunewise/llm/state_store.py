"""Key/value states on disk: written atomically, checked on load, kept within a size budget.

One file per state, named by a hash of everything it depends on, so a stale state is never found and a damaged one is
dropped: both cost a little computing, never a wrong answer. Layout of a file: magic, CRC-32, number of tokens, the
bytes as llama.cpp wrote them.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import struct
import tempfile
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

_LOG = logging.getLogger(__name__)
_HEADER = struct.Struct("<8sIIQ")
_MAGIC = b"TWSTATE1"
DEFAULT_BUDGET = 2 << 30

State = npt.NDArray[np.uint8]


class StateStore:
    """The states of one set of weights in `folder`; the budget counts every file under it."""

    def __init__(self, folder: Path, *, budget: int = DEFAULT_BUDGET) -> None:
        """Open a store; the folder is made with the first state.

        Args:
            folder: Where states are kept; shared by all weights.
            budget: Most bytes that all states together may take; the least recently used go first.
        """
        self.folder = folder
        self.budget = budget
        self._checked: dict[Path, tuple[int, int]] = {}

    @staticmethod
    def key(identity: str, prefix: Sequence[int], passage: Sequence[int] = ()) -> str:
        """Name of the state of `passage` read after `prefix` (of the prefix itself, if there is no passage).

        Tokens stand for the text: they change with it and with the tokenizer.
        """
        digest = hashlib.sha256(identity.encode())
        for tokens in (prefix, passage):
            digest.update(len(tokens).to_bytes(8, "little") + np.asarray(tokens, np.int32).tobytes())
        return f"{identity}-{digest.hexdigest()[:32]}"

    def path(self, key: str) -> Path:
        """The file of a state."""
        return self.folder / f"{key}.state"

    def __contains__(self, key: str) -> bool:
        return self.path(key).is_file()

    def load(self, key: str, n_tokens: int) -> State | None:
        """A state as read-only bytes, None if it is missing or damaged (a damaged file is removed).

        The checksum is computed once per process and file version; after that size and time are compared.
        """
        path = self.path(key)
        try:
            data = np.memmap(path, np.uint8, "r")
            stamp = path.stat()
        except (OSError, ValueError):
            return None
        version = (stamp.st_size, stamp.st_mtime_ns)
        if self._checked.get(path) != version:
            if not _is_whole(data, n_tokens):
                _LOG.warning("State %s was damaged and is computed again.", path.name)
                self._remove(path)
                return None
            self._checked[path] = version
            with contextlib.suppress(OSError):
                os.utime(path, ns=(time.time_ns(), stamp.st_mtime_ns))
        return np.asarray(data)[_HEADER.size :]

    def save(self, key: str, state: State, n_tokens: int) -> bool:
        """Write a state; False if the disk does not take it (the answer does not depend on it)."""
        if state.size + _HEADER.size > self.budget:
            return False
        self._make_room(state.size + _HEADER.size)
        header = _HEADER.pack(_MAGIC, zlib.crc32(state.data), n_tokens, state.size)
        temporary = ""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as stream:
                temporary = stream.name
                stream.write(header)
                stream.write(state.data)
            os.replace(temporary, self.path(key))
        except OSError as error:
            _LOG.warning("State could not be kept in %s: %s", self.folder, error)
            if temporary:
                self._remove(Path(temporary))
            return False
        return True

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                with contextlib.suppress(OSError):
                    found.append((path, path.stat()))
        return found

    def _make_room(self, wanted: int) -> None:
        files = sorted(self._files(), key=lambda entry: max(entry[1].st_atime_ns, entry[1].st_mtime_ns))
        surplus = wanted + sum(stamp.st_size for _, stamp in files) - self.budget
        for path, stamp in files:
            if surplus <= 0:
                break
            self._remove(path)
            surplus -= stamp.st_size

    def _remove(self, path: Path) -> None:
        self._checked.pop(path, None)
        with contextlib.suppress(OSError):
            path.unlink()


def _is_whole(data: State, n_tokens: int) -> bool:
    if data.size < _HEADER.size:
        return False
    magic, checksum, tokens, size = _HEADER.unpack(data[: _HEADER.size].tobytes())
    body = data[_HEADER.size :]
    return bool(magic == _MAGIC and tokens == n_tokens and size == body.size and checksum == zlib.crc32(body.data))
