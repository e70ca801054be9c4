"""Which steps of set-up run, what they say, and how they fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.setup import __main__ as entry
from scripts.setup import machine, steps, suite
from scripts.setup.run import StepFailed, run_long
from scripts.setup.steps import Plan

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A repository whose environment is this one, with nothing stamped."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\ndependencies = ["tqdm>=4", "llama-cpp-python==0.3.36"]\n'
        '[project.optional-dependencies]\ndev = ["pytest"]\n'
    )
    (tmp_path / "constraints.txt").write_text("tqdm==4.70.1\n")
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.md").write_text("text")
    return Plan(tmp_path)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Long commands are recorded in place of run; the machine lacks nothing."""
    commands: list[str] = []
    monkeypatch.setattr(steps, "run_long", lambda what, command, *_, **__: commands.append(" ".join(command[3:])))
    for check in ("compiler_problem", "disk_problem", "network_problem"):
        monkeypatch.setattr(machine, check, lambda *_: "")
    return commands


def test_a_second_install_has_nothing_to_do(plan, ran):
    steps.install_packages(plan)
    first = len(ran)
    steps.install_packages(plan)
    assert first == len(ran) > 0


def test_a_changed_constraint_installs_again(plan, ran):
    steps.install_packages(plan)
    first = len(ran)
    (plan.root / "constraints.txt").write_text("tqdm==4.70.2\n")
    steps.install_packages(plan)
    assert len(ran) == 2 * first


def test_what_the_tests_installed_is_enough_to_run(plan, ran):
    steps.install_packages(Plan(plan.root, dev=True))
    first = len(ran)
    steps.install_packages(plan)
    assert len(ran) == first


def test_only_the_tests_get_the_packages_of_the_tests(plan):
    assert "pytest" not in steps.requirements(plan)
    assert "pytest" in steps.requirements(Plan(plan.root, dev=True))


def test_rules_only_never_compiles(plan, ran, monkeypatch):
    monkeypatch.setattr(machine, "compiler_problem", lambda: "no compiler")
    monkeypatch.setattr(steps, "_has", lambda *_: False)
    steps.install_packages(Plan(plan.root, rules_only=True))
    assert not [command for command in ran if "llama" in command]
    with pytest.raises(StepFailed, match="no compiler"):
        steps.install_packages(plan)


@pytest.mark.parametrize("check", ["disk_problem", "network_problem"])
def test_nothing_is_installed_on_a_machine_that_lacks_something(plan, ran, monkeypatch, check):
    monkeypatch.setattr(machine, check, lambda *_: "One sentence.")
    with pytest.raises(StepFailed, match="One sentence"):
        steps.install_packages(plan)
    assert ran == []


def test_an_environment_with_a_fitting_python_is_kept(plan, monkeypatch):
    monkeypatch.setattr(machine, "find_python", lambda: pytest.fail("looked for another Python"))
    steps.make_venv(plan)


def test_without_a_fitting_python_nothing_begins(plan, monkeypatch):
    (plan.venv / "bin" / "python").unlink()
    monkeypatch.setattr(machine, "find_python", lambda: "")
    with pytest.raises(StepFailed, match=r"Python 3.11, 3.12 or 3.13 is needed"):
        steps.make_venv(plan)


def test_the_index_is_built_again_when_a_document_changes(plan, monkeypatch):
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(steps, "_call", lambda _plan, *arguments: calls.append(arguments) or 0)
    steps.build_index(plan)
    steps.build_index(plan)
    assert calls == [("index",)]
    (plan.root / "corpus" / "a.md").write_text("other text")
    steps.build_index(plan)
    assert len(calls) == 2


def test_weights_that_cannot_be_fetched_stop_set_up(plan, monkeypatch):
    monkeypatch.setattr(steps, "_call", lambda *_: 2)
    with pytest.raises(StepFailed, match="to go on where it stopped"):
        steps.pull_weights(plan)


