"""Whole turns: message to decision and to the first words, warm and from process start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from tunewise.benchmark.child import BenchmarkError, Child
from tunewise.benchmark.figures import Benchmark, Say
from tunewise.benchmark.questions import ASKED
from tunewise.settings import Settings

Json = dict[str, Any]


def measure_turns(benchmark: Benchmark, settings: Settings, runs: int, say: Say) -> None:
    """Add the figures of warm turns."""
    parts = (
        ("decision_patterns_s", ASKED["patterns_suffice"], "Decided"),
        # the first decision rests on the patterns alone; the one with the model's quotes stands when passages come
        ("decision_quoted_s", ASKED["model_must_quote"], "PassagesFound"),
        ("explanation_first_word_s", ASKED["patterns_suffice"], "Sentence"),
    )
    with Child("advisor", settings) as advisor:
        advisor.ask(op="turn", question=ASKED["warm_up"])
        for key, questions, event in parts:
            rows: list[Json] = []
            for number in range(runs):
                say(f"{key}, run {number + 1}/{runs}")
                rows.append(advisor.ask(op="turn", question=questions[number % len(questions)], until=event))
            benchmark.details[key] = rows
            benchmark.add(key, [row[event] for row in rows if event in row])
        benchmark.add("peak_mb_advisor", [advisor.ask(op="search", question="LoRA", top_k=1)["peak_mb"]])


def measure_cold(benchmark: Benchmark, settings: Settings, runs: int, say: Say) -> None:
    """Add the figures of cold starts; one unmeasured start of each brings the files into the page cache."""
    questions = ASKED["questions"]
    ask = [sys.executable, "-m", "tunewise.cli.main", "ask", "--no-model", ASKED["patterns_suffice"][0]]
    rows: dict[str, list[float]] = {"rules": [], "tunewise": [], "bare": []}
    for number in range(runs + 1):
        say(f"cold start, run {number}/{runs}")
        question = questions[number % len(questions)]
        cold = {
            name: [sys.executable, "-m", "tunewise.benchmark.cold", name, question] for name in ("tunewise", "bare")
        }
        seconds = {"rules": _until_output(ask, settings)} | {
            name: _until_output(command, settings) for name, command in cold.items()
        }
        if number:
            for name, value in seconds.items():
                rows[name].append(value)
    benchmark.details["cold"] = rows
    benchmark.add("cold_rules_only_s", rows["rules"])
    benchmark.add("cold_first_token_s", rows["tunewise"])
    benchmark.add("cold_first_token_bare_s", rows["bare"])
    pairs = zip(rows["tunewise"], rows["bare"], strict=True)
    benchmark.add("cold_first_token_over_bare", [ours / bare for ours, bare in pairs])


def _until_output(command: list[str], settings: Settings) -> float:
    """Seconds from process start to the first character on standard output."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment(settings)) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)
        seconds = time.perf_counter() - started
        process.stdout.read()
    if not first or process.returncode != 0:
        raise BenchmarkError(f"{' '.join(command[1:4])} failed in the benchmark; see its message above.")
    return seconds


def _environment(settings: Settings) -> dict[str, str]:
    """The environment that gives a process the same settings."""
    names = ("home", "model", "threads", "top_k", "context_tokens")
    return os.environ | {f"TUNEWISE_{name.upper()}": str(getattr(settings, name)) for name in names}
