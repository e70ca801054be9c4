"""The NumPy encoder gives what PyTorch gives, with and without an adapter."""

import numpy as np
import pytest

from tunewise.reading.encoder import Encoder
from tunewise.settings import Settings
from tunewise.weights import locate_embedding

pytestmark = pytest.mark.models
CONTEXT, TEXT = "advisor asks: How much data?", "forty of each, twelve types — on the old PC in the workshop"


@pytest.fixture(scope="module")
def folder():
    return locate_embedding("all-mpnet-base-v2", Settings.from_environment())


@pytest.fixture(scope="module")
def encoder(folder):
    return Encoder(folder)


def test_same_hidden_states_as_transformers(folder, encoder):
    import torch
    from transformers import AutoModel, AutoTokenizer

    inputs = AutoTokenizer.from_pretrained(folder)(CONTEXT, TEXT, return_tensors="pt")
    with torch.inference_mode():
        expected = AutoModel.from_pretrained(folder)(**inputs).last_hidden_state[0].numpy()
    np.testing.assert_allclose(encoder.encode(TEXT, CONTEXT).states, expected, atol=1e-5)


def test_same_embedding_as_sentence_transformers(folder, encoder):
    from sentence_transformers import SentenceTransformer

    expected = SentenceTransformer(str(folder), device="cpu").encode(TEXT, normalize_embeddings=True)
    np.testing.assert_allclose(encoder.embed(TEXT), expected, atol=1e-5)


def test_offsets_are_characters_of_the_text(encoder):
    spans = [span for span in encoder.encode(TEXT, CONTEXT).offsets if span]
    words = [TEXT[start:end] for start, end in spans]
    assert words[:3] == ["forty", "of", "each"]
    assert spans[-1][1] == len(TEXT)


def test_a_long_text_is_cut_and_a_long_context_does_not_fail(encoder):
    assert len(encoder.encode("word " * 2000, "context " * 2000).states) <= 256


def test_an_adapter_changes_the_weights_it_names(folder, encoder):
    name, rng = "encoder.layer.11.output.dense", np.random.default_rng(0)
    down, up = rng.normal(size=(2, 3072)).astype(np.float16), rng.normal(size=(768, 2)).astype(np.float16)
    changed = Encoder(folder, {f"{name}.down": down, f"{name}.up": up * np.float16(0)})
    np.testing.assert_array_equal(changed.embed(TEXT), encoder.embed(TEXT))
    changed = Encoder(folder, {f"{name}.down": down, f"{name}.up": up})
    assert not np.allclose(changed.embed(TEXT), encoder.embed(TEXT), atol=1e-3)


def test_another_adapter_on_the_same_weights_reads_as_one_of_its_own(folder, encoder):
    name, rng = "encoder.layer.3.attention.attn.q", np.random.default_rng(1)
    adapter = {f"{name}.down": rng.normal(size=(2, 768)), f"{name}.up": rng.normal(size=(768, 2))}
    encoder.embed(TEXT)
    np.testing.assert_allclose(encoder.adapted(adapter, 64).embed(TEXT), Encoder(folder, adapter, 64).embed(TEXT))
    assert len(encoder.adapted(adapter, 64).states_of_text("word " * 100)) == 64
    assert len(encoder.states_of_text("word " * 3000)) == 256


def test_an_adapter_of_the_upper_half_reads_on_from_what_was_read_last(folder):
    of = "encoder.layer.{}.attention.attn.q".format
    rng = np.random.default_rng(2)
    low, high = ({"down": rng.normal(size=(2, 768)), "up": rng.normal(size=(768, 2))} for _ in "12")
    below = {f"{of(3)}.{part}": each for part, each in low.items()}
    above = {f"{of(8)}.{part}": each for part, each in high.items()}
    encoder = Encoder(folder, below)
    upper = encoder.adapted_above(above)
    layers: list[str] = []
    counted = encoder._layer
    encoder._layer = lambda *given: layers.append(given[-1]) or counted(*given)
    encoder.embed(TEXT)
    assert len(layers) == 12
    read = upper.embed(TEXT)
    np.testing.assert_allclose(read, Encoder(folder, below | above).embed(TEXT), atol=1e-6)
    assert len(layers) == 12
    np.testing.assert_allclose(upper.embed("Is LoRA enough?"), Encoder(folder, below | above).embed("Is LoRA enough?"))
