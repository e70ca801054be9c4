"""Nothing leaves the machine: measured with system calls, in a clean and in a hostile environment.

Each run has a positive control: the same trace must see a call out where one is made.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.homes import home_with_weights
from tests.measure.data import texts, write_csv
from tests.reliability.hostile import HOSTILE_DOTENV, HOSTILE_ENVIRONMENT, HOSTILE_HOST
from tests.reliability.namespace import ROOT, outbound, run_traced
from tests.reliability.small_corpus import without_notes
from tunewise.settings import Settings

QUESTION = "Should I fine-tune a ResNet-50 on 800 flower photos?"
PAGE_PORT = 7919


def _can_trace() -> str:
    """Why this machine cannot run the proof, or ""."""
    if not (shutil.which("unshare") and shutil.which("strace")):
        return "needs Linux with unshare and strace"
    done = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "this system does not let its users make network namespaces"


_why_not = _can_trace()
needs_namespace = pytest.mark.skipif(bool(_why_not), reason=_why_not or "-")
pytestmark = pytest.mark.reliability


def ask(*options: str) -> list[str]:
    return [sys.executable, "-m", "tunewise.cli.main", "ask", QUESTION, "--json", *options]


@pytest.fixture(params=["clean", "hostile", "dotenv"])
def surroundings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Variables to run with; for `dotenv` they stand in a file of the working folder instead."""
    if request.param == "dotenv":
        (tmp_path / ".env").write_text(HOSTILE_DOTENV)
    return HOSTILE_ENVIRONMENT if request.param == "hostile" else {}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('7 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1', 1),
        ('7 sendto(3, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16)', 1),
        (
            '7 connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), '
            'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1',
            1,
        ),
        ('7 sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.1")}}, 0) = 1', 1),
        ('7 connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0', 0),
        (
            '7 connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), '
            'inet_pton(AF_INET6, "::ffff:127.0.0.1", &sin6_addr), sin6_scope_id=0}, 28) = 0',
            0,
        ),
        ('7 connect(3, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = -1', 0),
    ],
)  # fmt: skip
def test_the_trace_is_read_rightly(line, expected):
    assert len(outbound([line])) == expected


@needs_namespace
def test_a_plain_connection_is_seen(tmp_path):
    code = f"import socket\ntry: socket.create_connection(('{HOSTILE_HOST}', 80), 1)\nexcept OSError: print('cut')"
    traced = run_traced([sys.executable, "-c", code], tmp_path)
    assert traced.outbound == (f"{HOSTILE_HOST}:80",)
    assert traced.stdout.strip() == "cut"


@needs_namespace
def test_a_connection_of_a_grandchild_is_seen(tmp_path):
    inner = f"import socket; socket.socket().connect_ex(('{HOSTILE_HOST}', 80))"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    assert run_traced([sys.executable, "-c", code], tmp_path).outbound == (f"{HOSTILE_HOST}:80",)


@needs_namespace
def test_loopback_works_inside_and_is_not_flagged(tmp_path):
    code = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    traced = run_traced([sys.executable, "-c", code], tmp_path)
    assert (traced.code, traced.outbound) == (0, ())


STORE = """
import chromadb
from pathlib import Path
from tunewise import offline
settings = offline.chroma_settings(Path("store")) if sealed else chromadb.Settings()
store = chromadb.PersistentClient("store", settings=settings)
store.create_collection("passages", embedding_function=None).add(ids=["a"], embeddings=[[1.0, 0.0]])
"""
PAGE = """
import gradio, time
gradio.Blocks(analytics_enabled=False if sealed else None)
time.sleep(2)
"""
# A name that is no folder is looked up on the hub by default.
EMBEDDER = """
from langchain.embeddings import init_embeddings
try:
    init_embeddings("huggingface:sentence-transformers/all-MiniLM-L6-v2")
except Exception as problem:
    print(type(problem).__name__)
"""
libraries = pytest.mark.parametrize(
    "library", [STORE, PAGE, EMBEDDER], ids=["chroma", "gradio", "sentence-transformers"]
)


