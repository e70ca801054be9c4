"""Every score of the evaluation, computed from a case and a reply's JSON and nothing else.

`Scorer` gives the scores of a reply (None where a score does not apply to the case) and of an arm, `score_turn` what a
turn of a conversation misses. Another scorer that follows the same definitions must come to the same figures, so
nothing here reads the advisor.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial, reduce
from operator import getitem
from typing import Any

from tunewise.evaluation.baselines import baselines
from tunewise.evaluation.cases import Case, TurnExpected
from tunewise.evaluation.measuring import Row, share, spread
from tunewise.framework import Framework
from tunewise.languages import languages
from tunewise.record.reply_json import SCORED_FACTS
from tunewise.retrieval.corpus import Corpus
from tunewise.tables import load_table
from tunewise.types import Passage

Json = dict[str, Any]

CLAIMED = ("stated", "edited", "measured")
NO_CLAIM = ("unknown", "medium")  # labels know no middle, so a claimed one counts as none

_NOTHING_SAID: Json = {
    **dict.fromkeys(("kind", "recommendation", "verdict")),
    **dict.fromkeys(("citations", "sentences", "questions", "proposed"), ()),
    "facts": {},
    "timings_s": {},
    "answer": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Row):
    """A score of an arm: `by` makes it of the scores `of` single replies, to cases of one `kind` if it names one."""

    of: str = ""
    by: str = ""
    kind: str = ""
    fault: str = ""

    def over(self, scored: Iterable[tuple[Case, Json]]) -> Any:
        """This score of several cases; None where it applies to none of them."""
        taken = ((case.kind, reduce(getitem, self.of.split("."), scores)) for case, scores in scored)
        return BY[self.by]([each for kind, each in taken if self.kind in ("", kind) and each is not None])

    def fails(self, case: Case, scores: Json) -> bool:
        """Whether a single case falls short."""
        value = self.over([(case, scores)]) if self.fault else None
        return value is not None and (value < 1 if self.most is None else value > 0)


_DATA = load_table("scores.yaml", __package__)
UNITS: Mapping[str, str] = _DATA["units"]
ROWS = tuple(Score(**row) for row in _DATA["rows"])


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores replies against cases; the corpus judges citations, the framework says which strategies are primary."""

    corpus: Corpus
    framework: Framework

    def score(self, case: Case, reply: Json | None) -> Json:
        """All scores of one reply; a missing reply (the arm failed) scores as one that says nothing."""
        reply = _NOTHING_SAID | (reply or {})
        recommended, advice = strategies(reply), case.kind == "situation"
        wanted, status = case.expected.should_ask_about, (reply["verdict"] or {}).get("status", "not_checked")
        could_be_off = set(recommended) - self.framework.always_welcome
        return {
            **fact_scores(case, reply),
            "conformity": case.conforms(recommended) if advice else None,
            "must_not_violations": case.violations(recommended),
            "primary_acceptable": primary_acceptable(case, reply, self.framework) if advice else None,
            "off_list": _counted(each not in case.listed for each in could_be_off) if advice else None,
            "question_hit": not asked_about(reply).isdisjoint(wanted) if wanted else None,
            "citation_gold_hit": citation_gold_hit(case, reply, self.corpus),
            "citation_spans": _counted(_span_is_valid(each, self.corpus) for each in reply["citations"]),
            "model_written": _counted(each["by"] == "model" for each in reply["sentences"]),
            "behaviour": behaves(case, reply),
            "false_refusal": reply["kind"] == "not_covered" if case.kind != "out_of_scope" else None,
            "unapproved_shown": bool(recommended) and status in ("invalid", "not_checked"),
            "seconds": seconds(reply["timings_s"]),
        }

    def aggregate(self, scored: Sequence[tuple[Case, Json]]) -> Json:
        """The scores of an arm; `without_low` holds the same without cases whose labels are of low confidence."""
        sure = [(case, scores) for case, scores in scored if case.label_confidence != "low"]
        return _arm(scored, self.framework) | {"without_low": _arm(sure, self.framework)}


def score_turn(expected: TurnExpected, reply: Json | None) -> list[str]:
    """What a reply in a conversation misses, in words; empty if everything that is expected holds."""
    reply = _NOTHING_SAID | (reply or {})
    recommended, kind, kinds = strategies(reply), str(reply["kind"]), expected.kind
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


def fact_scores(case: Case, reply: Json) -> Json:
    """How the five scored facts were read.

    A fact is claimed if it is stated, edited or measured and not unknown; a wrong claim is both false positive and
    false negative. `facts_found` counts labelled facts that are stated or proposed, `facts_unquoted` stated ones whose
    quote is missing or not in the message.
    """
    pairs = [(case.facts.get(name, "unknown"), claim(reply, name)) for name in SCORED_FACTS]
    found = {(each["fact"], each["value"]) for each in reply["proposed"]}
    found |= {(name, claim(reply, name)) for name in case.facts}
    stated = [fact for fact in reply["facts"].values() if fact["status"] == "stated"]
    return {
        "facts": {
            "true_positive": sum(claimed == expected != "unknown" for expected, claimed in pairs),
            "false_positive": sum(claimed not in ("unknown", expected) for expected, claimed in pairs),
            "false_negative": sum(expected not in ("unknown", claimed) for expected, claimed in pairs),
        },
        "facts_found": _counted((name, value) in found for name, value in case.facts.items() if value != "unknown"),
        "facts_unquoted": sum(not fact.get("quote") or fact["quote"] not in case.question for fact in stated),
    }


