"""The index survives kills, damage, other writers and full disks: a whole index answers, or it is built again.

TUNEWISE_KILLS (40) and TUNEWISE_DAMAGE_SEEDS (1) set how often; 200 and 5 are the full figures.
"""

import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fakes.embedder import WORDS, WordEmbedder
from tests.reliability.small_corpus import without_notes
from tunewise.errors import BusyError, IndexUnavailableError
from tunewise.retrieval import load_corpus, open_searcher
from tunewise.retrieval.index import MANIFEST, build_index, is_whole
from tunewise.settings import Settings

pytestmark = pytest.mark.reliability

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("TUNEWISE_KILLS", "40"))
SEEDS = int(os.environ.get("TUNEWISE_DAMAGE_SEEDS", "1"))
QUESTION, SECTION = "What does pruning remove from a network?", "Limited Resources Scenarios / Pruning"
BUILD = """
import sys
from pathlib import Path
import chromadb, langchain_chroma
from tests.fakes.embedder import WORDS
from tunewise.retrieval import load_corpus
from tunewise.retrieval.index import build_index
print("building", flush=True)
build_index(Path(sys.argv[1]), load_corpus(Path(sys.argv[2])), WORDS)
"""


class OldEmbedder(WordEmbedder):
    fingerprint = "the model before"


def index_of(settings, embedder=WORDS):
    """Folder of the only index that is whole; None if there is none."""
    found = [path for path in settings.index_dir.iterdir() if is_whole(path)]
    assert len(found) <= 1
    return found[0] if found else None


def corpus_of(settings):
    """A small corpus in the home: what is tested here does not depend on its size."""
    return without_notes(settings.home / "corpus")


def built_home(home, embedder):
    settings = Settings(home=home)
    corpus, start = load_corpus(corpus_of(settings)), time.monotonic()
    build_index(settings.index_dir, corpus, embedder)
    return home, time.monotonic() - start


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A home with an index, and how many seconds a build takes."""
    built_home(tmp_path_factory.mktemp("warm"), WORDS)  # imports
    return built_home(tmp_path_factory.mktemp("home"), WORDS)


@pytest.fixture
def settings(built, tmp_path):
    return Settings(home=Path(shutil.copytree(built[0], tmp_path / "home")))


@pytest.fixture
def stale(tmp_path):
    """A home whose index was made by another embedding model."""
    return Settings(home=built_home(tmp_path / "home", OldEmbedder())[0])


def start_build(settings, **options):
    """A process of its own that builds the index, and is past its imports."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    process = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(settings.index_dir), str(corpus_of(settings))],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **options,
    )  # fmt: skip
    assert process.stdout.readline() == "building\n"
    return process


def wait_until_it_writes(process, settings):
    deadline = time.monotonic() + 60
    while not list(settings.index_dir.glob(f"build-{process.pid}-*")) and time.monotonic() < deadline:
        time.sleep(0.01)


def end(process):
    """Wait for a process; returns what it complained of."""
    _, complaint = process.communicate(timeout=60)
    return complaint


def answers(settings, embedder=WORDS):
    with open_searcher(settings, corpus_root=corpus_of(settings), embedder=embedder) as searcher:
        return searcher.search(QUESTION, 1)[0].passage.section.endswith(SECTION) and searcher.notice is None


def test_whenever_a_build_is_killed_a_whole_index_answers(built, stale):
    randomly, outcomes = random.Random(7), {"old": 0, "new": 0}
    before = Path(shutil.copytree(stale.home, stale.home.with_name("before")))
    for number in range(KILLS):
        shutil.rmtree(stale.home)
        shutil.copytree(before, stale.home)
        old = index_of(stale)
        process = start_build(stale)
        time.sleep(randomly.uniform(0, 1.6 * built[1]))
        os.killpg(process.pid, signal.SIGKILL)
        end(process)
        left = [path for path in stale.index_dir.iterdir() if is_whole(path)]
        outcomes["old" if left == [old] else "new"] += 1
        assert left, f"kill {number} left no whole index"
        if left == [old]:
            assert answers(stale, OldEmbedder()), "the whole index was not taken"
        assert answers(stale)
        assert not list(stale.index_dir.glob("build-*")), "what the killed build left was not swept"
    assert outcomes["old"] > 0
    print(f"{KILLS} kills: {outcomes}")


