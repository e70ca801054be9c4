from collections.abc import Iterator
from pathlib import Path

import pytest

from tunewise.conversation import ConversationStore


class Clock:
    """Seconds that pass one by one, as each is asked for."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "conversations.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[ConversationStore]:
    opened = ConversationStore(path, clock=Clock())
    yield opened
    opened.close()
