"""Runs the parts of the benchmark one after the other."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tunewise.benchmark.figures import ASKED, Benchmark, prompt_of
from tunewise.benchmark.systems import Ask, BenchmarkError, started
from tunewise.evaluation.measuring import describe_machine
from tunewise.evaluation.scoring import ROWS
from tunewise.retrieval import open_searcher
from tunewise.settings import Settings
from tunewise.types import Hit

Json = dict[str, Any]
Say = Callable[[str], None]
LONG_TOKENS = 800
_CHARACTERS_PER_TOKEN = 4.6
_WRITTEN = 128
_SEARCHED = 60  # questions of one run of the search
_TABLES = {"": 100_000, "tenth_": 10_000}  # rows that are measured; a name before the figures of each

# Group of the figures, the questions asked for them, and the event up to which a turn is timed.
WARM = (
    ("decision_s", "plain", "Decided"),
    ("decision_oblique_s", "oblique", "Decided"),
    ("direct_answer_s", "plain", "Sentence"),
    ("whole_reply", "knowledge", "Finished"),
)


def run_benchmark(
    settings: Settings,
    *,
    runs: int,
    parts: Collection[str],
    cases: Path | None = None,
    say: Say = lambda _: None,
) -> Benchmark:
    """Measure on this machine; keep it otherwise idle.

    Args:
        settings: Names weights and home folder, both of which every system uses.
        runs: Runs behind each figure.
        parts: Which of model, turn, cold, search and measure to run.
        cases: Case file to score with states and computed in full; not scored if None.
        say: Called with what is being measured.

    Raises:
        TunewiseError: If weights or index are missing, or a system fails.
    """
    machine = describe_machine() | {"threads": settings.threads or "physical cores", "model": settings.model}
    benchmark = Benchmark(machine)
    for name, measure in _PARTS.items():
        if name in parts:
            measure(benchmark, settings, max(runs, 1), say)
    if cases is not None:
        _measure_quality(benchmark, settings, cases, say)
    return benchmark


def about(hits: Iterable[Hit], tokens: int) -> list[Hit]:
    """The first passages that together have about so many tokens."""
    chosen: list[Hit] = []
    room = tokens * _CHARACTERS_PER_TOKEN
    for hit in hits:
        if len(hit.passage.text) <= room:
            chosen.append(hit)
            room -= len(hit.passage.text)
    return chosen


def deltas(states: Mapping[str, Any], exact: Mapping[str, Any]) -> dict[str, float]:
    """For each share among the scores, how many points better it is with states than without."""
    return {
        row.key: round((states[row.key] - exact[row.key]) * (100 if row.most is None else -100), 2)
        for row in ROWS
        if row.unit == "%" and states.get(row.key) is not None and exact.get(row.key) is not None
    }


def _measure_model(benchmark: Benchmark, settings: Settings, runs: int, say: Say) -> None:
    """First token with the corpus's own best passages ("short") and about 800 tokens of them, writing speed, memory."""
    given: dict[str, list[Json]] = {"short": [], "long": []}
    with open_searcher(settings) as searcher:
        for question in _asked("questions", runs + 1):
            hits = searcher.search(question, 30)
            given["short"].append(prompt_of(question, hits[: settings.top_k]))
            given["long"].append(prompt_of(question, about(hits, LONG_TOKENS)))
    with ExitStack() as stack:
        systems = {name: stack.enter_context(started(name, settings)) for name in ("tunewise", "chain", "bare")}
        for kind, prompts in given.items():
            for number, prompt in enumerate(prompts, 1):
                say(f"passage states, {kind} {number}/{len(prompts)}")
                systems["tunewise"](states=True, **prompt)
        for kind, prompts in given.items():
            for number, prompt in enumerate(prompts):
                say(f"first token, {kind} passages, run {number}/{runs}")
                row = _first_token(systems, prompt)
                if number:  # the first run loads weights and warms caches
                    benchmark.details[f"first_token_{kind}"].append(row)
        for number, prompt in enumerate(given["short"][1:], 1):
            say(f"writing speed, run {number}/{runs}")
            row = _writing(systems, prompt)
            if row["tunewise_per_s"] and row["bare_per_s"]:
                benchmark.details["decoding"].append(row)
        for name, ask in systems.items():
            last = ask(max_tokens=1, tokens=[1, 2, 3], **given["short"][0])
            benchmark.details["memory"].append({name: last["peak_mb"]})


def _first_token(systems: Mapping[str, Ask], prompt: Json) -> Json:
    """Seconds to the first token of each system, in turn, on one prompt."""
    write = {name: partial(ask, max_tokens=1, **prompt) for name, ask in systems.items()}
    ours = write["tunewise"]()
    return {
        "prompt_tokens": len(ours["prompt"]),
        "tail_tokens": len(ours["tail"]),
        "tunewise_s": ours["first_token_s"],
        "exact_s": write["tunewise"](exact=True)["first_token_s"],
        "chain_s": write["chain"]()["first_token_s"],
        "floor_s": write["bare"](tokens=ours["tail"])["first_token_s"],
    }


def _writing(systems: Mapping[str, Ask], prompt: Json) -> Json:
    """Writing speed of each system, in turn, on one prompt."""
    write = {name: partial(ask, max_tokens=_WRITTEN, **prompt) for name, ask in systems.items()}
    ours = write["tunewise"]()
    return {
        "tunewise_per_s": _speed(ours),
        "without_drafts_per_s": _speed(write["tunewise"](drafting=False)),
        "bare_per_s": _speed(write["bare"](tokens=ours["prompt"])),
        "tunewise_total_s": ours["total_s"],
        "chain_total_s": write["chain"]()["total_s"],
        **{key: ours[key] for key in ("drafted", "accepted", "text")},
    }


