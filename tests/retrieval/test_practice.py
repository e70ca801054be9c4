"""Practice notes as shipped: whole, quotable, with sources, agreeing with the rules; and what is refused."""

import re
from collections import Counter

import pytest

from tunewise.errors import CorpusError
from tunewise.evidence.agreement import unproved
from tunewise.framework import load_framework
from tunewise.reading.signals import ASKS
from tunewise.retrieval.corpus import PRACTICE, load_corpus
from tunewise.retrieval.practice import read_notes

FIELDS = {
    "any", "text", "llm", "code", "embedding", "translation", "vision", "detection", "segmentation", "diffusion",
    "speech", "tts", "audio", "series", "tables", "biology", "recommender",
}  # fmt: skip
NOTE = """- id: PN-test-01
  asks:
    - "Is 12 GB enough?"
  intents: [hardware_enough]
  fields: [any]
  answer: |-
    Yes, with LoRA.
  when: {compute: "limited"}
  says: {lora: recommend}
  sources:
    - address: "https://example.org/a"
      read: "2026-11-25"
      says: "it fits"
"""


@pytest.fixture(scope="module")
def corpus():
    return load_corpus()


def test_there_are_hundreds_and_each_has_several_ways_to_ask_and_a_dated_source(corpus):
    assert len(corpus.notes) >= 250
    for note in corpus.notes.values():
        assert len(note.asks) >= 3, note.id
        assert note.intents, note.id
        assert set(note.intents) <= set(ASKS), note.id
        assert note.fields, note.id
        assert set(note.fields) <= FIELDS, note.id
        for source in note.sources:
            assert re.match(r"https?://", source.address), note.id
            assert re.fullmatch(r"20\d\d-\d\d-\d\d|not opened", source.read), note.id
            assert source.says, note.id


def test_nearly_all_sources_were_read(corpus):
    days = [source.read for note in corpus.notes.values() for source in note.sources]
    assert days.count("not opened") <= 0.1 * len(days)


def test_no_way_of_asking_is_that_of_three_notes(corpus):
    asked = Counter(ask.lower() for note in corpus.notes.values() for ask in note.asks)
    assert max(asked.values()) <= 2


def test_an_answer_is_a_passage_that_can_be_quoted(corpus):
    for note in corpus.notes.values():
        passage = corpus.by_id[note.id]
        assert passage.collection == PRACTICE
        document = corpus.documents[passage.document].text
        assert document[passage.start : passage.end] == passage.text == note.answer.text
        for answer in note.translations.values():
            assert document[answer.start : answer.end] == answer.text


def test_the_most_asked_are_translated(corpus):
    for code in ("zh", "fr"):
        assert sum(code in note.translations for note in corpus.notes.values()) >= 80


def test_no_note_advises_what_the_rules_deny_under_its_own_conditions(corpus):
    assert unproved(load_framework(), corpus.notes.values()) == {}


def test_a_note_is_read_with_all_its_parts():
    (note,) = read_notes(NOTE, "test")
    assert (note.id, note.more, note.when) == ("PN-test-01", None, {"compute": "limited"})
    assert NOTE[note.answer.start : note.answer.end] == note.answer.text == "Yes, with LoRA."
    assert note.holds({"compute": "limited"})
    assert note.holds({})
    assert not note.holds({"compute": "ample"})


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("says: {lora: recommend}", "says: {lora: consider}", "consider"),
        ("    Yes, with LoRA.", f"    {'very ' * 61}long.", "more than 60 words"),
        ("  answer: |-\n    Yes, with LoRA.\n", "", "answer"),
        ("  answer: |-\n    Yes, with LoRA.\n", "  answer: >-\n    Yes,\n    with LoRA.\n", "one line"),
        ("- id: PN-test-01", "id: PN-test-01", "cannot be read"),
    ],
)
def test_a_note_that_lacks_something_is_refused_with_the_reason(old, new, says):
    with pytest.raises(CorpusError, match=says):
        read_notes(NOTE.replace(old, new), "test")
