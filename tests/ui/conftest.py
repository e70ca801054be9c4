"""The article's framework, and an advisor that answers from a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.advisor import FakeAdvisor
from tests.ui.browser import Server, Visitor, chromium, visiting
from tunewise.framework import Framework, load_framework
from tunewise.ui.views import labels


@pytest.fixture(scope="session")
def framework() -> Framework:
    return load_framework("article")


@pytest.fixture(autouse=True)
def names(framework: Framework) -> Iterator[None]:
    """Views that a test draws itself are worded by the article's framework."""
    with labels.named_by(framework):
        yield


@pytest.fixture
def advisor(tmp_path: Path, framework: Framework) -> Iterator[FakeAdvisor]:
    fake = FakeAdvisor(tmp_path, framework)
    yield fake
    fake.conversations.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visitor(browser: Any, server: Server) -> Iterator[Visitor]:
    """On the page of the test module's own `server`; it must leave no errors and no requests to strangers."""
    with visiting(browser, server) as visitor:
        visitor.open()
        yield visitor
        assert visitor.errors == []
        assert visitor.strangers == []
