"""The results as a table: printed, and as Markdown with the cases that went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunewise.errors import EvaluationError
from tunewise.evaluation.runner import Evaluation
from tunewise.record.page import markdown_text

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a key of an arm's scores, how it reads, what is aimed at, which direction is better."""

    key: str
    label: str
    target: float | None = None
    more_is_better: bool = True
    unit: str = "%"


ROWS = (
    Row("facts_micro_f1", "facts, micro-F1", 0.90),
    Row("facts_precision", "facts, precision"),
    Row("facts_recall", "facts, recall"),
    Row("facts_unquoted", "stated facts without a quote from the message", 0, False, "count"),
    Row("conformity", "recommendation conforms", 0.95),
    Row("must_not_violations", "recommendations that must not be made", 0, False, "count"),
    Row("primary_acceptable", "primary strategy acceptable", 0.90),
    Row("off_list_rate", "recommended strategies on neither list", 0.10, False),
    Row("first_draft_conformity", "the model's first proposal conforms"),
    Row("unapproved_shown", "shown although not passed by the checker", 0, False, "count"),
    Row("question_hit_rate", "asks for a fact that it should ask for", 0.90),
    Row("citation_gold_hit_rate", "a citation rests on a gold passage"),
    Row("citation_gold_hit_rate_knowledge", "… on knowledge questions", 0.90),
    Row("citation_span_valid_rate", "cited spans stand in the document", 1.0),
    Row("behaviour_accuracy", "right behaviour, knowledge and out of scope"),
    Row("behaviour_accuracy_out_of_scope", "… out of scope", 0.95),
    Row("false_refusal_rate", "false refusals", 0.03, False),
    Row("seconds_to_decision", "seconds to the decision, median (p95)", None, False, "seconds"),
    Row("seconds_to_first_token", "seconds to the first word, median (p95)", None, False, "seconds"),
    Row("seconds_total", "seconds in all, median (p95)", None, False, "seconds"),
    Row("errors", "replies that failed", 0, False, "count"),
)


def table(arms: Json, *, without_low: bool = False) -> list[list[str]]:
    """The table as rows of cells, the first row being the heading; targets met by the first arm are marked."""
    names = list(arms)
    rows = [["score", *names, "aim"]]
    for row in ROWS:
        values = [_value(arms[name], row.key, without_low) for name in names]
        if all(value is None for value in values):
            continue
        rows.append([row.label, *(_cell(value, row) for value in values), _aim(row, values[0])])
    return rows


def as_text(rows: Sequence[Sequence[str]]) -> str:
    """Cells in aligned columns, for a terminal."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *others = zip(row, widths, strict=True)
        lines.append("  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]))
    return "\n".join([lines[0], "─" * len(lines[0]), *lines[1:]])


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """Cells as a Markdown table."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def write_report(evaluation: Evaluation, folder: Path, plots: Sequence[str] = ()) -> Path:
    """Write report.md into `folder` and return its path.

    Raises:
        EvaluationError: If the folder cannot be written.
    """
    result = evaluation.to_json()
    parts = [
        "# Evaluation",
        _heading(evaluation),
        as_markdown(table(result["arms"])),
    ]
    if any(case.label_confidence == "low" for case in evaluation.cases):
        parts += ["## Without cases of low label confidence", as_markdown(table(result["arms"], without_low=True))]
    parts += [f"![{name}]({name})" for name in plots]
    parts += [_wrong(evaluation, arm) for arm in evaluation.lines]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "report.md"
        path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    except OSError as problem:
        raise EvaluationError(f"The report cannot be written to {str(folder)!r} ({problem.strerror}).") from None
    return path


def failures(line: Json) -> list[str]:
    """What is wrong with one reply, in words; empty if nothing is."""
    scores, reply = line["scores"], line["reply"] or {}
    checks: tuple[tuple[bool, Callable[[], str]], ...] = (
        (line["error"] is not None, lambda: str(line["error"])),
        (scores["facts"]["false_positive"] > 0, lambda: f"wrong facts: {_claimed(reply)}"),
        (scores["facts"]["false_negative"] > 0, lambda: "facts missed or misread"),
        (scores["facts_unquoted"] > 0, lambda: "facts without a quote"),
        (scores["must_not_violations"] > 0, lambda: f"recommends what it must not: {_recommended(reply)}"),
        (scores["conformity"] is False, lambda: f"does not conform: {_recommended(reply)}"),
        (scores["primary_acceptable"] is False, lambda: "primary not acceptable"),
        (bool((scores["off_list"] or {}).get("off")), lambda: f"off the lists: {_recommended(reply)}"),
        (scores["question_hit"] is False, lambda: "does not ask for what is missing"),
        (scores["citation_gold_hit"] is False, lambda: f"no gold passage: {_cited(reply)}"),
        (scores["citation_spans"]["valid"] < scores["citation_spans"]["of"], lambda: "a cited span is not there"),
        (scores["behaviour"] is False, lambda: f"wrong behaviour: {reply.get('kind')}"),
        (bool(scores["false_refusal"]), lambda: "refused"),
        (scores["unapproved_shown"], lambda: "shows what the checker has not passed"),
    )
    return [say() for wrong, say in checks if wrong]


def _wrong(evaluation: Evaluation, arm: str) -> str:
    questions = {case.id: case.question for case in evaluation.cases}
    rows = [["case", "question", "what is wrong"]]
    for line in evaluation.lines[arm]:
        if said := failures(line):
            short = " ".join(questions[line["id"]].split())[:80]
            rows.append([line["id"], markdown_text(short), markdown_text("; ".join(said))])
    if len(rows) == 1:
        return f"## {arm}: nothing went wrong"
    return f"## {arm}: {len(rows) - 1} of {len(evaluation.cases)} cases with a fault\n\n{as_markdown(rows)}"


def _heading(evaluation: Evaluation) -> str:
    machine = evaluation.machine
    return (
        f"{len(evaluation.cases)} cases, each a fresh conversation of one turn. {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory_gb']} GB, Python {machine['python']}, "
        f"Tunewise {machine['tunewise']}. ✓ and ✗ say whether the first arm reaches the aim."
    )


def _value(scores: Json, key: str, without_low: bool) -> Any:
    held = scores["without_low"] if without_low and key in scores["without_low"] else scores
    value = held.get(key)
    return None if isinstance(value, dict) and value.get("p50") is None else value


def _cell(value: Any, row: Row) -> str:
    if value is None:
        return "–"
    if row.unit == "seconds":
        return f"{value['p50']:.2f} ({value['p95']:.2f})"
    return f"{value:.1%}" if row.unit == "%" else str(value)


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
    claimed = [f"{name}={fact['value']}" for name, fact in facts.items() if fact.get("status") in ("stated", "edited")]
    return ", ".join(claimed) or "none"


def _recommended(reply: Json) -> str:
    chosen = reply.get("recommendation") or {}
    return ", ".join([str(chosen.get("primary")), *(chosen.get("supporting") or [])]) if chosen else "nothing"


def _cited(reply: Json) -> str:
    return ", ".join(str(citation.get("id")) for citation in reply.get("citations") or []) or "none"
