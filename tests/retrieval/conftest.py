"""A searcher without weights over the shipped corpus, and one with them."""

import json
from pathlib import Path

import pytest

from tests.fakes.embedder import WordEmbedder
from tunewise.retrieval.corpus import load_corpus
from tunewise.retrieval.embedding import open_embedder
from tunewise.retrieval.index import build_index
from tunewise.retrieval.search import Searcher
from tunewise.settings import Settings


@pytest.fixture(scope="session")
def corpus():
    return load_corpus()


@pytest.fixture(scope="session")
def index(corpus):
    return build_index(corpus, WordEmbedder())


@pytest.fixture
def searcher(index, corpus):
    return Searcher(index, corpus, WordEmbedder())


@pytest.fixture
def words_only(corpus):
    return Searcher(build_index(corpus, None), corpus)


@pytest.fixture(scope="session")
def rules():
    path = Path(__file__).with_name("article_rules.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def real_searcher(corpus):
    """The shipped corpus with the real embedding weights, indexed in memory."""
    embedder = open_embedder(Settings.from_environment())
    return Searcher(build_index(corpus, embedder), corpus, embedder)