@pytest.mark.parametrize(
    ("plan_options", "arguments"),
    [
        ({}, ()),
        ({"dev": True}, ("qwen2.5-coder-1.5b", "smollm2-135m", "all-minilm-l6-v2", "all-mpnet-base-v2")),
        ({"rules_only": True}, ("all-minilm-l6-v2", "all-mpnet-base-v2")),
    ],
)
def test_each_kind_of_plan_fetches_its_weights(plan, monkeypatch, plan_options, arguments):
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(steps, "_call", lambda _plan, *given: calls.append(given) or 0)
    steps.pull_weights(Plan(plan.root, **plan_options))
    assert calls == [("models", "pull", *arguments)]


def test_a_failed_command_shows_its_last_lines_and_names_its_log(tmp_path, capfd):
    code = "print('first'); print('the reason'); raise SystemExit(3)"
    with pytest.raises(StepFailed, match=r"Building: failed with exit code 3.*log.txt"):
        run_long("Building", [sys.executable, "-c", code], tmp_path / "log.txt", cwd=tmp_path)
    assert "the reason" in capfd.readouterr().err


def test_a_step_says_what_it_does_before_it_starts(tmp_path, capfd):
    run_long("Building (5 minutes)", [sys.executable, "-c", ""], tmp_path / "log.txt", cwd=tmp_path)
    assert capfd.readouterr().out.startswith("Building (5 minutes) …\n  done in 0:0")


def test_the_suite_goes_on_after_a_failure_and_fails_in_the_end(plan, monkeypatch, capfd):
    checks = [("one", ["false"]), ("two", ["true"]), ("three", ["false"])]
    monkeypatch.setattr(suite, "commands", lambda _plan, fast: checks)
    with pytest.raises(StepFailed, match="Failed: one, three"):
        suite.run_suite(plan, fast=False)
    assert "── two" in capfd.readouterr().out


def test_the_suite_runs_every_kind_of_test_exactly_once(plan):
    selections = [command[command.index("-m", 3) + 1] for _, command in suite.commands(plan, fast=False)[-2:]]
    assert selections == [f"not ({suite.SLOW})", suite.SLOW]
    assert [title for title, _ in suite.commands(plan, fast=True)][-1] == "fast tests"


def test_test_programs_that_cannot_be_installed_are_not_skipped(plan, monkeypatch):
    monkeypatch.setattr(machine, "missing_test_packages", lambda: ["chromium"])
    monkeypatch.setattr(machine, "can_install_packages", lambda: False)
    with pytest.raises(StepFailed, match="need chromium"):
        suite.install_test_programs(plan)


def test_a_failure_is_one_sentence_and_a_non_zero_exit(monkeypatch, capsys):
    def fail(_plan: Plan) -> None:
        raise StepFailed("No compiler was found. Install one.")

    monkeypatch.setattr(entry, "set_up", fail)
    assert entry.main(["run"]) == 1
    assert capsys.readouterr().err.strip() == "No compiler was found. Install one."


def test_every_make_target_has_a_help_line():
    done = subprocess.run(
        ["make", "--no-print-directory", "help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    shown = [line.split()[1] for line in done.stdout.splitlines()]
    targets = [
        "help",
        "setup",
        "run",
        "test",
        "test-fast",
        "lint",
        "format",
        "eval",
        "bench",
        "prove",
        "reader",
        "clean",
    ]
    assert shown == targets
    assert all(len(line.split()) > 3 for line in done.stdout.splitlines())


def test_make_without_any_python_is_one_sentence(tmp_path):
    (tmp_path / "make").symlink_to("/usr/bin/make")
    (tmp_path / "sh").symlink_to("/bin/sh")
    done = subprocess.run(
        ["/usr/bin/make", "run"], capture_output=True, text=True, check=False, cwd=ROOT, env={"PATH": str(tmp_path)}
    )
    assert done.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr


def test_continuous_integration_runs_what_a_developer_runs():
    assert "make test" in (ROOT / ".ci" / "run").read_text()
