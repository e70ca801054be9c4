"""Decisions, verdicts and proofs as readable text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tunewise.errors import SituationError
from tunewise.framework.canonical import to_json
from tunewise.framework.compare import Comparison
from tunewise.framework.decide import Decision
from tunewise.framework.model import Framework, Rule
from tunewise.framework.prove import Proof
from tunewise.framework.whatif import next_questions
from tunewise.framework.words import in_words, suggestion
from tunewise.types import Verdict


def decision_text(framework: Framework, decision: Decision) -> str:
    """The decision, its reasons, what would change it and what to ask next."""
    lines = [f"Given: {in_words(decision.values)}", f"Primary: {decision.primary or 'none'}"]
    if decision.supporting:
        lines.append(f"With: {', '.join(decision.supporting)}")
    if decision.avoid:
        lines.append(f"Avoid: {', '.join(decision.avoid)}")
    shown = [id_ for id_ in (decision.primary, *decision.supporting, *decision.avoid) if id_]
    lines += ["", *_table(("strategy", "now", "whatever the rest is", "rules"), [_row(decision, id_) for id_ in shown])]
    lines += ["", "Because:"]
    used = {rule for id_ in shown for rule in (*decision.statuses[id_].rules, *decision.statuses[id_].against)}
    lines += [f"  {rule.id}: {rule.because['en']}" for rule in decision.trace if rule.id in used]
    if decision.conditional:
        lines += ["", "It changes:"]
        lines += [f"  if {in_words(other.when)}: {other.primary}" for other in decision.conditional]
    questions = next_questions(framework, decision.values)
    if questions:
        lines += ["", "Worth knowing next:"]
        outcomes = [", ".join(f"{value} → {then}" for value, then in one.outcomes.items()) for one in questions]
        lines += [f"  {one.text} ({then})" for one, then in zip(questions, outcomes, strict=True)]
    return "\n".join(lines)


def _row(decision: Decision, id_: str) -> tuple[str, ...]:
    status = decision.statuses[id_]
    rest = f"depends on {', '.join(status.depends_on)}" if status.depends_on else f"{status.status} admissible"
    return id_, status.stance, rest, ", ".join((*status.rules, *status.against))


def verdict_text(verdict: Verdict) -> str:
    """The verdict and its findings, worst first."""
    lines = [f"Verdict: {verdict.status.replace('_', ' ')}", ""]
    for finding in verdict.findings:
        lines.append(f"  {finding.kind.replace('_', ' ')}: {finding.message}")
        if finding.repair:
            lines.append(f"    repair: {'; '.join(_repair(finding.repair))}")
        if finding.ask and finding.kind == "satisfiable":
            lines.append(f"    ask for: {finding.ask}")
    return "\n".join(lines)


def _repair(repair: Mapping[str, object]) -> Iterable[str]:
    for key, value in repair.items():
        words = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
        yield f"make {words} the primary" if key == "primary" else f"{key} {words}"


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
    cover = proof.coverage
    sentences = sum(cover[key] for key in ("rules", "explanations", "examples", "no_rule"))
    lines = [
        f"{proof.framework} ({proof.framework_hash[:12]}): {'proved' if proof.holds else 'NOT sound'}",
        f"{proof.situations:,} situations enumerated, {proof.complete_situations:,} of them complete, "
        f"{proof.patterns:,} patterns of rules, {proof.seconds:.1f} s",
        "",
        *(f"  {'holds' if one.holds else 'FAILS'}: {one.name} ({one.detail})" for one in proof.properties),
        "",
        f"Sentences of the source: {sentences} ({cover['rules']} rules, {cover['explanations']} explanations, "
        f"{cover['examples']} examples, {cover['no_rule']} without a rule, with the reason)",
        f"Interpretations: {cover['interpretations']} rules for {cover['tensions']} tensions",
        f"Redundant alone (said twice by the source, or only a reason more): {', '.join(proof.redundant) or 'none'}",
        f"Never primary: {', '.join(proof.never_primary) or 'none'}",
        f"Facts without rules: {', '.join(proof.unused_facts) or 'none'}",
        f"Values without rules: {', '.join(proof.unused_values) or 'none'}",
        "",
        f"Conflicts settled by precedence: {len(proof.conflicts)}",
        *(
            f"  {one.strategy}: {one.winner} over {one.loser} ({one.because}) if {in_words(one.situation)}"
            for one in proof.conflicts
        ),
    ]
    return "\n".join(lines)


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
