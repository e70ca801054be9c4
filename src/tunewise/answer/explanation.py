"""What the model writes, in English: streamed, and each sentence shown only if the gate lets it pass and a sentence of
what the model was given says all that it says.

Advice begins with a sentence by code: the recommendation with the user's own words. The model turns the remaining
points into advice, and code closes with what was assumed and what would change the advice. An answer from passages
begins with quotations, to which the model may add. What fails is left out; the text by code is an answer without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunewise.answer.citations import Composed, attributed
from tunewise.answer.composed import MAX_WORDS, Points, words_in
from tunewise.answer.gate import Gate
from tunewise.answer.marks import cited_ids, keep_marks, without_marks
from tunewise.answer.overlap import repeats
from tunewise.answer.sentences import sentences, without_list_mark
from tunewise.answer.support import SUPPORTED, Evidence, without_preface
from tunewise.llm.chat import PassageText, Prompt, to_messages
from tunewise.llm.prompts import fill_template, template_text
from tunewise.types import Passage, Withheld

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MAX_QUESTION = 500  # characters of the question that the model reads again; its facts are in the opening
MAX_TOKENS = 220
ENOUGH_WORDS, ENOUGH_ADDED = 110, 30
_COUNTING_MARK = re.compile(
    r"\s*[\[(](?:(?:notes?|points?|passages?)\s*)?#?\d{1,2}[\])]:?|^(?:note|point) \d{1,2}:", re.IGNORECASE
)
_LEADING_MARKS = re.compile(r"(?:\[[A-Za-z][\w-]*\d\][\s:.]*)+(?=\S)")
_LABEL = re.compile(r"^[A-Z][\w-]*(?: [\w()-]+){0,4}: (?=[A-Z])")
_LATE_MARKS = re.compile(r"([.!?])\s*((?:\[[A-Za-z][\w-]*\d\]\s*)+)[.]?$")  # "… overfit. [A3]."
_FULL_STOP = re.compile(r"([.!?]?)$")
_FINISHED = re.compile(r"[.!?:][\"'”’»)]*\s*$")
_STRAY_BRACKET = re.compile(r"^\[(?=[^\]]*$)")
_FENCE = re.compile(r"^[\"“”'`*#\s]+|[\"“”`*]+$")


@dataclass(frozen=True, slots=True)
class ExplanationTask:
    """What the model is asked, and what code writes around its answer.

    `opening` comes before the model's sentences, `closing` after them. `notes` are the points that it is to make;
    those that it leaves out are said in the notes' own words (`unsaid`). `evidence` is what its sentences may say,
    `enough` after how many words it is stopped.
    """

    prompt: Prompt
    opening: Composed
    evidence: Evidence
    notes: tuple[Composed, ...] = ()
    closing: tuple[Composed, ...] = ()
    enough: int = ENOUGH_WORDS


def explanation_task(points: Points, passages: Sequence[Passage], question: str) -> ExplanationTask:
    """Build the request for an explanation.

    Args:
        points: What there is to say, in the rules' words.
        passages: What the model is given; only these may be cited.
        question: The user's message.
    """
    ids = {passage.id for passage in passages}
    notes = (*points.reasons[:2], *points.avoid[:1], *points.support)
    shown = "\n".join(f"- {keep_marks(note.text, ids)}" for note in notes)
    tail = fill_template("explanation_notes", question=shortened(question), notes=shown)
    given = tuple(PassageText(passage.id, passage.text) for passage in passages)
    prompt = Prompt(template_text("system").strip(), given, tail)
    closing = (*points.assumed, *points.proposed, *points.change)
    evidence = Evidence(passages, [without_marks(note.text) for note in notes])
    return ExplanationTask(prompt, points.opening, evidence, notes, closing)


def knowledge_task(quoted: Composed, passages: Sequence[Passage], question: str) -> ExplanationTask:
    """Build the request for an answer from passages, to which quotations are given already.

    Args:
        quoted: The answer so far.
        passages: What the model is given; only these may be cited.
        question: The user's message.
    """
    tail = fill_template("knowledge_answer", question=shortened(question), mark=passages[0].id)
    given = tuple(PassageText(passage.id, passage.text) for passage in passages)
    prompt = Prompt(template_text("system").strip(), given, tail)
    return ExplanationTask(prompt, quoted, Evidence(passages), enough=ENOUGH_ADDED)


def explain(model: BaseChatModel, task: ExplanationTask, gate: Gate, **options: Any) -> Iterator[str | Withheld]:
    """Stream an explanation: each finished sentence is shown, or withheld with its reason.

    Stops once enough was said. What only repeats what code writes, or an earlier sentence, is dropped without a word.

    Args:
        model: Any chat model that streams.
        task: From `explanation_task` or `knowledge_task`.
        gate: Judges the sentences.
        options: Passed on to the model (cancel, deadline_s, copy_from).

    Raises:
        ModelError: If the model fails; what was shown before stays shown.
    """
    options.setdefault("max_tokens", MAX_TOKENS)
    before = [said.text for said in (task.opening, *task.closing)]
    words = 0
    stream = model.stream(to_messages(task.prompt), **options)
    for raw in sentences(str(chunk.text) for chunk in stream):
        sentence = noted(attributed(without_preface(cleaned(raw)), gate.passages), task.notes)
        if not _FINISHED.search(without_marks(sentence)):
            yield Withheld(sentence, "was not finished")
            continue
        judgement = gate.judge(sentence, before)
        if judgement.shown and task.evidence.of(sentence).certainty < SUPPORTED:
            yield Withheld(sentence, "no sentence of what the model was given says this")
        elif judgement.shown:
            before.append(sentence)
            words += words_in(sentence)
            yield sentence
        elif not judgement.quiet:
            yield Withheld(sentence, judgement.reason or "")
        if words >= task.enough:
            return


def unsaid(task: ExplanationTask, text: str) -> tuple[Composed, ...]:
    """The notes that the model's text leaves out, as long as the whole stays within 150 words."""
    words = words_in(" ".join((task.opening.text, text, *(said.text for said in task.closing))))
    missing: list[Composed] = []
    for note in task.notes:
        words += words_in(note.text)
        if words <= MAX_WORDS and not repeats(note.text, [text, task.opening.text], share=0.5, stem=5):
            missing.append(note)
    return tuple(missing)


