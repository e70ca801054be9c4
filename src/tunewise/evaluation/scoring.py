"""Every score of the evaluation, computed from a case and a reply's JSON and nothing else.

`Scorer` gives the scores of a reply (None where a score does not apply to the case) and of an arm, `score_turn` what a
turn of a conversation misses. Another scorer that follows the same definitions must come to the same figures, so
nothing here reads the advisor.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tunewise.evaluation.baselines import baselines
from tunewise.evaluation.cases import Case, TurnExpected
from tunewise.evaluation.measuring import share, spread
from tunewise.framework import Framework
from tunewise.framework.model import CHECKING
from tunewise.languages import languages
from tunewise.record.reply_json import SCORED_FACTS
from tunewise.retrieval.corpus import Corpus

Json = dict[str, Any]
Scores = dict[str, Any]

CLAIMED = ("stated", "edited", "measured")
NO_CLAIM = ("unknown", "medium")  # labels know no middle, so a claimed one counts as none


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores replies against cases; the corpus judges citations, the framework says which strategies are primary."""

    corpus: Corpus
    framework: Framework

    def score(self, case: Case, reply: Json | None) -> Scores:
        """All scores of one reply; a missing reply (the arm failed) scores as one that says nothing."""
        reply = reply or {}
        recommended, advice = strategies(reply.get("recommendation")), case.kind == "situation"
        return {
            "facts": fact_counts(case, reply),
            "facts_found": facts_found(case, reply),
            "facts_unquoted": facts_unquoted(case, reply),
            "conformity": case.conforms(recommended) if advice else None,
            "must_not_violations": case.violations(recommended),
            "primary_acceptable": primary_acceptable(case, reply, self.framework) if advice else None,
            "off_list": off_list(case, recommended, self.framework) if advice else None,
            "question_hit": question_hit(case, reply),
            "citation_gold_hit": citation_gold_hit(case, reply, self.corpus),
            "citation_spans": _counted(_span_is_valid(each, self.corpus) for each in reply.get("citations") or []),
            "model_written": _counted(each["by"] == "model" for each in reply.get("sentences") or []),
            "behaviour": behaves(case, reply),
            "false_refusal": reply.get("kind") == "not_covered" if case.kind != "out_of_scope" else None,
            "unapproved_shown": unapproved_shown(reply),
            "seconds": seconds(reply),
        }

    def aggregate(self, cases: Sequence[Case], scores: Sequence[Scores]) -> Json:
        """The scores of an arm; `without_low` holds the same without cases whose labels are of low confidence."""
        both = list(zip(cases, scores, strict=True))
        sure = [(case, score) for case, score in both if case.label_confidence != "low"]
        return _arm(both, self.framework) | {"without_low": _arm(sure, self.framework)}


def score_turn(expected: TurnExpected, reply: Json | None) -> list[str]:
    """What a reply in a conversation misses, in words; empty if everything that is expected holds."""
    reply = reply or {}
    recommended = strategies(reply.get("recommendation"))
    kind, kinds = str(reply.get("kind")), expected.kind
    claims = {name: (value, claim(reply, name)) for name, value in expected.facts.items()}
    missed = [f"{name}: {found}, not {value}" for name, (value, found) in claims.items() if found != value]
    if expected.recommend_any_of and set(expected.recommend_any_of).isdisjoint(recommended):
        missed.append(f"recommends none of {', '.join(expected.recommend_any_of)}")
    missed += [f"recommends {each}" for each in expected.must_not_recommend if each in recommended]
    if kinds and kind not in kinds and not (kind == "small_talk" and "not_covered" in kinds):
        missed.append(f"kind {kind}, not {' or '.join(kinds)}")
    if expected.asks and expected.asks not in asked_about(reply):
        missed.append(f"does not ask about {expected.asks}")
    return missed


def fact_counts(case: Case, reply: Json) -> dict[str, int]:
    """True positives, false positives and false negatives over the five scored facts.

    A fact is claimed if it is stated, edited or measured and not unknown; a wrong claim is both false positive and
    false negative.
    """
    pairs = [(case.facts.get(name, "unknown"), claim(reply, name)) for name in SCORED_FACTS]
    return {
        "true_positive": sum(claimed == expected != "unknown" for expected, claimed in pairs),
        "false_positive": sum(claimed not in ("unknown", expected) for expected, claimed in pairs),
        "false_negative": sum(expected not in ("unknown", claimed) for expected, claimed in pairs),
    }


