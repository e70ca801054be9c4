"""Which notes open an answer, and how they are shown."""

from dataclasses import replace

import pytest

from tests.retrieval.test_practice import NOTE
from tunewise.answer.practice import (
    ALSO,
    DETAILED,
    NEAR,
    SECOND,
    SURE,
    choose,
    compose_brief,
    compose_detail,
    compose_note,
    compose_rest,
    near,
)  # fmt: skip
from tunewise.evidence.agreement import Agreement
from tunewise.evidence.finding import FoundNote
from tunewise.framework import load_framework
from tunewise.retrieval.practice import read_notes
from tunewise.types import Passage

(ONE,) = read_notes(NOTE, "test")
PASSAGE = Passage(ONE.id, "practice", "practice-test", "Notes", ONE.asks[0], 0, 15, ONE.answer.text, ONE.asks)


ANSWERS = (ONE.answer.text, "Rent a bigger card for one day.", "Smaller batches reduce memory.")


def found(*fits: float, answers: tuple[str, ...] = ANSWERS) -> list[FoundNote]:
    return [
        FoundNote(
            replace(ONE, id=f"PN-test-{place:02}", answer=replace(ONE.answer, text=text)),
            replace(PASSAGE, id=f"PN-test-{place:02}"),
            fit,
        )
        for place, (fit, text) in enumerate(zip(fits, answers, strict=False), start=1)
    ]


def ids(chosen: list[FoundNote]) -> list[str]:
    return [each.note.id for each in chosen]


def test_the_best_note_is_shown_if_it_fits_and_a_second_one_only_for_certain():
    assert ids(choose(found(SURE, SURE), frozenset())) == ["PN-test-01"]
    assert ids(choose(found(SECOND, SECOND, SECOND), frozenset())) == ["PN-test-01", "PN-test-02"]
    assert ids(choose(found(SURE - 0.01), frozenset())) == []


def test_a_second_note_that_says_the_same_is_not_shown():
    said = "Freeze the backbone and train only a new classification head."
    again = "Freeze the whole backbone; train only the new head for classification."
    assert ids(choose(found(SECOND, SECOND, answers=(said, again)), frozenset())) == ["PN-test-01"]


def test_a_note_that_nothing_else_stands_behind_has_to_fit_better():
    assert choose(found(SURE), frozenset(), ALSO) == []
    assert ids(choose(found(ALSO), frozenset(), ALSO)) == ["PN-test-01"]


def test_what_was_shown_is_not_shown_again():
    assert ids(choose(found(0.9, 0.7), frozenset({"PN-test-01"}))) == ["PN-test-02"]


def test_up_to_three_of_the_other_notes_that_fit_lie_near():
    answers = (*ANSWERS, "Quantise the base to four bits.", "Shorter sequences need less.", "Ask a cloud.")
    every = found(0.9, 0.8, 0.5, 0.4, 0.3, 0.2, answers=answers)
    shown = compose_note(every[0], "en").citations
    assert [each.citation.id[-2:] for each in near(every, shown, frozenset(), "en")] == ["02", "03", "04"]
    before = frozenset({"PN-test-03", "PN-test-04"})
    assert [each.citation.id[-2:] for each in near(every, shown, before, "en")] == ["02", "05", "06"]


def test_what_fits_too_badly_does_not_lie_near():
    assert [each.citation.id for each in near(found(NEAR, NEAR - 0.01), (), frozenset(), "en")] == ["PN-test-01"]


def test_no_two_notes_near_a_question_say_the_same_or_what_is_shown():
    said = "Freeze the backbone and train only a new classification head."
    again = "Freeze the whole backbone; train only the new head for classification."
    other = "Rent a bigger card for one day."
    every = found(0.9, 0.8, 0.7, answers=(said, again, other))
    shown = compose_note(every[0], "en").citations
    assert [each.citation.id for each in near(every, shown, frozenset(), "en")] == ["PN-test-03"]
    assert [each.citation.id for each in near(every, (), frozenset(), "en")] == ["PN-test-01", "PN-test-03"]


def test_a_note_near_a_question_is_cited_in_the_language_of_the_reply_where_it_is_translated():
    text = NOTE.replace("  when:", "  in:\n    zh: |-\n      可以，用 LoRA。\n  when:")
    (note,) = read_notes(text, "test")
    (translated,) = near([FoundNote(note, PASSAGE, 0.9, "Will it fit?")], (), frozenset(), "zh")
    (english,) = near(found(0.9), (), frozenset(), "zh")
    assert (translated.question, translated.citation.quote) == ("Will it fit?", "可以，用 LoRA。")
    assert english.citation.quote == "Yes, with LoRA."


