"""Every script that a recipe writes runs on a small model, trains what its strategy says, and says what came of it."""

from __future__ import annotations

import ast
import json
import os
import runpy
import shutil
import subprocess
import sys
import textwrap
import types
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
    has_frozen_head = "head_alone" in result
    assert len(scores) == 3 + has_frozen_head  # before, after, gain; and the untouched model
    trains = framework.strategies[strategy].recipe.trains
    assert has_frozen_head == (kind in ("text", "image", "audio") and trains not in ("nothing", "head"))
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


@pytest.mark.parametrize(
    ("strategy", "verdict"),
    [
        ("linear_probing", "The tuned model is better than the untouched model."),
        # the frozen features tell the word as well, so that opening all layers has earned nothing
        ("full_fine_tuning", "The tuned model is not better than a new head on the frozen model."),
    ],
)
def test_a_whole_run_learns_what_can_be_learned_and_says_so(strategy, verdict, make, models, tmp_path, monkeypatch):
    folder = tmp_path / "recipe"
    written(make, models, folder, "text", strategy)
    chance = np.random.default_rng(1)
    rows = [
        (" ".join([*chance.choice(WORDS[:6], 24), ("good", "bad")[i % 2], str(i)]), "yn"[i % 2]) for i in range(300)
    ]
    file = tmp_path / "texts.csv"
    file.write_text("text,label\n" + "\n".join(",".join(row) for row in rows), "utf-8")
    result = run(folder, file, monkeypatch, "--learning-rate", "0.003")
    assert result["tuned"]["score"] > 0.9  # one word of each text says its class
    assert result["untouched"]["interval"][1] < result["tuned"]["interval"][0]
    assert result["verdict"] == verdict


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


def imported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """The functions of a written train.py."""
    monkeypatch.syspath_prepend(str(folder))
    sys.modules.pop("measuring", None)
    found = types.SimpleNamespace(**runpy.run_path(str(folder / "train.py")))
    sys.modules.pop("measuring", None)
    return found


