"""What has changed since a record was made, in words: the rules behind it, its numbers, the passages that it cites.

A record holds the words of the rules that its verdicts name, not their conditions and no other rules. So a rule that
speaks now and is not in the record may be new or may fire only now: the two cannot be told apart, and are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tunewise.framework.words import in_words, text_in

if TYPE_CHECKING:
    from tunewise.framework import Decision, Framework
    from tunewise.framework.model import Rule, UnitKind
    from tunewise.record.decision_record import Record, RuleText
    from tunewise.retrieval.corpus import Corpus
    from tunewise.types import Citation, Fact, Verdict

COUNTED = "dataset_size"  # the fact that an amount of data decides
PARTS = {"document": "document", "section": "section", "quote": "quote", "interpretation": "reading"}


def changed_choice(record: Record, framework: Framework, decision: Decision) -> Iterator[str]:
    """Why another strategy comes first now: the rules for it, and what speaks against the one before."""
    before, now = record.content.decision["primary"], decision.primary
    if before == now or now is None:
        return
    yield f"{record.label(now)} comes first now by {_cited(framework, decision.statuses[now].rules, decision)}."
    was = decision.statuses.get(before)
    if before is not None and was is None:
        yield f"{record.label(before)} is no strategy of this framework any more."
    elif was is not None and was.against:
        yield f"Against {record.label(before)} speaks now {_cited(framework, was.against, decision)}."
    elif was is not None and not was.rules:
        yield f"No rule speaks for {record.label(before)} on the recorded facts any more."


def changed_rules(
    record: Record, framework: Framework, pairs: Mapping[str, tuple[Verdict, Verdict]], decision: Decision
) -> Iterator[str]:
    """Rules of the recorded verdicts that are gone, reworded or silent, and rules that the verdicts name only now.

    Args:
        record: With the rules' texts.
        framework: In force now.
        pairs: What was judged → the recorded verdict and the one that comes out now.
        decision: On the recorded facts, by the framework in force.
    """
    before, now = (
        {rule for verdicts in pairs.values() for finding in verdicts[place].findings for rule in finding.rules}
        for place in (0, 1)
    )
    firing = {rule.id for rule in decision.trace}
    for id_ in sorted(before | record.content.rules.keys()):
        text, rule = record.content.rules.get(id_), framework.rules.get(id_)
        if rule is None:
            said = f"; it said: {text.because}" if text else "."
            yield f"The framework {framework.name!r} has no rule {id_}{said}"
        elif text is not None:
            yield from _reworded(id_, text, rule, record.reply.language)
        if rule is not None and id_ in before - now:
            silent = "" if id_ in firing else " and does not fire on the recorded facts"
            yield f"Rule {id_} is behind the verdicts no longer{silent}."
    for id_ in sorted(now - before):
        yield f"The verdicts name now, and the record does not, {_cited(framework, (id_,), decision)}."


def changed_numbers(record: Record, framework: Framework) -> Iterator[str]:
    """Recorded amounts that count as something else by the cut-offs in force, and memory that is reckoned otherwise."""
    situation = record.reply.situation
    if (size := situation.facts.get(COUNTED)) and (today := _counts_as(framework, size)) not in (None, size.value):
        below, from_ = framework.size_cutoffs(_kind(framework, size))
        yield (
            f"By the cut-offs in force (small below {_number(below)}, large from {_number(from_)}) "
            f"{_number(size.amount or 0)} {size.unit or 'examples'} are {today}; the record counts them as "
            f"{size.value}."
        )
    yield from _changed_memory(record, framework)


def changed_citations(record: Record, corpus: Corpus) -> Iterator[str]:
    """Passages that the reply cites and that are gone, or whose words are others now."""
    for cited in record.reply.citations:
        document = corpus.documents.get(cited.document)
        if document is None:
            yield f"Cited {cited.id}: the document {cited.document!r} is gone."
        elif cited.quote not in document.text:
            yield f"Cited {cited.id}: these words stand in {cited.document!r} no longer: “{_short(cited)}”"
        elif cited.id not in corpus.by_id:
            yield f"Cited {cited.id}: its words still stand in {cited.document!r}, under another id."
        elif document.text[cited.start : cited.end] != cited.quote:
            yield f"Cited {cited.id}: its words stand elsewhere in {cited.document!r} now."


def _reworded(id_: str, before: RuleText, rule: Rule, language: str) -> Iterator[str]:
    if before.strength != rule.strength:
        yield f"Rule {id_} is a {rule.strength!r} now; it was a {before.strength!r}."
    because = text_in(rule.because, language)
    if before.because != because:
        yield f"Rule {id_} says now: {because} It said: {before.because}"
    now = {part: getattr(rule.source, part, None) for part in ("document", "section", "quote")}
    now["interpretation"] = rule.interpretation
    others = [name for part, name in PARTS.items() if getattr(before, part) != now[part]]
    if others:
        yield f"Rule {id_} rests on something else now ({', '.join(others)})."


def _cited(framework: Framework, ids: tuple[str, ...], decision: Decision) -> str:
    """ "rule F3 (dataset_size is small): …": rules in their own words, with the facts that they fire on."""
    facts = {rule.id: rule.facts for rule in decision.trace}
    said = []
    for id_ in ids:
        ground = f" ({in_words(facts[id_])})" if facts.get(id_) else ""
        rule = framework.rules.get(id_)
        said.append(f"rule {id_}{ground}" + (f": {text_in(rule.because, 'en').rstrip('.')}" if rule else ""))
    return "; ".join(said) or "no rule"


def _kind(framework: Framework, size: Fact) -> UnitKind:
    return next((kind for kind in framework.parameters.sizes if kind == size.unit), "examples")


def _counts_as(framework: Framework, size: Fact) -> str | None:
    """The class of an amount that was read from a number; None where there is no number, or no cut-off for it."""
    return framework.size_class(size.amount, _kind(framework, size)) if size.amount and size.known else None


def _changed_memory(record: Record, framework: Framework) -> Iterator[str]:
    from tunewise.framework.memory import memory_estimates

    reply = record.reply
    if reply.plan is None:
        return
    advised = reply.recommendation.primary if reply.recommendation else None
    trains = bool(advised in framework.strategies and framework.strategies[advised or ""].trains)
    now = memory_estimates(framework, reply.situation, reply.language, trains=trains, advised=advised)
    reckoned = {each.method: each.gigabytes for each in now}
    for each in reply.plan.memory:
        before, today = f"{each.gigabytes:.1f}", f"{reckoned.get(each.method, each.gigabytes):.1f}"
        if before != today:
            yield f"Memory for {each.method}: {today} GB now, {before} GB in the record."


def _number(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 10 else f"{amount:g}"


def _short(cited: Citation) -> str:
    return cited.quote if len(cited.quote) <= 80 else f"{cited.quote[:80]} …"
