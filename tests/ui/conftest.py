"""The article's framework, and an advisor that answers from a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.advisor import FakeAdvisor
from tunewise.framework import Framework, load_framework


@pytest.fixture(scope="session")
def framework() -> Framework:
    return load_framework("article")


@pytest.fixture
def advisor(tmp_path: Path, framework: Framework) -> Iterator[FakeAdvisor]:
    fake = FakeAdvisor(tmp_path, framework)
    yield fake
    fake.conversations.close()