def test_a_second_writer_is_refused_with_the_pid_of_the_first(stale):
    process = start_build(stale)
    try:
        wait_until_it_writes(process, stale)
        with pytest.raises(BusyError, match=str(process.pid)):
            build_index(stale.index_dir, load_corpus(corpus_of(stale)), WORDS)
    finally:
        end(process)


def test_who_opens_while_another_builds_waits_and_takes_what_it_built(tmp_path):
    settings = Settings(home=tmp_path)
    process = start_build(settings)
    try:
        wait_until_it_writes(process, settings)
        assert answers(settings)
    finally:
        assert end(process) == ""
    assert index_of(settings) is not None


@pytest.mark.parametrize("limit", [0, 2_000, 60_000, 120_000, 300_000, 600_000])
def test_a_full_disk_leaves_the_old_index_whole_and_says_so(stale, limit):
    before = index_of(stale)
    process = start_build(stale, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    complaint = end(process)
    assert process.returncode == 1, complaint
    assert "IndexUnavailableError: The index could not be written" in complaint.splitlines()[-1]
    assert "Make room or set TUNEWISE_HOME" in complaint.splitlines()[-1]
    assert index_of(stale) == before
    assert not list(stale.index_dir.glob("build-*"))
    assert answers(stale, OldEmbedder())


def test_too_little_room_is_noticed_before_anything_is_written_and_words_answer(stale, monkeypatch):
    usage = shutil.disk_usage(stale.home)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    before = index_of(stale)
    with pytest.raises(IndexUnavailableError, match="1 MB are free"):
        build_index(stale.index_dir, load_corpus(corpus_of(stale)), WORDS)
    assert index_of(stale) == before
    with open_searcher(stale, corpus_root=corpus_of(stale), embedder=WORDS) as searcher:
        assert searcher.search(QUESTION, 1)[0].passage.section.endswith(SECTION)
        assert "1 MB are free" in searcher.notice


def flip(path, randomly):
    content = bytearray(path.read_bytes())
    content[randomly.randrange(len(content))] ^= 1 << randomly.randrange(8)
    path.write_bytes(content)


def truncate(path, randomly):
    path.write_bytes(path.read_bytes()[: randomly.randrange(path.stat().st_size)])


def delete(path, _):
    path.unlink()


def empty(path, _):
    path.write_bytes(b"")


def overwrite(path, randomly):
    path.write_bytes(randomly.randbytes(max(1, path.stat().st_size)))


def add(path, randomly):
    path.with_name("alien.bin").write_bytes(randomly.randbytes(64))


def tamper(path, _):
    """Name an embedding function in the store's own configuration, which would run code when it is opened."""
    with sqlite3.connect(path) as database:
        database.execute(
            "INSERT INTO collection_metadata (collection_id, key, str_value) SELECT id, 'x', 'y' FROM collections"
        )
    database.close()


def remove_index(path, _):
    shutil.rmtree(path)


DAMAGE = {
    "manifest deleted": (MANIFEST, delete),
    "manifest flipped": (MANIFEST, flip),
    "manifest cut short": (MANIFEST, truncate),
    "manifest emptied": (MANIFEST, empty),
    "manifest overwritten": (MANIFEST, overwrite),
    "alien file added": (MANIFEST, add),
    "alien file added to the store": ("chroma/chroma.sqlite3", add),
    "database deleted": ("chroma/chroma.sqlite3", delete),
    "database flipped": ("chroma/chroma.sqlite3", flip),
    "database cut short": ("chroma/chroma.sqlite3", truncate),
    "database tampered with": ("chroma/chroma.sqlite3", tamper),
    "vector index deleted": ("chroma/*/data_level0.bin", delete),
    "vector index flipped": ("chroma/*/data_level0.bin", flip),
    "vector index cut short": ("chroma/*/data_level0.bin", truncate),
    "vector index lengths emptied": ("chroma/*/length.bin", empty),
    "vector index header overwritten": ("chroma/*/header.bin", overwrite),
    "index removed": ("", remove_index),
}


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_index_is_noticed_and_built_again(settings, kind, seed):
    pattern, damage = DAMAGE[kind]
    folder = index_of(settings)
    damage(next(folder.glob(pattern)) if pattern else folder, random.Random(f"{kind} {seed}"))
    assert not is_whole(folder)
    assert answers(settings)
    assert index_of(settings) == folder


def test_a_store_is_never_opened_where_it_lies(settings):
    before = {path: path.read_bytes() for path in index_of(settings).rglob("*") if path.is_file()}
    assert answers(settings)
    assert {path: path.read_bytes() for path in index_of(settings).rglob("*") if path.is_file()} == before
