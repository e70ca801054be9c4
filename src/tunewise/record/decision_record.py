"""The decision record: one recommendation with everything it rests on, in a form that can be replayed.

A record is plain data. It carries a checksum over its own content, so that a file that was changed or cut off is
refused when it is read; whether the decision is right is for `replay` to recompute, not for the checksum to promise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tunewise import __version__
from tunewise.errors import RecordError
from tunewise.framework.words import text_in
from tunewise.record.reply_json import choice_to_json, reply_from_json, reply_to_json
from tunewise.types import Reply, Verdict

if TYPE_CHECKING:
    from tunewise.framework import Framework

Json = dict[str, Any]


class _Part(BaseModel):
    """Part of a record as it stands in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Hashes(_Part):
    """SHA-256 of what the decision rests on; `weights` is model name → hash, empty without a model."""

    framework_name: str
    framework: str
    corpus: str
    weights: dict[str, str]


class RuleText(_Part):
    """A rule behind the verdict: its source's sentence, or our interpretation where the source is silent."""

    strength: str
    because: str
    document: str | None = None
    section: str | None = None
    quote: str | None = None
    interpretation: str | None = None


class RecordContent(_Part):
    """The content of a record.

    `reply` is the published JSON of a reply in the version of its time, `decision` what the rules alone recommend for
    its facts.
    """

    record_version: Literal[1]
    title: str
    created_at: str
    tunewise: str
    messages: list[str]
    reply: dict[str, Any]
    decision: dict[str, Any]
    rules: dict[str, RuleText]
    would_change: list[str]
    labels: dict[str, str]
    hashes: Hashes
    checksum: str


@dataclass(frozen=True, slots=True)
class Record:
    """A decision record: its content, and the reply that it records."""

    content: RecordContent
    reply: Reply

    def to_json(self, *, ascii_only: bool = False) -> str:
        """The record as JSON text; with `ascii_only` every other character is escaped."""
        return json.dumps(self.content.model_dump(), ensure_ascii=ascii_only, indent=1, allow_nan=False) + "\n"

    def label(self, strategy: str | None) -> str:
        """A strategy's name for people."""
        return self.content.labels.get(strategy, strategy) if strategy else "nothing"

    def labels(self, strategies: Iterable[str | None]) -> str:
        """The names of several strategies in a row; those that are None are left out."""
        return ", ".join(self.label(strategy) for strategy in strategies if strategy) or "nothing"


def make_record(
    reply: Reply,
    messages: Sequence[str],
    framework: Framework,
    *,
    corpus: str,
    weights: Mapping[str, str],
    title: str,
    at: datetime,
) -> Record:
    """Record a reply that holds a recommendation.

    Args:
        reply: The reply as shown.
        messages: The user's messages up to it, oldest first; the facts' quotes come from them.
        framework: The framework that decided.
        corpus: Hash of the corpus.
        weights: Model name → SHA-256; empty in rules-only mode.
        title: Title of the conversation.
        at: When the decision was made.

    Raises:
        RecordError: If the reply holds no recommendation.
    """
    if reply.recommendation is None or reply.verdict is None:
        raise RecordError("This reply holds no recommendation to record. Export the transcript.")
    labels = {id_: text_in(spec.label, reply.language) for id_, spec in framework.strategies.items()}
    content = {
        "record_version": 1,
        "title": title,
        "created_at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "tunewise": __version__,
        "messages": list(messages),
        "reply": reply_to_json(reply, tuple(framework.facts)),
        "decision": rules_choice(framework, reply),
        "rules": _rule_texts(framework, reply, reply.verdict),
        "would_change": list(_would_change(framework, reply, labels)),
        "labels": labels,
        "hashes": {
            "framework_name": framework.name,
            "framework": framework.hash,
            "corpus": corpus,
            "weights": dict(weights),
        },
    }
    # lone surrogates (from broken input) are replaced, so that the record can be written as UTF-8
    content = json.loads(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))
    return read_record({**content, "checksum": checksum(content)})


def read_record(data: object) -> Record:
    """Validate a record's data.

    Raises:
        RecordError: If it is no record, or was changed after it was written.
    """
    try:
        content = RecordContent.model_validate(data)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise RecordError(f"This is no decision record: {place}: {first['msg']}. Export it again.") from None
    if checksum(content.model_dump(exclude={"checksum"})) != content.checksum:
        raise RecordError("The record was changed after it was written (its checksum differs). Export it again.")
    return Record(content, reply_from_json(content.reply))


def checksum(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content as canonical JSON (sorted keys, no spaces, ASCII)."""
    try:
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    except (ValueError, RecursionError):
        raise RecordError("The record holds a number that is not finite, or is nested too deep.") from None
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def rules_choice(framework: Framework, reply: Reply) -> Json:
    """What the rules alone recommend for the reply's facts, as it stands in a record."""
    from tunewise.framework import decide

    return choice_to_json(decide(framework, reply.situation.values()).recommendation())


def _would_change(framework: Framework, reply: Reply, labels: Mapping[str, str]) -> Iterator[str]:
    """Open questions with the outcome of each answer, and single facts that turn the advice over: known ones if they
    changed, open ones where none is asked for."""
    from tunewise.framework import flip_points

    for question in reply.questions:
        outcomes = [f"{value}: {labels.get(outcome, outcome)}" for value, outcome in question.outcomes.items()]
        yield f"{question.text} {'; '.join(outcomes)}".strip()
    for flip in flip_points(framework, reply.situation.values(), of_open=not reply.questions):
        label, then = framework.facts[flip.fact].label["en"], labels.get(flip.primary_after, flip.primary_after)
        about = f" (at about {flip.amount:,.0f} {flip.unit})" if flip.amount is not None else ""
        yield f"{label} {flip.after} instead of {flip.before or 'unknown'}{about}: {then}"


def _rule_texts(framework: Framework, reply: Reply, verdict: Verdict) -> Json:
    findings = [*verdict.findings, *(each for proposal in reply.proposals for each in proposal.verdict.findings)]
    named = dict.fromkeys(rule for finding in findings for rule in finding.rules)
    return {
        rule.id: {
            "strength": rule.strength,
            "because": text_in(rule.because, reply.language),
            **{key: getattr(rule.source, key, None) for key in ("document", "section", "quote")},
            "interpretation": rule.interpretation,
        }
        for rule in (framework.rules[id_] for id_ in named if id_ in framework.rules)
    }