def primary_acceptable(case: Case, reply: Json, framework: Framework) -> bool:
    """The primary strategy is on a list, or is to measure first; where no list names one, any not forbidden."""
    primary = (reply["recommendation"] or {}).get("primary")
    if primary is None or primary in case.expected.must_not_recommend:
        return False
    listed, known = case.listed, framework.strategies
    return primary in listed | framework.always_welcome or not any(
        id_ in known and known[id_].is_primary for id_ in listed
    )


def citation_gold_hit(case: Case, reply: Json, corpus: Corpus) -> bool | None:
    """A citation rests on a passage with a gold snippet, or on a document whose title is one; None without gold."""
    if not case.gold_passages or case.kind == "out_of_scope":
        return None
    gold = {normalised(snippet) for snippet in case.gold_passages}
    cited = [(each, corpus.documents.get(str(each.get("document")))) for each in reply["citations"]]
    texts = (
        normalised(passage.text)
        for citation, document in cited
        for passage in corpus.passages
        if document is not None and passage.document == document.id and _rests_on(citation, passage)
    )
    titles = {normalised(document.title) for _, document in cited if document is not None}
    return not gold.isdisjoint(titles) or any(snippet in text for text in texts for snippet in gold)


def behaves(case: Case, reply: Json) -> bool | None:
    """The reply is of the expected behaviour; None for cases that expect none."""
    kind, answers = reply["kind"], reply["kind"] in ("knowledge", "advice")
    by_note = kind == "knowledge" and any(each["by"] == "note" for each in reply["sentences"])
    found = {
        "answer": answers,
        "answer_partly": answers and says_not_covered(reply["answer"]),
        "refuse": kind in ("not_covered", "small_talk") or by_note,  # on the subject, a practice note is as good
        "ask": kind == "clarify" or (kind == "advice" and bool(reply["questions"])),
    }
    return found[case.expected.behaviour] if case.expected.behaviour else None


def seconds(timings: Mapping[str, float]) -> dict[str, float | None]:
    """Seconds from message to decision (reading and deciding), to the first sentence of the answer, and in all."""
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


def strategies(reply: Json) -> list[str]:
    """Primary and supporting strategies of a reply, each once."""
    chosen = reply["recommendation"] or {}
    return list(dict.fromkeys(each for each in (chosen.get("primary"), *chosen.get("supporting", ())) if each))


def claim(reply: Json, name: str) -> str:
    """The value that a reply holds a fact to have, "unknown" if it claims none."""
    fact = reply["facts"].get(name, {})
    return fact["value"] if fact.get("status") in CLAIMED and fact["value"] not in NO_CLAIM else "unknown"


def asked_about(reply: Json) -> set[str]:
    """Facts that a reply asks for, or asks to confirm."""
    return {each["fact"] for each in (*reply["questions"], *reply["proposed"])}


def _arm(scored: Sequence[tuple[Case, Json]], framework: Framework) -> Json:
    cases, kinds = [case for case, _ in scored], [case.kind for case, _ in scored]
    judged = ("conformity", "question_hit", "citation_gold_hit", "behaviour")
    return {
        **{row.key: row.over(scored) for row in ROWS if row.by},
        **baselines(cases, framework),
        "counts": {
            "cases": len(cases),
            **{kind: kinds.count(kind) for kind in ("situation", "knowledge", "out_of_scope")},
            "scored": {key: sum(scores[key] is not None for _, scores in scored) for key in judged},
            "citations": sum(scores["citation_spans"]["of"] for _, scores in scored),
        },
    }


def _counted(hits: Iterable[bool]) -> dict[str, int]:
    hits = list(hits)
    return {"hit": sum(hits), "of": len(hits)}


def _ratio(counts: Sequence[Mapping[str, int]], above: Sequence[str], below: Sequence[str]) -> float | None:
    part, whole = (sum(each[name] for each in counts for name in names) for names in (above, below))
    return part / whole if whole else None


_TRUE, _FALSE, _MISSED = "true_positive", "false_positive", "false_negative"
BY: Mapping[str, Callable[[list[Any]], Any]] = {
    "share": share,
    "sum": sum,
    "spread": spread,
    "ratio": partial(_ratio, above=["hit"], below=["of"]),
    "precision": partial(_ratio, above=[_TRUE], below=[_TRUE, _FALSE]),
    "recall": partial(_ratio, above=[_TRUE], below=[_TRUE, _MISSED]),
    "f1": partial(_ratio, above=[_TRUE, _TRUE], below=[_TRUE, _TRUE, _FALSE, _MISSED]),
}


def _rests_on(citation: Json, passage: Passage) -> bool:
    start, end = citation.get("start") or 0, citation.get("end") or 0
    return bool(passage.id == citation.get("id") or (start < passage.end and end > passage.start))


def _span_is_valid(citation: Json, corpus: Corpus) -> bool:
    document, start, end = (
        corpus.documents.get(str(citation.get("document"))),
        citation.get("start"),
        citation.get("end"),
    )
    if document is None or not isinstance(start, int) or not isinstance(end, int):
        return False
    text = document.text
    return 0 <= start < end <= len(text) and text[start:end] == citation.get("quote")
