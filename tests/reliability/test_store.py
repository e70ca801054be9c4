"""The index survives kills, damage, other writers and full disks: a whole generation answers, or it is built again.

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

from tests.fakes.embedder import WORDS
from tunewise.errors import BusyError, IndexUnavailableError
from tunewise.retrieval import open_searcher
from tunewise.retrieval.building import build_generation
from tunewise.retrieval.store import CURRENT, MANIFEST, GenerationStore
from tunewise.settings import Settings

pytestmark = pytest.mark.reliability

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("TUNEWISE_KILLS", "40"))
SEEDS = int(os.environ.get("TUNEWISE_DAMAGE_SEEDS", "1"))
QUESTION, SECTION = "What does pruning remove from a network?", "Limited Resources Scenarios / Pruning"
BUILD = f"""
import sys
from pathlib import Path
from tunewise.retrieval.building import build_generation
from tunewise.retrieval.store import GenerationStore
from tunewise.settings import Settings
settings = Settings(home=Path(sys.argv[1]))
print("building", flush=True)
build_generation(GenerationStore(settings.index_dir), settings, embedder={WORDS!r})
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A home with one generation, and how many seconds a build takes."""
    home = tmp_path_factory.mktemp("home")
    start = time.monotonic()
    open_searcher(Settings(home=home), embedder=WORDS).close()
    return home, time.monotonic() - start


@pytest.fixture
def settings(built, tmp_path):
    return Settings(home=Path(shutil.copytree(built[0], tmp_path / "home")))


def start_build(settings, **options):
    """A process of its own that builds a generation, and is past its imports."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    process = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(settings.home)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **options,
    )  # fmt: skip
    assert process.stdout.readline() == "building\n"
    return process


def wait_until_it_writes(process, settings):
    pid, deadline = settings.index_dir / "writer.pid", time.monotonic() + 60
    while not (pid.exists() and pid.read_text() == str(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.01)


def end(process):
    """Wait for a process; returns what it complained of."""
    _, complaint = process.communicate(timeout=60)
    return complaint


def answers(settings, **options):
    with open_searcher(settings, embedder=WORDS, **options) as searcher:
        return searcher.notice is None and searcher.search(QUESTION, 1)[0].passage.section.endswith(SECTION)


def test_whenever_a_build_is_killed_a_whole_generation_answers(built, settings):
    store, randomly = GenerationStore(settings.index_dir), random.Random(7)
    key, outcomes = store.newest().key, {"old": 0, "new": 0}
    for number in range(KILLS):
        before = store.current_name()
        process = start_build(settings)
        time.sleep(randomly.uniform(0, 1.1 * built[1]))
        if number % 2:
            os.killpg(process.pid, signal.SIGKILL)  # with its children, as a power cut would
        else:
            process.kill()  # its children have to notice by themselves
        end(process)
        current = store.verified(store.current_name())
        assert current is not None, f"kill {number} left a broken generation"
        assert current.key == key
        outcomes["old" if current.name == before else "new"] += 1
        assert answers(settings)
        assert store.current_name() == current.name, "the whole generation was not taken"
    assert answers(settings, store="chroma")
    assert outcomes["old"] > 0
    print(f"{KILLS} kills: {outcomes}")


def test_after_kills_a_build_sweeps_what_they_left(settings):
    process = start_build(settings)
    time.sleep(0.7)
    os.killpg(process.pid, signal.SIGKILL)
    end(process)
    end(start_build(settings))
    left = {path.name.split("-")[0] for path in settings.index_dir.iterdir()}
    assert left == {"gen", CURRENT, "writer.lock", "writer.pid"}


def test_a_second_writer_is_refused_with_the_pid_of_the_first(settings):
    process = start_build(settings)
    try:
        wait_until_it_writes(process, settings)
        store = GenerationStore(settings.index_dir)
        with pytest.raises(BusyError, match=str(process.pid)):
            build_generation(store, settings, embedder=WORDS)
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
    assert len([path for path in settings.index_dir.iterdir() if path.name.startswith("gen-")]) == 1


@pytest.mark.parametrize("limit", [0, 2_000, 60_000, 120_000, 300_000])
def test_a_full_disk_leaves_the_old_index_in_use_and_says_so(settings, limit):
    before = GenerationStore(settings.index_dir).current_name()
    process = start_build(settings, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    complaint = end(process)
    assert process.returncode != 0
    assert "IndexUnavailableError: The index could not be" in complaint.splitlines()[-1]
    assert GenerationStore(settings.index_dir).current_name() == before
    assert answers(settings, store="chroma")


def test_too_little_room_is_noticed_before_anything_is_written(settings, monkeypatch):
    usage = shutil.disk_usage(settings.home)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    before = sorted(settings.index_dir.iterdir())
    with pytest.raises(IndexUnavailableError, match="1 MB are free"):
        build_generation(GenerationStore(settings.index_dir), settings, embedder=WORDS)
    assert sorted(settings.index_dir.iterdir()) == before


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


def remove_generation(path, _):
    shutil.rmtree(path)


GENERATION = {
    "manifest deleted": (MANIFEST, delete),
    "manifest flipped": (MANIFEST, flip),
    "manifest cut short": (MANIFEST, truncate),
    "passages flipped": ("passages.json", flip),
    "passages cut short": ("passages.json", truncate),
    "vectors deleted": ("vectors.npy", delete),
    "vectors flipped": ("vectors.npy", flip),
    "vectors emptied": ("vectors.npy", empty),
    "postings flipped": ("postings.npz", flip),
    "postings overwritten": ("postings.npz", overwrite),
    "alien file added": ("passages.json", add),
    "database flipped": ("chroma/chroma.sqlite3", flip),
    "database cut short": ("chroma/chroma.sqlite3", truncate),
    "database tampered with": ("chroma/chroma.sqlite3", tamper),
    "vector index deleted": ("chroma/*/data_level0.bin", delete),
    "vector index cut short": ("chroma/*/data_level0.bin", truncate),
    "vector index header overwritten": ("chroma/*/header.bin", overwrite),
    "generation removed": ("", remove_generation),
}
POINTER = {"deleted": delete, "emptied": empty, "overwritten": overwrite, "flipped": flip}


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("kind", GENERATION)
def test_a_damaged_generation_is_noticed_and_built_again(settings, kind, seed):
    pattern, damage = GENERATION[kind]
    store, randomly = GenerationStore(settings.index_dir), random.Random(f"{kind} {seed}")
    name = store.current_name()
    folder = settings.index_dir / name
    damage(next(folder.glob(pattern)) if pattern else folder, randomly)
    assert store.verified(name) is None
    assert answers(settings)
    assert store.verified(store.current_name()) is not None
    assert store.current_name() != name


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("kind", POINTER)
def test_a_damaged_pointer_is_set_right_without_a_build(settings, kind, seed):
    store = GenerationStore(settings.index_dir)
    name = store.current_name()
    POINTER[kind](settings.index_dir / CURRENT, random.Random(seed))
    assert answers(settings)
    assert store.current_name() == name


def test_the_database_of_a_store_is_never_opened_where_it_lies(settings):
    before = {path: path.read_bytes() for path in settings.index_dir.rglob("*") if path.is_file()}
    assert answers(settings, store="chroma")
    assert {path: path.read_bytes() for path in settings.index_dir.rglob("*") if path.is_file()} == before
