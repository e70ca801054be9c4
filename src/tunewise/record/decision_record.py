"""The decision record: one recommendation with everything it rests on, in a form that can be replayed.

A record is plain data. It carries a checksum over its own content, so that a file that was changed or cut off is
refused when it is read; whether the decision is right is for `replay` to recompute, not for the checksum to promise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tunewise import __version__
from tunewise.errors import RecordError
from tunewise.record.reply_json import choice_to_json, reply_from_json, reply_to_json
from tunewise.types import Finding, Reply

if TYPE_CHECKING:
    from tunewise.framework import Framework
    from tunewise.framework.model import Rule

Json = dict[str, Any]

RECORD_VERSION = 1
MOST_CHARACTERS = 20_000_000


class Hashes(BaseModel):
    """SHA-256 of what the decision rests on; `weights` is model name → hash, empty without a model."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    framework_name: str
    framework: str
    corpus: str
    weights: dict[str, str]


class Chosen(BaseModel):
    """What the rules alone recommend for the recorded facts."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    primary: str | None
    supporting: list[str]
    avoid: list[str]
    conditional: list[dict[str, Any]]


class RuleText(BaseModel):
    """A rule behind the verdict: its source's sentence, or our interpretation where the source is silent."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    strength: str
    because: str
    document: str | None = None
    section: str | None = None
    quote: str | None = None
    interpretation: str | None = None


class RecordContent(BaseModel):
    """The content of a record as it stands in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    record_version: int = Field(ge=RECORD_VERSION, le=RECORD_VERSION)
    title: str
    created_at: str
    tunewise: str
    messages: list[str]
    reply: dict[str, Any]
    decision: Chosen
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


def make_record(
    reply: Reply,
    messages: Sequence[str],
    framework: Framework,
    *,
    corpus: str,
    weights: Mapping[str, str],
    title: str = "",
    at: datetime | None = None,
) -> Record:
    """Record a reply that holds a recommendation.

    Args:
        reply: The reply as shown.
        messages: The user's messages up to it, oldest first; the facts' quotes come from them.
        framework: The framework that decided.
        corpus: Hash of the corpus.
        weights: Model name → SHA-256; empty in rules-only mode.
        title: Title of the conversation.
        at: When the decision was made; now if None.

    Raises:
        RecordError: If the reply holds no recommendation.
    """
    if reply.recommendation is None or reply.verdict is None:
        raise RecordError(
            "This reply holds no recommendation, so there is no decision to record. Export the transcript."
        )
    content = {
        "record_version": RECORD_VERSION,
        "title": title or _first_line(messages),
        "created_at": (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
        "tunewise": __version__,
        "messages": list(messages),
        "reply": reply_to_json(reply, tuple(framework.facts)),
        "decision": rules_choice(framework, reply),
        "rules": _rule_texts(framework, reply),
        "would_change": _would_change(framework, reply),
        "labels": {id_: _label(spec.label, reply.language) for id_, spec in framework.strategies.items()},
        "hashes": {
            "framework_name": framework.name,
            "framework": framework.hash,
            "corpus": corpus,
            "weights": dict(weights),
        },
    }
    content = _encodable(content)
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
    written = content.model_dump()
    if checksum({key: value for key, value in written.items() if key != "checksum"}) != content.checksum:
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


def _encodable(content: Json) -> Json:
    """The same with lone surrogates (from broken input) replaced, so that it can be written as UTF-8."""
    text = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    cleaned: Json = json.loads(text)
    return cleaned


def _would_change(framework: Framework, reply: Reply) -> list[str]:
    """Open questions with the outcome of each answer, and single changes of a known fact that turn the advice over."""
    asked = []
    for question in reply.questions:
        outcomes = [f"{value}: {_named(framework, outcome, reply)}" for value, outcome in question.outcomes.items()]
        asked.append(f"{question.text} {'; '.join(outcomes)}".strip())
    return [*asked, *_flips(framework, reply)]


def _flips(framework: Framework, reply: Reply) -> list[str]:
    """One sentence for each stated fact that turns the primary strategy over; open facts are asked for instead."""
    from tunewise.framework import flip_points

    sentences = []
    for flip in flip_points(framework, reply.situation.values()):
        if flip.before is None:
            continue
        label = _label(framework.facts[flip.fact].label, "en")
        about = f" (at about {flip.amount:,.0f} {flip.unit})" if flip.amount is not None else ""
        then = _named(framework, flip.primary_after, reply)
        sentences.append(f"{label} {flip.after} instead of {flip.before}{about}: {then}")
    return sentences


def _rule_texts(framework: Framework, reply: Reply) -> Json:
    findings: list[Finding] = list(reply.verdict.findings if reply.verdict else ())
    for proposal in reply.proposals:
        findings.extend(proposal.verdict.findings)
    return {
        id_: _rule_text(framework.rules[id_], reply.language) for id_ in _rule_ids(findings) if id_ in framework.rules
    }


def _rule_ids(findings: Iterable[Finding]) -> list[str]:
    return list(dict.fromkeys(rule for finding in findings for rule in finding.rules))


def _rule_text(rule: Rule, language: str) -> Json:
    source = rule.source
    return {
        "strength": rule.strength,
        "because": _label(rule.because, language),
        "document": source.document if source else None,
        "section": source.section if source else None,
        "quote": source.quote if source else None,
        "interpretation": rule.interpretation,
    }


def _named(framework: Framework, strategy: str, reply: Reply) -> str:
    spec = framework.strategies.get(strategy)
    return _label(spec.label, reply.language) if spec else strategy


def _label(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts["en"]


def _first_line(messages: Sequence[str]) -> str:
    line = " ".join(messages[0].split()) if messages else ""
    return line[:80] or "Decision record"
