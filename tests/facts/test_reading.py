from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewise.facts import edit, read_message
from tunewise.facts.text import fold
from tunewise.framework import Framework, load_framework
from tunewise.types import Situation

FRAMEWORK = load_framework()


def situation_of(message: str, previous: Situation | None = None, turn: int = 1) -> Situation:
    return read_message(message, framework=FRAMEWORK, previous=previous, turn=turn).situation


def with_parameters(**changes: object) -> Framework:
    parameters = FRAMEWORK.parameters.model_copy(update=changes)
    return FRAMEWORK.model_copy(update={"hash": repr(changes), "parameters": parameters})


def test_a_size_between_the_cut_offs_is_medium_with_reason_amount_and_quote() -> None:
    fact = situation_of("I have 31,500 rows of insurance claims.").facts["dataset_size"]
    assert (fact.value, fact.status, fact.amount, fact.quote) == (
        "medium",
        "stated",
        31500,
        "31,500 rows",
    )
    assert fact.reason is not None


def test_the_askers_own_word_wins_over_the_number() -> None:
    assert situation_of("We have a huge dataset of 20k scans.").value("dataset_size") == "large"
    assert situation_of("My dataset is small, 20k scans.").value("dataset_size") == "small"


def test_the_cut_offs_are_those_of_the_framework() -> None:
    examples = FRAMEWORK.parameters.sizes["examples"].model_copy(update={"small_below": 10, "large_from": 100})
    strict = with_parameters(sizes={**FRAMEWORK.parameters.sizes, "examples": examples})
    reading = read_message("I have 800 labelled images.", framework=strict)
    assert reading.situation.value("dataset_size") == "large"


def test_without_cut_offs_an_amount_is_neither_small_nor_large() -> None:
    fact = read_message("I have 800 labelled images.", framework=with_parameters(sizes={})).situation.facts[
        "dataset_size"
    ]
    assert (fact.value, fact.amount) == ("unknown", 800)


def test_from_how_many_parameters_a_model_is_large_is_the_framework_s_to_say() -> None:
    message = "I want to fine-tune Llama-3-8B."
    larger = FRAMEWORK.parameters.large_model.model_copy(update={"parameters_from": 70e9})
    assert situation_of(message).value("model_size") == "large"
    for large_model, size in ((larger, "small"), (None, "unknown")):
        framework = with_parameters(large_model=large_model)
        assert read_message(message, framework=framework).situation.value("model_size") == size


def test_facts_that_the_framework_lacks_are_not_given() -> None:
    small = FRAMEWORK.model_copy(update={"hash": "small", "facts": {"compute": FRAMEWORK.facts["compute"]}})
    situation = read_message("I have 800 images and one 3060.", framework=small).situation
    assert list(situation.facts) == ["compute"]


def test_missing_lists_the_facts_that_nobody_stated() -> None:
    missing = read_message("I have 800 labelled images and one RTX 3060.", framework=FRAMEWORK).missing
    assert "similarity" in missing
    assert "dataset_size" not in missing
    assert "compute" not in missing


@pytest.mark.parametrize("message", ["", "111"])
def test_a_message_without_words_states_nothing(message: str) -> None:
    reading = read_message(message, framework=FRAMEWORK)
    assert (reading.stated, reading.situation.details) == ((), {})


def test_strategies_are_mentioned_in_their_order() -> None:
    reading = read_message("Is LoRA better than EWC or full fine-tuning?", framework=FRAMEWORK)
    assert reading.mentions == ("lora", "ewc", "full_fine_tuning")


def test_a_later_message_overrides_an_earlier_one_and_keeps_the_rest() -> None:
    first = situation_of("I have 800 labelled images and one RTX 3060.")
    second = situation_of("Meanwhile we have 300,000 labelled images.", first, turn=2)
    assert second.value("dataset_size") == "large"
    assert second.facts["dataset_size"].turn == 2
    assert second.value("compute") == "limited"
    assert second.facts["compute"].turn == 1


def test_a_later_number_between_the_cut_offs_replaces_the_earlier_value() -> None:
    first = situation_of("I have 800 labelled images.")
    assert situation_of("Now I have 20,000 labelled images.", first, turn=2).value("dataset_size") == "medium"


def test_an_amount_between_the_cut_offs_gives_way_to_a_clear_one_and_to_words() -> None:
    assert situation_of("We have 500 images of cats and 8,000 of dogs.").value("dataset_size") == "small"
    assert not situation_of("We have 500 images of cats and 8,000 of dogs.").clashes
    assert situation_of("We have a decent amount of data.").value("dataset_size") == "unknown"


@pytest.mark.parametrize("amount", ["several thousand photos", "几千张照片"])
def test_an_amount_in_words_next_to_the_cut_off_is_not_settled(amount: str) -> None:
    fact = situation_of(f"We have {amount}.").facts["dataset_size"]
    assert (fact.value, fact.quote) == ("unknown", amount)
    assert situation_of("We have tens of thousands of photos.").value("dataset_size") == "medium"


