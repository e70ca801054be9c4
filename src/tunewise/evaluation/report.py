"""The results as a table: printed, and as a Markdown report with the cases that went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunewise.evaluation.cases import Case, Dialogue
from tunewise.evaluation.measuring import draw_bars, write_whole
from tunewise.evaluation.runner import Evaluation
from tunewise.evaluation.scoring import CLAIMED, ROWS, UNITS, Score, strategies
from tunewise.record.document import render

Json = dict[str, Any]


def table(arms: Mapping[str, Json], *, without_low: bool = False) -> list[list[str]]:
    """The table as rows of cells, the first row being the heading; aims met by the first arm are marked."""
    scores = [arm | (arm.get("without_low", {}) if without_low else {}) for arm in arms.values()]
    rows = [["score", *arms, "aim"]]
    for row in ROWS:
        cells, first = [_cell(arm, row) for arm in scores], scores[0].get(row.key)
        if any(cell != "–" for cell in cells):
            mark = "" if first is None or not row.aim else " ✓" if row.met(first) else " ✗"
            rows.append([row.label, *cells, row.aim + mark])
    return rows


def write_report(evaluation: Evaluation, folder: Path) -> Path:
    """Write report.md and its pictures into `folder`; returns the report's path.

    Raises:
        EvaluationError: If the folder cannot be written.
        SettingsError: If matplotlib is not installed.
    """
    write_whole(folder / "report.md", "")  # a folder that cannot be written is found before the pictures are drawn
    unsure = any(isinstance(case, Case) and case.label_confidence == "low" for case in evaluation.cases)
    text = render(
        "evaluation",
        "markdown",
        evaluation=evaluation,
        table=table(evaluation.columns),
        sure=table(evaluation.columns, without_low=True) if unsure else [],
        pictures=write_plots(evaluation.columns, folder),
        wrong={arm: _wrong(evaluation, arm) for arm in evaluation.lines},
    )
    write_whole(folder / "report.md", text)
    return folder / "report.md"


def write_plots(arms: Mapping[str, Json], folder: Path) -> list[str]:
    """Write scores.png and seconds.png into `folder`; returns the names of those written, none without single cases.

    Raises:
        SettingsError: If matplotlib is not installed.
    """
    if not any("conformity" in scores for scores in arms.values()):
        return []
    shares, times = ([row for row in ROWS if row.unit == unit] for unit in ("%", "seconds"))
    labels = [row.label if row.most is None else f"{row.label} (less is better)" for row in shares]
    bars = {arm: [(scores[row.key], None, None) for row in shares] for arm, scores in arms.items()}
    aims = [row.most if row.least is None else row.least for row in shares]
    draw_bars(folder / "scores.png", "Scores; the tick is the aim", labels, bars, aims)
    bars = {
        arm: [(scores[row.key]["p50"], None, scores[row.key]["p95"]) for row in times] for arm, scores in arms.items()
    }
    draw_bars(folder / "seconds.png", "Seconds after the message", [row.label for row in times], bars)
    return ["scores.png", "seconds.png"]


def misses(evaluation: Evaluation) -> list[str]:
    """What the conversations miss, one line a turn."""
    return [
        f"{arm}, {miss['id']}, turn {miss['turn']}: {'; '.join(miss['missed'])}"
        for arm, scores in evaluation.scores.items()
        for miss in scores.get("misses", ())
    ]


def failures(case: Case | Dialogue, line: Json) -> list[str]:
    """What is wrong with one case or conversation, in words; empty if nothing is."""
    failed = [str(line["error"])] if line["error"] is not None else []
    if isinstance(case, Dialogue):
        return failed + [f"turn {turn}: {'; '.join(each)}" for turn, each in enumerate(line["missed"], 1) if each]
    reply = line["reply"] or {"facts": {}, "recommendation": None, "citations": [], "kind": None}
    facts = reply["facts"].items()
    said = {
        "claimed": ", ".join(f"{name}={fact['value']}" for name, fact in facts if fact["status"] in CLAIMED),
        "recommended": ", ".join(strategies(reply)) or "nothing",
        "cited": ", ".join(str(citation["id"]) for citation in reply["citations"]) or "none",
        "kind": reply["kind"],
    }
    return failed + [row.fault.format(**said) for row in ROWS if row.fails(case, line["scores"])]


def _wrong(evaluation: Evaluation, arm: str) -> list[list[str]]:
    """The cases with a fault: id, what was said, what is wrong."""
    return [
        [case.id, " ".join(case.messages[0].split())[:80], "; ".join(said)]
        for case, line in zip(evaluation.cases, evaluation.lines[arm], strict=True)
        if (said := failures(case, line))
    ]


def _cell(scores: Json, row: Score) -> str:
    try:
        return UNITS[row.unit].format(value=scores[row.key], scores=scores)
    except (KeyError, TypeError):  # not scored, or None
        return "–"
