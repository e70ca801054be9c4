"""Every score of the evaluation, computed from a case and a reply's JSON and nothing else.

`score_case` gives the scores of one reply (None where a score does not apply to the case), `aggregate` those of an arm.
Another scorer that follows the same definitions must come to the same figures, so nothing here reads the advisor.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from tunewise.evaluation.cases import Case
from tunewise.record.reply_json import SCORED_FACTS
from tunewise.types import Passage

Json = dict[str, Any]
Scores = dict[str, Any]

PRIMARY_STRATEGIES = frozenset(
    {
        "use_as_is",
        "evaluate_first",
        "linear_probing",
        "feature_extraction",
        "lora",
        "adapters",
        "progressive_unfreezing",
        "full_fine_tuning",
    }
)
ALWAYS_FINE = frozenset({"validate_experimentally", "monitor_overfitting", "evaluate_first"})
MOST_STRATEGIES = 6
CLAIMED = ("stated", "edited")

NOT_COVERED = re.compile(
    r"not (?:\w+ )?(?:cover|mention|address|state|specif|contain|includ|discuss|describ|explain|report|say|said|given"
    r"|give|answer)|n[’']t (?:cover|mention|address|state|specify|contain|include|discuss|describe|explain|say)"
    r"|no (?:information|figure|number|statement|passage|mention)|(?:say|says|contain|contains) nothing"
    r"|nothing (?:about|on)|outside (?:the|my|these) (?:sources|corpus)|silent (?:on|about)"
    r"|(?:没有|未|不)(?:涉及|提到|提及|说明|涵盖|覆盖|包含|给出)|沒有(?:涉及|提到|提及|說明|涵蓋|包含|給出)|未(?:說明|涵蓋)"
    r"|(?:ne|n[’'])\s?(?:\w+ )?(?:couvr|mentionn|précis|trait|dis|figur|contien|abord)\w*[^.]{0,40}?\b(?:pas|rien)"
    r"|pas (?:couvert|mentionné|précisé|traité|abordé)",
    re.IGNORECASE,
)


class Sources(Protocol):
    """The shipped documents, as far as citations need them."""

    def text(self, document: str) -> str | None:
        """The document's text as shipped, None if there is none of that name."""

    def title(self, document: str) -> str | None:
        """The document's title."""

    def passages(self, document: str) -> Sequence[Passage]:
        """The document's passages."""


def score_case(case: Case, reply: Json | None, sources: Sources) -> Scores:
    """All scores of one reply; a missing reply (the arm failed) scores as one that says nothing."""
    reply = reply or {}
    recommended = _strategies(reply.get("recommendation"))
    advice = case.kind == "situation"
    return {
        "facts": fact_counts(case, reply),
        "facts_unquoted": facts_unquoted(case, reply),
        "conformity": conforms(case, recommended) if advice else None,
        "must_not_violations": must_not_violations(case, recommended),
        "primary_acceptable": primary_acceptable(case, reply) if advice else None,
        "off_list": off_list(case, recommended) if advice else None,
        "first_draft_conformity": first_draft_conforms(case, reply) if advice else None,
        "question_hit": question_hit(case, reply),
        "citation_gold_hit": citation_gold_hit(case, reply, sources),
        "citation_spans": citation_spans(reply, sources),
        "behaviour": behaves(case, reply),
        "false_refusal": reply.get("kind") == "not_covered" if case.kind != "out_of_scope" else None,
        "unapproved_shown": unapproved_shown(reply),
        "seconds": seconds(reply),
    }


def fact_counts(case: Case, reply: Json) -> dict[str, int]:
    """True positives, false positives and false negatives over the five scored facts.

    A fact is claimed if it is stated or edited and not unknown; a wrong claim is both false positive and negative.
    """
    counts = {"true_positive": 0, "false_positive": 0, "false_negative": 0}
    for name in SCORED_FACTS:
        expected, claimed = case.facts.get(name, "unknown"), _claim(reply, name)
        if claimed != "unknown":
            counts["true_positive" if claimed == expected else "false_positive"] += 1
        if expected not in ("unknown", claimed):
            counts["false_negative"] += 1
    return counts


def facts_unquoted(case: Case, reply: Json) -> int:
    """How many stated facts have no quote, or one that is not in the message."""
    facts: Mapping[str, Json] = reply.get("facts") or {}
    stated = [fact for fact in facts.values() if fact.get("status") == "stated"]
    return sum(not fact.get("quote") or fact["quote"] not in case.question for fact in stated)


def conforms(case: Case, recommended: Sequence[str]) -> bool:
    """One of any_of is recommended, none of must_not is, and there are at most six strategies."""
    expected = case.expected
    hit = not expected.recommend_any_of or bool(set(recommended) & set(expected.recommend_any_of))
    return hit and not must_not_violations(case, recommended) and len(recommended) <= MOST_STRATEGIES


