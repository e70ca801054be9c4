"""The built package is complete without the repository."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "-w", str(folder), str(ROOT)], check=True)
    return next(folder.glob("tunewise-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    folder = wheel.parent / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, cwd=installed.parent, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def shipped(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("folder", ["corpus", "ui"])
def test_what_stands_beside_the_sources_is_shipped_whole(wheel, folder):
    tracked = subprocess.run(["git", "ls-files", folder], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert {f"tunewise/{path}" for path in tracked.splitlines()} <= shipped(wheel)


def test_prompts_tables_and_type_marker_are_shipped(wheel):
    names = shipped(wheel)
    assert "tunewise/py.typed" in names
    source = ROOT / "src" / "tunewise"
    data = [path for ending in ("txt", "yaml", "json") for path in source.rglob(f"*.{ending}")]
    assert {f"tunewise/{path.relative_to(source)}" for path in data} <= names


def test_the_licence_travels_along(wheel):
    assert any(name.endswith("licenses/LICENSE") for name in shipped(wheel))


def test_nothing_of_the_tests_or_the_set_up_is_shipped(wheel):
    assert {name.split("/")[0] for name in shipped(wheel)} == {"tunewise", "tunewise-0.1.0.dist-info"}


def test_the_installed_package_finds_its_corpus(installed):
    code = "import tunewise, tunewise.retrieval as r; print(tunewise.__file__, len(r.load_corpus().passages))"
    file, passages = run(installed, "-c", code).split()
    assert Path(file).is_relative_to(installed)
    assert int(passages) > 40


@pytest.mark.models
def test_the_installed_package_answers(installed):
    question = "Should I fine-tune a ResNet-50 on 800 flower photos?"
    reply = json.loads(run(installed, "-m", "tunewise.cli.main", "ask", question, "--no-model", "--json"))
    assert reply["recommendation"]["primary"]
    assert reply["citations"]


def imported(path: Path) -> set[str]:
    """Top names of the packages that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"tunewise"}


@pytest.mark.parametrize("folder", ["src", "ui"])
def test_every_package_that_is_imported_is_declared(folder):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["eval"], *extras["measure"]]
    declared = {canonicalize_name(Requirement(line).name) for line in wanted}
    brought_by = {"pydantic_core": "pydantic"}  # the same release of the same project
    providers = packages_distributions()
    for path in (ROOT / folder).rglob("*.py"):
        for name in imported(path):
            packages = {canonicalize_name(package) for package in providers.get(name, [name])}
            assert packages & declared or brought_by.get(name) in declared, f"{path}: {name}"
