from __future__ import annotations

import pytest

from tests.facts.tiny_framework import TinyFramework


@pytest.fixture
def framework() -> TinyFramework:
    return TinyFramework()
