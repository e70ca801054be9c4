"""Stances on strategies as the reader has learned them: on authors whom nothing was learned from, and in its parts."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from scripts.measure_stances import Counts, add
from tests.answer.material import article_framework
from tunewise.answer.elsewhere import read_advice
from tunewise.errors import WeightsError
from tunewise.evidence.agreement import Agreement
from tunewise.reading import ENCODER
from tunewise.reading.advice import AdviceReader, likelihoods
from tunewise.reading.reader import FOLDER, Reader, open_reader
from tunewise.settings import Settings
from tunewise.weights import locate_embedding

EVIDENCE = Path(__file__).parents[1] / "evidence"
ADVICE = {"for": "recommend", "against": "avoid"}


def rows_of(name: str) -> list[dict]:
    return [json.loads(line) for line in (EVIDENCE / name).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def reader():
    opened = open_reader(Settings.from_environment(), article_framework())
    assert opened is not None
    return opened


def test_what_one_strategy_teaches_of_the_direction_counts_for_all():
    states = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    heads = {name: np.zeros((3, 2), np.float32) for name in ("query", "direction_query", "stance", "direction_of")}
    heads |= {"stance_bias": np.array([-9, 0, 9], np.float32), "direction_bias": np.zeros(1, np.float32)}
    there, positive = likelihoods(states, heads | {"direction": np.array([3.0, 3.0], np.float32)}, 4.0)
    assert there.round(2).tolist() == [0.0, 0.5, 1.0]
    assert (positive > 0.9).all()
    assert positive.shape == (3,)


def test_attention_picks_the_token_that_speaks_of_the_strategy():
    states = np.array([[8.0, 0.0], [0.0, 8.0]], np.float32)
    heads = {name: np.zeros((2, 2), np.float32) for name in ("direction_query", "direction_of")}
    heads |= {"query": np.eye(2, dtype=np.float32) * 4, "stance": np.array([[1, -1], [1, -1]], np.float32)}
    heads |= {name: np.zeros(1, np.float32) for name in ("stance_bias", "direction_bias")}
    there, _ = likelihoods(states, heads | {"direction": np.zeros(2, np.float32)}, 4.0)
    assert there[0] > 0.99
    assert there[1] < 0.01


def test_what_is_learned_with_is_what_is_read_with():
    from scripts.train_advice import SHARPNESS, Heads

    torch.manual_seed(0)
    heads = Heads(8, 5).eval()
    for parameter in heads.parameters():
        torch.nn.init.normal_(parameter)
    texts = [torch.randn(length, 8) for length in (3, 6)]
    states = torch.nn.utils.rnn.pad_sequence(texts, batch_first=True)
    with torch.inference_mode():
        logits = heads(states, torch.tensor([[True] * 3 + [False] * 3, [True] * 6]))
    weights = {name: each.detach().numpy() for name, each in heads.named_parameters()}
    for row, text in enumerate(texts):
        for read, learned in zip(likelihoods(text.numpy(), weights, SHARPNESS), logits, strict=True):
            np.testing.assert_allclose(read, learned[row].sigmoid().numpy(), atol=1e-5)


def counted(framework, reader) -> Counts:
    """Over every third text of authors whom nothing was learned from."""
    found = Counts()
    for row in rows_of("stances.jsonl")[::3]:
        said = {one.strategy: one.stance for one in read_advice(row["text"], framework, reader)}
        add(found, said, row["stances"])
    return found


@pytest.mark.models
def test_stances_of_unseen_authors_are_read_twice_as_often_as_by_words_and_far_more_rightly(reader):
    learned, words = (counted(article_framework(), one) for one in (reader, None))
    print(learned, words)
    assert learned.right > 2 * words.right
    assert learned.right / learned.read > 0.85 > 0.5 > words.right / words.read  # of all 990 texts .92 and .42
    assert 4 * learned.claimed < words.claimed


@pytest.mark.models
@pytest.mark.parametrize(("name", "least", "most"), [("contradictions.jsonl", 110, 153), ("compatible.jsonl", 0, 12)])
def test_planted_advice_is_denied_as_it_is_read(reader, name, least, most):
    """A guard: 119 and 11 when this was written; the rules deny 153 and 4 by the labels."""
    framework, denied = article_framework(), 0
    for row in rows_of(name):
        says = {one.strategy: ADVICE[one.stance] for one in read_advice(row["text"], framework, reader)}
        denied += bool(Agreement(framework, row["facts"]).denied(says))
    print(name, denied)
    assert least <= denied <= most


@pytest.mark.models
def test_a_second_adapter_leaves_the_first_as_it_was():
    from tunewise.facts.text import read

    message = read("I have 70 scans. My colleague says we should retrain all of the weights.")
    fresh = Reader(locate_embedding(ENCODER, Settings.from_environment()), FOLDER, article_framework())
    before = fresh.encode(message).states
    assert fresh.advice(message.raw)
    np.testing.assert_array_equal(fresh.encode(message).states, before)


@pytest.mark.models
@pytest.mark.parametrize("text", ["", " \n", "word " * 157, "word " * 159, "word " * 3000])
def test_no_text_is_too_short_or_too_long(reader, text):
    assert isinstance(reader.advice(text), tuple)


def test_a_damaged_artefact_says_what_to_do(tmp_path):
    (tmp_path / "advice.json").write_text("{}")
    (tmp_path / "advice.safetensors").write_bytes(b"")
    with pytest.raises(WeightsError, match=r"scripts\.train_advice"):
        AdviceReader(None, tmp_path)
