"""A bounds-checked look at a GGUF file before it is handed to the C++ parser.

The parser of llama.cpp has a history of memory errors on hostile headers. This check walks the header in Python and
refuses what cannot be true: counts beyond reason, strings and tensors that reach past the end of the file.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian).
"""

from __future__ import annotations

import math
import mmap
import struct
from pathlib import Path

from tunewise.errors import WeightsMismatchError

MAX_TENSORS = 100_000
MAX_METADATA = 10_000
MAX_ELEMENTS = 10_000_000
MAX_KEY_BYTES = 65_535
MAX_DIMENSIONS = 4
MAX_NESTING = 2

_SCALARS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_UINT32, _STRING, _ARRAY = 4, 8, 9

# ggml type → (elements per block, bytes per block), from ggml's quantisation table.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 16: (256, 66), 17: (256, 74), 18: (256, 98),
    19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4),
    27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip


class _Damaged(ValueError):
    """What the walk found; turned into a WeightsMismatchError with the path."""


class _Header:
    """A cursor over the mapped file that never reads past its end."""

    def __init__(self, data: mmap.mmap):
        self.data, self.size, self.at = data, len(data), 0

    def skip(self, count: int) -> int:
        """Move on by `count` bytes and return where they began."""
        if count > self.size - self.at:
            raise _Damaged(f"its header reaches past the end of the file at byte {self.at:,}")
        start, self.at = self.at, self.at + count
        return start

    def number(self, form: str) -> int:
        start = self.skip(struct.calcsize(form))
        return int(struct.unpack_from(form, self.data, start)[0])

    def text(self, limit: int) -> bytes:
        length = self.number("<Q")
        if length > limit:
            raise _Damaged(f"it has a name of {length:,} bytes")
        start = self.skip(length)
        return self.data[start : start + length]


def check_gguf(path: Path) -> None:
    """Refuse a file that is no GGUF, is cut short, or whose header cannot be true.

    Raises:
        WeightsMismatchError: Says what is wrong with the file and what to do.
    """
    try:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            _walk(_Header(data))
    except (_Damaged, ValueError) as problem:  # mmap refuses an empty file with ValueError
        reason = problem if isinstance(problem, _Damaged) else "it is empty"
        raise WeightsMismatchError(
            f"{str(path)!r} cannot be used as a model: {reason}. Fetch the file again, or use another .gguf file."
        ) from None


def _walk(header: _Header) -> None:
    if header.data[:4] != b"GGUF":
        raise _Damaged("it is not a GGUF file")
    header.skip(4)
    version, tensors, pairs = header.number("<I"), header.number("<Q"), header.number("<Q")
    if version not in (2, 3):
        raise _Damaged(f"it has GGUF version {version}, and 2 or 3 is needed")
    if tensors > MAX_TENSORS or pairs > MAX_METADATA:
        raise _Damaged(f"it claims {tensors:,} tensors and {pairs:,} metadata entries")
    alignment = _metadata(header, pairs)
    ends = [_tensor(header) for _ in range(tensors)]
    data_start = math.ceil(header.at / alignment) * alignment
    needed = data_start + max(ends, default=0)
    if needed > header.size:
        raise _Damaged(f"it is cut short: {header.size:,} of at least {needed:,} bytes are there")


def _metadata(header: _Header, pairs: int) -> int:
    """Walk the metadata and return the alignment of the tensor data, in bytes."""
    alignment = 32
    for _ in range(pairs):
        key, kind = header.text(MAX_KEY_BYTES), header.number("<I")
        if key == b"general.alignment" and kind == _UINT32:
            alignment = header.number("<I")
            if alignment == 0 or alignment > 65_536 or alignment % 8:
                raise _Damaged(f"it claims an alignment of {alignment:,} bytes")
        else:
            _value(header, kind, MAX_NESTING)
    return alignment


def _value(header: _Header, kind: int, nesting: int) -> None:
    if kind in _SCALARS:
        header.skip(_SCALARS[kind])
    elif kind == _STRING:
        header.skip(header.number("<Q"))
    elif kind == _ARRAY and nesting:
        element, count = header.number("<I"), header.number("<Q")
        if count > MAX_ELEMENTS:
            raise _Damaged(f"it claims a list of {count:,} elements")
        if element in _SCALARS:
            header.skip(_SCALARS[element] * count)
        else:
            for _ in range(count):
                _value(header, element, nesting - 1)
    else:
        raise _Damaged(f"it has a metadata value of unknown kind {kind}")


def _tensor(header: _Header) -> int:
    """Read one tensor's description and return where its data end, in bytes from the start of the data."""
    header.text(MAX_KEY_BYTES)
    dimensions = header.number("<I")
    if dimensions > MAX_DIMENSIONS:
        raise _Damaged(f"it has a tensor of {dimensions:,} dimensions")
    elements = math.prod(header.number("<Q") for _ in range(dimensions))
    kind, offset = header.number("<I"), header.number("<Q")
    per_block, block_bytes = _BLOCKS.get(kind, (256, 1))  # a type of a newer ggml: assume it is very small
    return offset + elements // per_block * block_bytes
