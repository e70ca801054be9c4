"""The quantised embedding model against its reference."""

import json
import shutil

import numpy as np
import pytest

from tunewise import weights
from tunewise.errors import WeightsMismatchError, WeightsMissingError
from tunewise.retrieval.embedding import compiled_model, open_embedder, reference_embeddings
from tunewise.retrieval.index import build_index
from tunewise.retrieval.measure import questions_from, recall_table
from tunewise.retrieval.minilm import WEIGHT_LIMIT, build_graph, quantise
from tunewise.retrieval.search import Searcher
from tunewise.settings import Settings


class Reference:
    """sentence-transformers in 32-bit floats, as an embedder."""

    fingerprint = "reference"

    def __init__(self, settings):
        self.model = reference_embeddings(settings)

    def embed(self, texts):
        return np.array(self.model.embed_documents(list(texts)), np.float32)


def test_quantised_weights_are_within_half_a_step():
    matrix = np.random.default_rng(0).standard_normal((8, 5)).astype(np.float32)
    integers, scales = quantise(matrix, axis=0)
    assert np.abs(integers).max() <= WEIGHT_LIMIT
    assert np.all(np.abs(integers * scales - matrix) <= scales / 2 + 1e-6)


def test_weights_of_another_kind_of_model_are_refused(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    with pytest.raises(ValueError, match="gpt2"):
        build_graph(tmp_path)


def test_missing_weights_are_said_to_be_missing(tmp_path):
    with pytest.raises(WeightsMissingError, match="tunewise models pull"):
        open_embedder(Settings(home=tmp_path))


@pytest.fixture(scope="module")
def source():
    return weights.locate(weights.EMBEDDING, Settings.from_environment())


@pytest.mark.models
def test_the_model_is_compiled_once_and_again_when_it_is_damaged(source, tmp_path):
    path, fingerprint = compiled_model(source, tmp_path)
    compiled_at = path.stat().st_mtime_ns
    assert compiled_model(source, tmp_path) == (path, fingerprint)
    assert path.stat().st_mtime_ns == compiled_at
    path.write_bytes(path.read_bytes()[:-1])
    assert compiled_model(source, tmp_path) == (path, fingerprint)
    assert path.stat().st_mtime_ns > compiled_at


@pytest.mark.models
def test_damaged_weights_are_refused_by_the_compiler(source, tmp_path):
    copy = shutil.copytree(source, tmp_path / "weights")
    (copy / "config.json").write_text(json.dumps({"model_type": "bert", "hidden_act": "relu"}))
    with pytest.raises(WeightsMismatchError, match="tunewise models pull"):
        compiled_model(copy, tmp_path / "compiled")


@pytest.mark.models
def test_vectors_have_length_one_and_the_reference_agrees(real_searcher):
    texts = [passage.text for passage in real_searcher.passages[:60]] + ["x", "LoRA?", "word " * 2000]
    ours, theirs = (
        open_embedder(Settings.from_environment()).embed(texts),
        Reference(Settings.from_environment()).embed(texts),
    )
    assert np.linalg.norm(ours, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-4)
    assert (ours * theirs).sum(axis=1).min() > 0.97


@pytest.mark.models
def test_passages_are_found_as_well_as_with_the_reference(real_searcher, corpus, rules):
    reference = Reference(Settings.from_environment())
    plain = Searcher(build_index(corpus, reference), corpus, reference)
    asked = questions_from(rules, corpus)
    ours, theirs = recall_table(real_searcher, asked)[-1], recall_table(plain, asked)[-1]
    assert ours.at_5 >= theirs.at_5 - 0.014
    assert ours.mrr >= theirs.mrr - 0.02
