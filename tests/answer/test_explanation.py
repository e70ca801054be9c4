import pytest

from tests.answer.material import article_framework, passage_of_rule, situation
from tests.fakes.model import ScriptedModel
from tunewise.answer.composed import Composer, words_in
from tunewise.answer.explanation import (
    ENOUGH_WORDS,
    MAX_QUESTION,
    cleaned,
    explain,
    explanation_task,
    shortened,
    unsaid,
)
from tunewise.answer.gate import Gate
from tunewise.answer.sentences import split_sentences
from tunewise.errors import ModelError
from tunewise.framework import decide
from tunewise.types import Withheld

FACTS = situation(dataset_size=("small", "800 labelled images"), compute=("limited", "one RTX 3060"))
DECISION = decide(article_framework(), FACTS.values())
ADVICE = DECISION.recommendation()
PASSAGES = list({p.id: p for rule in DECISION.trace if (p := passage_of_rule(rule))}.values())
MARK = f"[{PASSAGES[0].id}]"


def task(question="Should I fine-tune everything?"):
    points = Composer(article_framework(), FACTS, DECISION, "en", passage_of_rule).points()
    return explanation_task(points, PASSAGES, question)


def gate():
    return Gate(article_framework(), ADVICE, FACTS, PASSAGES)


def said(*texts):
    model = ScriptedModel().enqueue("".join(texts))
    return list(explain(model, task(), gate()))


def test_the_prompt_holds_notes_and_question_and_gives_every_passage():
    asked = task()
    assert asked.opening.text not in asked.prompt.tail
    assert "Should I fine-tune everything?" in asked.prompt.tail
    assert asked.prompt.tail.count("\n- ") >= 3
    assert [p.id for p in asked.prompt.passages] == [p.id for p in PASSAGES]


def test_opening_and_closing_are_written_by_code_and_cited():
    asked = task()
    assert "800 labelled images" in asked.opening.text
    assert any("would change this" in sentence.text for sentence in asked.closing)
    assert asked.opening.citations
    for said in (asked.opening, *asked.notes, *asked.closing):
        assert all(f"[{citation.id}]" in said.text for citation in said.citations)


def test_a_sentence_that_agrees_is_shown_and_one_that_does_not_is_withheld_with_its_reason():
    events = said(
        f"Fine-tuning the entire model can lead to overfitting {MARK}. ", "Fine-tune the whole network instead."
    )
    assert isinstance(events[0], str)
    assert isinstance(events[1], Withheld)
    assert "full_fine_tuning" in events[1].reason


def test_what_is_on_the_page_already_is_dropped_without_a_word():
    assert "freeze the early layers and train only the later ones" in task().opening.text
    assert said("Freeze the early layers and train only the later ones. ") == []


def test_enough_is_enough():
    everything = [f"{one[:-1]} [{p.id}]." for p in PASSAGES for one in split_sentences(p.text)]
    shown = [event for event in said(" ".join(everything)) if isinstance(event, str)]
    assert ENOUGH_WORDS <= words_in(" ".join(shown)) < words_in(" ".join(everything)) / 2


def test_a_failing_model_is_the_callers_business():
    model = ScriptedModel().enqueue(ModelError("The model stopped."))
    with pytest.raises(ModelError):
        list(explain(model, task(), gate()))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("- **Use** it.", "Use it."),
        ("[Note 1] Freeze it.", "Freeze it."),
        ("[A4] Freeze it.", "Freeze it [A4]."),
        ("It can overfit. [A3].", "It can overfit [A3]."),
        ("It can overfit. [A3][A4]", "It can overfit [A3][A4]."),
        ("Full Fine-Tuning: With data, train it [A2].", "With data, train it [A2]."),
        ('"All quoted."', "All quoted."),
        ('He said "no" to it.', 'He said "no" to it.'),
    ],
)
def test_list_marks_and_quotation_marks_around_a_sentence_are_taken_off(raw, expected):
    assert cleaned(raw) == expected


def test_a_very_long_question_is_cut_at_a_word():
    short = shortened("word " * 500)
    assert len(short) <= MAX_QUESTION + 2
    assert short.endswith("word …")


def test_points_that_the_model_leaves_out_are_said_in_the_rules_own_words():
    asked = task()
    assert unsaid(asked, "") != ()
    assert set(unsaid(asked, "")) <= set(asked.notes)
    first = asked.notes[0]
    assert first not in unsaid(asked, first.text)