@needs_namespace
@libraries
def test_the_libraries_call_out_where_nothing_is_sealed(tmp_path, library):
    code = f"sealed = False\n{library}"
    environment = {**HOSTILE_ENVIRONMENT, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    traced = run_traced([sys.executable, "-c", code], tmp_path, environment=environment)
    assert traced.outbound, traced.stderr


@needs_namespace
@libraries
def test_the_same_libraries_reach_nothing_once_sealed(tmp_path, library):
    (tmp_path / ".env").write_text(HOSTILE_DOTENV)
    code = f"sealed = True\nfrom tunewise import offline; offline.seal()\n{library}"
    environment = {**HOSTILE_ENVIRONMENT, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    traced = run_traced([sys.executable, "-c", code], tmp_path, environment=environment)
    assert traced.outbound == ()
    assert traced.code == 0, traced.stderr


@needs_namespace
@pytest.mark.models
def test_the_index_command_reaches_nothing_outside(tmp_path, surroundings):
    (tmp_path / "home").mkdir()
    home = home_with_weights(tmp_path / "home")
    command = [sys.executable, "-m", "tunewise.cli.main", "index", "--no-states", "--home", str(home)]
    traced = run_traced(command, tmp_path, environment=surroundings)
    assert traced.outbound == ()
    assert traced.code == 0, traced.stderr
    assert list(home.glob("index/*/manifest.json"))


@needs_namespace
@pytest.mark.models
def test_measuring_and_the_recipe_for_it_reach_nothing_outside(tmp_path, surroundings):
    write_csv(tmp_path / "topics.csv", texts(120))
    table, record, out = (str(tmp_path / name) for name in ("topics.csv", "record.json", "recipe"))
    tunewise = [sys.executable, "-m", "tunewise.cli.main"]
    for command in (["measure", table, "--record", record], ["recipe", record, "--out", out]):
        traced = run_traced([*tunewise, *command], tmp_path, environment=surroundings)
        assert traced.outbound == ()
        assert traced.code == 0, traced.stderr
    assert (tmp_path / "recipe" / "train.py").exists()


@needs_namespace
def test_walking_through_a_model_reaches_nothing_outside(tmp_path, surroundings):
    tiny = {"model_type": "bert", "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    (tmp_path / "config.json").write_text(json.dumps({**tiny, "intermediate_size": 64, "vocab_size": 99}))
    command = [sys.executable, "-m", "tunewise.cli.main", "memory", str(tmp_path / "config.json"), "--length", "32"]
    traced = run_traced(command, tmp_path, environment=surroundings)
    assert traced.outbound == ()
    assert traced.code == 0, traced.stderr


BUILD_AND_SEARCH = """
import sys
import chromadb
from pathlib import Path
from tunewise import offline
offline.seal()
from tunewise.retrieval import open_searcher
from tunewise.settings import Settings
with open_searcher(Settings(home=Path("home")), corpus_root=Path("corpus")) as searcher:
    (hit,) = searcher.search("What does pruning remove?", 1)
    print(hit.passage.section, searcher.notice, hit.similarity is not None, "sentence_transformers" in sys.modules)
"""


@needs_namespace
@pytest.mark.models
def test_an_index_built_and_searched_by_sentence_transformers_and_chroma_reaches_nothing_outside(
    tmp_path, surroundings
):
    without_notes(tmp_path / "corpus")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(Settings.from_environment().models_dir)
    traced = run_traced([sys.executable, "-c", BUILD_AND_SEARCH], tmp_path, environment=surroundings)
    assert traced.outbound == ()
    assert traced.code == 0, traced.stderr
    assert traced.stdout.strip().endswith("Pruning None True True")
    assert list((tmp_path / "home").glob("index/*/manifest.json"))


@needs_namespace
def test_answering_by_rules_reaches_nothing_outside(tmp_path, surroundings):
    traced = run_traced(ask("--no-model"), tmp_path, environment=surroundings)
    assert traced.outbound == ()
    assert traced.code == 0, traced.stderr
    assert json.loads(traced.stdout)["citations"]


@needs_namespace
@pytest.mark.models
def test_a_whole_turn_with_the_model_reaches_nothing_outside(tmp_path, surroundings):
    traced = run_traced(ask(), tmp_path, environment=surroundings)
    assert traced.outbound == ()
    assert traced.code == 0, traced.stderr
    reply = json.loads(traced.stdout)
    assert reply["citations"]
    assert all(_stands_in_document(citation) for citation in reply["citations"])


@needs_namespace
def test_serving_the_page_reaches_nothing_outside(tmp_path, surroundings):
    script = str(ROOT / "tests" / "reliability" / "serve_once.py")
    traced = run_traced([sys.executable, script, str(PAGE_PORT)], tmp_path, environment=surroundings)
    assert traced.outbound == ()
    assert traced.code == 0, traced.stderr
    assert "components" in traced.stdout


def _stands_in_document(citation: dict[str, object]) -> bool:
    from tunewise.retrieval import load_corpus

    text = load_corpus().documents[str(citation["document"])].text
    return text[int(str(citation["start"])) : int(str(citation["end"]))] == citation["quote"]
