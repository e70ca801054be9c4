"""What set-up says about a machine that lacks something."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from scripts.setup import machine


def only(*names: str):
    """A `which` for a machine that has these programs."""

    def which(name: str, present: Collection[str] = names) -> str | None:
        return f"/usr/bin/{name}" if name in present else None

    return which


def fake_python(folder: Path, name: str, version: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return str(path)


def test_a_python_that_is_too_old_or_too_new_is_passed_over(tmp_path):
    old, new = fake_python(tmp_path, "old", "3 10"), fake_python(tmp_path, "new", "3 14")
    good = fake_python(tmp_path, "good", "3 12")
    assert machine.find_python([old, new, good]) == good
    assert machine.find_python([old, new]) == ""


def test_a_python_that_does_not_run_is_passed_over(tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    assert machine.find_python([str(broken), "", "no-such-python"]) == ""


def test_this_python_fits():
    assert machine.find_python([sys.executable]) == sys.executable
    assert machine.venv_problem(sys.executable) == ""


def test_a_python_without_venv_is_told_what_to_install(tmp_path):
    path = tmp_path / "python"
    path.write_text('#!/bin/sh\ncase "$2" in *venv*) exit 1;; *) echo 3 13;; esac\n')
    path.chmod(0o755)
    assert "apt install python3.13-venv" in machine.venv_problem(str(path))


@pytest.mark.parametrize(
    ("programs", "missing"), [((), "No C and no C++"), (("gcc",), "No C++"), (("g++",), "No C compiler")]
)
def test_a_missing_compiler_is_named_with_the_way_out(programs, missing):
    problem = machine.compiler_problem(only(*programs))
    assert missing in problem
    assert "RULES_ONLY=1" in problem


def test_any_usual_compiler_will_do():
    assert machine.compiler_problem(only("cc", "c++")) == ""
    assert machine.compiler_problem(only("clang", "clang++")) == ""


def test_too_little_disk_is_said_with_both_sizes(tmp_path):
    problem = machine.disk_problem(tmp_path / "not" / "yet", 1e6, "The packages")
    assert "The packages need 1000000 GB" in problem
    assert "are free" in problem
    assert machine.disk_problem(tmp_path, 0.0, "The packages") == ""


def test_an_index_that_cannot_be_reached_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    problem = machine.network_problem(sys.executable)
    assert problem.startswith("The package index cannot be reached")
    assert "\n" not in problem


def test_only_what_is_missing_is_installed_for_the_tests():
    assert machine.missing_test_packages(only(), "Linux") == ["chromium", "strace", "util-linux"]
    assert machine.missing_test_packages(only("google-chrome", "strace"), "Linux") == ["util-linux"]
    assert machine.missing_test_packages(only("chromium", "strace", "unshare"), "Linux") == []


def test_packages_are_only_installed_by_root_with_apt(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not machine.can_install_packages(only("apt-get"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert machine.can_install_packages(only("apt-get"))
    assert not machine.can_install_packages(only())


def test_a_user_who_is_not_root_is_told_the_command():
    assert "sudo apt-get install chromium strace" in machine.packages_problem(["chromium", "strace"], "Linux")
    assert "brew install --cask chromium" in machine.packages_problem(["chromium"], "Darwin")
