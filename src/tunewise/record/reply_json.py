"""A reply as the published, versioned JSON, and back.

`ask --json`, the evaluation, HTTP, the conversation store and decision records all use this one form. Every key of
version 1 is always present (null where there is nothing). What we add beyond the published keys (`plan`, `notices`,
`details`, `clashes`, `turn`, `conversation`, `hypothetical`, and a few keys inside a fact or a finding) is additive: a
reader that knows only the published keys can ignore it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from tunewise.errors import RecordError
from tunewise.types import (
    UNKNOWN,
    Citation,
    Clash,
    Conditional,
    Fact,
    Finding,
    MemoryEstimate,
    Plan,
    Proposal,
    Question,
    Recommendation,
    Reply,
    Situation,
    Step,
    Verdict,
    Withheld,
)

REPLY_VERSION = 1

SCORED_FACTS = ("dataset_size", "similarity", "compute", "forgetting_concern", "latency_critical")
TIMINGS = ("facts", "decision", "retrieval", "proposal", "first_token", "total")

Json = dict[str, Any]
Built = TypeVar("Built")


def reply_to_json(reply: Reply, fact_names: Collection[str] = SCORED_FACTS) -> Json:
    """The published form of a reply (version 1).

    Args:
        reply: A finished reply.
        fact_names: Facts that are listed even if the situation does not hold them; pass the framework's own.
    """
    situation = situation_to_json(reply.situation, fact_names)
    return {
        "version": REPLY_VERSION,
        "kind": reply.kind,
        "answer": reply.answer,
        "language": reply.language,
        "facts": situation["facts"] | _informative(reply.situation),
        "recommendation": _recommendation_to_json(reply.recommendation),
        "verdict": verdict_to_json(reply.verdict),
        "proposals": [_proposal_to_json(proposal) for proposal in reply.proposals],
        "questions": [
            {"fact": question.fact, "text": question.text, "outcomes": dict(question.outcomes)}
            for question in reply.questions
        ],
        "citations": [_citation_to_json(citation) for citation in reply.citations],
        "withheld": [{"sentence": each.sentence, "reason": each.reason} for each in reply.withheld],
        "timings_s": dict.fromkeys(TIMINGS) | {name: _finite(seconds) for name, seconds in reply.timings_s.items()},
        "details": situation["details"],
        "clashes": situation["clashes"],
        "plan": _plan_to_json(reply.plan),
        "notices": list(reply.notices),
        "turn": reply.turn,
        "conversation": reply.conversation,
        "hypothetical": reply.hypothetical,
    }


def reply_from_json(data: Mapping[str, Any]) -> Reply:
    """The reply that `reply_to_json` wrote.

    Raises:
        RecordError: If the data are not a reply of version 1.
    """
    if not isinstance(data, Mapping) or data.get("version") != REPLY_VERSION:
        found = data.get("version") if isinstance(data, Mapping) else type(data).__name__
        raise RecordError(f"This is not a reply of version {REPLY_VERSION} (version: {found!r}). Export it again.")
    return _reading("reply", lambda: _reply(data))


def situation_to_json(situation: Situation, fact_names: Collection[str] = ()) -> Json:
    """Facts, details and clashes of a situation; facts named in `fact_names` but not held are listed as unknown."""
    held = dict(situation.facts)
    for name in fact_names:
        held.setdefault(name, Fact(name))
    return {
        "facts": {name: fact_to_json(fact) for name, fact in held.items()},
        "details": {name: fact_to_json(fact) for name, fact in situation.details.items()},
        "clashes": [
            {"fact": clash.fact, "kind": clash.kind, "readings": [list(reading) for reading in clash.readings]}
            for clash in situation.clashes
        ],
    }


def situation_from_json(data: Mapping[str, Any]) -> Situation:
    """The situation that `situation_to_json` (or `reply_to_json`) wrote.

    Raises:
        RecordError: If a fact is malformed.
    """
    return _reading("situation", lambda: _situation(data))


def fact_to_json(fact: Fact) -> Json:
    """One fact with its provenance; `amount` is null unless it is a finite number."""
    return {
        "value": fact.value,
        "status": fact.status,
        "quote": fact.quote,
        "turn": fact.turn,
        "reason": fact.reason,
        "amount": _finite(fact.amount),
        "unit": fact.unit,
    }


def verdict_to_json(verdict: Verdict | None) -> Json | None:
    """A verdict with every finding; null for none."""
    if verdict is None:
        return None
    return {"status": verdict.status, "findings": [_finding_to_json(finding) for finding in verdict.findings]}


def recommendation_from_json(data: Mapping[str, Any]) -> Recommendation:
    """The recommendation inside a reply's JSON.

    Raises:
        RecordError: If it is malformed.
    """
    return _reading("recommendation", lambda: _recommendation(data))


def _informative(situation: Situation) -> Json:
    """Details under the names that case files use; marked so that they are not taken for framework facts."""
    shown: Json = {}
    count = situation.details.get("n_examples")
    if count is not None and count.known:
        written = fact_to_json(count) | {"informative": True}
        amount = written["amount"]
        number = int(amount) if amount is not None and float(amount).is_integer() else amount
        shown["dataset_n"] = written | {"value": number if number is not None else count.value}
        shown["dataset_unit"] = written | {"value": count.unit or UNKNOWN}
    for name in ("modality", "base_model"):
        fact = situation.details.get(name)
        if fact is not None and fact.known:
            shown[name] = fact_to_json(fact) | {"informative": True}
    return {name: fact for name, fact in shown.items() if name not in situation.facts}


def _recommendation_to_json(recommendation: Recommendation | None) -> Json | None:
    if recommendation is None:
        return None
    return {
        "primary": recommendation.primary,
        "supporting": list(recommendation.supporting),
        "avoid": list(recommendation.avoid),
        "assumptions": list(recommendation.assumptions),
        "origin": recommendation.origin,
        "conditional": [
            {"if": dict(each.when), "primary": each.primary, "supporting": list(each.supporting)}
            for each in recommendation.conditional
        ],
    }


def _finding_to_json(finding: Finding) -> Json:
    return {
        "kind": finding.kind,
        "strategy": finding.strategy,
        "rules": list(finding.rules),
        "facts": list(finding.facts),
        "message": finding.message,
        "repair": dict(finding.repair) if finding.repair is not None else None,
        "holds": dict(finding.holds) if finding.holds is not None else None,
        "fails": dict(finding.fails) if finding.fails is not None else None,
        "ask": finding.ask,
    }


def _proposal_to_json(proposal: Proposal) -> Json:
    findings = verdict_to_json(proposal.verdict)
    return {
        "primary": proposal.primary,
        "supporting": list(proposal.supporting),
        "verdict": proposal.verdict.status,
        "findings": findings["findings"] if findings else [],
    }


def _citation_to_json(citation: Citation) -> Json:
    return {
        "id": citation.id,
        "collection": citation.collection,
        "document": citation.document,
        "section": citation.section,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def _plan_to_json(plan: Plan | None) -> Json | None:
    if plan is None:
        return None
    return {
        "steps": [{"title": step.title, "text": step.text, "source": step.source} for step in plan.steps],
        "memory": [
            {
                "method": each.method,
                "gigabytes": each.gigabytes,
                "formula": each.formula,
                "source": each.source,
                "fits": each.fits,
            }
            for each in plan.memory
        ],
    }


def _reply(data: Mapping[str, Any]) -> Reply:
    return Reply(
        kind=data["kind"],
        answer=data["answer"],
        language=data["language"],
        situation=_situation(data),
        recommendation=_recommendation(data["recommendation"]) if data["recommendation"] else None,
        verdict=_verdict(data["verdict"]) if data["verdict"] else None,
        proposals=tuple(
            Proposal(each["primary"], tuple(each["supporting"]), _verdict({**each, "status": each["verdict"]}))
            for each in data["proposals"]
        ),
        questions=tuple(Question(each["fact"], each["text"], dict(each["outcomes"])) for each in data["questions"]),
        citations=tuple(Citation(**each) for each in data["citations"]),
        withheld=tuple(Withheld(**each) for each in data["withheld"]),
        plan=_plan(data["plan"]) if data.get("plan") else None,
        notices=tuple(data.get("notices", ())),
        timings_s={name: float(seconds) for name, seconds in data["timings_s"].items() if seconds is not None},
        turn=data.get("turn", 1),
        conversation=data.get("conversation"),
        hypothetical=bool(data.get("hypothetical", False)),
    )


def _situation(data: Mapping[str, Any]) -> Situation:
    facts = {name: fact for name, fact in data["facts"].items() if not fact.get("informative")}
    return Situation(
        facts={name: _fact(name, fact) for name, fact in facts.items()},
        details={name: _fact(name, fact) for name, fact in data.get("details", {}).items()},
        clashes=tuple(
            Clash(each["fact"], tuple((value, quote) for value, quote in each["readings"]), each["kind"])
            for each in data.get("clashes", ())
        ),
    )


def _fact(name: str, data: Mapping[str, Any]) -> Fact:
    if data["status"] not in ("stated", "assumed", "edited", "measured", "unknown"):
        raise ValueError(f"status {data['status']!r} of {name}")
    if not isinstance(data["value"], str):
        raise TypeError(f"value {data['value']!r} of {name}")
    optional = {key: data.get(key) for key in ("quote", "turn", "reason", "amount", "unit")}
    return Fact(name, data["value"], data["status"], **optional)


def _recommendation(data: Mapping[str, Any]) -> Recommendation:
    return Recommendation(
        primary=data["primary"],
        supporting=tuple(data["supporting"]),
        avoid=tuple(data["avoid"]),
        assumptions=tuple(data["assumptions"]),
        origin="model" if data["origin"] == "model_revised" else data["origin"],
        conditional=tuple(
            Conditional(dict(each["if"]), each["primary"], tuple(each["supporting"])) for each in data["conditional"]
        ),
    )


def _verdict(data: Mapping[str, Any]) -> Verdict:
    findings = tuple(
        Finding(**{**each, "rules": tuple(each["rules"]), "facts": tuple(each["facts"])})
        for each in data.get("findings", ())
    )
    return Verdict(data["status"], findings)


def _plan(data: Mapping[str, Any]) -> Plan:
    return Plan(tuple(Step(**each) for each in data["steps"]), tuple(MemoryEstimate(**each) for each in data["memory"]))


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _reading(what: str, read: Callable[[], Built]) -> Built:
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise RecordError(
            f"The {what} cannot be read ({problem!r}). It was changed or cut off; export it again."
        ) from None
