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
from tunewise.answer.elsewhere import read_advice

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
