"""What `tunewise doctor` finds."""

from __future__ import annotations

import argparse
import json
import shutil
from collections import namedtuple
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from tunewise import doctor
from tunewise.cli import doctor as command
from tunewise.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def found(settings: Settings, name: str) -> doctor.Check:
    return next(check for check in doctor.examine(settings) if check.name.startswith(name))


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_parsers(parser.add_subparsers())
    options = parser.parse_args(["doctor", *arguments])
    return int(options.func(options))


def test_missing_weights_are_broken_and_say_how_to_fetch_them(settings):
    check = found(settings, "weights, chat")
    assert not check.ok
    assert "tunewise models pull qwen2.5-coder-1.5b" in check.detail


def test_a_remote_model_needs_no_weights(tmp_path):
    settings = Settings(home=tmp_path, remote_url="http://127.0.0.1:8000/v1", remote_model="big")
    check = found(settings, "weights, chat")
    assert check.ok
    assert "'big' at http://127.0.0.1:8000/v1" in check.detail


def test_every_setting_in_force_has_a_line(settings):
    names = {check.name for check in doctor.examine(settings)}
    assert {f"TUNEWISE_{name.upper()}" for name in Settings.__dataclass_fields__} <= names


def test_a_setting_that_was_changed_is_shown_with_its_default(tmp_path):
    assert found(Settings(home=tmp_path, top_k=9), "TUNEWISE_TOP_K").detail == "9 (default 4)"


def test_a_key_is_never_printed(tmp_path):
    checks = doctor.examine(Settings(home=tmp_path, remote_key="hunter2"))
    assert "hunter2" not in "".join(check.detail for check in checks)
    assert next(check for check in checks if check.name == "TUNEWISE_REMOTE_KEY").detail == "set"


def test_a_full_disk_is_broken(settings, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10, 10, 1_000_000))
    check = found(settings, "disk")
    assert not check.ok
    assert "TUNEWISE_HOME" in check.detail


def test_a_package_that_is_not_installed_is_broken(settings, monkeypatch):
    def version(name: str) -> str:
        if name == "llama-cpp-python":
            raise PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(doctor, "version", version)
    check = found(settings, "llama-cpp-python")
    assert not check.ok
    assert "only --no-model works" in check.detail


def test_an_unknown_framework_is_broken_and_the_rest_is_still_examined(tmp_path):
    checks = doctor.examine(Settings(home=tmp_path, framework="no-such-framework"))
    assert not next(check for check in checks if check.name == "framework").ok
    assert any(check.name == "disk" for check in checks)


def test_something_broken_exits_with_1(tmp_path, capsys):
    assert run("--home", str(tmp_path)) == 1
    assert "BROKEN" in capsys.readouterr().out


def test_the_report_is_also_json(tmp_path, capsys):
    run("--home", str(tmp_path), "--json")
    checks = json.loads(capsys.readouterr().out)
    assert {"name", "ok", "detail"} == set(checks[0])


@pytest.mark.models
def test_a_complete_installation_is_in_order(capsys):
    assert run() == 0
    report = capsys.readouterr().out
    assert "BROKEN" not in report
    assert "cc324af070c2" in report
