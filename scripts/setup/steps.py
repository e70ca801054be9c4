"""The steps of set-up, each skipped when its stamp says that nothing it depends on has changed.

A stamp is a file in the virtual environment that holds a digest of the step's inputs.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.setup import machine
from scripts.setup.run import StepFailed, run_long, say

PACKAGES_GB = 4.0
PACKAGES_TEXT = "Fetching and installing packages (about 0.7 GB, 2.5 GB on disk; 2 to 6 minutes)"
COMPILE_TEXT = "Compiling llama.cpp (4 to 5 minutes on two cores; seconds if pip has kept an earlier build)"
LLAMA = "llama-cpp-python"


@dataclass(frozen=True)
class Plan:
    """What is to be set up.

    Attributes:
        root: Folder of the repository.
        dev: With what the tests need: more packages and all weights.
        rules_only: Without the local language model.
    """

    root: Path
    dev: bool = False
    rules_only: bool = False

    @property
    def venv(self) -> Path:
        """The virtual environment that make uses."""
        return self.root / ".venv"

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.venv / "bin" / "python")

    @property
    def log(self) -> Path:
        """Where the output of long steps goes."""
        return self.venv / "setup.log"


def set_up(plan: Plan) -> None:
    """Everything up to the point where the advisor can run; seconds when there is nothing to do.

    Raises:
        StepFailed: With the one sentence to show.
    """
    make_venv(plan)
    install_packages(plan)
    pull_weights(plan)
    build_index(plan)


def make_venv(plan: Plan) -> None:
    """Create .venv, or again if its Python has gone."""
    if machine.OLDEST <= _version_of(plan) <= machine.NEWEST:
        return
    python = machine.find_python()
    if not python:
        raise StepFailed("Python 3.11, 3.12 or 3.13 is needed and none was found. Install one, then try again.")
    _stop_at(machine.venv_problem(python))
    say(f"Virtual environment in {plan.venv} with {python} …")
    done = subprocess.run(
        [python, "-m", "venv", "--clear", str(plan.venv)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StepFailed(f"{plan.venv} could not be created: {(done.stderr or done.stdout).strip()}")


def install_packages(plan: Plan) -> None:
    """Install the pinned packages, then llama.cpp, then Tunewise itself (editable)."""
    inputs = digest([plan.root / "pyproject.toml", plan.root / "constraints.txt"], str(plan.rules_only))
    kinds = ("dev", "run") if not plan.dev else ("dev",)
    if any(_stamp(plan, f"packages-{kind}") == inputs for kind in kinds):
        return
    build_llama = not plan.rules_only and not _has(plan, "llama_cpp")
    _stop_at(machine.compiler_problem() if build_llama else "")
    _stop_at(machine.disk_problem(plan.root, PACKAGES_GB, "The packages"))
    _stop_at(machine.network_problem(plan.python))
    pip = [plan.python, "-m", "pip", "install", "--disable-pip-version-check", "--constraint", "constraints.txt"]
    run_long("Updating pip", [*pip, "--upgrade", "pip"], plan.log, cwd=plan.root)
    wanted = [line for line in requirements(plan) if not line.startswith(LLAMA)]
    run_long(PACKAGES_TEXT, [*pip, *wanted], plan.log, cwd=plan.root)
    if not plan.rules_only:
        llama = [line for line in requirements(plan) if line.startswith(LLAMA)]
        run_long(COMPILE_TEXT if build_llama else "Checking llama.cpp", [*pip, *llama], plan.log, cwd=plan.root)
    run_long("Installing Tunewise", [*pip, "--no-deps", "--editable", "."], plan.log, cwd=plan.root)
    _write_stamp(plan, f"packages-{'dev' if plan.dev else 'run'}", inputs)


def requirements(plan: Plan) -> list[str]:
    """The requirements in pyproject.toml, with the `dev` extra if the plan has it; read by the environment's Python."""
    code = (
        "import json, tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project'];"
        f"print(*project['dependencies'], *(project['optional-dependencies']['dev'] if {plan.dev} else []), sep='\\n')"
    )
    done = subprocess.run([plan.python, "-c", code], capture_output=True, text=True, check=True, cwd=plan.root)
    return done.stdout.splitlines()


def pull_weights(plan: Plan) -> None:
    """Fetch the weights that are missing (0.5 GB, and 1.1 GB for a language model); the command shows progress."""
    read, chat = ["all-minilm-l6-v2", "all-mpnet-base-v2"], ["qwen2.5-coder-1.5b", "smollm2-135m"]
    names = [*chat, *read] if plan.dev else read if plan.rules_only else []
    if _call(plan, "models", "pull", *names):
        raise StepFailed("The weights are not complete; run the same command again to go on where it stopped.")


def build_index(plan: Plan) -> None:
    """Build the search index and the passage states when corpus, code or place have changed."""
    corpus = sorted(path for path in (plan.root / "corpus").rglob("*") if path.is_file())
    inputs = digest([*corpus, plan.root / "constraints.txt"], os.environ.get("TUNEWISE_HOME", ""), str(plan.rules_only))
    if _stamp(plan, "index") == inputs:
        return
    say("Building the index (from nothing two to four minutes) …")
    if _call(plan, "index", *(["--no-states"] if plan.rules_only else [])):
        raise StepFailed("The index could not be built. Run '.venv/bin/tunewise doctor' to see what is missing.")
    _write_stamp(plan, "index", inputs)


def digest(paths: Iterable[Path], *texts: str) -> str:
    """SHA-256 over names and contents of files, and some texts."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for text in texts:
        whole.update(text.encode() + b"\0")
    return whole.hexdigest()


def _call(plan: Plan, *arguments: str) -> int:
    """Run a command of Tunewise; its progress and errors are shown, its results are not."""
    command = [str(plan.venv / "bin" / "tunewise"), *arguments]
    return subprocess.run(
        command, cwd=plan.root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
    ).returncode


def _has(plan: Plan, module: str) -> bool:
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([plan.python, "-c", code], check=False).returncode == 0


def _version_of(plan: Plan) -> tuple[int, int]:
    return machine.python_version(plan.python) if Path(plan.python).exists() else (0, 0)


def _stop_at(problem: str) -> None:
    if problem:
        raise StepFailed(problem)


def _stamp(plan: Plan, name: str) -> str:
    path = plan.venv / f".stamp-{name}"
    return path.read_text() if path.is_file() else ""


def _write_stamp(plan: Plan, name: str, inputs: str) -> None:
    (plan.venv / f".stamp-{name}").write_text(inputs)
