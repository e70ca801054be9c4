"""Every script that a recipe writes runs on a small model, trains what its strategy says, and says what came of it."""

from __future__ import annotations

import ast
import json
import os
import runpy
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.recipe.conftest import WORDS, MakeRecord
from tunewise.framework import load_framework
from tunewise.recipe import Recipe, RecipeOptions, make_recipe, write_recipe
from tunewise.recipe.records import kinds

pytestmark = pytest.mark.filterwarnings("ignore")  # the scripts' libraries warn about each other
STRATEGIES = load_framework().strategies.values()
ADVISED = ("data_augmentation", "regularization", "monitor_overfitting", "quantization")
CASES = [
    (kind, strategy.id)
    for kind, shape in kinds().items()
    for strategy in STRATEGIES
    if strategy.is_primary and strategy.recipe.trains in shape.trains
]
SHORT = ("NEW_TOKENS = 225", "NEW_TOKENS = 256")  # samples of an untrained model never end by themselves


def written(make: MakeRecord, models: dict[str, str], folder: Path, kind: str, strategy: str) -> Recipe:
    options = RecipeOptions(kind=kind, model=models[kind] or None)
    recipe = make_recipe(make(strategy, ADVISED, dataset_size="small"), options)
    write_recipe(recipe, folder)
    return recipe


