"""The shipped reader on its real weights, and the card that says how well it reads."""

import json
import time

import pytest

from tunewise.facts.text import read
from tunewise.framework import load_framework
from tunewise.reading.reader import CARD_FILE, FOLDER, open_reader
from tunewise.reading.signals import context_text
from tunewise.reading.understanding import understand
from tunewise.settings import Settings

FRAMEWORK = load_framework()
CARD = json.loads((FOLDER / CARD_FILE).read_text("utf-8"))


@pytest.fixture(scope="module")
def reader():
    opened = open_reader(Settings.from_environment(), FRAMEWORK)
    assert opened is not None
    return opened


def test_the_card_says_how_authors_that_it_had_not_seen_were_read() -> None:
    main = CARD["held_out_authors"]["main facts"]
    assert main["labelled"] > 1000
    assert main["precision"] >= 0.9
    assert main["found"] > main["recall"] > 0.5


def test_every_label_is_a_value_of_a_fact() -> None:
    assert all(value in FRAMEWORK.facts[fact].values for fact, value in CARD["labels"])


@pytest.mark.models
def test_facts_are_read_with_their_amount_machine_and_quote(reader) -> None:
    message = "I labelled 700 photos of my own, and all I can train on is a single RTX 3060. Which method?"
    reading = understand(message, reader=reader, framework=FRAMEWORK)
    facts = reading.situation.facts
    assert (facts["dataset_size"].value, facts["dataset_size"].amount) == ("small", 700)
    assert facts["compute"].value == "limited"
    assert all(fact.quote in message for fact in facts.values() if fact.known and fact.quote)
    assert reading.learned
    assert reading.asked


@pytest.mark.models
@pytest.mark.parametrize(
    "message",
    [
        "What is the difference between LoRA and full fine-tuning?",
        "The paper trained on 14 million images with 64 TPUs.",
        "How many examples would I need?",
        "hello",
    ],
)
def test_what_is_not_the_askers_own_is_no_fact(reader, message: str) -> None:
    reading = understand(message, reader=reader, framework=FRAMEWORK)
    assert reading.stated == ()


@pytest.mark.models
def test_a_bare_answer_is_read_with_the_question_that_it_answers(reader) -> None:
    asked = "How many labelled examples do you have?"
    reading = understand("about 3k", reader=reader, framework=FRAMEWORK, contexts=[context_text(asked, None)], turn=2)
    assert reading.situation.value("dataset_size") == "small"


@pytest.mark.models
def test_a_message_in_english_words_keeps_the_quotes_of_its_own_language(reader) -> None:
    message = "J'ai 700 photos annotées. Je m'entraîne sur un vieux portable."
    english = "I have 700 labelled photos. I train on an old laptop."
    reading = understand(message, english=english, reader=reader, framework=FRAMEWORK)
    facts = reading.situation.facts
    assert facts["dataset_size"].value == "small"
    assert all(fact.quote in message for fact in facts.values() if fact.known and fact.quote)


@pytest.mark.models
def test_an_amount_is_that_of_the_message_and_not_of_its_translation(reader) -> None:
    asked = [context_text("How many labelled examples do you have?", None)]
    reading = understand(
        "是二十万条标注数据", english="It is 20,000 labelled items.", reader=reader, framework=FRAMEWORK,
        contexts=asked, turn=2, asked=["dataset_size"],
    )  # fmt: skip
    assert reading.situation.value("dataset_size") == "large"


@pytest.mark.models
def test_anything_can_be_read(reader) -> None:
    for message in ("", " \n", "?", "🦊" * 500, "word " * 5000, "1 2 3 " * 400):
        reader.read(read(message))


@pytest.mark.models
def test_a_message_is_read_fast(reader) -> None:
    message = read("I labelled 700 photos of my own. All I can train on is a single RTX 3060. Which method is best?")
    reader.read(message)
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        reader.read(message)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 1.0  # the benchmark measures it on an idle machine


@pytest.mark.models
@pytest.mark.parametrize("message", ["What tasks did the EWC authors test on?", "what to do if latency matters?"])
def test_a_first_message_follows_up_nothing(reader, message: str) -> None:
    assert understand(message, reader=reader, framework=FRAMEWORK).move in ("knowledge", "new_case")
