"""A searcher without weights over the shipped corpus, and one with them."""

import pytest

from tests.fakes.embedder import WordEmbedder
from tunewise.retrieval.corpus import load_corpus
from tunewise.retrieval.index import build_index
from tunewise.retrieval.search import Searcher


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
