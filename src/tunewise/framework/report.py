"""Decisions, verdicts and proofs as readable text."""

from __future__ import annotations

from collections.abc import Iterable

from tunewise.errors import SituationError
from tunewise.framework.canonical import to_json
from tunewise.framework.compare import Comparison
from tunewise.framework.decide import Decision
from tunewise.framework.model import Framework, Rule
from tunewise.framework.prove import Proof
from tunewise.framework.templates import rendered
from tunewise.framework.whatif import next_questions
from tunewise.framework.words import in_words, suggestion
from tunewise.types import Verdict


def decision_text(framework: Framework, decision: Decision) -> str:
    """The decision, its reasons, what would change it and what to ask next."""
    shown = [id_ for id_ in (decision.primary, *decision.supporting, *decision.avoid) if id_]
    used = {rule for id_ in shown for rule in (*decision.statuses[id_].rules, *decision.statuses[id_].against)}
    head = ("strategy", "now", "whatever the rest is", "rules")
    return rendered(
        "decision.txt",
        decision=decision,
        statuses="\n".join(_table(head, [_row(decision, id_) for id_ in shown])),
        rules=[rule for rule in decision.trace if rule.id in used],
        questions=next_questions(framework, decision.values),
    )


def _row(decision: Decision, id_: str) -> tuple[str, ...]:
    status = decision.statuses[id_]
    rest = f"depends on {', '.join(status.depends_on)}" if status.depends_on else f"{status.status} admissible"
    return id_, status.stance, rest, ", ".join((*status.rules, *status.against))


def verdict_text(verdict: Verdict) -> str:
    """The verdict and its findings, worst first."""
    return rendered("verdict.txt", verdict=verdict)


def comparison_text(comparison: Comparison) -> str:
    """Opinions side by side, and why they part."""
    rows = [
        (one.name, one.decision.primary or "none", ", ".join(one.decision.supporting) or "–", ", ".join(one.rules))
        for one in comparison.opinions
    ]
    lines = [f"Given: {in_words(comparison.values)}", "", *_table(("framework", "primary", "with", "rules"), rows), ""]
    return "\n".join([*lines, *(comparison.differences or ("All agree on the primary strategy.",))])


def proof_text(proof: Proof) -> str:
    """The proof as a report."""
    return rendered("proof.txt", proof=proof)


def shown(framework: Framework, id_: str | None, *, as_json: bool = False) -> str:
    """One rule, fact or strategy in full, or the whole framework as a table.

    Raises:
        SituationError: If nothing has this id.
    """
    if id_ is None:
        return to_json(framework, indent=2) if as_json else _overview(framework)
    for group in (framework.rules, framework.facts, framework.strategies, framework.sentences, framework.examples):
        if id_ in group:
            record = group[id_]
            return _rule_text(record) if isinstance(record, Rule) and not as_json else to_json(record, indent=2)
    known = [*framework.rules, *framework.facts, *framework.strategies]
    raise SituationError(f"Nothing called {id_!r} in {framework.name}.{suggestion(id_, known)}")


def _overview(framework: Framework) -> str:
    facts = [(spec.name, ", ".join(spec.values), spec.factor) for spec in framework.facts.values()]
    rules = [(rule.id, _when(rule), _then(rule), rule.strength) for rule in framework.rules.values()]
    return "\n".join(
        [
            f"{framework.title} ({framework.name}, {framework.hash[:12]})", "",
            *_table(("fact", "values", "factor"), facts), "",
            *_table(("rule", "if", "then", "strength"), rules),
        ]
    )  # fmt: skip


def _rule_text(rule: Rule) -> str:
    origin = [f"{rule.source.document}, {rule.source.section}:", f"“{rule.source.quote}”"] if rule.source else []
    own = [rule.digest or rule.interpretation or ""]
    lines = [f"{rule.id} ({rule.strength}): {_when(rule)} → {_then(rule)}", rule.because["en"], *(origin or own)]
    return "\n".join([*lines, *([f"Rests on: {', '.join(rule.references)}"] if rule.references else [])])


def _when(rule: Rule) -> str:
    words = " and ".join(f"{name} {'/'.join(values)}" for name, values in sorted(rule.when.items())) or "always"
    if rule.unless:
        words += " unless " + " or ".join(f"{name} {'/'.join(values)}" for name, values in sorted(rule.unless.items()))
    return f"{words}, beside {'/'.join(rule.beside)}" if rule.beside else words


def _then(rule: Rule) -> str:
    by_action: dict[str, list[str]] = {}
    for strategy, action in rule.then.items():
        by_action.setdefault(action, []).append(strategy)
    return "; ".join(f"{action} {', '.join(names)}" for action, names in by_action.items())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    table = [head, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(head) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in table
    ]
