"""The results as a table: printed, and as a Markdown report with the cases that went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunewise.evaluation.cases import Case
from tunewise.evaluation.measuring import write_whole
from tunewise.evaluation.plots import Row, write_plots
from tunewise.evaluation.runner import Evaluation
from tunewise.evaluation.scoring import CLAIMED, strategies
from tunewise.record.document import render

Json = dict[str, Any]


ROWS = (
    Row("facts_micro_f1", "facts, micro-F1", 0.90),
    Row("facts_precision", "facts, precision"),
    Row("facts_recall", "facts, recall"),
    Row("facts_found_recall", "facts stated or proposed, recall"),
    Row("facts_unquoted", "stated facts without a quote from the message", 0, False, "count"),
    Row("conformity", "recommendation conforms", 0.95),
    Row("constant_baselines", "… the best constant replies: one strategy, up to six", unit="baselines"),
    Row("gold_facts_conformity", "… the decision on the labelled facts"),
    Row("must_not_violations", "recommendations that must not be made", 0, False, "count"),
    Row("primary_acceptable", "primary strategy acceptable", 0.90),
    Row("off_list_rate", "recommended strategies on neither list", 0.10, False),
    Row("unapproved_shown", "shown although not passed by the checker", 0, False, "count"),
    Row("model_written_share", "sentences that the model wrote"),
    Row("question_hit_rate", "asks for a fact that it should ask for", 0.90),
    Row("citation_gold_hit_rate", "a citation rests on a gold passage"),
    Row("citation_gold_hit_rate_knowledge", "… on knowledge questions", 0.90),
    Row("citation_span_valid_rate", "cited spans stand in the document", 1.0),
    Row("behaviour_accuracy", "right behaviour, knowledge and out of scope"),
    Row("behaviour_accuracy_out_of_scope", "… out of scope", 0.95),
    Row("false_refusal_rate", "false refusals", 0.03, False),
    Row("turns_right", "turns of conversations that are right", None, True, "turns"),
    Row("conversations_right", "conversations that are right throughout", None, True, "conversations"),
    Row("seconds_to_decision", "seconds to the decision, median (p95)", None, False, "seconds"),
    Row("seconds_to_first_token", "seconds to the first sentence, median (p95)", None, False, "seconds"),
    Row("seconds_total", "seconds in all, median (p95)", None, False, "seconds"),
    Row("errors", "replies that failed", 0, False, "count"),
)


def table(arms: Json, *, without_low: bool = False) -> list[list[str]]:
    """The table as rows of cells, the first row being the heading; targets met by the first arm are marked."""
    scores = [arm | (arm.get("without_low", {}) if without_low else {}) for arm in arms.values()]
    rows = [["score", *arms, "aim"]]
    for row in ROWS:
        cells = [_cell(arm, row) for arm in scores]
        if any(cell != "–" for cell in cells):
            rows.append([row.label, *cells, _aim(row, scores[0].get(row.key))])
    return rows


def as_text(rows: Sequence[Sequence[str]]) -> str:
    """Cells in aligned columns, for a terminal."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *others = zip(row, widths, strict=True)
        lines.append("  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]))
    return "\n".join([lines[0], "─" * len(lines[0]), *lines[1:]])


def write_report(evaluation: Evaluation, folder: Path) -> Path:
    """Write report.md and its pictures into `folder`; returns the report's path.

    Raises:
        EvaluationError: If the folder cannot be written.
        SettingsError: If matplotlib is not installed.
    """
    write_whole(folder / "report.md", "")  # a folder that cannot be written is found before the pictures are drawn
    drawn = write_plots(evaluation.scores, ROWS, folder)
    unsure = any(isinstance(case, Case) and case.label_confidence == "low" for case in evaluation.cases)
    text = render(
        "evaluation",
        "markdown",
        evaluation=evaluation,
        table=table(evaluation.scores),
        sure=table(evaluation.scores, without_low=True) if unsure else [],
        pictures=drawn,
        wrong={arm: _wrong(evaluation, arm) for arm in evaluation.lines},
    )
    write_whole(folder / "report.md", text)
    return folder / "report.md"


def misses(evaluation: Evaluation) -> list[str]:
    """What the conversations miss, one line a turn."""
    return [
        f"{arm}, {miss['id']}, turn {miss['turn']}: {'; '.join(miss['missed'])}"
        for arm, scores in evaluation.scores.items()
        for miss in scores.get("misses", ())
    ]


def failures(line: Json) -> list[str]:
    """What is wrong with one case or conversation, in words; empty if nothing is."""
    failed = [str(line["error"])] if line["error"] is not None else []
    if "missed" in line:
        return failed + [f"turn {turn}: {'; '.join(each)}" for turn, each in enumerate(line["missed"], 1) if each]
    scores, reply = line["scores"], line["reply"] or {}
    recommended = ", ".join(strategies(reply.get("recommendation"))) or "nothing"
    cited = ", ".join(str(citation.get("id")) for citation in reply.get("citations") or []) or "none"
    checks = {
        f"wrong facts: {_claimed(reply)}": scores["facts"]["false_positive"] > 0,
        "facts missed or misread": scores["facts"]["false_negative"] > 0,
        "facts without a quote": scores["facts_unquoted"] > 0,
        f"recommends what it must not: {recommended}": scores["must_not_violations"] > 0,
        f"does not conform: {recommended}": scores["conformity"] is False,
        "primary not acceptable": scores["primary_acceptable"] is False,
        f"off the lists: {recommended}": bool((scores["off_list"] or {}).get("hit")),
        "does not ask for what is missing": scores["question_hit"] is False,
        f"no gold passage: {cited}": scores["citation_gold_hit"] is False,
        "a cited span is not there": scores["citation_spans"]["hit"] < scores["citation_spans"]["of"],
        f"wrong behaviour: {reply.get('kind')}": scores["behaviour"] is False,
        "refused": bool(scores["false_refusal"]),
        "shows what the checker has not passed": scores["unapproved_shown"],
    }
    return failed + [said for said, wrong in checks.items() if wrong]


def _wrong(evaluation: Evaluation, arm: str) -> list[list[str]]:
    """The cases with a fault: id, what was said, what is wrong."""
    return [
        [case.id, " ".join(case.messages[0].split())[:80], "; ".join(said)]
        for case, line in zip(evaluation.cases, evaluation.lines[arm], strict=True)
        if (said := failures(line))
    ]


def _cell(scores: Json, row: Row) -> str:
    value = scores.get(row.key)
    if value is None or (row.unit == "seconds" and value["p50"] is None):
        return "–"
    match row.unit:
        case "seconds":
            return f"{value['p50']:.2f} ({value['p95']:.2f})"
        case "baselines":
            known = [f"{each['conformity']:.1%}" for each in value if each["conformity"] is not None]
            return ", ".join(known) or "–"
        case "turns" | "conversations":
            return f"{value} of {scores[row.unit]}"
        case "%":
            return f"{value:.1%}"
        case _:
            return str(value)


def _aim(row: Row, value: Any) -> str:
    if row.target is None:
        return ""
    sign = "≥" if row.more_is_better else "≤"
    aim = f"{sign} {row.target:.0%}" if row.unit == "%" else f"{sign} {row.target:.0f}"
    if value is None:
        return aim
    met = value >= row.target if row.more_is_better else value <= row.target
    return f"{aim} {'✓' if met else '✗'}"


def _claimed(reply: Json) -> str:
    facts: Json = reply.get("facts") or {}
    return ", ".join(f"{name}={fact['value']}" for name, fact in facts.items() if fact.get("status") in CLAIMED)