def noted(sentence: str, notes: Sequence[Composed]) -> str:
    """The sentence with the marks of the note that it repeats, if it has none of its own."""
    if cited_ids(sentence):
        return sentence
    for note in notes:
        if (marks := cited_ids(note.text)) and repeats(sentence, [note.text]):
            return _FULL_STOP.sub(rf" {''.join(f'[{id_}]' for id_ in marks)}\1", sentence, count=1)
    return sentence


def cleaned(sentence: str) -> str:
    """The sentence without list mark, label ("Pruning: …"), emphasis and quotation marks around all of it.

    A citation mark at its beginning goes to its end, where it is read as standing for the sentence.
    """
    text = _COUNTING_MARK.sub("", without_list_mark(sentence.strip())).strip()
    if leading := _LEADING_MARKS.match(text):
        rest, marks = text[leading.end() :].strip(), leading.group().strip(" :.")
        text = rest if cited_ids(rest) else _FULL_STOP.sub(rf" {marks}\1", rest, count=1)
    text = _STRAY_BRACKET.sub("", _LABEL.sub("", text.replace("**", ""), count=1))
    if text.count('"') % 2 or (text.startswith('"') and text.endswith('"')):
        text = _FENCE.sub("", text)
    return _LATE_MARKS.sub(r" \2\1", text.strip())


def shortened(question: str) -> str:
    """The question, cut at a word if it is very long."""
    text = " ".join(question.split())
    if len(text) <= MAX_QUESTION:
        return text
    return text[:MAX_QUESTION].rsplit(" ", 1)[0] + " …"
