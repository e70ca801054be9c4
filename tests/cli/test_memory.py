"""`tunewise memory` from the table."""

import json

import pytest

from tunewise.cli.main import main
from tunewise.cli.memory import shown_gb


def said(capsys, *words):
    code = main(["memory", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_every_method_is_said_with_its_parts_and_whether_it_fits(capsys):
    code, out, _ = said(capsys, "llama_8b", "--gpu", "RTX 3060", "--batch", "1", "--length", "512")
    assert code == 0
    lines = out.splitlines()
    assert "GeForce RTX 3060, 12 GB" in lines[0]
    assert lines[1].startswith("  full fine-tuning: 1")
    assert lines[1].endswith("does not fit")
    assert "weights" in lines[1]
    assert "CUDA context" in lines[-1]


def test_hours_and_cost_follow_from_the_card_and_the_users_own_price(capsys):
    words = ("bert_base", "--gpu", "RTX 3060", "--examples", "5000", "--epochs", "3", "--price", "2", "--json")
    code, out, _ = said(capsys, *words)
    row = json.loads(out)["methods"][0]
    assert code == 0
    assert row["cost"] == [2 * hours for hours in row["hours"]]
    assert row["flops"] == pytest.approx(row["flops_per_step"] * row["steps"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("bert_base", "--gpu", "toaster"), "'toaster' names no card"),
        (("bert_base", "--gpu", "V100"), "one size of memory"),
        (("bert_base", "--examples", "10"), "Hours need a card"),
        (("bert_base", "--price", "3"), "A cost needs hours"),
        (("no_such_model",), "No architecture 'no_such_model'"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_sentence(capsys, words, sentence):
    code, out, error = said(capsys, *words)
    assert (code, out) == (2, "")
    assert sentence in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(("size", "shown"), [(0.0, "under 0.1"), (0.04, "under 0.1"), (0.14, "0.1"), (128.5, "128")])
def test_nothing_is_ever_shown_as_no_gigabytes(size, shown):
    assert shown_gb(size) == shown
