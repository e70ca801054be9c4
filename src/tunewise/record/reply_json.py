"""A reply as the published, versioned JSON, and back.

`ask --json`, the evaluation, HTTP, the conversation store and decision records all use this one form, version 2: the
records of `tunewise.types` as pydantic writes them, except that facts are keyed by name, that details which case files
know are listed among the facts too (marked `informative`), and that a proposal's verdict is a word. Every published key
is always present. What we add beyond the published keys (`plan`, `notices`, `details`, `clashes`, `turn`,
`conversation`, `project`, `hypothetical`, `nearby`, and a few keys inside a fact or a finding) can be ignored by a
reader that does not know it. Replies that version 1 wrote, or version 2 without `nearby`, are read as well.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from tunewise.errors import RecordError
from tunewise.types import UNKNOWN, Fact, Recommendation, Reply

if TYPE_CHECKING:
    from pydantic import TypeAdapter

REPLY_VERSION = 2
SCORED_FACTS = ("dataset_size", "similarity", "compute", "forgetting_concern", "latency_critical")

Json = dict[str, Any]


def reply_to_json(reply: Reply, fact_names: Collection[str] = SCORED_FACTS) -> Json:
    """The published form of a reply (version 2); numbers that are not finite become null.

    Args:
        reply: A finished reply.
        fact_names: Facts that are listed even if the situation does not hold them; pass the framework's own.
    """
    written = _written(reply)
    situation = written.pop("situation")
    for name in fact_names:
        situation["facts"].setdefault(name, _written(Fact(name)))
    for fact in (*situation["facts"].values(), *situation["details"].values()):
        del fact["name"]
    situation["facts"] = _informative(situation["details"]) | situation["facts"]
    written["timings_s"] = {step: seconds for step, seconds in written["timings_s"].items() if seconds is not None}
    for proposal in written["proposals"]:
        proposal |= {"verdict": proposal["verdict"]["status"], "findings": proposal["verdict"]["findings"]}
    return {"version": REPLY_VERSION, **written, **situation}


def reply_from_json(data: Mapping[str, Any]) -> Reply:
    """The reply that `reply_to_json` wrote, in this version or the first.

    Raises:
        RecordError: If the data are no such reply.
    """
    from pydantic import ValidationError

    version = data.get("version") if isinstance(data, Mapping) else type(data).__name__
    if version not in (1, REPLY_VERSION):
        raise RecordError(
            f"This is not a reply of version 1 or {REPLY_VERSION} (version: {version!r}). Export it again, or update."
        )
    try:
        rearranged = _rearranged(_from_version_1(data) if version == 1 else data)
        reply: Reply = _adapter(Reply).validate_python(rearranged)
        return reply
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = f"{place}: {first['msg']}, found {first['input']!r:.80}"
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        said = repr(problem)
    raise RecordError(f"The reply cannot be read ({said}). It was changed or cut off; export it again.")


def choice_to_json(chosen: Recommendation) -> Json:
    """A recommendation without its origin and assumptions."""
    written = _written(chosen)
    return {key: written[key] for key in ("primary", "supporting", "avoid", "conditional")}


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # takes longer to import than everything else that a reply needs

    return TypeAdapter(kind)


def _written(record: Reply | Recommendation | Fact) -> Json:
    kind: Any = type(record)
    written: Json = _finite(_adapter(kind).dump_python(record, mode="json", by_alias=True))
    return written


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _informative(details: Json) -> Json:
    """Details under the names that case files use; marked so that they are not taken for framework facts."""
    known = {name: fact | {"informative": True} for name, fact in details.items() if fact["value"] != UNKNOWN}
    shown: Json = {name: known[name] for name in ("modality", "base_model") if name in known}
    if count := known.get("n_examples"):
        amount = count["value"] if count["amount"] is None else count["amount"]
        whole = isinstance(amount, float) and amount.is_integer()
        shown["dataset_n"] = count | {"value": int(amount) if whole else amount}
        shown["dataset_unit"] = count | {"value": count["unit"] or UNKNOWN}
    return shown


def _rearranged(data: Mapping[str, Any]) -> Json:
    """The published form as the records have it: facts with their names inside a situation, verdicts whole."""
    facts = {name: fact for name, fact in data["facts"].items() if not fact.get("informative")}
    situation = {
        key: {name: {**fact, "name": name} for name, fact in held.items()}
        for key, held in (("facts", facts), ("details", data.get("details", {})))
    }
    proposals = [
        {**each, "verdict": {"status": each["verdict"], "findings": each.get("findings", ())}}
        for each in data["proposals"]
    ]
    return {**data, "proposals": proposals, "situation": {**situation, "clashes": data.get("clashes", ())}}


def _from_version_1(data: Mapping[str, Any]) -> Json:
    """A reply of version 1 as version 2 writes it; the times of steps that are gone are left out."""
    steps = {"facts": "reading", "decision": "decision", "retrieval": "retrieval", "total": "total"}
    taken = {step: seconds for step, seconds in data["timings_s"].items() if step in steps and seconds is not None}
    chosen = data["recommendation"]
    if chosen and chosen["origin"] == "model_revised":
        chosen = {**chosen, "origin": "model"}
    return {**data, "recommendation": chosen, "timings_s": {steps[step]: seconds for step, seconds in taken.items()}}
