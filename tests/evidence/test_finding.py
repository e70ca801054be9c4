"""What is said in general: chosen by what is asked and by the kind of model, never found by a search."""

from dataclasses import replace

import pytest

from tests.answer.test_practice import ONE, PASSAGE
from tunewise.answer.practice import SURE
from tunewise.evidence.finding import UNSEARCHED, FoundNote, NoteFinder, nearest_question
from tunewise.framework import load_framework
from tunewise.reading.placing import Place
from tunewise.retrieval.corpus import load_corpus
from tunewise.retrieval.search import Searcher
from tunewise.retrieval.words import words
from tunewise.types import Fact, Situation


@pytest.fixture(scope="module")
def finder():
    def no_index():
        raise OSError("words are enough here")

    return NoteFinder(load_framework(), Searcher(load_corpus(), no_index))


def near(fit: float, *fields: str) -> FoundNote:
    return FoundNote(replace(ONE, fields=fields), PASSAGE, fit)


def case(**details: str) -> Situation:
    return Situation(details={name: Fact(name, value, "stated") for name, value in details.items()})


def general(finder, found, asked="data_enough", situation=None):
    note = finder.general(found, asked, situation or Situation())
    return note.note.id if note else None


def test_the_kind_of_model_is_that_of_most_notes_near_the_message(finder):
    found = [near(0.3, "speech"), near(0.2, "tts"), near(0.2, "speech", "audio"), near(0.9, "any")]
    assert general(finder, found) == "PN-general-speech-data_enough"


def test_where_the_notes_do_not_agree_it_is_the_one_for_any_kind(finder):
    assert general(finder, [near(0.3, "speech"), near(0.3, "vision"), near(0.3, "llm")]) == "PN-general-any-data_enough"
    assert general(finder, []) == "PN-general-any-data_enough"


def test_what_is_known_of_the_model_counts_more_than_what_the_notes_speak_of(finder):
    found = [near(0.9, "vision"), near(0.1, "tts")]
    assert general(finder, found, situation=case(modality="audio")) == "PN-general-tts-data_enough"


def test_what_cannot_be_said_in_general_is_not_said(finder):
    assert general(finder, [near(0.9, "speech")], "which_of_two") is None


def test_a_note_is_named_by_the_question_that_shares_most_with_the_message_else_by_its_first(finder):
    note = replace(ONE, asks=("Is 12 GB enough?", "Will my RTX 3060 do for a 7B model?", "which card for 7B"))
    asked = frozenset(words("I have an RTX 3060 and want to tune a 7B model."))
    assert nearest_question(asked, note) == "Will my RTX 3060 do for a 7B model?"
    assert nearest_question(frozenset(words("Whales sing.")), note) == "Is 12 GB enough?"
    found = finder.find("How much data do I need to fine-tune a speech model?", ("data_enough",), Situation())
    assert all(each.question in each.note.asks for each in found)


def test_a_search_finds_none_of_them(finder):
    found = finder.find("How much data do I need to fine-tune a speech model?", ("data_enough",), Situation())
    assert found
    assert not any(each.note.general for each in found)


def test_a_note_asked_in_its_own_words_is_shown_where_words_are_all_there_is(finder):
    notes = [note for note in load_corpus().notes.values() if not note.general and not note.when][::200]
    found = [finder.find(note.asks[0], note.intents[:1], Situation()) for note in notes]
    sure = [
        any(each.note.id == note.id and each.fit >= SURE for each in best)
        for note, best in zip(notes, found, strict=True)
    ]
    assert len(sure) > 25
    assert sum(sure) > 0.9 * len(sure)


def test_a_note_whose_messages_lie_near_is_proposed_and_one_whose_messages_were_not_placed_counts_as_usual(finder):
    corpus = finder._searcher.corpus
    near_by, far, unknown = [id_ for id_, note in corpus.notes.items() if not note.general and not note.when][:3]
    place = Place((1.0,) * 384, {near_by: 0.9, far: 0.3, "PN-gone-01": 1.0})
    weighed = {note.id: each for note, _, each in finder.evidence("Qwxyz?", (), Situation(), place)}  # no note's word
    assert all(each.placed_near == UNSEARCHED for each in weighed.values())
    assert {id_: weighed[id_].heard_near for id_ in (near_by, far)} == {near_by: 0.9, far: 0.3}
    assert "PN-gone-01" not in weighed
    asked = corpus.notes[unknown].asks[0]
    weighed = {note.id: each for note, _, each in finder.evidence(asked, (), Situation(), place)}
    assert weighed[unknown].heard_near == pytest.approx(0.6)
    assert all(each.heard_near == 0 for _, _, each in finder.evidence(asked, (), Situation()))
