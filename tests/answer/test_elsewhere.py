"""Stances of advice from elsewhere, on labelled sentences.

`advice_stances.jsonl`: the rows of `half: dev` were used to write the mechanism. The `held` ones are texts by other
authors and public advice restated, labelled before the mechanism was read; what it finds in them was never looked at,
only counted. One person labelled both halves and wrote the mechanism.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from tests.answer.material import article_framework
from tunewise.answer.elsewhere import MOST_READ, read_advice, read_passed_on
from tunewise.framework import load_framework
from tunewise.framework.loading import frameworks_dir
from tunewise.reading.advice import AdviceSignal

LABELLED = Path(__file__).parent / "advice_stances.jsonl"
EXAMPLES = Path(__file__).parents[2] / "corpus/reading/examples"


@cache
def example_texts() -> dict[str, str]:
    lines = [line for path in EXAMPLES.glob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [json.loads(line) for line in lines]
    return {row["id"]: row["text"] for row in rows if "text" in row}


def read(text: str) -> set[str]:
    return {f"{one.stance} {one.strategy}" for one in read_advice(text, article_framework())}


def counts(half: str) -> tuple[int, int, int]:
    """Stances that were read rightly, wrongly, and missed."""
    right = wrong = missed = 0
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["half"] != half:
            continue
        found = read(row.get("text") or example_texts()[row["example"]])
        wanted = [set(one.split(" or ")) for one in row["stances"]]
        hits = [found & one for one in wanted]
        right += sum(map(bool, hits))
        missed += len(wanted) - sum(map(bool, hits))
        rest = found.difference(*wanted)
        wrong += len(rest.difference(row.get("not_counted", ())))
    return right, wrong, missed


@pytest.mark.parametrize(("half", "precision", "recall"), [("dev", 0.94, 0.94), ("held", 0.72, 0.83)])
def test_stances_are_read_as_labelled(half, precision, recall):
    right, wrong, missed = counts(half)
    print(f"{half}: precision {right / (right + wrong):.2f}, recall {right / (right + missed):.2f}")
    assert right / (right + wrong) >= precision
    assert right / (right + missed) >= recall


@pytest.mark.parametrize(
    ("text", "stances"),
    [
        ("Rank 512 LoRA for 20 epochs, says ChatGPT.", {"for lora"}),
        ("LoRA? Forget it, says my friend.", {"against lora"}),
        ("Full fine-tuning beats LoRA every time.", {"for full_fine_tuning", "against lora"}),
        ("They'd fine-tune end to end, which sounds reckless to me.", {"for full_fine_tuning"}),
        ("Is it dumb to use LoRA here?", {"for lora"}),
        ("Is it dumb not to use LoRA here?", {"against lora"}),
        ("You should not use LoRA here.", {"against lora"}),
        ("Do not use LoRA.", {"against lora"}),
        ("LoRA reduces memory use.", {"for lora"}),
        ("What is LoRA good for?", set()),
        ("My colleague doesn't know whether LoRA works.", set()),
        ("The thread's answer: QLoRA.", {"for lora", "for quantization"}),
        ("Some guy says that you should never fine-tune.", {"for use_as_is"}),
        ("", set()),
    ],
)
def test_a_stance_is_read_clause_by_clause(text, stances):
    assert read(text) == stances


def test_a_stance_quotes_what_the_text_calls_the_strategy():
    (one,) = read_advice("My colleague would tune the lot.", article_framework())
    assert one.quote == "tune the lot"


class Learned:
    """A reader that has learned stances on LoRA and on full fine-tuning; it keeps what it was asked to read."""

    advice_strategies = ("lora", "full_fine_tuning")

    def __init__(self) -> None:
        self.asked: list[str] = []

    def advice(self, text):
        self.asked.append(text)
        signals = (("rank", "lora", "against", 0.9, True), ("everything", "full_fine_tuning", "for", 0.2, False))
        return tuple(AdviceSignal(*rest) for word, *rest in signals if word in text)


def learned(text: str) -> list[tuple[str, str, str]]:
    return [(one.stance, one.strategy, one.quote) for one in read_advice(text, article_framework(), Learned())]


def test_what_the_reader_has_learned_goes_before_the_words_and_those_stay_for_the_rest():
    assert learned(
        "Augment the images. Use LoRA: that is what they say, but its rank costs you more than it saves."
    ) == [
        ("for", "data_augmentation", "Augment"),
        ("against", "lora", "LoRA"),
    ]


def test_what_the_words_say_counts_only_where_the_reader_thinks_it_possible():
    assert learned("Train everything, that is full fine-tuning.")[0][:2] == ("for", "full_fine_tuning")
    assert learned("Go for full fine-tuning.") == []


def test_a_stance_on_what_has_no_name_in_the_text_quotes_nothing():
    assert learned("Whatever its rank, it costs you more than it saves.") == [("against", "lora", "")]


def test_in_a_message_names_are_taken_at_their_word_and_the_reader_is_asked_where_there_are_none():
    reader = Learned()
    (one,) = read_passed_on("My colleague says: go for full fine-tuning.", article_framework(), reader)
    assert (one.strategy, reader.asked) == ("full_fine_tuning", [])
    (one,) = read_passed_on("My colleague says: whatever its rank, no.", article_framework(), reader)
    assert one.strategy == "lora"


def test_a_long_text_is_read_two_sentences_at_a_time_and_a_very_long_one_not_to_its_end():
    reader = Learned()
    read_advice("One. Two. Three.", article_framework(), reader)
    read_advice("One. Two. Three. Four.", article_framework(), reader)
    assert reader.asked == ["One. Two. Three.", "One. Two.", "Two. Three.", "Three. Four."]
    reader.asked.clear()
    read_advice("Word. " * 500, article_framework(), reader)
    assert len(reader.asked) == MOST_READ


def test_a_text_that_advises_both_ways_is_taken_once():
    assert learned("Its rank. One. Two. Its rank.") == [("against", "lora", "")]


def test_of_a_framework_with_none_of_the_learned_strategies_only_the_words_are_read():
    reader = Learned()
    assert read_advice("Low rank, never.", load_framework(frameworks_dir() / "laptop-or-desktop.yaml"), reader) == ()
    assert not reader.asked