def test_without_a_middle_value_an_amount_between_the_cut_offs_stays_unknown() -> None:
    size = FRAMEWORK.facts["dataset_size"]
    two = {value: texts for value, texts in size.value_labels.items() if value != "medium"}
    facts = {**FRAMEWORK.facts, "dataset_size": size.model_copy(update={"value_labels": two})}
    framework = FRAMEWORK.model_copy(update={"hash": "two sizes", "facts": facts})
    fact = read_message("I have 31,500 rows of insurance claims.", framework=framework).situation.facts["dataset_size"]
    assert (fact.value, fact.amount) == ("unknown", 31500)


def test_an_edit_stays_when_a_later_message_says_otherwise() -> None:
    edited = edit(situation_of("I have 800 labelled images."), FRAMEWORK, {"dataset_size": "large"})
    assert situation_of("I have 900 images.", edited, turn=2).value("dataset_size") == "large"


def test_two_readings_in_one_message_clash_and_leave_the_fact_unknown() -> None:
    situation = situation_of("I have 40 images of screws. My dataset consists of 3 million images of screws.")
    assert situation.value("dataset_size") == "unknown"
    (clash,) = situation.clashes
    assert clash.kind == "impossible"
    assert clash.readings == (("small", "40 images"), ("large", "3 million images"))


def test_a_clash_ends_when_the_fact_is_stated_again() -> None:
    clashing = situation_of("I have 40 images of screws. My dataset consists of 3 million images of screws.")
    assert situation_of("I have 40 images.", clashing, turn=2).clashes == ()


@pytest.mark.parametrize(
    "message",
    [
        "Suppose I had 100k images instead.",
        "What if I had 200,000 labelled images?",
        "And if I had 500k images?",
        "如果我有50万张图片呢？",
        "Et si j'avais 300 000 images ?",
    ],
)
def test_a_supposition_is_a_what_if_that_shows_the_supposed_situation(message: str) -> None:
    first = situation_of("I have 800 labelled images and one RTX 3060.")
    reading = read_message(message, framework=FRAMEWORK, previous=first, turn=2)
    assert reading.hypothetical
    assert reading.situation.value("dataset_size") == "large"
    assert reading.situation.value("compute") == "limited"


def test_a_cluster_may_be_supposed_too() -> None:
    first = situation_of("I have 800 labelled images and one RTX 3060.")
    reading = read_message("and if I get a cluster?", framework=FRAMEWORK, previous=first, turn=2)
    assert (reading.hypothetical, reading.situation.value("compute")) == (True, "ample")


def test_a_correction_is_no_what_if() -> None:
    first = situation_of("I have 800 labelled images.")
    assert not read_message("Sorry, I have 8,000,000 images.", framework=FRAMEWORK, previous=first, turn=2).hypothetical


def test_in_a_first_message_what_is_only_supposed_is_no_fact() -> None:
    assert (
        situation_of("I tune on Colab. If I had a cluster, would you train everything?").value("compute") == "limited"
    )


def test_reading_is_the_same_every_time() -> None:
    message = "We own 900 hours of transcribed Welsh Romani, a language Whisper has never heard. 8x A100."
    assert read_message(message, framework=FRAMEWORK) == read_message(message, framework=FRAMEWORK)


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


_WORDS = st.sampled_from(
    "I have 800 images 2M 五百张 RTX 3060 8x A100 forgets old classes real time not never . ? , \x00 😀 每类 50 GB "
    "of data Whisper BERT is too slow if had small huge limited ' \" ( ) - / % 10^400 NaN \u202e".split(" ")
)


@given(st.lists(_WORDS, max_size=60).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_whatever_is_written_every_stated_fact_has_a_verbatim_quote(message: str) -> None:
    situation = read_message(message, framework=FRAMEWORK).situation
    for fact in [*situation.facts.values(), *situation.details.values()]:
        if fact.known:
            assert fact.quote
            assert fact.quote in message


@pytest.mark.parametrize(
    "unit",
    ["a", " ", "1", "12 ", "data model ", "not very much of the ", "数据", "一二三万", ". ", "1,", "'", "8x A100 ",
     "😀", "\x00", "a-", "的", "(", "I have a lot of the data that is not in the pre-training and it forgets "],
)  # fmt: skip
@pytest.mark.timeout(30)
def test_twenty_thousand_characters_of_anything_are_read(unit: str) -> None:
    message = (unit * 20_000)[:20_000]
    assert read_message(message, framework=FRAMEWORK).language in ("en", "zh", "fr")


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("We want a 7B chat model; we have 3,000 question-answer pairs.", "small"),
        ("I fine-tune a 13B instruct model on 200k pairs.", "large"),
        ("Our base is a 0.5b-instruct.", "unknown"),
        ("We collected 2B tokens of base text for it.", "large"),
    ],
)
def test_billions_of_parameters_are_no_amount_of_data(message: str, value: str, framework: Framework) -> None:
    assert read_message(message, framework=framework).situation.value("dataset_size") == value
