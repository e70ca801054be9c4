"""A framework of another domain reads its own facts by its examples."""

from pathlib import Path

import numpy as np
import pytest

from tunewise.facts import read_message
from tunewise.facts.text import read
from tunewise.framework import decide, load_framework
from tunewise.framework.loading import frameworks_dir
from tunewise.reading.few_shot import FewShotReader, bare_answer, open_few_shot
from tunewise.reading.thresholds import NEVER, least_certain
from tunewise.settings import Settings

PATH = frameworks_dir() / "laptop-or-desktop.yaml"


def words(text: str) -> np.ndarray:
    """Embeds a text as a bag of words, hashed; good enough where a message repeats an example."""
    row = np.zeros(512, np.float32)
    for word in text.lower().strip(" .!?").split():
        row[sum(map(ord, word)) * 31 % 512] += 1
    return row / max(float(np.linalg.norm(row)), 1.0)


@pytest.fixture(scope="module")
def framework():
    return load_framework(PATH)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("reading")


@pytest.fixture(scope="module")
def reader(framework, folder):
    return FewShotReader(framework, lambda: words, folder)


def test_the_sentence_that_states_a_fact_is_its_place(reader):
    message = read("Hello, I have a question. I travel a lot for work. It rained all day yesterday.")
    signals = {(one.fact, one.value): one for one in reader.read(message).facts}
    said = signals["on_the_move", "yes"]
    assert message.quote(said.start, said.end) == "I travel a lot for work."
    assert said.probability > signals["on_the_move", "no"].probability


def test_what_was_trained_is_kept_and_gives_the_same(framework, reader, folder):
    message = read("I can't spend much.")
    expected = reader.read(message)
    (kept,) = folder.glob("*.npz")
    opened = []
    again = FewShotReader(framework, lambda: opened.append(1) or words, folder)
    assert again.read(message) == expected
    assert again.thresholds == reader.thresholds
    kept.write_bytes(b"damaged")
    assert FewShotReader(framework, lambda: words, folder).thresholds == reader.thresholds


@pytest.mark.parametrize(
    ("answer", "value"), [("Yes.", "yes"), ("nope", "no"), ("no, not at all", None), ("I travel", None)]
)
def test_a_bare_answer_states_the_fact_that_was_asked_for(reader, framework, answer, value):
    assert bare_answer(read(answer)) == value
    if value:
        reading = read_message(answer, framework=framework, examples=reader, asked=["room_for_it"])
        assert reading.situation.value("room_for_it") == value


def test_a_bare_answer_to_no_question_states_nothing(reader, framework):
    assert read_message("Yes.", framework=framework, examples=reader).stated == ()
    assert read_message("Yes.", framework=framework, examples=reader, asked=["budget"]).stated == ()


def test_the_threshold_is_the_lowest_that_is_right_often_enough():
    probabilities, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, True])
    assert least_certain(probabilities, right, 0.75) == 0.6
    assert least_certain(probabilities, right, 0.95) == 0.9
    assert least_certain(probabilities, ~right, 0.6) == NEVER


def test_the_shipped_frameworks_have_no_examples_and_need_no_reader(tmp_path):
    assert open_few_shot(Settings(home=tmp_path), load_framework()) is None


@pytest.mark.models
def test_free_text_of_another_domain_is_read_and_decided(framework):
    reader = open_few_shot(Settings.from_environment(), framework)
    assert reader is not None
    message = "I'm a nurse and ride the bus to three clinics with my computer. All I write are reports and mails."
    reading = read_message(message, framework=framework, examples=reader)
    seeming = {one.fact: one.value for one in reading.proposed}
    assert seeming | reading.situation.values() == {"on_the_move": "yes", "heavy_work": "no"}
    broke = read_message(
        "I just need something for my tax return, and I am broke.", framework=framework, examples=reader
    )
    assert decide(framework, broke.situation.values()).supporting == ("used_machine",)
