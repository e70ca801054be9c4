"""The ordered libraries carry the load: Chroma, sentence-transformers, LangChain and llama.cpp do the work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import chromadb
import pytest
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from tests.homes import home_with_weights
from tunewise.advisor import Advisor
from tunewise.framework import check, load_framework
from tunewise.llm import open_chat_model
from tunewise.retrieval import CorpusRetriever, open_embeddings
from tunewise.settings import Settings
from tunewise.types import Fact, Recommendation, Situation

ADVICE = "Should I fine-tune a ResNet-50 on 800 labelled flower photos?"
KNOWLEDGE = "What does pruning remove from a network?"
HEAVY = ("torch", "transformers", "sentence_transformers", "chromadb", "langchain", "langchain_huggingface")

COUNTED = """
import json, sys
from collections import Counter
from tunewise import offline
offline.seal()
import chromadb, langchain.embeddings, sentence_transformers
from langchain_core.retrievers import BaseRetriever
calls = Counter()
def count(owner, name):
    plain = getattr(owner, name)
    def counted(*args, **options):
        calls[name] += 1
        return plain(*args, **options)
    setattr(owner, name, counted)
count(chromadb.Collection, "query")
count(sentence_transformers.SentenceTransformer, "encode")
count(langchain.embeddings, "init_embeddings")
count(BaseRetriever, "invoke")
from tunewise.advisor import Advisor
with Advisor.open(rules_only=True) as advisor:
    reply = advisor.ask(sys.argv[1])
    advisor.searcher.warm_up().result()
print(json.dumps({"calls": calls, "kind": reply.kind, "cited": len(reply.citations), "notices": reply.notices}))
"""


def run(code: str, *arguments: str, **environment: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return home_with_weights(tmp_path_factory.mktemp("home"))


def indexes(home: Path) -> set[str]:
    return {path.parent.name for path in home.glob("index/*/manifest.json") if not path.parent.name.startswith("run")}


def test_a_decision_waits_for_none_of_the_heavy_libraries(tmp_path):
    code = (
        "import sys\nfrom tunewise.advisor import Advisor\nfrom tunewise.events import Decided\n"
        "advisor = Advisor.open(rules_only=True)\n"
        "next(event for event in advisor.stream(sys.argv[1]) if isinstance(event, Decided))\n"
        "print([name for name in sys.argv[2:] if name in sys.modules])"
    )
    assert run(code, ADVICE, *HEAVY, TUNEWISE_HOME=str(tmp_path)) == "[]"


@pytest.mark.models
@pytest.mark.parametrize("question", [ADVICE, KNOWLEDGE])
def test_a_question_is_answered_by_chroma_sentence_transformers_and_langchain(home, question):
    found = json.loads(run(COUNTED, question, TUNEWISE_HOME=str(home)))
    assert found["calls"]["query"] >= 1
    assert found["calls"]["encode"] >= 1
    assert found["calls"]["invoke"] >= 1
    assert found["calls"]["init_embeddings"] == 1
    assert found["cited"] >= 1
    assert found["notices"] == ["Rules only: no language model took part in this answer."]


@pytest.mark.models
def test_where_chroma_fails_the_reply_says_so_and_words_answer(home, monkeypatch):
    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("no such collection")

    monkeypatch.setattr(chromadb.Collection, "query", fail)
    with Advisor.open(Settings.from_environment(home=home), rules_only=True) as advisor:
        reply = advisor.ask(KNOWLEDGE)
    assert any(notice.startswith("Search by meaning is missing") for notice in reply.notices)
    assert any("no such collection" in notice for notice in reply.notices)
    assert reply.kind == "knowledge"
    assert any("removing less important connections" in citation.quote for citation in reply.citations)


@pytest.fixture(scope="module")
def small_model(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another sentence-transformers model: the pinned one's vector of each word piece, cut to 48, made here."""
    from safetensors.numpy import load_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    pinned = open_embeddings(Settings(home=home)).folder
    vectors = load_file(pinned / "model.safetensors")["embeddings.word_embeddings.weight"][:, :48].copy()
    folder = tmp_path_factory.mktemp("model")
    words = StaticEmbedding(Tokenizer.from_file(str(pinned / "tokenizer.json")), embedding_weights=vectors)
    SentenceTransformer(modules=[words]).save(str(folder))
    return folder


@pytest.mark.models
def test_another_embedding_model_needs_one_setting(tmp_path, small_model):
    home = home_with_weights(tmp_path)
    run(COUNTED, KNOWLEDGE, TUNEWISE_HOME=str(home))
    before = indexes(home)
    found = json.loads(run(COUNTED, KNOWLEDGE, TUNEWISE_HOME=str(home), TUNEWISE_EMBEDDING=str(small_model)))
    assert found["calls"]["query"] >= 1
    assert found["cited"] >= 1
    assert found["notices"] == ["Rules only: no language model took part in this answer."]
    after = indexes(home)
    assert len(before) == len(after) == 1
    assert before != after


@pytest.mark.models
def test_model_retriever_embeddings_and_checker_fit_into_a_chain_of_ones_own(home):
    settings = Settings.from_environment(home=home, model="smollm2-135m")
    framework, embeddings = load_framework(), open_embeddings(settings)
    small = Situation({"dataset_size": Fact("dataset_size", "small", "stated")})

    def verdict(_answer: str) -> object:
        return check(framework, small, Recommendation("full_fine_tuning"))

    prompt = ChatPromptTemplate([("human", "{passages}\n\nQuestion: {question}")])
    retriever, model = CorpusRetriever.open(settings, top_k=2), open_chat_model(settings)
    chain = (
        {"passages": retriever, "question": RunnablePassthrough()}
        | prompt
        | model.bind(max_tokens=12)
        | StrOutputParser()
        | {"answer": RunnablePassthrough(), "vector": RunnableLambda(embeddings.embed_query), "verdict": verdict}
    )
    found = chain.invoke(ADVICE)
    model.close()
    retriever.searcher.close()
    assert found["answer"].strip()
    assert len(found["vector"]) == 384
    assert found["verdict"].status == "invalid"
