from dataclasses import replace

import pytest

from tests.fakes.embedder import WORDS
from tests.fakes.model import ScriptedModel
from tunewise import advisor as advisor_module
from tunewise.advisor import Advisor
from tunewise.facts import read_message
from tunewise.framework import load_framework
from tunewise.retrieval import open_searcher
from tunewise.settings import Settings


@pytest.fixture(scope="session")
def searcher(tmp_path_factory):
    with open_searcher(Settings(home=tmp_path_factory.mktemp("home")), embedder=WORDS) as opened:
        opened.warm_up().result()  # on a busy machine building takes longer than a decision waits
        yield opened


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


@pytest.fixture
def model():
    return ScriptedModel()


@pytest.fixture
def advisor(settings, searcher, model):
    """An advisor whose model says what the test queues."""
    advisor = Advisor(settings, load_framework(), searcher, model)
    yield advisor
    advisor.conversations.close()


@pytest.fixture
def rules(settings, searcher):
    """An advisor without a model."""
    advisor = Advisor(settings, load_framework(), searcher)
    yield advisor
    advisor.conversations.close()


@pytest.fixture
def read_as(monkeypatch):
    """Let the reader find a move, or what is asked, in every message."""

    def read_as(**found):
        monkeypatch.setattr(
            advisor_module, "read_message", lambda text, **rest: replace(read_message(text, **rest), **found)
        )

    return read_as