def _speed(answer: Json) -> float:
    """Tokens a second after the first; 0 for an answer too short to tell."""
    steps = answer["tokens"] - 1
    return steps / answer["decode_s"] if steps >= 8 and answer["decode_s"] else 0.0


def _measure_turns(benchmark: Benchmark, settings: Settings, runs: int, say: Say) -> None:
    """Warm turns."""
    with started("advisor", settings) as advisor:
        advisor(question=ASKED["warm_up"])
        for key, kind, event in WARM:
            for number, question in enumerate(_asked(kind, runs), 1):
                say(f"{key}, run {number}/{runs}")
                benchmark.details[key].append(advisor(question=question, until=event))
    benchmark.details["memory"].append({"advisor": benchmark.details[WARM[-1][0]][-1]["peak_mb"]})


def _measure_cold(benchmark: Benchmark, settings: Settings, runs: int, say: Say) -> None:
    """Cold starts; one unmeasured start of each brings the files into the page cache."""
    rules = ["tunewise.cli.main", "ask", "--no-model", ASKED["plain"][0]]
    for number, question in enumerate(_asked("questions", runs + 1)):
        say(f"cold start, run {number}/{runs}")
        cold = {name: ["tunewise.benchmark.systems", name, question] for name in ("tunewise", "bare")}
        row = {name: _until_output(module, settings) for name, module in {"rules": rules, **cold}.items()}
        if number:
            benchmark.details["cold"].append(row)


def _until_output(module: list[str], settings: Settings) -> float:
    """Seconds from the start of a Python module as a process to the first character on its standard output."""
    names = ("home", "model", "threads", "top_k", "context_tokens")
    environment = os.environ | {f"TUNEWISE_{name.upper()}": str(getattr(settings, name)) for name in names}
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", *module], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)
        seconds = time.perf_counter() - begun
        process.stdout.read()
    if not first or process.returncode != 0:
        raise BenchmarkError(f"{' '.join(module[:2])} failed in the benchmark; see its message above.")
    return seconds


def _measure_search(benchmark: Benchmark, settings: Settings, runs: int, say: Say) -> None:
    """Search (with the question's own embedding), embedding, and once how long its model takes to load."""
    from tunewise.retrieval.measure import measure_speed

    with open_searcher(settings) as searcher:
        questions = [passage.text for passage in searcher.passages[:_SEARCHED]]
        for run in range(runs):
            say(f"search among {len(searcher.passages)} passages, run {run + 1}/{runs}")
            speed = measure_speed(settings, searcher, questions)
            row = {"search_ms": speed.search_ms, "passages_a_second": speed.passages_a_second}
            benchmark.details["search"].append(row if run else row | {"load_s": speed.load_s})


def _measure_tables(benchmark: Benchmark, settings: Settings, runs: int, say: Say) -> None:
    """`measure` on a large table and on a tenth of it, once each: three sentences of a collection of the corpus in each
    row, which collection is the label."""
    sentences: dict[str, list[str]] = defaultdict(list)
    with open_searcher(settings) as searcher:
        for passage in searcher.passages:
            sentences[passage.collection] += passage.text.split(". ")
    draw = Random(0)
    row: Json = {}
    for name, rows in _TABLES.items():
        say(f"measure on {rows:,} rows")
        with TemporaryDirectory() as folder, started("measure", settings) as measured:
            file = Path(folder) / "rows.csv"
            with file.open("w", encoding="utf-8", newline="") as opened:
                lines = csv.writer(opened)
                lines.writerow(("text", "label"))
                for label in islice(cycle(sentences), rows):
                    lines.writerow((". ".join(draw.choices(sentences[label], k=3)), label))
            row |= {f"{name}{key}": value for key, value in measured(file=str(file)).items()}
    benchmark.details["measure"].append(row)


def _measure_quality(benchmark: Benchmark, settings: Settings, path: Path, say: Say) -> None:
    """A case file both ways, resuming where an earlier run stopped; the worst row of the two counts."""
    from tunewise.evaluation.arms import opened_late
    from tunewise.evaluation.cases import load_cases
    from tunewise.evaluation.runner import Journal, run_evaluation, version_hash
    from tunewise.evaluation.scoring import Scorer
    from tunewise.framework import load_framework
    from tunewise.retrieval.corpus import load_corpus

    scorer = Scorer(load_corpus(), load_framework(settings.framework))
    journal = Journal(settings.home / "benchmark" / f"{path.stem}.journal", version_hash(settings))
    arms = {"full": opened_late(settings)["full"], "exact": opened_late(replace(settings, exact=True))["full"]}
    evaluation = run_evaluation(load_cases(path), arms, scorer, journal, progress=lambda: say("quality, one case more"))
    if rows := deltas(evaluation.scores["full"], evaluation.scores["exact"]):
        benchmark.details["quality"].append({"worst": min(rows.values()), "rows": rows, **evaluation.scores})


def _asked(kind: str, runs: int) -> Iterable[str]:
    """A question for each run; each run asks another, so that no system is measured on what it has cached."""
    return islice(cycle(ASKED[kind]), runs)


_PARTS: dict[str, Callable[[Benchmark, Settings, int, Say], None]] = {
    "model": _measure_model,
    "turn": _measure_turns,
    "cold": _measure_cold,
    "search": _measure_search,
    "measure": _measure_tables,
}
