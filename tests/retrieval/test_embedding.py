"""The embedding model, opened through LangChain."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest

from tunewise.errors import WeightsMissingError
from tunewise.retrieval import open_embeddings
from tunewise.retrieval.embedding import LocalEmbeddings
from tunewise.settings import Settings


def test_missing_weights_are_said_to_be_missing(tmp_path):
    with pytest.raises(WeightsMissingError, match="tunewise models pull"):
        open_embeddings(Settings(home=tmp_path))


def test_a_model_that_was_not_fetched_from_the_hub_is_not_fetched_now(tmp_path):
    with pytest.raises(WeightsMissingError, match="Run 'tunewise models pull org/model'"):
        open_embeddings(Settings(home=tmp_path, embedding="org/model"))


def test_any_folder_with_a_model_can_be_named(tmp_path):
    (tmp_path / "modules.json").write_text("[]")
    assert open_embeddings(Settings(home=tmp_path / "home", embedding=str(tmp_path))).folder == tmp_path


def test_the_fingerprint_follows_the_content_and_nothing_else(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "config.json").write_text("{}")
    first = LocalEmbeddings(tmp_path / "a").fingerprint
    (tmp_path / "a").rename(tmp_path / "b")
    assert LocalEmbeddings(tmp_path / "b").fingerprint == first
    (tmp_path / "b" / "config.json").write_text("[]")
    assert LocalEmbeddings(tmp_path / "b").fingerprint != first


def test_opening_a_searcher_loads_nothing_heavy(tmp_path):
    code = (
        "import sys; from pathlib import Path; from tunewise.retrieval import open_searcher\n"
        "from tunewise.settings import Settings\n"
        f"assert open_searcher(Settings(home=Path({str(tmp_path)!r}))).passages\n"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'langchain_huggingface', 'langchain', 'chromadb')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def embeddings():
    return open_embeddings(Settings.from_environment())


@pytest.mark.models
def test_vectors_have_length_one_and_texts_that_mean_the_same_are_near(embeddings):
    texts = ["Freeze the early layers.", "Keep the first layers fixed.", "Bread is baked.", "x", "", "word " * 2000]
    vectors = np.array(embeddings.embed_documents([*texts, "\ud800"]))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(texts) + 1), abs=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
    assert np.array(embeddings.embed_query(texts[0])) == pytest.approx(vectors[0], abs=1e-5)


@pytest.mark.models
def test_threads_may_embed_at_the_same_time(embeddings):
    expected, found = embeddings.embed_query("Freeze the early layers."), []
    threads = [
        threading.Thread(target=lambda: found.append(embeddings.embed_query("Freeze the early layers.")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array(found) == pytest.approx(np.array([expected] * 8), abs=1e-5)


@pytest.mark.models
def test_pickled_weights_are_not_loaded(embeddings, tmp_path):
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((embeddings.folder / name).read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(OSError, match="safetensors"):
        LocalEmbeddings(tmp_path).embed_query("x")


def test_a_model_that_tells_questions_from_passages_is_asked_with_its_question_prompt(tmp_path):
    from tunewise.retrieval.embedding import _query_prompt

    assert _query_prompt(tmp_path) == {}
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"query": "query: "}}))
    assert _query_prompt(tmp_path) == {"prompt_name": "query"}
