"""Finding and trusting weights."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.weights.test_gguf import gguf
from tunewise import weights
from tunewise.errors import WeightsMismatchError, WeightsMissingError
from tunewise.settings import Settings


@pytest.fixture
def placed(settings: Settings, tiny, content: bytes) -> Path:
    settings.models_dir.mkdir(parents=True)
    path = settings.models_dir / "tiny.gguf"
    path.write_bytes(content)
    return path


def test_missing_weights_say_which_command_fetches_them(settings):
    with pytest.raises(WeightsMissingError, match=r"tunewise models pull qwen2.5-coder-1.5b' \(1.1 GB\), or set"):
        weights.locate("qwen2.5-coder-1.5b", settings)


def test_an_unknown_name_is_answered_with_the_nearest_one(settings):
    with pytest.raises(WeightsMissingError, match="Did you mean 'smollm2-135m'"):
        weights.locate("smollm-135m", settings)


def test_a_path_that_is_not_there_is_named(settings, tmp_path):
    with pytest.raises(WeightsMissingError, match=r"No weights at '.*absent.gguf'"):
        weights.locate(tmp_path / "absent.gguf", settings)


def test_a_file_cut_short_is_refused_with_both_sizes(settings, placed, content):
    placed.write_bytes(content[:1000])
    with pytest.raises(WeightsMismatchError, match=r"1,000 of 3,591 bytes.*models pull tiny"):
        weights.locate("tiny", settings)
    assert placed.exists()


def test_a_file_of_the_right_size_with_other_content_is_refused(settings, placed, content):
    placed.write_bytes(content[:-1] + b"!")
    with pytest.raises(WeightsMismatchError, match="not loaded"):
        weights.locate("tiny", settings)


def test_a_file_changed_after_it_was_verified_is_hashed_again(settings, placed, content):
    weights.locate("tiny", settings)
    placed.write_bytes(content[:-1] + b"!")
    os.utime(placed, (1, 1))
    with pytest.raises(WeightsMismatchError):
        weights.locate("tiny", settings)


def test_a_stamp_that_cannot_be_read_only_costs_a_hash(settings, placed):
    weights.locate("tiny", settings)
    stamp = settings.models_dir / ".verified" / "tiny.json"
    stamp.write_bytes(b"\xff{not json")
    assert weights.locate("tiny", settings) == placed


def test_a_stamp_that_cannot_be_written_does_not_stop_anything(settings, placed):
    (settings.models_dir / ".verified").write_text("in the way")
    assert weights.locate("tiny", settings) == placed


def test_verify_hashes_even_what_is_stamped_and_what_differs_is_not_loaded_from_then_on(settings, placed, content):
    weights.locate("tiny", settings)
    status = placed.stat()
    placed.write_bytes(content[:-1] + b"!")
    os.utime(placed, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert weights.locate("tiny", settings) == placed
    with pytest.raises(WeightsMismatchError):
        weights.verify("tiny", settings)
    with pytest.raises(WeightsMismatchError, match="not loaded"):
        weights.locate("tiny", settings)


def test_verify_of_missing_weights_is_an_error(settings, tiny):
    with pytest.raises(WeightsMissingError):
        weights.verify("tiny", settings)
    with pytest.raises(WeightsMissingError, match="No pinned weights named"):
        weights.verify("unknown", settings)


def test_a_users_own_gguf_is_found_by_its_path(settings, tmp_path):
    own = tmp_path / "own.gguf"
    own.write_bytes(gguf())
    assert weights.locate(own, settings) == own
    assert weights.locate(str(own), settings) == own


def test_a_users_damaged_gguf_is_refused(settings, tmp_path):
    own = tmp_path / "own.gguf"
    own.write_bytes(gguf()[:-1])
    with pytest.raises(WeightsMismatchError, match="cut short"):
        weights.locate(own, settings)


def test_every_pinned_byte_of_the_wheels_adds_up_to_its_file():
    for pinned in weights.PINNED.values():
        for file in () if pinned.archive else pinned.files:
            assert sum(piece.size for piece in pinned.pieces if piece.path == file.path) == file.size


def test_a_chat_model_is_no_embedding_model(settings):
    with pytest.raises(WeightsMissingError, match="no embedding model"):
        weights.locate_embedding("smollm2-135m", settings)


def test_a_folder_without_a_model_is_refused_by_name(settings, tmp_path):
    with pytest.raises(WeightsMissingError, match=r"holds no sentence-transformers model"):
        weights.locate_embedding(str(tmp_path), settings)


def test_an_unknown_embedding_model_is_answered_with_the_nearest_one(settings):
    with pytest.raises(WeightsMissingError, match="Did you mean 'all-minilm-l6-v2'"):
        weights.locate_embedding("all-minilm", settings)


@pytest.mark.models
def test_the_weights_in_use_are_the_pinned_ones():
    settings = Settings.from_environment()
    for name in (settings.model, settings.embedding):
        assert weights.verify(name, settings).exists()


@pytest.mark.models
def test_the_real_chat_weights_pass_the_header_check():
    settings = Settings.from_environment()
    weights.check_gguf(weights.locate("smollm2-135m", settings))
    weights.check_gguf(weights.locate("qwen2.5-coder-1.5b", settings))
