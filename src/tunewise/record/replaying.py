"""Recompute a recorded decision from its facts, and compare two records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunewise.errors import RecordError, SituationError
from tunewise.record.decision_record import Record
from tunewise.record.reply_json import choice_to_json
from tunewise.types import Fact, Finding, Recommendation, Reply, Situation, Verdict

if TYPE_CHECKING:
    from tunewise.framework import Framework

Json = dict[str, Any]


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

    `differences` are between what was recorded and what comes out now; `notices` name changes of framework, corpus or
    program that need not change the decision.
    """

    differences: tuple[Difference, ...]
    notices: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """The recorded facts give the recorded decision and verdicts."""
        return not self.differences


def replay(record: Record, framework: Framework, *, corpus: str | None = None) -> ReplayResult:
    """Decide and check again from the recorded facts, by `framework`.

    Raises:
        RecordError: If the recorded facts or strategies are not those of this framework.
    """
    try:
        differences = tuple(_replayed(record, framework))
    except SituationError as problem:
        raise RecordError(
            f"The record does not fit the framework {framework.name!r}: {problem} "
            "Replay it with the framework that it names (--framework)."
        ) from None
    return ReplayResult(differences, tuple(_notices(record, framework, corpus)))


def diff(before: Record, after: Record) -> tuple[Difference, ...]:
    """What differs between two records: facts, recommendation, verdict, rules, hashes. Times and texts do not count."""
    first, second = _comparable(before), _comparable(after)
    return tuple(
        Difference(what, first.get(what, "–"), second.get(what, "–"))
        for what in dict.fromkeys([*first, *second])
        if first.get(what, "–") != second.get(what, "–")
    )


def _replayed(record: Record, framework: Framework) -> Iterator[Difference]:
    from tunewise.framework import check, decide

    reply = record.reply
    yield from _unquoted(record)
    decided = choice_to_json(decide(framework, reply.situation.values()).recommendation())
    recorded = record.content.decision.model_dump()
    for key, value in decided.items():
        if value != recorded[key]:
            yield Difference(f"decision by the rules, {key}", _said(recorded[key]), _said(value))
    if reply.recommendation is None or reply.verdict is None:
        raise RecordError("The record holds no recommendation. Export it again.")
    yield from _verdicts("verdict", reply.verdict, check(framework, reply.situation, reply.recommendation))
    for number, proposal in enumerate(reply.proposals, 1):
        proposed = Recommendation(proposal.primary, proposal.supporting, origin="model")
        yield from _verdicts(
            f"verdict on proposal {number}", proposal.verdict, check(framework, reply.situation, proposed)
        )


def _unquoted(record: Record) -> Iterator[Difference]:
    situation = record.reply.situation
    for fact in (*situation.facts.values(), *situation.details.values()):
        if fact.status == "stated" and not any(fact.quote and fact.quote in text for text in record.content.messages):
            yield Difference(f"fact {fact.name}", f"quoted as “{fact.quote}”", "not in the recorded messages")


def _verdicts(what: str, before: Verdict, after: Verdict) -> Iterator[Difference]:
    if before.status != after.status:
        yield Difference(what, before.status, after.status)
    recorded, computed = _findings(before), _findings(after)
    for finding in sorted(set(recorded) | set(computed)):
        if recorded.count(finding) != computed.count(finding):
            yield _finding_difference(what, finding, recorded, computed)


def _finding_difference(what: str, finding: str, recorded: list[str], computed: list[str]) -> Difference:
    times = [f"{held.count(finding)} ×" if finding in held else "absent" for held in (recorded, computed)]
    return Difference(f"{what}, finding ({finding})", times[0], times[1])


def _findings(verdict: Verdict) -> list[str]:
    return [_finding(finding) for finding in verdict.findings]


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


def _comparable(record: Record) -> dict[str, str]:
    """What two records are compared by, each under a readable name."""
    reply, hashes = record.reply, record.content.hashes
    chosen = reply.recommendation
    flat = {
        **_situation(reply.situation),
        "primary strategy": chosen.primary or "none" if chosen else "none",
        "supporting strategies": _said(list(chosen.supporting)) if chosen else "none",
        "strategies to avoid": _said(sorted(chosen.avoid)) if chosen else "none",
        "assumptions": _said(list(chosen.assumptions)) if chosen else "none",
        "origin": chosen.origin if chosen else "none",
        "verdict": reply.verdict.status if reply.verdict else "none",
        "rules": _said(_rules(reply)),
        "rejected proposals": _said([f"{each.primary} ({each.verdict.status})" for each in reply.proposals]),
        "framework": f"{hashes.framework_name} {hashes.framework[:12]}",
        "corpus": hashes.corpus[:12],
    }
    return flat | {f"weights {name}": value[:12] for name, value in sorted(hashes.weights.items())}


def _situation(situation: Situation) -> dict[str, str]:
    facts = {f"fact {name}": _fact(fact) for name, fact in situation.facts.items()}
    return facts | {f"detail {name}": _fact(fact) for name, fact in situation.details.items()}


def _fact(fact: Fact) -> str:
    return f"{fact.value} ({fact.status})" if fact.known else fact.value


def _rules(reply: Reply) -> list[str]:
    return sorted({rule for finding in (reply.verdict.findings if reply.verdict else ()) for rule in finding.rules})


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_said(each) for each in value) or "none"
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_said(each)}" for key, each in value.items())
    return "none" if value is None else str(value)