def must_not_violations(case: Case, recommended: Sequence[str]) -> int:
    """How many strategies are recommended, as primary or supporting, that must not be; conditions do not count."""
    return len(set(recommended) & set(case.expected.must_not_recommend))


def primary_acceptable(case: Case, reply: Json) -> bool:
    """The primary strategy is on a list, or is to evaluate first; where no list names one, any not forbidden."""
    primary = (reply.get("recommendation") or {}).get("primary")
    if primary is None or primary in case.expected.must_not_recommend:
        return False
    listed = {*case.expected.recommend_any_of, *case.expected.also_acceptable}
    return primary in listed or primary == "evaluate_first" or not listed & PRIMARY_STRATEGIES


def off_list(case: Case, recommended: Sequence[str]) -> dict[str, int]:
    """Recommended strategies on neither list, out of those that could be off: not validating, monitoring, measuring."""
    listed = {*case.expected.recommend_any_of, *case.expected.also_acceptable}
    counted = [strategy for strategy in recommended if strategy not in ALWAYS_FINE]
    return {"off": sum(strategy not in listed for strategy in counted), "of": len(counted)}


def first_draft_conforms(case: Case, reply: Json) -> bool | None:
    """`conforms` for the model's own first proposal; None if it made none."""
    proposals = reply.get("proposals") or []
    return conforms(case, _strategies(proposals[0])) if proposals else None


def question_hit(case: Case, reply: Json) -> bool | None:
    """A question asks for one of the facts it should ask for; None where there is nothing to ask."""
    if not case.expected.should_ask_about:
        return None
    asked = {question.get("fact") for question in reply.get("questions") or []}
    return bool(asked & set(case.expected.should_ask_about))


def citation_gold_hit(case: Case, reply: Json, sources: Sources) -> bool | None:
    """A citation rests on a passage with a gold snippet, or on a document whose title is one; None without gold."""
    if not case.gold_passages or case.kind == "out_of_scope":
        return None
    gold = [normalised(snippet) for snippet in case.gold_passages]
    return any(_rests_on(citation, gold, sources) for citation in reply.get("citations") or [])


def citation_spans(reply: Json, sources: Sources) -> dict[str, int]:
    """Citations whose quote is exactly the document's text between start and end, out of all."""
    citations = reply.get("citations") or []
    return {"valid": sum(_span_is_valid(citation, sources) for citation in citations), "of": len(citations)}


def behaves(case: Case, reply: Json) -> bool | None:
    """The reply's kind is the expected behaviour's; None for cases that expect none."""
    kind = reply.get("kind")
    match case.expected.behaviour:
        case None:
            return None
        case "answer":
            return kind in ("knowledge", "advice")
        case "answer_partly":
            return kind in ("knowledge", "advice") and says_not_covered(str(reply.get("answer", "")))
        case "refuse":
            return kind == "not_covered"
        case "ask":
            return kind == "clarify"


def unapproved_shown(reply: Json) -> bool:
    """A recommendation is shown that the checker has not passed (or not seen)."""
    if not _strategies(reply.get("recommendation")):
        return False
    return ((reply.get("verdict") or {}).get("status") or "not_checked") in ("invalid", "not_checked")


def seconds(reply: Json) -> dict[str, float | None]:
    """Seconds from message to decision (facts, retrieval and decision), to the first token, and in all."""
    timings: Mapping[str, float | None] = reply.get("timings_s") or {}
    steps = [timings.get("facts"), timings.get("retrieval"), timings.get("decision")]
    decided = timings.get("decision") is not None
    return {
        "to_decision": sum(step for step in steps if step is not None) if decided else None,
        "to_first_token": timings.get("first_token"),
        "total": timings.get("total"),
    }


def says_not_covered(answer: str) -> bool:
    """The answer says somewhere that the sources do not cover something (English, Chinese or French)."""
    return NOT_COVERED.search(answer) is not None


def normalised(text: str) -> str:
    """Text with one kind of space, apostrophe and quotation mark, in lower case."""
    text = unicodedata.normalize("NFKC", text).translate(str.maketrans("’‘“”", "''\"\""))
    return " ".join(text.split()).casefold()


def aggregate(cases: Sequence[Case], scores: Sequence[Scores]) -> Json:
    """The scores of an arm; `without_low` holds the same without the cases whose labels are of low confidence."""
    sure = [(case, score) for case, score in zip(cases, scores, strict=True) if case.label_confidence != "low"]
    return _arm(cases, scores) | {"without_low": _arm([case for case, _ in sure], [score for _, score in sure])}


