from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tunewise.llm.engine import Engine, Request
from tunewise.llm.local import LocalChatModel
from tunewise.llm.state_store import StateStore
from tunewise.settings import Settings
from tunewise.weights import locate


def weights(name: str) -> Path:
    return locate(name, Settings.from_environment())


@pytest.fixture(scope="session")
def tiny_weights() -> Path:
    return weights("smollm2-135m")


@pytest.fixture(scope="session")
def shared_engine(tiny_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    store = StateStore(tmp_path_factory.mktemp("states"))
    engine = Engine(tiny_weights, context_tokens=2048, threads=1, store=store)
    yield engine
    engine.close()


@pytest.fixture
def engine(shared_engine: Engine) -> Engine:
    """An engine with nothing in its context."""
    shared_engine.cache.forget()
    return shared_engine


@pytest.fixture
def model(tiny_weights: Path, tmp_path: Path) -> Iterator[LocalChatModel]:
    model = LocalChatModel(weights=tiny_weights, context_tokens=2048, threads=1, states_dir=tmp_path / "states")
    yield model
    model.close()


def answer(engine: Engine, request: Request, **changes: object) -> str:
    return "".join(engine.stream(replace(request, **changes)))  # type: ignore[arg-type]
