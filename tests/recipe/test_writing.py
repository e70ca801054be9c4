"""Scripts that train a model that writes: what it is shown, what is cut, what is stored, what Axolotl reads."""

from __future__ import annotations

import json
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.recipe.conftest import MakeRecord
from tests.recipe.test_recipe import CHAT, constants
from tests.recipe.test_scripts import forget, run, written
from tunewise.recipe import RecipeOptions, make_recipe

pytestmark = pytest.mark.filterwarnings("ignore")
SYSTEM = 'SYSTEM = ""', 'SYSTEM = "good refund"'


@pytest.fixture
def script(make: MakeRecord, models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def loaded(kind: str, strategy: str, *changes: tuple[str, str]) -> dict[str, Any]:
        """What a train.py defines, with some of its settings changed."""
        written(make, models, tmp_path / "recipe", kind, strategy)
        change(tmp_path / "recipe" / "train.py", *changes)
        monkeypatch.syspath_prepend(str(tmp_path / "recipe"))
        forget()
        found = runpy.run_path(str(tmp_path / "recipe" / "train.py"), run_name="train")
        forget()
        return found

    return loaded


def change(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_axolotl_reads_rows_that_are_not_in_the_test(make, models, data, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    recipe = written(make, models, folder, "causal", "lora")
    with pytest.raises(FileNotFoundError):  # it ends before it measures anything
        run(folder, data["causal"], monkeypatch, "--only-split")
    told = yaml.safe_load(recipe.files["axolotl.yaml"])
    paths = [told[name][0]["path"] for name in ("datasets", "test_datasets")]
    train, valid = (rows_of(folder / path) for path in paths)
    test = rows_of(folder / "out" / "test.jsonl")
    assert len(train) + len(valid) + len(test) == 37
    assert all(row["messages"][-1]["role"] == "assistant" for row in train + valid + test)
    assert not [row for row in test if row in train + valid]
    assert "val_set_size" not in told  # Axolotl allows one of both
    assert "axolotl.yaml" in recipe.files["README.md"]


@pytest.mark.parametrize(
    ("kind", "strategy", "stored"),
    [("causal", "lora", "model"), ("causal", "adapters", "model.pt"), ("seq2seq", "full_fine_tuning", "model")],
)
def test_what_was_trained_before_is_measured_on_the_same_rows(
    kind, strategy, stored, make, models, data, tmp_path: Path, monkeypatch
):
    folder = tmp_path / "recipe"
    written(make, models, folder, kind, strategy)
    change(folder / "train.py", ("EPOCHS = ", "EPOCHS = 1  # not "))
    trained = run(folder, data[kind], monkeypatch, "--learning-rate", "0.003")
    again = run(folder, data[kind], monkeypatch, "--only-measure", str(folder / "out" / stored))
    assert trained["also"]["loss"]["gain"]["score"] > 0
    assert again["also"]["loss"] == trained["also"]["loss"]
    assert again["tuned"] == trained["tuned"]
    assert again["history"] == []
    with pytest.raises(SystemExit, match="nowhere"):
        run(folder, data[kind], monkeypatch, "--only-measure", str(tmp_path / "nowhere"))


def test_a_run_that_breaks_off_leaves_the_best_weights_so_far(make, models, data, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    written(make, models, folder, "causal", "lora")
    broken = (
        "if worse == PATIENCE:",
        "if check == 1:\n            raise KeyboardInterrupt\n        if worse == PATIENCE:",
    )
    change(folder / "train.py", broken)
    with pytest.raises(KeyboardInterrupt):
        run(folder, data["causal"], monkeypatch, "--learning-rate", "0.003")
    assert (folder / "out" / "model" / "adapter_config.json").exists()


@pytest.mark.parametrize("strategy", ["lora", "full_fine_tuning"])
@pytest.mark.parametrize("kind", ["causal", "seq2seq", "speech", "embedding", "text"])
def test_training_can_end_by_itself(kind: str, strategy: str, make: MakeRecord):
    found = constants(make_recipe(make(strategy), RecipeOptions(kind=kind, model="a/b")).files["train.py"])
    assert found["EPOCHS"] * found["CHECKS"] > 2 * found["PATIENCE"] - 1


def test_training_ends_where_nothing_gets_better(make, models, data, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    written(make, models, folder, "causal", "lora")
    change(folder / "train.py", ("BATCH_SIZE = 16", "BATCH_SIZE = 4"))
    history = run(folder, data["causal"], monkeypatch, "--learning-rate", "0")["history"]
    assert [round(each["epoch"], 2) for each in history] == [0.25, 0.5, 0.75]  # of three epochs


def test_gradual_training_may_end_once_its_last_group_is_open(make, models, data, tmp_path: Path, monkeypatch):
    folder = tmp_path / "recipe"
    recipe = written(make, models, folder, "causal", "progressive_unfreezing")
    change(folder / "train.py", ("BATCH_SIZE = 16", "BATCH_SIZE = 4"))
    found = constants(recipe.files["train.py"])
    history = run(folder, data["causal"], monkeypatch, "--learning-rate", "0")["history"]
    assert len(history) == (found["GROUPS"] - 1) * found["CHECKS"] + found["PATIENCE"]


def test_examples_are_left_out_whole_where_they_do_not_fit(script):
    found = script("causal", "use_as_is", ("CONTEXT = 4096", "CONTEXT = 300"))
    model = found["Writer"]()
    examples = [{"prompt": "late " * 10, "completion": "open"} for _ in range(3)]
    row = {"prompt": "parcel late", "completion": "closed"}
    shown = found["with_examples"](model, row, examples)
    assert shown["examples"] == 2
    assert len(shown["messages"]) == 2 * 2 + 2
    assert model.length(shown) + found["NEW_TOKENS"] <= 300
    assert shown["messages"][-2:] == found["turns"](row)
    assert found["with_examples"](model, {**row, "prompt": "late " * 99}, examples)["examples"] == 0


def test_a_plain_text_is_no_answer_to_an_empty_question(script):
    found = script("causal", "lora", SYSTEM)
    model = found["Writer"]()
    prompt, said = (model.tokenizer.decode(ids) for ids in model.parts({"prompt": "", "completion": "good open"}))
    assert (prompt, said) == ("[EOS]", "good open [EOS]")


@pytest.mark.parametrize("adds", [False, True])
def test_the_token_that_a_tokenizer_begins_with_stands_in_front_where_there_is_no_template(
    adds, script, models, tmp_path: Path
):
    from tokenizers.processors import TemplateProcessing
    from transformers import AutoTokenizer

    base = shutil.copytree(models["causal"], tmp_path / "base")
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.bos_token, tokenizer.chat_template = "[EOS]", None
    begin = "[EOS] $A" if adds else "$A"
    special = [("[EOS]", tokenizer.bos_token_id)]
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(single=begin, special_tokens=special)
    (base / "chat_template.jinja").unlink()
    tokenizer.save_pretrained(base)
    model = script("causal", "lora")["Writer"](str(base))
    prompt = model.parts({"prompt": "when open", "completion": "closed"})[0]
    assert model.tokenizer.decode(prompt) == ("[EOS] when open" if adds else "when open")


def test_the_system_prompt_is_shown_to_both_models_unless_a_chat_has_its_own(script):
    turns = script("causal", "lora", SYSTEM)["turns"]
    own = {"role": "system", "content": "mine"}
    chat = [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]
    assert turns({"prompt": "x", "completion": "y"}) == [{"role": "system", "content": "good refund"}, *chat]
    assert turns({"messages": [own, *chat]}) == [own, *chat]


@pytest.mark.parametrize("kind", ["causal", "seq2seq", "embedding"])
def test_what_is_too_long_is_counted(kind, make, models, data, tmp_path: Path, monkeypatch, capsys):
    written(make, models, tmp_path / "recipe", kind, "lora")
    file = tmp_path / "recipe" / "train.py"
    old = next(line for line in file.read_text("utf-8").splitlines() if line.startswith("MAX_LENGTH = "))
    change(file, (old, "MAX_LENGTH = 5"))
    result = run(tmp_path / "recipe", data[kind], monkeypatch, "--dry-run")
    assert result["texts_cut" if kind == "embedding" else "rows_cut"] > 0
    assert "are cut" in capsys.readouterr().out


def test_a_tuned_embedding_model_keeps_its_length(make, models, data, tmp_path: Path, monkeypatch):
    from sentence_transformers import SentenceTransformer

    folder = tmp_path / "recipe"
    written(make, models, folder, "embedding", "full_fine_tuning")
    change(folder / "train.py", ("MAX_LENGTH = 256", "MAX_LENGTH = 16"))
    run(folder, data["embedding"], monkeypatch, "--dry-run")
    assert SentenceTransformer(str(folder / "out" / "model")).max_seq_length == 64


def test_all_rows_are_measured_where_nothing_is_trained(make, models, data, tmp_path: Path, monkeypatch):
    for kind, strategy, rows in (
        ("seq2seq", "use_as_is", 36),
        ("embedding", "use_as_is", 40),
        ("causal", "use_as_is", 34),
    ):
        written(make, models, tmp_path / kind, kind, strategy)
        result = run(tmp_path / kind, data[kind], monkeypatch, "--target", "0.9")
        assert result["test_rows"] == rows
        assert "the target 0.9." in result["verdict"]


@pytest.mark.parametrize(
    ("facts", "stored"),
    [
        ({}, True),
        ({"compute": "limited"}, True),
        ({"training_fits": "qlora"}, True),
        ({"training_fits": "lora", "compute": "limited"}, False),
        ({"latency_critical": "yes", "compute": "ample"}, False),
    ],
)
def test_a_base_is_stored_in_four_bit_where_it_would_not_fit_and_not_for_speed(facts, stored, make: MakeRecord):
    files = make_recipe(make("lora", ("quantization",), details=CHAT, **facts)).files
    assert constants(files["train.py"])["FOUR_BIT"] is stored
    assert yaml.safe_load(files["axolotl.yaml"])["adapter"] == ("qlora" if stored else "lora")
    assert ("**Quantization** is in train.py" in files["README.md"]) is stored


def test_all_weights_of_a_small_language_model_take_a_higher_rate(make: MakeRecord):
    small, large = (
        constants(make_recipe(make("full_fine_tuning", details=CHAT, model_size=size)).files["train.py"])
        for size in ("small", "large")
    )
    assert (small["LEARNING_RATE"], large["LEARNING_RATE"]) == (1e-4, 1e-5)
    assert small["MICRO_BATCH"] > large["MICRO_BATCH"]


def test_sixteen_bit_are_said_to_fit_only_where_that_is_known(make: MakeRecord):
    def told(**facts: str) -> dict[str, str]:
        files = make_recipe(make("lora", ("quantization",), details=CHAT, **facts)).files
        return {name: " ".join(text.replace("\n# ", " ").split()) for name, text in files.items()}

    known, unknown = told(training_fits="lora"), told(latency_critical="yes", compute="ample")
    for name in ("train.py", "README.md"):
        assert ("16 bit fit, so" in known[name]) or ("16 bit, which fits" in known[name])
        assert "16 bit fit, so" not in unknown[name]
        assert "16 bit, which fits" not in unknown[name]
    assert "set it True where 16 bit do not fit" in unknown["train.py"]


def test_the_loss_is_offered_where_it_is_computed(make: MakeRecord):
    for kind, strategy, offered in (
        ("seq2seq", "use_as_is", False),
        ("seq2seq", "lora", True),
        ("causal", "use_as_is", True),
    ):
        script = make_recipe(make(strategy), RecipeOptions(kind=kind, model="a/b")).files["train.py"]
        assert ('"loss" (' in script) is offered


def test_a_target_for_speech_is_an_error_rate_below_zero(make: MakeRecord):
    readme = make_recipe(make("use_as_is"), RecipeOptions(kind="speech", model="a/b")).files["README.md"]
    assert "--target -0.1" in readme
    assert "0.71" not in readme


def test_some_layers_of_a_small_model_keep_their_own_rate(make: MakeRecord):
    top, whole = (
        {
            constants(make_recipe(make(strategy, details=CHAT, model_size=size)).files["train.py"])["LEARNING_RATE"]
            for size in ("small", "large")
        }
        for strategy in ("feature_extraction", "progressive_unfreezing")
    )
    assert len(top) == 1
    assert len(whole) == 2