def _arm(cases: Sequence[Case], scores: Sequence[Scores]) -> Json:
    knowledge = [score for case, score in zip(cases, scores, strict=True) if case.kind == "knowledge"]
    out_of_scope = [score for case, score in zip(cases, scores, strict=True) if case.kind == "out_of_scope"]
    return {
        **_f1([score["facts"] for score in scores]),
        "facts_unquoted": sum(score["facts_unquoted"] for score in scores),
        "conformity": _share(score["conformity"] for score in scores),
        "must_not_violations": sum(score["must_not_violations"] for score in scores),
        "primary_acceptable": _share(score["primary_acceptable"] for score in scores),
        "off_list_rate": _ratio([score["off_list"] for score in scores if score["off_list"]], "off"),
        "first_draft_conformity": _share(score["first_draft_conformity"] for score in scores),
        "question_hit_rate": _share(score["question_hit"] for score in scores),
        "citation_gold_hit_rate": _share(score["citation_gold_hit"] for score in scores),
        "citation_gold_hit_rate_knowledge": _share(score["citation_gold_hit"] for score in knowledge),
        "citation_span_valid_rate": _ratio([score["citation_spans"] for score in scores], "valid"),
        "behaviour_accuracy": _share(score["behaviour"] for score in scores),
        "behaviour_accuracy_out_of_scope": _share(score["behaviour"] for score in out_of_scope),
        "false_refusal_rate": _share(score["false_refusal"] for score in scores),
        "unapproved_shown": sum(score["unapproved_shown"] for score in scores),
        **{
            f"seconds_{name}": _spread([score["seconds"][name] for score in scores])
            for name in ("to_decision", "to_first_token", "total")
        },
        "counts": _counts(cases, scores),
    }


def _f1(counts: Sequence[Mapping[str, int]]) -> Json:
    true, false, missed = (
        sum(count[name] for count in counts) for name in ("true_positive", "false_positive", "false_negative")
    )
    return {
        "facts_micro_f1": 2 * true / (2 * true + false + missed) if true + false + missed else None,
        "facts_precision": true / (true + false) if true + false else None,
        "facts_recall": true / (true + missed) if true + missed else None,
    }


def _counts(cases: Sequence[Case], scores: Sequence[Scores]) -> Json:
    kinds = {kind: sum(case.kind == kind for case in cases) for kind in ("situation", "knowledge", "out_of_scope")}
    measured = {
        name: sum(score[name] is not None for score in scores)
        for name in ("conformity", "first_draft_conformity", "question_hit", "citation_gold_hit", "behaviour")
    }
    citations = sum(score["citation_spans"]["of"] for score in scores)
    return {"cases": len(cases), **kinds, "scored": measured, "citations": citations}


def _share(values: Iterable[bool | None]) -> float | None:
    counted = [value for value in values if value is not None]
    return sum(counted) / len(counted) if counted else None


def _ratio(counts: Sequence[Mapping[str, int]], name: str) -> float | None:
    total = sum(count["of"] for count in counts)
    return sum(count[name] for count in counts) / total if total else None


def _spread(values: Iterable[float | None]) -> dict[str, float | None]:
    counted = sorted(value for value in values if value is not None)
    return {"p50": _percentile(counted, 0.50), "p95": _percentile(counted, 0.95)}


def _percentile(ordered: Sequence[float], share: float) -> float | None:
    """Linear interpolation between the two nearest ranks."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _strategies(chosen: Mapping[str, Any] | None) -> list[str]:
    """Primary and supporting strategies, each once."""
    if not chosen:
        return []
    named = [chosen.get("primary"), *(chosen.get("supporting") or [])]
    return list(dict.fromkeys(strategy for strategy in named if strategy))


def _claim(reply: Json, name: str) -> str:
    fact = (reply.get("facts") or {}).get(name) or {}
    return str(fact.get("value", "unknown")) if fact.get("status") in CLAIMED else "unknown"


def _rests_on(citation: Json, gold: Sequence[str], sources: Sources) -> bool:
    document = str(citation.get("document"))
    if normalised(sources.title(document) or "") in gold:
        return True
    start, end = citation.get("start") or 0, citation.get("end") or 0
    cited = [
        passage
        for passage in sources.passages(document)
        if passage.id == citation.get("id") or (start < passage.end and end > passage.start)
    ]
    return any(snippet in normalised(passage.text) for passage in cited for snippet in gold)


def _span_is_valid(citation: Json, sources: Sources) -> bool:
    text = sources.text(str(citation.get("document")))
    start, end, quote = citation.get("start"), citation.get("end"), citation.get("quote")
    if text is None or not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
        return False
    return text[start:end] == quote
