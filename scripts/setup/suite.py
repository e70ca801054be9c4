"""The whole test suite in the order of its cost: lint, types, fast tests, then weights, browser and damage."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from scripts.setup import machine
from scripts.setup.run import StepFailed, run_long, say
from scripts.setup.steps import Plan

SLOW = "models or browser or reliability"
NOTHING_RAN = 5


def install_test_programs(plan: Plan) -> None:
    """Install Chromium, strace and unshare where root may; otherwise say how.

    Raises:
        StepFailed: If something is missing that cannot be installed here.
    """
    missing = machine.missing_test_packages()
    if not missing:
        return
    if not machine.can_install_packages():
        raise StepFailed(machine.packages_problem(missing))
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run_long("Reading the package lists", ["apt-get", "update", "-q"], plan.log, cwd=plan.root, env=env)
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    run_long(f"Installing {', '.join(missing)} (about 0.4 GB)", install, plan.log, cwd=plan.root, env=env)


def commands(plan: Plan, *, fast: bool) -> list[tuple[str, list[str]]]:
    """Every check with its title, cheapest first."""
    tool = [plan.python, "-m"]
    checks = [
        ("ruff check", [*tool, "ruff", "check", "."]),
        ("ruff format", [*tool, "ruff", "format", "--check", "."]),
        ("mypy", [*tool, "mypy"]),
        ("mypy scripts", [*tool, "mypy", "-p", "scripts"]),
        ("fast tests", [*tool, "pytest", "-m", f"not ({SLOW})"]),
    ]
    if not fast:
        checks.append(("tests with weights, browser and damage", [*tool, "pytest", "-m", SLOW, "-rs"]))
    return checks


def run_suite(plan: Plan, *, fast: bool) -> None:
    """Run every check, also after a failure.

    Raises:
        StepFailed: If any failed, or found no test to run.
    """
    failed = [title for title, command in commands(plan, fast=fast) if not _passes(plan, title, command)]
    if failed:
        raise StepFailed(f"Failed: {', '.join(failed)}.")
    say("Everything passed.")


def _passes(plan: Plan, title: str, command: Sequence[str]) -> bool:
    say(f"── {title}")
    code = subprocess.run(command, cwd=plan.root, stdin=subprocess.DEVNULL, check=False).returncode
    if code == NOTHING_RAN and "pytest" in command:
        say(f"{title}: no test was found.")
    return code == 0
