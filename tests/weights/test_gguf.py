"""The look at a GGUF header before the C++ parser sees the file."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from tunewise.errors import WeightsMismatchError
from tunewise.weights import check_gguf


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(*, version: int = 3, tensors: int = 1, pairs: int = 3, alignment: int = 32, offset: int = 0) -> bytes:
    """A small well-formed file: three metadata entries, one tensor of 8 × 4 numbers of 4 bytes."""
    header = b"GGUF" + struct.pack("<IQQ", version, tensors, pairs)
    metadata = (
        text("general.architecture") + struct.pack("<I", 8) + text("llama")
        + text("general.alignment") + struct.pack("<II", 4, alignment)
        + text("tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("bc")
    )  # fmt: skip
    tensor = text("weight") + struct.pack("<IQQIQ", 2, 8, 4, 0, offset)
    head = header + metadata + tensor
    return head + bytes(-len(head) % alignment if alignment else 0) + bytes(8 * 4 * 4)


def refuse(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(WeightsMismatchError) as refused:
        check_gguf(path)
    return str(refused.value)


def test_a_well_formed_file_passes(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(gguf())
    check_gguf(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\x80\x04pickle", "not a GGUF file"),
        (b"GGUF", "past the end"),
        (gguf(version=1), "GGUF version 1"),
        (gguf(version=2**31), "GGUF version 2147483648"),
        (gguf(tensors=2**60), "tensors"),
        (gguf(pairs=2**60), "metadata entries"),
        (gguf(pairs=9), ""),
        (gguf(tensors=9), ""),
        (gguf(alignment=0), "alignment of 0"),
        (gguf(alignment=12), "alignment of 12"),
        (gguf(offset=4096), "cut short"),
        (gguf(offset=2**63), "cut short"),
        (gguf()[:-1], "cut short"),
        (gguf()[:40], "past the end"),
    ],
)
def test_a_file_that_cannot_be_true_is_refused_with_its_reason(tmp_path, content, reason):
    message = refuse(tmp_path, content)
    assert reason in message
    assert "Fetch the file again" in message


@pytest.mark.parametrize(
    "value",
    [
        struct.pack("<IIQ", 9, 4, 2**62),  # a list longer than any file
        struct.pack("<IIQ", 9, 9, 1) + struct.pack("<IQ", 9, 1) + struct.pack("<IQ", 4, 1),  # lists of lists of lists
        struct.pack("<I", 99),
        struct.pack("<IQ", 8, 2**63),
    ],
)
def test_a_metadata_value_beyond_reason_is_refused(tmp_path, value):
    refuse(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("key") + value)


def test_no_damage_makes_the_check_itself_fail(tmp_path):
    whole, dice = gguf(), random.Random(7)
    path = tmp_path / "model.gguf"
    for _ in range(2000):
        damaged = bytearray(whole[: dice.randrange(1, len(whole) + 1)])
        for _ in range(dice.randrange(4)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        path.write_bytes(damaged)
        try:
            check_gguf(path)
        except WeightsMismatchError:
            continue
