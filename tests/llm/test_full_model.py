"""What must hold for the weights that users have: their matrix kernels and their quality differ from the tiny ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.llm.conftest import answer, weights
from tunewise.llm.chat import PassageText, Prompt
from tunewise.llm.engine import Engine, Request
from tunewise.llm.state_store import StateStore
from tunewise.settings import Settings

pytestmark = pytest.mark.models

PASSAGES = (
    PassageText("A1", "With a small target dataset, fine-tuning the entire model can lead to overfitting."),
    PassageText("A2", "LoRA trains low-rank matrices beside the frozen weights and needs little memory."),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path: Path = weights(Settings().model)
    engine = Engine(path, context_tokens=2048, store=StateStore(tmp_path_factory.mktemp("states")))
    yield engine
    engine.close()


def test_drafted_answers_are_those_of_plain_greedy_decoding(engine):
    prompt = Prompt("You answer from passages.", PASSAGES, "Question: Repeat passage A2, then explain it.")
    request = Request(prompt, max_tokens=48)
    answer(engine, request, max_tokens=1)
    engine.cache.forget()
    plain = answer(engine, request, drafting=False)
    engine.cache.forget()
    assert answer(engine, request) == plain
    assert engine.stats.accepted > 0
