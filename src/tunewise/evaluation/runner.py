"""Runs cases through arms, one fresh conversation of one turn each, and scores the replies."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from tunewise import __version__
from tunewise.errors import EvaluationError, TunewiseError
from tunewise.evaluation.arms import Answer, Arms
from tunewise.evaluation.cases import Case
from tunewise.evaluation.journal import Journal, key_of
from tunewise.evaluation.scoring import Sources, aggregate, score_case

Json = dict[str, Any]
RESULT_VERSION = 1
LIBRARIES = ("llama-cpp-python", "sentence-transformers", "chromadb", "langchain-core", "torch")

Progress = Callable[[str, str], None]
"""Called with arm and case id after each reply."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was run: `cases` and, for each arm, one line per case in the same order.

    A line is {"id", "arm", "reply", "error", "scores"}; `reply` is null and `error` says why where an arm failed.
    """

    cases: tuple[Case, ...]
    lines: dict[str, list[Json]]
    machine: Json

    def to_json(self) -> Json:
        """The published result file (version 1)."""
        return {
            "version": RESULT_VERSION,
            "machine": self.machine,
            "arms": {arm: self.scores(arm) for arm in self.lines},
            "cases": [line for lines in self.lines.values() for line in lines],
        }

    def scores(self, arm: str) -> Json:
        """The aggregated scores of one arm."""
        lines = self.lines[arm]
        return aggregate(self.cases, [line["scores"] for line in lines]) | {
            "errors": sum(line["error"] is not None for line in lines)
        }

    @property
    def errors(self) -> list[Json]:
        """Lines of replies that failed."""
        return [line for lines in self.lines.values() for line in lines if line["error"] is not None]


def run_evaluation(
    cases: Sequence[Case],
    arms: Arms,
    sources: Sources,
    *,
    journal: Journal,
    version: str,
    progress: Progress = lambda arm, case: None,
) -> Evaluation:
    """Run every case through every arm; replies that the journal holds are not computed again.

    Args:
        cases: What to ask and what to expect.
        arms: How to open each arm; an arm is only opened if a reply of it is missing.
        sources: The shipped documents, for the citation scores.
        journal: Where finished replies are kept.
        version: Hash of everything else that a reply depends on.
        progress: Called after each reply.

    Raises:
        TunewiseError: If an arm cannot be opened (weights missing, no index).
    """
    lines = {}
    for arm in arms:
        replies = _replies(arm, arms, cases, journal, version, progress)
        lines[arm] = [
            {"id": case.id, "arm": arm, **reply, "scores": score_case(case, reply["reply"], sources)}
            for case, reply in zip(cases, replies, strict=True)
        ]
    return Evaluation(tuple(cases), lines, describe_machine())


def write_json(evaluation: Evaluation, path: Path) -> None:
    """Write the result file in one step: it is either whole or not there.

    Raises:
        EvaluationError: If it cannot be written.
    """
    text = json.dumps(evaluation.to_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    beside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as problem:
        raise EvaluationError(f"The results cannot be written to {str(path)!r} ({problem.strerror}).") from None


def describe_machine() -> Json:
    """What the run was made on: processor, cores, memory, versions."""
    import psutil

    memory: int = psutil.virtual_memory().total  # type: ignore[no-untyped-call]
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "python": platform.python_version(),
        "tunewise": __version__,
        "libraries": {name: _library_version(name) for name in LIBRARIES},
    }


def _replies(
    arm: str, arms: Arms, cases: Sequence[Case], journal: Journal, version: str, progress: Progress
) -> Iterator[Json]:
    with _opened_late(arm, arms) as answer:
        for case in cases:
            key = key_of(case, arm, version)
            line = journal.get(key)
            if line is None:
                line = {"case": case.id, "arm": arm, **_reply(answer, case)}
                journal.record(key, line)
            progress(arm, case.id)
            yield {"reply": line["reply"], "error": line["error"]}


def _reply(answer: Answer, case: Case) -> Json:
    try:
        return {"reply": answer(case.question), "error": None}
    except TunewiseError as problem:
        return {"reply": None, "error": f"{type(problem).__name__}: {problem}"}


@contextmanager
def _opened_late(arm: str, arms: Arms) -> Iterator[Answer]:
    """The arm's answer function, opened on its first use and closed at the end."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        opened: list[Answer] = []

        def answer(question: str) -> Json:
            if not opened:
                try:
                    opened.append(stack.enter_context(arms[arm]()))
                except TunewiseError as problem:
                    raise _CannotOpenError(problem) from problem
            return opened[0](question)

        try:
            yield answer
        except _CannotOpenError as problem:
            raise problem.cause from None


class _CannotOpenError(Exception):
    """An arm cannot be opened: that ends the run, while a reply that fails does not."""

    def __init__(self, cause: TunewiseError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _processor() -> str:
    if sys.platform.startswith("linux"):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _library_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