@pytest.mark.parametrize(("kind", "blocks"), [("text", 12), ("embedding", 12), ("image", 12), ("causal", 3)])
def test_in_gradual_training_every_layer_is_open_by_a_third_and_none_stands_still(
    kind: str, blocks: int, make, models, tmp_path: Path, monkeypatch
):
    written(make, models, tmp_path, kind, "progressive_unfreezing")
    train = imported(tmp_path, monkeypatch)
    body = torch.nn.Module()
    body.embedding, body.layers = (
        torch.nn.Linear(2, 2),
        torch.nn.ModuleList(torch.nn.Linear(2, 2) for _ in range(blocks)),
    )
    model = torch.nn.Module()
    model.body, model.head = body, torch.nn.Linear(2, 2)
    monkeypatch.setitem(train.open_layers.__globals__, "blocks", lambda body: list(body.layers))
    open_at = []
    for epoch in range(train.EPOCHS):
        train.open_layers(model, epoch)
        open_at.append(sum(p.requires_grad for p in body.parameters()))
    assert open_at[0] < open_at[1] < open_at[2]
    assert open_at[train.EPOCHS // 3 - 1] == len(list(body.parameters()))
    rates = {group["lr"] for group in train.rates(model, 1e-4)}
    assert min(rates) >= 1e-4 / 2.6**2 * 0.999  # one division a group and not one a block


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


def test_what_belongs_together_is_on_one_side(make, models, tmp_path: Path, monkeypatch):
    written(make, models, tmp_path / "recipe", "text", "linear_probing")
    rows = [f"good {i},{'yn'[i % 2]},patient {i // 4}" for i in range(120)]
    (tmp_path / "d.csv").write_text("text,label,group\n" + "\n".join(rows), "utf-8")
    train = imported(tmp_path / "recipe", monkeypatch)
    rows, groups = train.read_rows(tmp_path / "d.csv")
    sides = train.split(rows, groups, 0)
    assert sum(map(len, sides)) == 120
    assert min(map(len, sides)) >= 12
    patients = [{groups[text] for text, _ in side} for side in sides]
    assert not patients[0] & patients[1] | patients[0] & patients[2] | patients[1] & patients[2]
    with pytest.raises(SystemExit, match="groups are too few"):
        train.split(rows, dict.fromkeys(groups, "patient 0"), 0)


def test_a_folder_above_the_class_is_a_group_and_a_copy_is_read_once(
    make, models, data, tmp_path: Path, monkeypatch, capsys
):
    written(make, models, tmp_path / "recipe", "audio", "linear_probing")
    for number in range(6):
        for label in ("low", "high"):
            place = tmp_path / "clips" / ("train", "test")[number % 2] / f"machine {number}" / label
            place.mkdir(parents=True)
            for i in range(3):
                np.save(place / f"{i}.npy", np.full(90 + i, number))
            shutil.copy(place / "0.npy", place / "copy.npy")
    train = imported(tmp_path / "recipe", monkeypatch)
    rows, groups = train.read_rows(tmp_path / "clips")
    assert len(rows) == 6 * 3  # "low" and "high" hold the same bytes
    assert "30 files are copies" in capsys.readouterr().out
    assert {groups[file] for file, _ in rows} == {f"machine {number}" for number in range(6)}


def test_a_table_names_the_column_of_what_belongs_together(make, models, tmp_path: Path, monkeypatch):
    written(make, models, tmp_path / "recipe", "tabular", "linear_probing")
    script = tmp_path / "recipe" / "train.py"
    script.write_text(script.read_text("utf-8").replace('GROUP = ""', 'GROUP = "patient"'), "utf-8")
    rows = [f"{i},{i // 4},{'yn'[i % 2]}" for i in range(120)]
    (tmp_path / "d.csv").write_text("age,patient,label\n" + "\n".join(rows), "utf-8")
    train = imported(tmp_path / "recipe", monkeypatch)
    table, labels, groups = train.read_rows(tmp_path / "d.csv")
    assert list(table.columns) == ["age"]
    known, asked = train.split(labels, groups, 0, dry_run=False)
    assert not set(groups.iloc[known]) & set(groups.iloc[asked])
    assert len(asked) >= 20


def test_a_picture_of_sixteen_bits_keeps_its_shades(make, models, tmp_path: Path, monkeypatch):
    from PIL import Image

    written(make, models, tmp_path / "recipe", "image", "linear_probing")
    ramp = np.linspace(0, 4095, 64 * 64).astype(np.uint16).reshape(64, 64)
    Image.fromarray(ramp).save(tmp_path / "x.png")
    seen = np.asarray(imported(tmp_path / "recipe", monkeypatch).opened(str(tmp_path / "x.png")))
    assert seen.shape == (64, 64, 3)
    assert len(np.unique(seen)) == 256
    assert (seen == 255).mean() < 0.02


def test_the_mean_loss_does_not_hang_on_batches(make, models, tmp_path: Path, monkeypatch):
    written(make, models, tmp_path / "recipe", "text", "full_fine_tuning")
    train = imported(tmp_path / "recipe", monkeypatch)
    rows = [(f"good {i}", "ab"[i % 5 == 0]) for i in range(23)]
    model = train.Classifier(["a", "b"])
    model.class_weights = torch.tensor([0.5, 5.0])
    losses = []
    for size in (4, 23):
        monkeypatch.setitem(train.mean_loss.__globals__, "BATCH_SIZE", size)
        losses.append(train.mean_loss(model, rows))
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


def test_a_vote_counts_classes_as_the_head_does(make, models, tmp_path: Path, monkeypatch):
    written(make, models, tmp_path / "recipe", "text", "linear_probing")
    train = imported(tmp_path / "recipe", monkeypatch)
    near = torch.tensor([[1.0, 0.0], [1.0, 0.1], [1.0, 0.2], [1.0, 0.3], [1.0, 0.4], *[[0.0, 1.0]] * 45])
    known = [("", "rare"), *[("", "usual")] * 49]  # 1 of the 5 nearest is rare, 49 times as rare
    monkeypatch.setitem(
        train.nearest.__globals__, "features", lambda _, rows: near if len(rows) == 50 else torch.tensor([[1.0, 0.2]])
    )
    assert train.nearest(None, known, [("", "")]) == ["rare"]
    monkeypatch.setitem(train.nearest.__globals__, "UNBALANCED", 100)
    assert train.nearest(None, known, [("", "")]) == ["usual"]


def test_a_checkpoint_with_a_head_for_the_classes_is_measured_by_it(make, models, data, tmp_path, monkeypatch):
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    own = tmp_path / "own"
    size = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    labels = {"id2label": {0: "no", 1: "yes"}, "label2id": {"no": 0, "yes": 1}}
    BertForSequenceClassification(
        BertConfig(vocab_size=40, max_position_embeddings=64, **size, **labels)
    ).save_pretrained(own)
    AutoTokenizer.from_pretrained(models["text"]).save_pretrained(own)
    said = {}
    for name, model in (("own", str(own)), ("bare", models["text"])):
        written(make, {"text": model}, tmp_path / f"recipe {name}", "text", "full_fine_tuning")
        said[name] = run(tmp_path / f"recipe {name}", data["text"], monkeypatch, "--dry-run")["untouched_by"]
    assert said == {"own": "its own head", "bare": "5 nearest neighbours"}


def test_adapters_are_narrower_than_their_blocks_and_stored_alone(make, models, data, tmp_path, monkeypatch):
    written(make, models, tmp_path / "recipe", "text", "adapters")
    run(tmp_path / "recipe", data["text"], monkeypatch, "--dry-run")
    weights = torch.load(tmp_path / "recipe" / "out" / "model.pt")["weights"]
    assert {name.split(".")[0] for name in weights} == {"adapters", "head"}
    width, inner = weights["adapters.0.up.weight"].shape
    assert width == 32
    assert inner == 5  # 4 % of a block's 8,544 weights, both ways; with the embeddings it would be 7


def test_a_class_that_the_test_lacks_has_no_recall(make, models, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    written(make, models, folder, "text", "use_as_is")
    rows = [f"{WORDS[i % 6]} {i},{'yn'[i % 2]}" for i in range(1600)] + [f"open {i},rare" for i in range(1600, 1604)]
    (tmp_path / "texts.csv").write_text("text,label\n" + "\n".join(rows) + "\n", "utf-8")
    result = run(folder, tmp_path / "texts.csv", monkeypatch)
    assert set(result["recall"]) == {"y", "n"}  # a share of nothing would be NaN, which is no JSON
    assert all(0 <= share <= 1 for share in result["recall"].values())
