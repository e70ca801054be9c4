"""The arm to compare with: the same model and passages, but no rules, no checker, no gate.

The model reads the facts, chooses the strategies and writes the answer by itself; what it says is taken as it is.
Only the form of its choice is held by a grammar, as in the whole system.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tunewise.llm.chat import PassageText, Prompt, to_messages
from tunewise.llm.grammar import Choice, Items, Slot, Template
from tunewise.llm.prompts import fill_template, template_text
from tunewise.record.reply_json import REPLY_VERSION, SCORED_FACTS, TIMINGS
from tunewise.types import UNKNOWN, Hit, Passage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tunewise.framework import Framework
    from tunewise.retrieval import Searcher

Json = dict[str, Any]

KINDS = ("advice", "knowledge", "clarify", "not_covered")
ASKING = ("advice", "clarify")
MOST_SUPPORTING = 3
MOST_QUESTIONS = 3
CHOICE_TOKENS = 200
MARK = re.compile(r"\[([A-Za-z][\w.-]{0,40})\]")
FRENCH = re.compile(r"\b(?:le|les|une|est|des|pour|que|et|du|dans|pas|sur)\b", re.IGNORECASE)
LANGUAGES = {"zh": "Chinese", "fr": "French"}


class ModelAlone:
    """Answers cases by the model alone.

    Args:
        model: The chat model of the whole system.
        searcher: Its searcher.
        framework: Gives the names that facts and strategies may have; its rules are not used.
        top_k: Passages that the model is given.
        max_tokens: Most tokens of an answer.
    """

    def __init__(
        self, model: BaseChatModel, searcher: Searcher, framework: Framework, *, top_k: int = 4, max_tokens: int = 320
    ) -> None:
        self._model = model
        self._searcher = searcher
        self._facts = {name: tuple(framework.facts[name].values) for name in SCORED_FACTS if name in framework.facts}
        strategies = framework.strategies.items()
        self._primary = [id_ for id_, strategy in strategies if strategy.is_primary]
        self._supporting = [id_ for id_, strategy in strategies if strategy.is_supporting]
        self._top_k = top_k
        self._max_tokens = max_tokens

    def answer(self, question: str) -> Json:
        """The reply JSON for one message; no verdict, since nothing was checked.

        Raises:
            ModelError: If the model fails.
        """
        started = time.perf_counter()
        hits = self._searcher.search(question, self._top_k) if question.strip() else []
        searched_s = time.perf_counter() - started
        choice = self._choose(question, hits)
        chosen_s = time.perf_counter() - started
        text, first_token_s = self._write(question, hits)
        timings = dict.fromkeys(TIMINGS) | {
            "retrieval": searched_s,
            "proposal": chosen_s - searched_s,
            "first_token": chosen_s + first_token_s,
            "total": time.perf_counter() - started,
        }
        return self._reply(choice, text, hits) | {"timings_s": timings}

    def _choose(self, question: str, hits: Sequence[Hit]) -> Json:
        prompt = self._prompt(hits, fill_template("alone_choice", question=question))
        grammar = choice_grammar(self._facts, self._primary, self._supporting)
        answer = self._model.invoke(to_messages(prompt), grammar=grammar, max_tokens=CHOICE_TOKENS)
        return read_choice(str(answer.text))

    def _write(self, question: str, hits: Sequence[Hit]) -> tuple[str, float]:
        """The answer's text, and the seconds to its first word."""
        language = LANGUAGES.get(_language(question), "English")
        prompt = self._prompt(hits, fill_template("alone_answer", question=question, language=language))
        started, first_s = time.perf_counter(), 0.0
        pieces: list[str] = []
        for chunk in self._model.stream(to_messages(prompt), max_tokens=self._max_tokens):
            piece = str(chunk.text)
            if piece and not pieces:
                first_s = time.perf_counter() - started
            pieces.append(piece)
        return "".join(pieces).strip(), first_s

    def _prompt(self, hits: Sequence[Hit], tail: str) -> Prompt:
        passages = tuple(PassageText(hit.passage.id, hit.passage.text) for hit in hits)
        return Prompt(template_text("system").strip(), passages, tail)

    def _reply(self, choice: Json, text: str, hits: Sequence[Hit]) -> Json:
        kind = choice.get("kind") if choice.get("kind") in KINDS else "knowledge"
        advice = kind == "advice"
        chosen = {"primary": choice.get("primary"), "supporting": list(choice.get("supporting") or [])}
        recommendation = chosen | {"avoid": [], "assumptions": [], "origin": "model", "conditional": []}
        asked = (
            [fact for fact in choice.get("ask") or [] if isinstance(fact, str)] if kind in ("advice", "clarify") else []
        )
        return {
            "version": REPLY_VERSION,
            "kind": kind,
            "answer": text,
            "language": _language(text),
            "facts": {name: _fact((choice.get("facts") or {}).get(name)) for name in SCORED_FACTS},
            "recommendation": recommendation if advice else None,
            "verdict": None,
            "proposals": [chosen | {"verdict": "not_checked"}] if advice else [],
            "questions": [{"fact": fact, "text": "", "outcomes": {}} for fact in asked[:MOST_QUESTIONS]],
            "citations": cited(text, [hit.passage for hit in hits]),
            "withheld": [],
        }