def run(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> dict:
    """Run a written train.py in this process, as `python train.py` would."""
    script = folder / "train.py"
    text = script.read_text("utf-8")
    for long in SHORT:
        text = text.replace(long, "NEW_TOKENS = 4")
    script.write_text(text, "utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "argv", ["train.py", "--data", str(data), *words])
    forget()
    runpy.run_path(str(script), run_name="__main__")
    forget()
    return json.loads((folder / "out" / "result.json").read_text("utf-8"))


def forget() -> None:
    """Let the modules of another recipe be imported under their names."""
    for name in ("measuring", "scoring", "train"):
        sys.modules.pop(name, None)


def check_trained(trains: str, kind: str, names: list[str]) -> None:
    """That the names of trained parameters are those that belong to what a strategy trains."""
    body = [name for name in names if not name.startswith("head.")]
    if trains == "nothing" or kind == "tabular":
        assert not [name for name in names if "." in name]
    elif trains == "head":
        assert names
        assert not body
    elif trains == "low_rank":
        assert body
        assert all("lora_" in name for name in body)
    elif trains == "bottleneck":
        assert body
        assert all(name.startswith("adapters.") for name in body)
    elif trains in ("last_layers", "gradual"):  # a dry run of one epoch opens one block
        blocks = {part for name in body for part in name.split(".") if part.isdigit() and "0.model" not in name}
        assert body
        assert not [name for name in body if "embed" in name.replace("embedding.", "")]
        assert all(int(number) > 0 or kind in ("seq2seq", "embedding", "speech") for number in sorted(blocks)[-1:])
    else:
        assert len([name for name in body if "embed" in name or "conv" in name or "shared" in name]) > 0


@pytest.mark.parametrize(("kind", "strategy"), CASES)
def test_a_script_runs_trains_what_its_strategy_says_and_compares(
    kind: str, strategy: str, make, models, data, tmp_path: Path, monkeypatch, framework
):
    folder = tmp_path / "recipe"
    written(make, models, folder, kind, strategy)
    result = run(folder, data[kind], monkeypatch, "--dry-run")
    check_trained(framework.strategies[strategy].recipe.trains, kind, result.get("trained", []))
    scores = [part for part in result.values() if isinstance(part, dict) and "score" in part]
    assert len(scores) == 3  # before, after, gain
    assert all(low <= part["score"] <= high for part in scores for low, high in [part["interval"]])
    assert result["dry_run"]
    assert "better" in result["verdict"]


def test_every_script_is_clean_and_formatted(make, models, tmp_path: Path):
    for kind, strategy in CASES:
        for number, advised in enumerate(((), ADVISED)):
            recipe = make_recipe(
                make(strategy, advised, dataset_size="small"), RecipeOptions(kind=kind, model=models[kind] or None)
            )
            write_recipe(recipe, tmp_path / f"{kind}-{strategy}-{number}")
            ast.parse(recipe.files["train.py"])
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", str(tmp_path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("kind", ["text", "causal", "embedding"])
def test_a_seed_repeats(kind: str, make, models, data, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    written(make, models, folder, kind, "lora")
    first, again = (run(folder, data[kind], monkeypatch, "--dry-run", "--seed", "3") for _ in range(2))
    other = run(folder, data[kind], monkeypatch, "--dry-run", "--seed", "4")
    assert first == again
    assert other["history"] != first["history"]


def test_a_whole_run_learns_what_can_be_learned_and_says_so(make, models, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    written(make, models, folder, "text", "full_fine_tuning")
    chance = np.random.default_rng(1)
    rows = [
        (" ".join([*chance.choice(WORDS[:6], 24), ("good", "bad")[i % 2], str(i)]), "yn"[i % 2]) for i in range(300)
    ]
    file = tmp_path / "texts.csv"
    file.write_text("text,label\n" + "\n".join(",".join(row) for row in rows), "utf-8")
    result = run(folder, file, monkeypatch, "--learning-rate", "0.003")
    assert result["tuned"]["score"] > 0.9  # one word of each text says its class
    assert result["gain"]["interval"][0] > 0
    assert result["verdict"] == "The tuned model is better than the untouched model."


@pytest.mark.parametrize(
    ("kind", "strategy"),
    [
        *(("text", one) for one in ("linear_probing", "lora", "adapters", "full_fine_tuning")),
        *(("embedding", one) for one in ("linear_probing", "lora", "full_fine_tuning")),
        *(("causal", one) for one in ("lora", "adapters")),
        ("seq2seq", "full_fine_tuning"),
        ("speech", "lora"),
    ],
)
def test_what_the_readme_says_about_using_a_model_works(
    kind, strategy, make, models, data, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "recipe"
    recipe = written(make, models, folder, kind, strategy)
    run(folder, data[kind], monkeypatch, "--dry-run")
    capsys.readouterr()
    code = textwrap.dedent(recipe.files["README.md"].split("```python\n")[1].split("```")[0])
    exec(compile(code, "README.md", "exec"), used := {})
    forget()
    assert used["model"]
    said = {"text": ("['no']", "['yes']"), "embedding": ("torch.Size([1, 32])", "(1, 32)")}.get(kind)
    assert said is None or capsys.readouterr().out.splitlines()[-1] in said


@pytest.mark.parametrize(
    "line", ["no json", "[1]", '{"prompt": "x"}', '{"messages": [{"role": "user", "content": "x"}]}']
)
def test_a_bad_line_of_a_chat_file_is_named(line: str, make, models, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    written(make, models, folder, "causal", "lora")
    (tmp_path / "bad.jsonl").write_text(line + "\n", "utf-8")
    with pytest.raises(SystemExit, match="line 1"):
        run(folder, tmp_path / "bad.jsonl", monkeypatch)


def test_in_gradual_training_each_epoch_opens_one_more_block(make, models, data, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    written(make, models, folder, "text", "progressive_unfreezing")
    script = folder / "train.py"
    script.write_text(script.read_text("utf-8").replace("PATIENCE = 3", "PATIENCE = 9"), "utf-8")
    trained = run(folder, data["text"], monkeypatch)["trained"]
    assert [name for name in trained if "embeddings" in name]  # four epochs, three blocks


def test_rare_classes_weigh_as_much(make, models, data, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    written(make, models, folder, "text", "linear_probing")
    rows = [f"{i} good,yes" for i in range(60)] + [f"{i} bad,no" for i in range(5)]
    file = tmp_path / "rare.csv"
    file.write_text("text,label\n" + "\n".join(rows), "utf-8")
    result = run(folder, file, monkeypatch)
    assert result["tuned"]["score"] > 0.5  # always "yes" would be 0.5


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("words,label\nx,yes\n", "no column"),
        ("text,label\n" + "".join(f"t{i},yes\n" for i in range(20)), "Two or more classes"),
        ("text,label\n" + "".join(f"t{i},c{i}\n" for i in range(20)), "Two or more classes"),
    ],
)
def test_data_that_cannot_be_used_end_in_one_sentence(rows, said, make, models, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    written(make, models, folder, "text", "linear_probing")
    file = tmp_path / "bad.csv"
    file.write_text(rows, "utf-8")
    with pytest.raises(SystemExit, match=said):
        run(folder, file, monkeypatch)
    assert not os.path.exists(folder / "out")


def test_a_class_may_be_called_none(make, models, tmp_path: Path, monkeypatch, capsys):
    written(make, models, tmp_path / "recipe", "text", "linear_probing")
    rows = [f"good {i},{label}" for i in range(20) for label in ("None", "007") if i % 2 == (label == "None")]
    (tmp_path / "d.csv").write_text("text,label\n" + "\n".join([*rows, "NA,None", " ,007"]), "utf-8")
    run(tmp_path / "recipe", tmp_path / "d.csv", monkeypatch)
    assert torch.load(tmp_path / "recipe" / "out" / "model.pt")["labels"] == ["007", "None"]
    assert "10 rows to train on, 4 to validate, 7 to test" in capsys.readouterr().out  # 21 rows


def timm_folder(name: str, folder: Path) -> str:
    import timm
    from timm.models import save_for_hf

    save_for_hf(timm.create_model(name, pretrained=False, num_classes=3), folder)
    return f"local-dir:{folder}"


def test_bottlenecks_are_refused_for_a_body_of_many_widths(make, data, tmp_path: Path, monkeypatch):
    model = timm_folder("test_resnet", tmp_path / "model")
    recipe = make_recipe(make("adapters", dataset_size="small"), RecipeOptions(kind="image", model=model))
    write_recipe(recipe, tmp_path / "recipe")
    with pytest.raises(SystemExit, match="blocks of one width"):
        run(tmp_path / "recipe", data["image"], monkeypatch, "--dry-run")


def test_a_body_may_be_wider_behind_its_last_layer(make, data, tmp_path: Path, monkeypatch):
    model = timm_folder("mobilenetv3_small_050", tmp_path / "model")
    recipe = make_recipe(make("linear_probing", dataset_size="small"), RecipeOptions(kind="image", model=model))
    write_recipe(recipe, tmp_path / "recipe")
    assert run(tmp_path / "recipe", data["image"], monkeypatch, "--dry-run")["trained"]


@pytest.mark.parametrize(("seconds", "said"), [(31, "longer than 30 seconds"), (0, "line 1: there is no file")])
def test_a_clip_that_whisper_cannot_hear_is_named(seconds, said, make, models, tmp_path: Path, monkeypatch):
    written(make, models, tmp_path / "recipe", "speech", "lora")
    if seconds:
        np.save(tmp_path / "0.npy", np.zeros(seconds * 16_000))
    rows = [json.dumps({"audio": "0.npy", "text": f"good {i}"}) + "\n" for i in range(12)]
    (tmp_path / "d.jsonl").write_text("".join(rows), "utf-8")
    with pytest.raises(SystemExit, match=said):
        run(tmp_path / "recipe", tmp_path / "d.jsonl", monkeypatch, "--dry-run")
