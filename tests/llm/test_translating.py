"""A question in another language is put into English piece by piece, and a bad translation is not taken."""

from __future__ import annotations

import threading

import pytest

from tests.fakes.model import ScriptedModel
from tunewise.errors import CancelledError
from tunewise.llm.translating import LONGEST_PIECE, pieces, to_english, translation_prompt

GERMAN = "Mein Datensatz hat 3.000 Bilder. Soll ich alle Schichten trainieren?"


def test_an_english_text_is_not_asked_about():
    model = ScriptedModel()
    assert to_english(model, "Should I fine-tune?", "en") == "Should I fine-tune?"
    assert model.prompts == []


def test_what_the_model_writes_is_searched_for():
    model = ScriptedModel().enqueue("My dataset has 3,000 images. Should I train all layers?")
    assert to_english(model, GERMAN, "de") == "My dataset has 3,000 images. Should I train all layers?"


@pytest.mark.parametrize(
    "written",
    ["", "Mein Datensatz hat 3.000 Bilder und ich soll.", "My dataset is small. Should I train all layers?"],
    ids=["empty", "not English", "number lost"],
)
def test_a_bad_translation_leaves_the_users_own_words(written):
    assert to_english(ScriptedModel().enqueue(written), GERMAN, "de") == GERMAN


def test_all_but_the_text_itself_is_the_same_for_every_piece_of_a_language():
    one, other = translation_prompt("Eins.", "de"), translation_prompt("Zwei.", "de")
    assert (one.system, one.examples) == (other.system, other.examples)
    assert (one.tail, other.tail) == ("Eins.", "Zwei.")
    assert "German" in one.system


def test_a_long_text_is_put_into_english_by_whole_sentences():
    sentences = [f"Satz Nummer {number} steht hier." for number in range(40)]
    cut = list(pieces(" ".join(sentences)))
    assert " ".join(cut) == " ".join(sentences)
    assert max(map(len, cut)) <= LONGEST_PIECE
    assert all(piece.endswith(".") for piece in cut)


def test_a_sentence_without_an_end_is_cut():
    assert list(map(len, pieces("x" * (2 * LONGEST_PIECE + 1)))) == [LONGEST_PIECE, LONGEST_PIECE, 1]


def test_a_request_that_was_cancelled_ends_before_the_next_piece():
    gone = threading.Event()
    gone.set()
    with pytest.raises(CancelledError):
        to_english(ScriptedModel(), GERMAN, "de", cancel=gone)
