"""From one message to the facts it states: all readers, settled into one situation and merged with what was known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from tunewise.facts.answers import answer_claims, correction_claims
from tunewise.facts.base_models import base_model, find_models, model_claims
from tunewise.facts.claims import Claim, settle
from tunewise.facts.contrast import contrast_claims
from tunewise.facts.cues import find_cues, is_situated
from tunewise.facts.dataset import dataset_claims, present
from tunewise.facts.fitting import with_fit
from tunewise.facts.hardware import hardware_claims
from tunewise.facts.modality import modality_claims
from tunewise.facts.patterns import macro
from tunewise.facts.similarity import similarity_claims
from tunewise.facts.text import Message, read
from tunewise.framework.naming import lexicon_for
from tunewise.types import Clash, Fact, ProposedFact, Reading, Situation

if TYPE_CHECKING:
    from tunewise.framework.model import Framework
    from tunewise.reading.few_shot import FewShotReader

DETAILS = (
    "n_examples", "n_classes", "base_model", "architecture", "model_parameters", "modality", "hardware", "gpu_memory",
    "source_domain", "target_domain",
)  # fmt: skip


def read_message(
    message: str,
    *,
    framework: Framework,
    turn: int = 1,
    previous: Situation | None = None,
    examples: FewShotReader | None = None,
    asked: Sequence[str] = (),
) -> Reading:
    """Read the facts of one message; the same input always gives the same reading.

    Args:
        message: The user's words, of any length.
        framework: Gives the facts, their values, and the cut-offs of data size.
        turn: Number of the message in its conversation, from 1.
        previous: The situation so far; later words override earlier ones, edits override both.
        examples: Reads the facts that the framework gives examples of; nothing else reads these then.
        asked: Facts that the reply before asked for.
    """
    text = read(message)
    hypothetical = bool(previous and previous.values()) and bool(macro("what_if").search(text.folded))
    claims = pattern_claims(text, framework)
    proposed: tuple[ProposedFact, ...] = ()
    if examples:
        stated, proposed = examples.claims(text, asked[0] if asked else None)
        claims = [*stated, *(claim for claim in claims if claim.fact not in examples.thresholds)]
    claims = _choose(claims, hypothetical)
    corrected = list(correction_claims(text, previous, turn, framework))
    claims = [*corrected, *unsaid(claims, corrected)]
    claims += unsaid(answer_claims(text, asked, framework), claims)
    if not hypothetical:
        claims = present(claims, text, previous)
    reading = reading_of(text, claims, framework, turn, previous, hypothetical=hypothetical)
    return replace(reading, proposed=tuple(each for each in proposed if each.fact in reading.missing))


def unsaid(more: Iterable[Claim], claims: Sequence[Claim]) -> list[Claim]:
    """Those of more claims whose facts no other claim is about."""
    said = {claim.fact for claim in claims}
    return [claim for claim in more if claim.fact not in said]


def reading_of(
    text: Message,
    claims: list[Claim],
    framework: Framework,
    turn: int,
    previous: Situation | None,
    *,
    hypothetical: bool = False,
) -> Reading:
    """Settle claims and merge them with what was known; see `read_message`."""
    facts, details, clashes = _settle(claims, text, framework, turn)
    situation = merge(previous, Situation(facts, details, clashes), hypothetical=hypothetical)
    values = situation.values()
    return Reading(
        situation=_with_unknowns(situation, framework),
        language=text.language,
        hypothetical=hypothetical,
        missing=tuple(name for name in framework.facts if name not in values),
        stated=tuple(sorted(name for name, fact in facts.items() if fact.known and fact.status == "stated")),
        mentions=lexicon_for(framework).hinted(text.raw),
        is_situated=is_situated(text),
    )


def pattern_claims(text: Message, framework: Framework) -> list[Claim]:
    """Everything that tables and patterns read, facts and details, unsettled."""
    models = find_models(text)
    dataset = list(dataset_claims(text, framework))
    hardware = list(hardware_claims(text))
    model = base_model(models)
    situated = is_situated(text) or bool(model and not model.kind.generic) or bool(dataset or hardware)
    found: Iterable[Claim] = chain(
        find_cues(text, situated=situated),
        dataset,
        hardware,
        model_claims(text, models, framework),
        modality_claims(text),
        similarity_claims(text, model),
        contrast_claims(text),
    )
    return list(found)


def _choose(claims: list[Claim], hypothetical: bool) -> list[Claim]:
    """In a what-if what is supposed replaces what is not; otherwise it is no claim at all."""
    if not hypothetical:
        return [claim for claim in claims if not claim.counterfactual]
    supposed = {claim.fact for claim in claims if claim.counterfactual}
    return [claim for claim in claims if claim.counterfactual or claim.fact not in supposed]


def _settle(
    claims: list[Claim], text: Message, framework: Framework, turn: int
) -> tuple[dict[str, Fact], dict[str, Fact], tuple[Clash, ...]]:
    by_name: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_name[claim.fact].append(claim)
    facts: dict[str, Fact] = {}
    details: dict[str, Fact] = {}
    clashes: list[Clash] = []
    for name in sorted(by_name):
        if name in framework.facts:
            allowed = [claim for claim in by_name[name] if claim.value in (*framework.facts[name].values, "unknown")]
            fact, clash = settle(name, allowed, text, turn)
            if fact:
                facts[name] = fact
            if clash:
                clashes.append(clash)
        elif name in DETAILS:
            fact = _detail(by_name[name], text, turn)
            details[name] = fact
    return facts, details, tuple(clashes)


def _detail(claims: list[Claim], text: Message, turn: int) -> Fact:
    """Details never clash: the strongest, then the first, is shown."""
    best = min(claims, key=lambda claim: (-claim.strength, claim.start))
    return best.to_fact(text, turn)


def merge(previous: Situation | None, new: Situation, *, hypothetical: bool = False) -> Situation:
    """Later words override earlier ones; what the user edited stays, except in a what-if.

    A fact that the new message leaves unknown with a reason (a number between the cut-offs, a clash) replaces an
    earlier value too: the earlier words no longer hold.
    """
    if previous is None:
        return new
    facts = _merge_facts(previous.facts, new.facts, hypothetical)
    details = _merge_facts(previous.details, new.details, hypothetical)
    edited = {name for name, fact in facts.items() if fact.status == "edited"}
    renewed = {name for name, fact in new.facts.items()}
    kept = [clash for clash in previous.clashes if clash.fact not in renewed and clash.fact not in edited]
    return Situation(facts, details, (*kept, *(clash for clash in new.clashes if clash.fact not in edited)))


def _merge_facts(old: Mapping[str, Fact], new: Mapping[str, Fact], hypothetical: bool) -> dict[str, Fact]:
    merged = dict(old)
    for name, fact in new.items():
        earlier = merged.get(name)
        if earlier is not None and earlier.status == "edited" and not hypothetical:
            continue
        if earlier is not None and earlier.status in ("stated", "measured") and fact.status == "assumed":
            continue
        merged[name] = fact
    return merged


def _with_unknowns(situation: Situation, framework: Framework) -> Situation:
    """Every fact of the framework is there, unknown and computed ones too, in the framework's order; others are
    dropped."""
    facts = {name: situation.facts.get(name, Fact(name)) for name in framework.facts}
    # A size that is not known ends that of an earlier model, and then says nothing more.
    details = {name: fact for name, fact in situation.details.items() if fact.known or name != "model_parameters"}
    return with_fit(Situation(facts, dict(sorted(details.items())), situation.clashes), framework)
