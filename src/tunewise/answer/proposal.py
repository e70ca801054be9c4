"""The model's own choice of strategies, made from facts and passages without seeing the decision.

The grammar lets it write strategy ids only. Whatever cannot be parsed counts as no proposal: the rules then decide.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tunewise.answer.explanation import shortened
from tunewise.errors import ModelError
from tunewise.events import Proposed
from tunewise.framework import check
from tunewise.llm.chat import PassageText, Prompt, to_messages
from tunewise.llm.prompts import fill_template, template_text
from tunewise.types import Origin, Passage, Proposal, Recommendation, Situation, Verdict

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tunewise.framework import Decision, Framework

MAX_SUPPORTING = 3
MAX_TOKENS = 64
ORIGINS: tuple[Origin, ...] = ("model", "model_revised")


@dataclass(frozen=True, slots=True)
class Settled:
    """The recommendation that stands, and what the model proposed on the way to it."""

    recommendation: Recommendation
    proposals: tuple[Proposal, ...] = ()


def settle(
    model: BaseChatModel | None,
    framework: Framework,
    situation: Situation,
    decision: Decision,
    prompt: Prompt,
    **options: Any,
) -> Generator[Proposed, None, Settled]:
    """Let the model propose, check it, let it revise once; if it still fails, the rules' recommendation stands.

    A proposal that passes takes its supporting strategies from the decision where the two agree on the primary
    strategy, so that the precautions that the rules ask for are never lost.
    """
    rules = decision.recommendation()
    if model is None:
        return Settled(rules)
    proposals: list[Proposal] = []
    tail, rejected = prompt.tail, frozenset[str]()
    for origin in ORIGINS:
        proposed = propose(model, framework, replace(prompt, tail=tail), rejected, **options)
        if proposed is None:
            break
        verdict = check(framework, situation, proposed)
        proposals.append(Proposal(proposed.primary, proposed.supporting, verdict))
        yield Proposed(proposals[-1])
        if is_acceptable(proposed, verdict, decision):
            return Settled(replace(rules, origin=origin), tuple(proposals))
        rejected = frozenset(
            finding.strategy for finding in verdict.findings if finding.kind != "valid" and finding.strategy
        )
        if not rejected:
            break
        tail = revision_tail(prompt.tail, proposed, verdict)
    return Settled(rules, tuple(proposals))


def is_acceptable(proposed: Recommendation, verdict: Verdict, decision: Decision) -> bool:
    """Whether the rules stand behind a proposal: nothing in it contradicts them, and they rank its primary first."""
    return proposed.primary == decision.primary and verdict.status in ("valid", "satisfiable")


def proposal_prompt(framework: Framework, situation: Situation, question: str, passages: Sequence[Passage]) -> Prompt:
    """The request for a proposal: the strategies, the passages, then question, facts and task."""
    given = tuple(PassageText(passage.id, passage.text) for passage in passages)
    tail = fill_template("proposal", question=shortened(question), facts=facts_text(framework, situation))
    return Prompt(template_text("system").strip(), given, tail)


def revision_tail(tail: str, first: Recommendation, verdict: Verdict) -> str:
    """The same tail followed by the first proposal and the checker's findings on it."""
    findings = " ".join(finding.message for finding in verdict.findings if finding.kind != "valid")
    return tail + fill_template("revision", proposal=_as_json(first), findings=findings)


def facts_text(framework: Framework, situation: Situation) -> str:
    """Known facts and details, one "name: value (quoted words)" a line; "none stated" if there are none."""
    known = [fact for fact in (*situation.facts.values(), *situation.details.values()) if fact.known]
    lines = [f"- {fact.name}: {fact.value}" + (f' ("{fact.quote}")' if fact.quote else "") for fact in known]
    return "\n".join(lines) or "- none stated"


def propose(
    model: BaseChatModel, framework: Framework, prompt: Prompt, rejected: Set[str] = frozenset(), **options: Any
) -> Recommendation | None:
    """Ask the model for a recommendation.

    Args:
        model: Any chat model; a local one is held to the grammar of strategy ids.
        framework: Gives the strategies that may be named.
        prompt: From `proposal_prompt`, its tail perhaps from `revision_tail`.
        rejected: Strategies that the checker has objected to; they cannot be chosen again.
        options: Passed on to the model (cancel, deadline_s).

    Returns:
        The proposal with origin "model", or None if the model's answer could not be read.
    """
    from tunewise.llm.grammar import recommendation_grammar

    primary, supporting = ([id_ for id_ in ids if id_ not in rejected] for ids in _strategy_ids(framework))
    grammar = recommendation_grammar(primary, supporting, MAX_SUPPORTING)
    try:
        answer = model.invoke(to_messages(prompt), grammar=grammar, max_tokens=MAX_TOKENS, **options)
    except ModelError:
        return None
    return parse(str(answer.text), primary, supporting)


def parse(text: str, primary_ids: Sequence[str], supporting_ids: Sequence[str]) -> Recommendation | None:
    """Read {"primary": id, "supporting": [ids]}; unknown ids, other shapes and duplicate keys are no proposal."""
    try:
        data = json.loads(text[text.index("{") :], object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or set(data) - {"primary", "supporting"}:
        return None
    chosen, others = data.get("primary"), data.get("supporting", [])
    if (
        chosen not in primary_ids
        or not isinstance(others, list)
        or not all(other in supporting_ids for other in others)
    ):
        return None
    return Recommendation(chosen, tuple(dict.fromkeys(others))[:MAX_SUPPORTING], origin="model")


def _strategy_ids(framework: Framework) -> tuple[list[str], list[str]]:
    primary = [id_ for id_, strategy in framework.strategies.items() if strategy.is_primary]
    return primary, [id_ for id_ in framework.strategies if id_ not in primary]


def _unique_keys(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise ValueError("duplicate keys")
    return keys


def _as_json(recommendation: Recommendation) -> str:
    return json.dumps({"primary": recommendation.primary, "supporting": list(recommendation.supporting)})
