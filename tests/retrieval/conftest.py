"""A searcher without weights over the shipped corpus, and one with them."""

import json
from pathlib import Path

import pytest

from tests.fakes.embedder import WORDS
from tests.homes import home_with_weights
from tunewise.errors import WeightsMissingError
from tunewise.retrieval import Searcher, load_corpus, open_searcher
from tunewise.settings import Settings


@pytest.fixture(scope="session")
def corpus():
    return load_corpus()


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A home with an index of the shipped corpus, made with the word embedder."""
    home = tmp_path_factory.mktemp("home")
    with open_searcher(Settings(home=home), embedder=WORDS) as searcher:
        searcher.warm_up().result()
    return home


@pytest.fixture(scope="session")
def searcher(home):
    with open_searcher(Settings(home=home), embedder=WORDS) as opened:
        yield opened


@pytest.fixture
def words_only(corpus):
    def missing():
        raise WeightsMissingError("No weights. Run 'tunewise models pull'.")

    return Searcher(corpus, missing)


@pytest.fixture(scope="session")
def rules():
    path = Path(__file__).with_name("article_rules.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def real_searcher(tmp_path_factory):
    """The shipped corpus with the real embedding weights."""
    settings = Settings.from_environment(home=home_with_weights(tmp_path_factory.mktemp("real")))
    with open_searcher(settings) as opened:
        opened.warm_up().result()
        yield opened
