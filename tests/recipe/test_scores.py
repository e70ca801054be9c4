"""How a recipe scores what is written, said or found: the functions alone, without a model."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.recipe.conftest import MakeRecord
from tests.recipe.test_scripts import forget
from tunewise.recipe import RecipeOptions, make_recipe, write_recipe

Loaded = dict[str, Any]


@pytest.fixture
def load(make: MakeRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def loaded(kind: str, name: str, strategy: str = "lora") -> Loaded:
        """What a file of a recipe defines, without running it."""
        recipe = make_recipe(make(strategy, dataset_size="small"), RecipeOptions(kind=kind, model="a/b"))
        write_recipe(recipe, tmp_path / "recipe", force=True)
        monkeypatch.syspath_prepend(str(tmp_path / "recipe"))
        forget()
        exec(compile(recipe.files[name], name, "exec"), found := {"__name__": "recipe"})
        forget()
        return found

    return loaded


@pytest.mark.parametrize(
    ("wanted", "said", "score"),
    [  # sacrebleu 2.5, CHRF().sentence_score(said, [wanted]).score
        ("I am sorry for the wait.", "I am sorry for the delay.", 70.2671),
        ("Yes", "Yes, within 30 days of the invoice.", 27.5381),
        ("我们星期天十点开门", "我们星期天十点关门", 68.664),
        ("a b c", "abc", 100),
        ("x", "", 0),
    ],
)
def test_written_texts_are_scored_as_sacrebleu_does(wanted: str, said: str, score: float, load):
    assert load("causal", "scoring.py")["chrf"](wanted, said) * 100 == pytest.approx(score, abs=1e-3)


def test_two_texts_of_json_are_the_same_whatever_the_order_of_their_fields(load):
    same = load("seq2seq", "scoring.py")["same"]
    assert same('{"a": 1, "b": "x"}', '{"b":"x",\n"a":1}') == 1
    assert same('{"a": 1}', '{"a": 2}') == 0
    assert same("30 days", " 30  days\n") == 1
    assert same("30 days", "30 Days") == 0


@pytest.mark.parametrize(
    ("wanted", "said", "errors", "words"),
    [
        ("Good morning, this is the office.", "good morning this is the office", 0, 6),
        ("That’s 5 %", "thats 5", 0, 2),
        ("good morning", "good evening to you", 3, 2),
        ("我们星期天开门。", "我们星期六开门", 1, 7),
        ("नमस्ते दुनिया", "नमसते दुनिया", 1, 2),  # a vowel sign is part of its word
        ("", "so", 1, 0),
    ],
)
def test_transcripts_are_wrong_for_words_and_not_for_marks(wanted: str, said: str, errors: int, words: int, load):
    assert load("speech", "scoring.py")["word_errors"](wanted, said) == (errors, words)


def test_an_error_rate_is_that_of_all_words_and_not_the_mean_of_the_rows(load):
    script = load("speech", "train.py")
    test = [{"audio": "", "text": "a b c d e f g h i"}, {"audio": "", "text": "a"}]
    result = script["compared"](test, ["", ""], [test[0]["text"], "x"], 0)
    assert result["untouched"]["score"] == -1
    assert result["tuned"]["score"] == -0.1  # one of ten words; the mean of the rows would be -0.5
    assert result["verdict"].endswith("than the untouched model, by word error rate.")


def test_the_verdict_speaks_of_the_score_that_was_chosen(load):
    script = load("causal", "train.py")
    test = [{"prompt": "when", "completion": f"open at {hour}"} for hour in range(20)]
    right = [row["completion"] for row in test]
    losses = {"before_loss": np.full(20, 1.0), "after_loss": np.full(20, 2.0)}
    result = script["compared"](test, ["closed"] * 20, right, 0, **losses)
    assert result["verdict"] == "The tuned model is better than the untouched model, by chrF."
    assert result["also"]["same"]["tuned"]["score"] == 1
    assert "not better" in result["also"]["loss"]["verdict"]
    script["compared"].__globals__["SCORE"] = "loss"
    result = script["compared"](test, ["closed"] * 20, right, 0, **losses)
    assert result["verdict"] == "The tuned model is not better than the untouched model, by loss."


@pytest.mark.parametrize(
    ("target", "said"), [(0.4, "reaches"), (0.99, "does not reach"), (0.6, "may or may not reach")]
)
def test_a_target_is_judged_by_the_interval(target: float, said: str, load):
    measuring = load("embedding", "measuring.py", "use_as_is")
    scores = np.tile([0.2, 1.0], 20)
    result = measuring["compare"](np.zeros(40), scores, 0)
    measuring["judge"](result, target)
    assert f"The score {said} the target {target}" in result["verdict"]


@pytest.mark.parametrize(
    ("queries", "passages"),
    [
        (["qqq", "www", "zzz"], ["abc", "def", "ghi"]),  # nothing in common
        (["wann offen", "zurück", "rechnung"], ["xylym", "hjkpx", "mmqvb"]),
    ],
)
def test_who_shares_nothing_with_any_passage_has_not_found_it(queries, passages, load):
    ranks = load("embedding", "train.py", "use_as_is")["word_ranks"](list(zip(queries, passages, strict=True)))
    assert ranks.tolist() == [2, 2, 2]  # the mean of 1, 2 and 3


def test_chinese_queries_are_compared_by_what_they_share(load):
    rows = [("周日几点开门", "我们周日十点开门"), ("怎么退货", "三十天内可以退货"), ("如何付款", "可以用银行卡付款")]
    assert load("embedding", "train.py", "use_as_is")["word_ranks"](rows).tolist() == [1, 1, 1]


def test_any_right_passage_of_a_query_counts(load):
    asked, ranks_among = (load("embedding", "train.py")[name] for name in ("asked", "ranks_among"))
    queries, passages, right = asked([("q", "a"), ("q", "b"), ("r", "c")])
    assert (queries, passages, right) == (["q", "r"], ["a", "b", "c"], [[0, 1], [2]])
    scores = ranks_among(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.2, 0.9], [0.9, 0.0], [0.8, 0.5]]), right)
    assert scores.tolist() == [1, 2]


@pytest.mark.parametrize("passages_per_query", [1, 4])
def test_a_query_is_on_one_side_of_the_split(passages_per_query: int, load):
    split = load("embedding", "train.py")["split"]
    rows = [(f"q{i}", f"p{i}-{j}") for i in range(60) for j in range(passages_per_query)]
    rows += [(f"q{i}", f"p{i + 1}-0") for i in range(0, 60, 6)]  # and some passages of two queries
    parts = split(random.Random(0).sample(rows, len(rows)), 0)
    assert sorted(row for part in parts for row in part) == sorted(rows)
    for side in (0, 1):
        sets = [{row[side] for row in part} for part in parts]
        assert sum(map(len, sets)) == len(set.union(*sets))


def test_pairs_that_all_hang_together_are_split_by_query_and_it_says_so(load, capsys):
    rows = [(f"q{i}", passage) for i in range(60) for passage in ("home", f"p{i}")]
    train, _, test = load("embedding", "train.py")["split"](rows, 0)
    assert not {query for query, _ in train} & {query for query, _ in test}
    assert "only queries of the test are new" in capsys.readouterr().out


def test_a_right_answer_of_another_row_is_no_wrong_one(load):
    import torch

    script = load("embedding", "train.py")
    vectors = {"q": [1.0, 0.0], "a": [1.0, 0.0], "b": [1.0, 0.0]}

    def model(texts: list[str]) -> Any:
        return torch.tensor([vectors[text] for text in texts])

    rows = [("q", "a"), ("q", "b")]
    model.pairs = set(rows)  # type: ignore[attr-defined]
    assert script["loss_of"](model, rows).item() == pytest.approx(0)
    model.pairs = set()  # type: ignore[attr-defined]
    assert script["loss_of"](model, rows).item() == pytest.approx(np.log(2))


def test_a_dry_run_takes_pairs_of_as_many_queries_as_there_are(load):
    script = load("embedding", "train.py")
    rows = [(f"q{i}", f"p{i}-{j}") for i in range(40) for j in range(8)]  # sorted by query
    few = script["a_few"](rows)
    assert len({query for query, _ in few}) == len(few) == 32
    assert [len(part) > 0 for part in script["split"](few, 0)] == [True] * 3
    assert len(script["a_few"](rows[: 12 * 8])) == 32  # of 12 queries, two or three of each


def test_a_table_whose_rare_class_cannot_be_validated_is_refused_in_a_sentence(load, tmp_path: Path, monkeypatch):
    main = load("tabular", "train.py", "linear_probing")["main"]
    file = tmp_path / "table.csv"
    rows = [f"{i},{'yes' if i % 2 else 'no'},{i % 6}" for i in range(60)] + [
        f"{i},rare,{min(i - 70, 1)}" for i in (70, 71, 72, 73)
    ]
    file.write_text("age,label,who\n" + "\n".join(rows) + "\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(main.__globals__, "GROUP", "who")
    one_row = [i for i in range(64) if i not in (61, 62, 63)], [61, 62, 63, 0, 1]
    monkeypatch.setitem(main.__globals__, "split", lambda *_, **__: one_row)
    monkeypatch.setattr("sys.argv", ["train.py", "--data", str(file)])
    with pytest.raises(SystemExit, match=r"2 or more rows to train on.*'rare'"):
        main()
