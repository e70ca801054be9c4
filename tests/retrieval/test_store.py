"""Generations on disk, without a build."""

import os

import pytest

from tunewise.errors import BusyError, IndexUnavailableError
from tunewise.retrieval.store import CURRENT, MANIFEST, GenerationStore


@pytest.fixture
def store(tmp_path):
    return GenerationStore(tmp_path / "index")


def publish(store, key="one", content=b"canonical"):
    with store.writing():
        folder = store.new_folder("build")
        (folder / "passages.json").write_bytes(content)
        (folder / "chroma").mkdir()
        (folder / "chroma" / "chroma.sqlite3").write_bytes(b"store " + content)
        return store.publish(folder, key, {"passages": 1})


def test_a_published_generation_is_found_by_its_key(store):
    published = publish(store)
    assert store.find("one") == published
    assert store.current_name() == published.name
    assert published.files == {"passages.json": b"canonical"}


def test_another_key_is_not_found(store):
    publish(store)
    assert store.find("two") is None


def test_an_empty_folder_has_no_generation(store):
    assert store.find("one") is None
    assert store.newest() is None
    assert store.current_name() is None


def test_one_previous_generation_is_kept(store):
    names = [publish(store, key).name for key in ("one", "two", "three")]
    kept = {path.name for path in store.folder.iterdir() if path.name.startswith("gen-")}
    assert kept == set(names[1:])


def test_the_previous_generation_is_found_if_the_current_one_is_damaged(store):
    first, second = publish(store), publish(store)
    (second.folder / "passages.json").write_bytes(b"Canonical")
    assert store.find("one") == first


@pytest.mark.parametrize("content", [b"", b"gen-0000000000000000\n", b"../../etc\n", b"\xff\xfe", b"gen-zz\n"])
def test_a_damaged_pointer_does_not_hide_a_whole_generation(store, content):
    published = publish(store)
    (store.folder / CURRENT).write_bytes(content)
    assert store.find("one") == published


def test_a_second_writer_is_refused_with_the_pid(store):
    other = GenerationStore(store.folder)
    with store.writing(), pytest.raises(BusyError, match=str(os.getpid())), other.writing():
        pass


def test_the_right_to_write_is_given_back(store):
    publish(store)
    with store.writing():
        pass


def test_a_folder_that_cannot_be_made_is_said_to_be_so(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(IndexUnavailableError, match="TUNEWISE_HOME"),
        GenerationStore(tmp_path / "file" / "x").writing(),
    ):
        pass


def test_what_a_dead_process_left_is_swept_and_what_a_live_one_uses_is_not(store):
    store.folder.mkdir()
    dead, alive = store.folder / "build-4194303999-aa", store.folder / f"run-{os.getpid()}-aa"
    for folder in (dead, alive):
        folder.mkdir()
    with store.writing():
        assert not dead.exists()
        assert alive.exists()


def test_a_private_copy_is_whole_and_not_the_original(store):
    generation = publish(store)
    copy = store.private_copy(generation, "chroma")
    (copy / "chroma.sqlite3").write_bytes(b"changed")
    assert store.verified(generation.name) is not None


def test_a_damaged_part_is_not_copied(store):
    generation = publish(store)
    (generation.folder / "chroma" / "chroma.sqlite3").write_bytes(b"x")
    assert store.private_copy(generation, "chroma") is None


def test_a_part_that_is_not_there_is_not_copied(store):
    assert store.private_copy(publish(store), "nothing") is None


def test_a_file_that_is_a_link_elsewhere_is_read_by_its_content(store, tmp_path):
    generation = publish(store)
    (tmp_path / "elsewhere").write_bytes(b"other")
    (generation.folder / "passages.json").unlink()
    (generation.folder / "passages.json").symlink_to(tmp_path / "elsewhere")
    assert store.verified(generation.name) is None


def test_a_manifest_that_was_exchanged_is_noticed(store):
    first, second = publish(store, "one"), publish(store, "two", b"other")
    (second.folder / MANIFEST).write_bytes((first.folder / MANIFEST).read_bytes())
    assert store.verified(second.name) is None
