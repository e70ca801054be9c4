"""A decision record to read: what it holds, as the sections of a document."""

from __future__ import annotations

from collections.abc import Iterator

from tunewise.record.decision_record import Record
from tunewise.record.document import Section
from tunewise.types import Fact, Proposal, Recommendation, Verdict

VERDICT_MEANING = {
    "valid": "follows from the facts and the rules",
    "invalid": "contradicts the facts or the rules",
    "satisfiable": "holds only under facts that were not stated",
    "impossible": "the stated facts contradict each other",
    "ambiguous": "a fact can be read in two ways",
    "no_recommendation": "nothing was recommended",
    "not_checked": "could not be checked",
}
FITS = {True: "yes", False: "no", None: "not known"}


def record_sections(record: Record) -> list[Section]:
    """What a reader sees, in order; sections with nothing to say are left out."""
    return [section for section in _sections(record) if not section.empty]


def _sections(record: Record) -> Iterator[Section]:
    reply, content = record.reply, record.content
    yield Section("What was asked", quotes=content.messages)
    yield _situation(record)
    yield Section("Recommendation", items=list(_recommendation(record, reply.recommendation)))
    yield _verdict(record, reply.verdict)
    yield Section("Rules behind it", items=list(_rules(record)))
    yield Section("Answer", [reply.answer] if reply.answer else [])
    cited = [(each.id, f"{each.document}, {each.section}: “{each.quote}”") for each in reply.citations]
    yield Section("Sources", items=cited)
    rejected = [each for each in reply.proposals if each.verdict.status in ("invalid", "impossible", "not_checked")]
    yield Section("Rejected proposals of the model", items=[_rejected(record, each) for each in rejected])
    if reply.plan is not None:
        yield Section("Plan and starting values", items=[(step.title, step.text) for step in reply.plan.steps])
        rows = [(m.method, f"{m.gigabytes:.1f} GB", FITS[m.fits], m.formula, m.source) for m in reply.plan.memory]
        head = ("method", "memory", "fits", "formula", "source")
        yield Section("Memory for training", table=[head, *rows] if rows else [])
    yield Section("What would change the advice", items=[("", text) for text in content.would_change])
    yield Section("What this rests on", table=_hashes(record))


def _situation(record: Record) -> Section:
    situation = record.reply.situation
    known = [fact for fact in (*situation.facts.values(), *situation.details.values()) if fact.known]
    unknown = [words(fact.name) for fact in situation.facts.values() if not fact.known]
    head = ("fact", "value", "status", "in the user's words, or why")
    said = [f"Not known: {', '.join(unknown)}."] if unknown else []
    return Section("Situation", said, table=[head, *(_fact_row(fact) for fact in known)])


def _fact_row(fact: Fact) -> tuple[str, ...]:
    amount = f"{fact.amount:g} {fact.unit or ''}".strip() if fact.amount is not None else ""
    value = f"{fact.value} ({amount})" if amount and fact.value not in amount else amount or fact.value
    said = " – ".join(each for each in (f"“{fact.quote}”" if fact.quote else "", fact.reason) if each)
    return words(fact.name), value, fact.status, said


def _recommendation(record: Record, chosen: Recommendation | None) -> Iterator[tuple[str, str]]:
    if chosen is None:
        return
    yield "primary", record.label(chosen.primary)
    yield from (("supporting", record.label(strategy)) for strategy in chosen.supporting)
    yield from (("avoid", record.label(strategy)) for strategy in chosen.avoid)
    yield from (("assumed", assumption) for assumption in chosen.assumptions)
    for other in chosen.conditional:
        when = " and ".join(f"{words(name)} is {value}" for name, value in other.when.items())
        yield f"if {when}", ", ".join(record.label(each) for each in (other.primary, *other.supporting))
    yield "origin", "the model's proposal, checked" if chosen.origin == "model" else "the rules"


def _verdict(record: Record, verdict: Verdict | None) -> Section:
    if verdict is None:
        return Section("Verdict")
    findings = [
        (record.label(each.strategy) if each.strategy else "situation", f"{words(each.kind)}: {each.message}")
        for each in verdict.findings
    ]
    return Section("Verdict", [f"{words(verdict.status)}: {VERDICT_MEANING[verdict.status]}."], items=findings)


def _rules(record: Record) -> Iterator[tuple[str, str]]:
    for id_, rule in record.content.rules.items():
        if rule.quote:
            yield id_, f"{rule.because} “{rule.quote}” ({rule.document}, {rule.section}; {rule.strength})"
        else:
            yield id_, f"{rule.because} Interpretation: {rule.interpretation} ({rule.strength})"


def _rejected(record: Record, proposal: Proposal) -> tuple[str, str]:
    named = ", ".join(record.label(each) for each in (proposal.primary, *proposal.supporting) if each)
    why = " ".join(each.message for each in proposal.verdict.findings if each.kind != "valid")
    return named or "nothing", f"{words(proposal.verdict.status)}. {why}"


def _hashes(record: Record) -> list[tuple[str, str]]:
    content, hashes = record.content, record.content.hashes
    return [
        ("what", "identity"),
        ("made", content.created_at),
        ("Tunewise", content.tunewise),
        (f"framework {hashes.framework_name}", hashes.framework),
        ("corpus", hashes.corpus),
        *((f"weights {name}", value) for name, value in hashes.weights.items()),
        ("this record", content.checksum),
    ]


def words(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")
