import pytest

from tests.fakes.embedder import WORDS
from tests.fakes.model import ScriptedModel
from tunewise.advisor import Advisor
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
