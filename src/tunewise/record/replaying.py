"""Recompute a recorded decision from its facts, and compare two records: both compare readable values under names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.errors import RecordError, SituationError
from tunewise.record.changes import changed_choice, changed_citations, changed_numbers, changed_rules
from tunewise.record.decision_record import Record, rules_choice
from tunewise.types import Fact, Finding, Recommendation, Verdict

if TYPE_CHECKING:
    from tunewise.framework import Decision, Framework
    from tunewise.retrieval.corpus import Corpus

ABSENT = "absent"
SAME_RULES = (
    "The framework is the one that the record names, so no rule has changed: the record itself was changed, or the "
    "code that decides is another."
)
OTHER_RULES = (
    "No rule behind the recorded verdicts has changed; what differs hangs on rules that the record does not hold, such "
    "as those that fire only on facts that are still open."
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same; `before` and `after` are readable values."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What recomputing a record gave.

    `differences` are between what was recorded and what comes out now; `notices` name changes of framework or corpus
    that need not change the decision. `reasons` say in words which rules, on which facts, made the differences;
    `changes` what else is not as it was: numbers of the framework, which decide no recorded fact anew, and passages.
    `measured` names the recorded facts that were measured, with their figures; nothing is measured again.
    """

    differences: tuple[Difference, ...]
    notices: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """The recorded facts give the recorded decision and verdicts."""
        return not self.differences


def replay(
    record: Record, framework: Framework, *, corpus: str | None = None, documents: Corpus | None = None
) -> ReplayResult:
    """Decide and check again from the recorded facts, by `framework`.

    Args:
        record: What to recompute.
        framework: To decide by.
        corpus: Hash of the corpus in force; None leaves it unsaid whether it changed.
        documents: That corpus itself, in which the recorded citations are looked up.

    Raises:
        RecordError: If the recorded facts or strategies are not those of this framework.
    """
    from tunewise.framework import check, decide

    judged, situation = list(_judged(record)), record.reply.situation
    recorded = _claims(record, record.content.decision, {what: verdict for what, _, verdict in judged})
    try:
        choice = rules_choice(framework, record.reply)
        verdicts = {what: check(framework, situation, recommendation) for what, recommendation, _ in judged}
    except SituationError as problem:
        raise RecordError(
            f"The record does not fit the framework {framework.name!r}: {problem} "
            "Replay it with the framework that it names (--framework)."
        ) from None
    computed = _claims(record, choice, verdicts) | _unquoted(record)
    differences = _compared(recorded, computed)
    decision = decide(framework, situation.values())
    pairs = {what: (verdict, verdicts[what]) for what, _, verdict in judged}
    reasons, changes = _explained(record, framework, pairs, decision, is_same=not differences)
    if documents is not None:
        changes = (*changes, *changed_citations(record, documents))
    notices = tuple(_notices(record, framework, corpus))
    return ReplayResult(differences, notices, reasons, changes, tuple(_measured(record)))


def diff(before: Record, after: Record) -> tuple[Difference, ...]:
    """What differs between two records: facts, recommendation, verdict, rules, hashes. Times and texts do not count."""
    return _compared(_summary(before), _summary(after))


def _compared(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Difference, ...]:
    names = dict.fromkeys([*before, *after])
    pairs = ((name, before.get(name, ABSENT), after.get(name, ABSENT)) for name in names)
    return tuple(Difference(name, first, second) for name, first, second in pairs if first != second)


def _explained(
    record: Record,
    framework: Framework,
    pairs: Mapping[str, tuple[Verdict, Verdict]],
    decision: Decision,
    *,
    is_same: bool,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what made the differences, what else has changed); by the very framework that a record names nothing has."""
    if record.content.hashes.framework == framework.hash:
        return (() if is_same else (SAME_RULES,)), ()
    about_rules = tuple(changed_rules(record, framework, pairs, decision))
    numbers = tuple(changed_numbers(record, framework))
    if is_same:
        return (), (*about_rules, *numbers)
    reasons = (*changed_choice(record, framework, decision), *about_rules)
    return reasons or (OTHER_RULES,), numbers


def _claims(record: Record, choice: Mapping[str, object], verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    """Quotes of the messages, the rules' decision, and a verdict on each recommendation."""
    claims = {f"fact {fact.name}": f"quoted as “{fact.quote}”" for fact in _stated(record)}
    claims |= {f"decision by the rules, {key}": _said(value) for key, value in choice.items()}
    for what, verdict in verdicts.items():
        findings = Counter(_finding(finding) for finding in verdict.findings)
        claims |= {what: verdict.status}
        claims |= {f"{what}, finding ({finding})": f"{times} ×" for finding, times in sorted(findings.items())}
    return claims


