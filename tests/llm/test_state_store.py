from __future__ import annotations

import os

import numpy as np
import pytest

from tunewise.llm.state_store import StateStore


@pytest.fixture
def store(tmp_path):
    return StateStore(tmp_path / "states")


def state(size: int = 1000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, size, np.uint8)


def test_a_state_comes_back_as_it_was_saved(store):
    assert store.save("k", state(), 7)
    assert np.array_equal(store.load("k", 7), state())


def test_a_missing_state_is_none(store):
    assert store.load("k", 7) is None


def test_a_new_process_finds_what_an_earlier_one_saved(store):
    store.save("k", state(), 7)
    assert np.array_equal(StateStore(store.folder).load("k", 7), state())


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "grow", "header"])
def test_a_damaged_state_is_not_used_and_removed(store, damage):
    store.save("k", state(), 7)
    data = bytearray(store.path("k").read_bytes())
    if damage == "flip":
        data[500] ^= 1
    elif damage == "cut":
        del data[-10:]
    elif damage == "empty":
        data.clear()
    elif damage == "grow":
        data += b"x"
    else:
        data[9] ^= 1
    store.path("k").write_bytes(data)
    assert StateStore(store.folder).load("k", 7) is None
    assert damage == "empty" or not store.path("k").exists()


def test_damage_after_the_first_load_is_noticed_too(store):
    store.save("k", state(), 7)
    assert store.load("k", 7) is not None
    data = bytearray(store.path("k").read_bytes())
    data[500] ^= 1
    store.path("k").write_bytes(data)
    os.utime(store.path("k"), ns=(1, 1))
    assert store.load("k", 7) is None


def test_a_state_of_other_length_is_not_used(store):
    store.save("k", state(), 7)
    assert store.load("k", 8) is None


def test_the_least_recently_used_states_make_room_for_new_ones(tmp_path):
    store = StateStore(tmp_path, budget=3100)
    for number in range(3):
        store.save(f"k{number}", state(), 1)
        os.utime(store.path(f"k{number}"), (number, number))
    store.save("k3", state(), 1)
    assert "k0" not in store
    assert "k3" in store
    assert sum(path.stat().st_size for path in store.folder.iterdir()) <= 3100


def test_a_state_larger_than_the_budget_is_not_kept(tmp_path):
    store = StateStore(tmp_path, budget=100)
    assert not store.save("k", state(), 1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_costs_only_the_keeping(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert not StateStore(tmp_path / "file").save("k", state(), 1)


def test_nothing_is_left_behind_by_a_state_that_was_not_finished(store):
    store.save("k", state(), 1)
    assert [path.suffix for path in store.folder.iterdir()] == [".state"]


def test_the_key_depends_on_weights_prefix_and_passage():
    keys = {
        StateStore.key("w1", [1], [2]),
        StateStore.key("w2", [1], [2]),
        StateStore.key("w1", [1, 2]),
        StateStore.key("w1", [1, 2], []),
        StateStore.key("w1", [2], [1]),
    }
    assert len(keys) == 4
