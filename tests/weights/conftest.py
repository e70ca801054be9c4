"""A home of its own for every test, and a model small enough to fetch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.weights.support import Index, tiny_model
from tunewise.settings import Settings
from tunewise.weights import PINNED, Weights

CONTENT = bytes(range(256)) * 14 + b"the end"  # 3,591 bytes: four pieces, the last one short


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def content() -> bytes:
    return CONTENT


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Weights:
    weights = tiny_model(CONTENT)
    monkeypatch.setattr("tunewise.weights.fetching.PINNED", {"tiny": weights})
    monkeypatch.setattr("tunewise.weights.store.PINNED", {"tiny": weights})
    assert "tiny" not in PINNED
    return weights


@pytest.fixture
def index(tiny: Weights) -> Index:
    return Index(tiny, {"tiny.gguf": CONTENT})