def _unquoted(record: Record) -> dict[str, str]:
    """Stated facts whose quote stands in no recorded message."""
    messages = record.content.messages
    missing = [fact.name for fact in _stated(record) if not any(fact.quote and fact.quote in each for each in messages)]
    return {f"fact {name}": "not in the recorded messages" for name in missing}


def _stated(record: Record) -> list[Fact]:
    return [fact for fact in _facts(record) if fact.status == "stated"]


def _measured(record: Record) -> Iterator[str]:
    for fact in _facts(record):
        if fact.status == "measured":
            yield f"{fact.name} is {fact.value}" + (f" ({fact.reason.rstrip('.')})" if fact.reason else "")


def _facts(record: Record) -> tuple[Fact, ...]:
    situation = record.reply.situation
    return (*situation.facts.values(), *situation.details.values())


def _judged(record: Record) -> Iterator[tuple[str, Recommendation, Verdict]]:
    """Each recommendation in the record with the verdict on it: the one that stands, and what the model proposed."""
    reply = record.reply
    if reply.recommendation is None or reply.verdict is None:
        raise RecordError("The record holds no recommendation. Export it again.")
    yield "verdict", reply.recommendation, reply.verdict
    for number, proposal in enumerate(reply.proposals, 1):
        proposed = Recommendation(proposal.primary, proposal.supporting, origin="model")
        yield f"verdict on proposal {number}", proposed, proposal.verdict


def _finding(finding: Finding) -> str:
    rules, facts = ", ".join(sorted(finding.rules)), ", ".join(sorted(finding.facts))
    return f"{finding.kind} {finding.strategy or 'situation'}, rules: {rules or 'none'}, facts: {facts or 'none'}"


def _notices(record: Record, framework: Framework, corpus: str | None) -> Iterator[str]:
    hashes = record.content.hashes
    if hashes.framework != framework.hash:
        yield (
            f"The framework {hashes.framework_name!r} ({hashes.framework[:12]}) is now "
            f"{framework.name!r} ({framework.hash[:12]})."
        )
    if corpus is not None and hashes.corpus != corpus:
        yield f"The corpus {hashes.corpus[:12]} is now {corpus[:12]}; citations may point elsewhere."


def _summary(record: Record) -> dict[str, str]:
    """What two records are compared by."""
    reply, hashes = record.reply, record.content.hashes
    chosen, findings = reply.recommendation or Recommendation(None), reply.verdict.findings if reply.verdict else ()
    rejected = [f"{each.primary} ({each.verdict.status})" for each in reply.proposals]
    return {
        **{f"fact {name}": _fact(fact) for name, fact in reply.situation.facts.items()},
        **{f"detail {name}": _fact(fact) for name, fact in reply.situation.details.items()},
        "primary strategy": _said(chosen.primary),
        "supporting strategies": _said(chosen.supporting),
        "strategies to avoid": _said(sorted(chosen.avoid)),
        "assumptions": _said(chosen.assumptions),
        "origin": chosen.origin,
        "verdict": reply.verdict.status if reply.verdict else "none",
        "rules": _said(sorted({rule for finding in findings for rule in finding.rules})),
        "rejected proposals": _said(rejected),
        "framework": f"{hashes.framework_name} {hashes.framework[:12]}",
        "corpus": hashes.corpus[:12],
        **{f"weights {name}": value[:12] for name, value in sorted(hashes.weights.items())},
    }


def _fact(fact: Fact) -> str:
    return f"{fact.value} ({fact.status})" if fact.known else fact.value


def _said(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_said(each) for each in value) or "none"
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_said(each)}" for key, each in value.items())
    return "none" if value is None else str(value)