def choice_grammar(facts: Mapping[str, Sequence[str]], primary: Sequence[str], supporting: Sequence[str]) -> Template:
    """The form of the model's choice: known names only and bounded lists, so it can neither run away nor misspell."""
    parts: list[str | Slot] = ['{"kind":', _one_of(KINDS, ","), ' "facts": {']
    for number, (name, values) in enumerate(facts.items()):
        last = number == len(facts) - 1
        parts += [f'{"" if number == 0 else " "}"{name}":', _one_of([*values, UNKNOWN], "}," if last else ",")]
    parts += [' "primary":', _one_of(primary, ","), ' "supporting":', Items(tuple(supporting), MOST_SUPPORTING, "],")]
    parts += [' "ask":', Items(tuple(facts), MOST_QUESTIONS, "]}")]
    return Template(tuple(parts), schema=_schema(facts, primary, supporting))


def read_choice(text: str) -> Json:
    """The model's choice; an empty one if it is not a JSON object."""
    try:
        data = json.loads(text[text.index("{") : text.rindex("}") + 1])
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def cited(text: str, passages: Sequence[Passage]) -> list[Json]:
    """One citation for each mark in the text, in its order; a mark that was not given has no span to rest on."""
    given = {passage.id: passage for passage in passages}
    return [_citation(mark, given.get(mark)) for mark in dict.fromkeys(MARK.findall(text))]


def _citation(mark: str, passage: Passage | None) -> Json:
    if passage is None:
        return {"id": mark, "collection": "", "document": "", "section": "", "start": 0, "end": 0, "quote": ""}
    return {
        "id": mark,
        "collection": passage.collection,
        "document": passage.document,
        "section": passage.section,
        "start": passage.start,
        "end": passage.end,
        "quote": passage.text,
    }


def _fact(value: object) -> Json:
    known = isinstance(value, str) and value != UNKNOWN
    return {
        "value": value if known else UNKNOWN,
        "status": "stated" if known else "unknown",
        "quote": None,
        "turn": 1 if known else None,
        "reason": None,
    }


def _one_of(words: Sequence[str], closing: str) -> Choice:
    return Choice(tuple(f' "{word}"{closing}' for word in words))


def _schema(facts: Mapping[str, Sequence[str]], primary: Sequence[str], supporting: Sequence[str]) -> Json:
    """The same form as a JSON Schema, for servers that take one."""

    def listed(words: Sequence[str], most: int) -> Json:
        return {"type": "array", "items": {"type": "string", "enum": list(words)}, "maxItems": most}

    properties = {
        "kind": {"type": "string", "enum": list(KINDS)},
        "facts": {
            "type": "object",
            "properties": {name: {"type": "string", "enum": [*values, UNKNOWN]} for name, values in facts.items()},
            "required": list(facts),
            "additionalProperties": False,
        },
        "primary": {"type": "string", "enum": list(primary)},
        "supporting": listed(supporting, MOST_SUPPORTING),
        "ask": listed(list(facts), MOST_QUESTIONS),
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _language(text: str) -> str:
    """Chinese by its characters, French by its commonest words, else English."""
    if re.search(r"[\u4e00-\u9fff]", text):
        return "zh"
    return "fr" if len(FRENCH.findall(text)) >= 2 else "en"