def test_a_note_is_shown_in_its_own_words_with_its_mark_and_cited_exactly():
    composed = compose_note(found(0.9)[0], "en")
    assert composed.text == "Yes, with LoRA [PN-test-01]."
    (cited,) = composed.citations
    assert NOTE[cited.start : cited.end] == cited.quote == "Yes, with LoRA."


def test_a_note_that_is_not_translated_is_shown_in_english_and_it_is_said():
    assert compose_note(found(0.9)[0], "fr").text.startswith("Une note sur ce point n’existe qu’en anglais : Yes, with")


def test_a_translated_note_is_shown_and_cited_in_the_language():
    text = NOTE.replace("  when:", "  in:\n    zh: |-\n      可以，用 LoRA。\n  when:")
    (note,) = read_notes(text, "test")
    composed = compose_note(FoundNote(note, PASSAGE, 0.9), "zh")
    assert composed.text == "可以，用 LoRA[PN-test-01]。"
    assert text[composed.citations[0].start : composed.citations[0].end] == "可以，用 LoRA。"


DETAIL = "Train the head first, at 1e-3."
(DETAILED_NOTE,) = read_notes(NOTE.replace("  when:", f"  more: |-\n    {DETAIL}\n  when:"), "test")


def detail_of(note, fit=DETAILED, language="en", **values):
    framework = load_framework()
    rules = Agreement(framework, values)
    return compose_detail(FoundNote(note, PASSAGE, fit), language, framework, rules, lambda texts: [*map(len, texts)])


def test_the_detail_of_a_note_that_surely_fits_is_shown_and_cited_exactly():
    composed = detail_of(DETAILED_NOTE)
    assert composed.text == "Train the head first, at 1e-3 [PN-test-01]."
    assert composed.citations[0].quote == DETAIL
    assert detail_of(DETAILED_NOTE, fit=DETAILED - 0.01) is None
    assert detail_of(ONE) is None


def test_of_a_longer_detail_two_sentences_are_shown_those_nearest_to_the_message():
    text = NOTE.replace(
        "  when:", "  more: |-\n    Stop it soon. Then look at every picture. Count. Train it all again.\n  when:"
    )
    (note,) = read_notes(text, "test")
    composed = detail_of(note)
    assert composed.text == "Then look at every picture. Train it all again [PN-test-01]."
    quotes = [cited.quote for cited in composed.citations]
    assert (
        quotes
        == ["Then look at every picture.", "Train it all again."]
        == [text[c.start : c.end] for c in composed.citations]
    )


def test_no_detail_stands_behind_a_note_that_is_translated():
    translated = replace(DETAILED_NOTE, translations={"zh": ONE.answer})
    assert detail_of(translated, language="zh") is None
    assert detail_of(translated, language="fr") is not None


def rest_of(note, told="", language="en", **values):
    framework = load_framework()
    return compose_rest(FoundNote(note, PASSAGE, 1.0), told, language, framework, Agreement(framework, values))


@pytest.mark.parametrize("text", ["Use full fine-tuning.", "Avoid linear probing."])
@pytest.mark.parametrize("detail", [detail_of, rest_of])
def test_a_detail_with_which_the_rules_do_not_agree_is_not_shown(text, detail):
    denied = replace(DETAILED_NOTE, more=replace(DETAILED_NOTE.more, text=text))
    assert detail(denied) is not None
    assert detail(denied, dataset_size="small", similarity="high", compute="limited") is None


def test_the_rest_of_a_detail_is_what_was_not_told():
    text = NOTE.replace("  when:", "  more: |-\n    Stop it soon. Then look at every picture.\n  when:")
    (note,) = read_notes(text, "test")
    rest = rest_of(note, told="Yes. Stop it soon [PN-test-01].")
    assert rest.text == "Then look at every picture [PN-test-01]."
    assert rest_of(note, told="Stop it soon. Then look at every picture [PN-test-01].") is None
    assert rest_of(note, language="fr").text.startswith("Une note sur ce point n’existe qu’en anglais : Stop it soon.")
    assert rest_of(ONE) is None


def test_a_note_in_short_is_its_first_words_but_more_than_a_yes():
    text = NOTE.replace("Yes, with LoRA.", "Yes. With LoRA it fits into memory. Else rent a card.")
    (note,) = read_notes(text, "test")
    brief = compose_brief(FoundNote(note, PASSAGE, 1.0), "en")
    assert brief.text == "Yes. With LoRA it fits into memory [PN-test-01]."
    assert [text[one.start : one.end] for one in brief.citations] == ["Yes.", "With LoRA it fits into memory."]