def facts_found(case: Case, reply: Json) -> dict[str, int]:
    """How many of the labelled facts the reply states or proposes."""
    proposed = {(each["fact"], each["value"]) for each in reply.get("proposed") or []}
    found = proposed | {(name, claim(reply, name)) for name in case.facts}
    return _counted((name, value) in found for name, value in case.facts.items() if value != "unknown")


def facts_unquoted(case: Case, reply: Json) -> int:
    """How many stated facts have no quote, or one that is not in the message."""
    facts: Mapping[str, Json] = reply.get("facts") or {}
    stated = [fact for fact in facts.values() if fact.get("status") == "stated"]
    return sum(not fact.get("quote") or fact["quote"] not in case.question for fact in stated)


def primary_acceptable(case: Case, reply: Json, framework: Framework) -> bool:
    """The primary strategy is on a list, or is to measure first; where no list names one, any not forbidden."""
    primary = (reply.get("recommendation") or {}).get("primary")
    if primary is None or primary in case.expected.must_not_recommend:
        return False
    listed, known = case.listed, framework.strategies
    fine = listed | framework.in_groups(CHECKING)
    return primary in fine or not any(id_ in known and known[id_].is_primary for id_ in listed)


def off_list(case: Case, recommended: Collection[str], framework: Framework) -> dict[str, int]:
    """Recommended strategies on neither list, out of those that could be off: not validating, monitoring, measuring."""
    always_fine = framework.in_groups(CHECKING)
    return _counted(strategy not in case.listed for strategy in recommended if strategy not in always_fine)


def question_hit(case: Case, reply: Json) -> bool | None:
    """A question or a proposal is about one of the facts it should be about; None where there is nothing to ask."""
    wanted = case.expected.should_ask_about
    return not asked_about(reply).isdisjoint(wanted) if wanted else None


def citation_gold_hit(case: Case, reply: Json, corpus: Corpus) -> bool | None:
    """A citation rests on a passage with a gold snippet, or on a document whose title is one; None without gold."""
    if not case.gold_passages or case.kind == "out_of_scope":
        return None
    gold = [normalised(snippet) for snippet in case.gold_passages]
    return any(_rests_on(citation, gold, corpus) for citation in reply.get("citations") or [])


def behaves(case: Case, reply: Json) -> bool | None:
    """The reply is of the expected behaviour; None for cases that expect none."""
    kind, answers = reply.get("kind"), reply.get("kind") in ("knowledge", "advice")
    match case.expected.behaviour:
        case None:
            return None
        case "answer":
            return answers
        case "answer_partly":
            return answers and says_not_covered(str(reply.get("answer", "")))
        case "refuse":  # on the subject, a practice note's own words are as good
            by_note = any(each["by"] == "note" for each in reply.get("sentences") or [])
            return kind in ("not_covered", "small_talk") or (kind == "knowledge" and by_note)
        case "ask":
            return kind == "clarify" or (kind == "advice" and bool(reply.get("questions")))


def unapproved_shown(reply: Json) -> bool:
    """A recommendation is shown that the checker has not passed (or not seen)."""
    status = (reply.get("verdict") or {}).get("status") or "not_checked"
    return bool(strategies(reply.get("recommendation"))) and status in ("invalid", "not_checked")


def seconds(reply: Json) -> dict[str, float | None]:
    """Seconds from message to decision (reading and deciding), to the first sentence of the answer, and in all."""
    timings: Mapping[str, float] = reply.get("timings_s") or {}
    first = [timings[step] for step in ("direct_answer", "model_first_sentence") if step in timings]
    return {
        "to_decision": timings.get("reading", 0.0) + timings["decision"] if "decision" in timings else None,
        "to_first_token": min(first, default=None),
        "total": timings.get("total"),
    }


def says_not_covered(answer: str) -> bool:
    """The answer says somewhere, in any known language, that the sources do not cover something."""
    return _admits_nothing().search(answer) is not None


@cache
def _admits_nothing() -> re.Pattern[str]:
    return re.compile("|".join(way for known in languages().values() for way in known.admits_nothing), re.IGNORECASE)


def normalised(text: str) -> str:
    """Text with one kind of space, apostrophe and quotation mark, in lower case."""
    text = unicodedata.normalize("NFKC", text).translate(str.maketrans("’‘“”", "''\"\""))
    return " ".join(text.split()).casefold()


def strategies(chosen: Mapping[str, Any] | None) -> list[str]:
    """Primary and supporting strategies of a recommendation's JSON, each once."""
    named = [chosen.get("primary"), *(chosen.get("supporting") or [])] if chosen else []
    return list(dict.fromkeys(strategy for strategy in named if strategy))


def claim(reply: Json, name: str) -> str:
    """The value that a reply holds a fact to have, "unknown" if it claims none."""
    fact = (reply.get("facts") or {}).get(name) or {}
    value = str(fact.get("value", "unknown"))
    return value if fact.get("status") in CLAIMED and value not in NO_CLAIM else "unknown"


def asked_about(reply: Json) -> set[str]:
    """Facts that a reply asks for, or asks to confirm."""
    return {each["fact"] for key in ("questions", "proposed") for each in reply.get(key) or []}


def _arm(scored: Sequence[tuple[Case, Scores]], framework: Framework) -> Json:
    def of(key: str, kind: str | None = None) -> list[Any]:
        """This score of all cases of a kind to which it applies."""
        return [score[key] for case, score in scored if kind in (None, case.kind) and score[key] is not None]

    cases, gold, behaviour, spans = [case for case, _ in scored], "citation_gold_hit", "behaviour", "citation_spans"
    times = {name: [taken[name] for taken in of("seconds")] for name in ("to_decision", "to_first_token", "total")}
    return {
        **_f1(of("facts")),
        "facts_found_recall": _ratio(of("facts_found")),
        "facts_unquoted": sum(of("facts_unquoted")),
        "conformity": share(of("conformity")),
        **baselines(cases, framework),
        "must_not_violations": sum(of("must_not_violations")),
        "primary_acceptable": share(of("primary_acceptable")),
        "off_list_rate": _ratio(of("off_list")),
        "model_written_share": _ratio(of("model_written")),
        "question_hit_rate": share(of("question_hit")),
        "citation_gold_hit_rate": share(of(gold)),
        "citation_gold_hit_rate_knowledge": share(of(gold, "knowledge")),
        "citation_span_valid_rate": _ratio(of(spans)),
        "behaviour_accuracy": share(of(behaviour)),
        "behaviour_accuracy_out_of_scope": share(of(behaviour, "out_of_scope")),
        "false_refusal_rate": share(of("false_refusal")),
        "unapproved_shown": sum(of("unapproved_shown")),
        **{f"seconds_{name}": spread(taken) for name, taken in times.items()},
        "counts": {
            "cases": len(cases),
            **{kind: sum(case.kind == kind for case in cases) for kind in ("situation", "knowledge", "out_of_scope")},
            "scored": {key: len(of(key)) for key in ("conformity", "question_hit", gold, behaviour)},
            "citations": sum(each["of"] for each in of(spans)),
        },
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


def _counted(hits: Iterable[bool]) -> dict[str, int]:
    hits = list(hits)
    return {"hit": sum(hits), "of": len(hits)}


def _ratio(counts: Sequence[Mapping[str, int]]) -> float | None:
    total = sum(count["of"] for count in counts)
    return sum(count["hit"] for count in counts) / total if total else None


def _rests_on(citation: Json, gold: Sequence[str], corpus: Corpus) -> bool:
    document = corpus.documents.get(str(citation.get("document")))
    if document is None:
        return False
    start, end = citation.get("start") or 0, citation.get("end") or 0
    passages = (passage for passage in corpus.passages if passage.document == document.id)
    cited = [each for each in passages if each.id == citation.get("id") or (start < each.end and end > each.start)]
    texts = [normalised(passage.text) for passage in cited]
    return normalised(document.title) in gold or any(snippet in text for text in texts for snippet in gold)


def _span_is_valid(citation: Json, corpus: Corpus) -> bool:
    document = corpus.documents.get(str(citation.get("document")))
    start, end = citation.get("start"), citation.get("end")
    if document is None or not isinstance(start, int) or not isinstance(end, int):
        return False
    return 0 <= start < end <= len(document.text) and document.text[start:end] == citation.get("quote")
