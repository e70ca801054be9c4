"""What a recipe says and refuses, and how it is written."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

from tests.recipe.conftest import MakeRecord
from tunewise.cli.main import main
from tunewise.errors import TunewiseError
from tunewise.facts import read_message
from tunewise.framework import Framework, load_framework
from tunewise.framework.memory import memory_estimates
from tunewise.recipe import RecipeError, RecipeOptions, make_recipe, write_recipe
from tunewise.recipe.choosing import choose
from tunewise.recipe.records import checkpoints, kinds
from tunewise.types import Fact, Plan, Situation

BERT = {"base_model": "bert-base-uncased", "modality": "text"}
CHAT = {"base_model": "Qwen2.5-7B", "modality": "text"}


def constants(script: str) -> dict[str, object]:
    """The settings of a script by name."""
    found = {}
    for node in ast.parse(script).body:
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name) and target.id.isupper():
            try:
                found[target.id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


def test_what_the_rules_decide_becomes_a_script(make: MakeRecord):
    recipe = make_recipe(make(details=BERT, dataset_size="small", baseline="insufficient"))
    assert recipe.kind == "text"
    assert recipe.model == "google-bert/bert-base-uncased"
    assert set(recipe.files) == {"train.py", "measuring.py", "README.md", "requirements.txt", "ruff.toml"}


def test_every_setting_says_where_it_comes_from(make: MakeRecord):
    recipe = make_recipe(make("lora", details=CHAT, dataset_size="small", model_type="generative"))
    for script in (recipe.files["train.py"], recipe.files["measuring.py"]):
        lines = script.splitlines()
        for number, line in enumerate(lines):
            if re.match(r"[A-Z_]+ = ", line) and not line.startswith("DEVICE"):
                assert lines[number - 1].startswith("# "), line


def test_the_numbers_are_those_of_the_framework(make: MakeRecord, framework: Framework):
    settings = constants(make_recipe(make("lora", details=CHAT)).files["train.py"])
    start = {name: value for point in framework.strategies["lora"].start for name, value in point.sets.items()}
    assert settings["RANK"] == start["rank"]
    assert settings["ALPHA"] == start["alpha"]
    assert settings["LEARNING_RATE"] == start["learning_rate"]["causal"]


def test_rules_stand_in_script_and_readme_with_their_sentence(make: MakeRecord):
    record = make("lora", ("regularization",), details=CHAT, dataset_size="small", model_type="generative")
    files = make_recipe(record).files
    because = record.content.rules["T9"].because
    assert f"T9: {because}" in " ".join(files["train.py"].replace("\n# ", " ").split())
    assert "T9: " in files["README.md"]
    assert "T29: " in files["train.py"]


def test_four_bits_only_where_they_are_advised(make: MakeRecord):
    with_it, without = (make_recipe(make("lora", advised, details=CHAT)) for advised in (("quantization",), ()))
    assert "load_in_4bit=True" in with_it.files["train.py"]
    assert "bitsandbytes" in with_it.files["requirements.txt"]
    assert "4bit" not in without.files["train.py"]
    assert yaml.safe_load(with_it.files["axolotl.yaml"])["adapter"] == "qlora"
    assert yaml.safe_load(without.files["axolotl.yaml"])["adapter"] == "lora"


def test_the_axolotl_file_has_the_numbers_of_the_script(make: MakeRecord):
    for strategy in ("lora", "full_fine_tuning"):
        files = make_recipe(make(strategy, details=CHAT)).files
        told, settings = yaml.safe_load(files["axolotl.yaml"]), constants(files["train.py"])
        assert told["learning_rate"] == settings["LEARNING_RATE"]
        assert told["num_epochs"] == settings["EPOCHS"]
        assert told["micro_batch_size"] * told["gradient_accumulation_steps"] == settings["BATCH_SIZE"]


def test_the_axolotl_file_says_what_a_tokenizer_lacks(make: MakeRecord):
    llama, qwen = (make_recipe(make("lora", details={**CHAT, "base_model": name})) for name in ("Llama 3.2 1B", "Qwen"))
    assert yaml.safe_load(llama.files["axolotl.yaml"])["special_tokens"] == {"pad_token": "<|end_of_text|>"}
    told = yaml.safe_load(qwen.files["axolotl.yaml"])
    assert "special_tokens" not in told
    assert told["chat_template"] == "tokenizer_default_fallback_chatml"


def test_a_rule_against_what_is_advised_is_no_reason_for_it(make: MakeRecord):
    facts = {"dataset_size": "small", "compute": "limited", "training_fits": "full"}
    readme = make_recipe(make("feature_extraction", ("quantization",), details=BERT, **facts)).files["README.md"]
    assert "C5: " in readme
    assert "T31: " not in readme


def test_what_is_advised_for_other_data_is_left_out(make: MakeRecord):
    advised = ("data_augmentation", "quantization")
    readme = make_recipe(make("feature_extraction", advised, details=BERT)).files["README.md"]
    assert "flip, rotation" not in readme
    assert "4-bit frozen base" not in readme
    assert "8-bit integers (article C5)" in readme


def test_the_readme_says_what_was_said_of_model_and_hardware(make: MakeRecord):
    details = {**CHAT, "base_model": "Llama 3 8B", "hardware": "GeForce RTX 4090", "gpu_memory": "24 GB"}
    readme = make_recipe(make("lora", details=details)).files["README.md"]
    assert "you said “Llama 3 8B”, and `meta-llama/Meta-Llama-3-8B-Instruct` was chosen" in readme
    assert "You have: GeForce RTX 4090, 24 GB. If memory runs out, halve `MICRO_BATCH`" in readme


@pytest.mark.parametrize(
    ("name", "kind", "checkpoint"),
    [
        ("ResNet-50", "image", "resnet50.a1_in1k"),
        ("Llama 3 8B", "causal", "meta-llama/Meta-Llama-3-8B-Instruct"),
        ("qwen2.5-1.5b", "causal", "Qwen/Qwen2.5-1.5B-Instruct"),
        ("flan-t5-base", "seq2seq", "google/flan-t5-base"),
        ("whisper-small", "speech", "openai/whisper-small"),
        ("MiniLM-L6-v2", "embedding", "sentence-transformers/all-MiniLM-L6-v2"),
        ("wav2vec2", "audio", "facebook/wav2vec2-base"),
        ("SmolLM2-135M", "causal", "HuggingFaceTB/SmolLM2-135M-Instruct"),
        ("ViT-B/16", "image", "vit_base_patch16_224.augreg2_in21k_ft_in1k"),
        ("EfficientNet-B4", "image", "tf_efficientnet_b4.aa_in1k"),
        ("Gemma 2 9B", "causal", "google/gemma-2-9b-it"),
        ("org/all-MiniLM-L12-v2", "embedding", "org/all-MiniLM-L12-v2"),
        ("bert-base-chinese", "text", "google-bert/bert-base-chinese"),
        ("distilbert-base-multilingual-cased", "text", "distilbert/distilbert-base-multilingual-cased"),
        ("bge-small-zh-v1.5", "embedding", "BAAI/bge-small-zh-v1.5"),
        ("whisper-small.en", "speech", "openai/whisper-small.en"),
        ("hubert-large", "audio", "facebook/hubert-large-ll60k"),
        ("Llama-3-70B", "causal", "meta-llama/Meta-Llama-3-70B-Instruct"),
        ("CodeLlama-13b-Instruct", "causal", "codellama/CodeLlama-13b-Instruct-hf"),
        ("opus-mt-en-de", "seq2seq", "Helsinki-NLP/opus-mt-en-de"),
        ("pegasus", "seq2seq", "google/pegasus-large"),
    ],
)
def test_a_base_model_by_name_means_a_checkpoint_and_a_kind(name: str, kind: str, checkpoint: str):
    situation = Situation({}, {"base_model": Fact("base_model", name, "stated")})
    found = choose(situation, RecipeOptions())
    assert (found.kind, found.model, found.is_guess) == (kind, checkpoint, True)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bert-base-dutch-cased", "text"),
        ("roberta-base-serbian", "text"),
        ("e5-mistral-7b", "embedding"),
        ("Llama 3.1 405B", "causal"),
        ("convnext-xxlarge", "image"),
    ],
)
def test_a_name_that_goes_on_behind_a_known_one_is_no_other_model(name: str, kind: str):
    situation = Situation({}, {"base_model": Fact("base_model", name, "stated")})
    with pytest.raises(RecipeError, match=f"no checkpoint is known for '{name}'"):
        choose(situation, RecipeOptions())
    assert choose(situation, RecipeOptions(model=f"org/{name}")).kind == kind  # by what it begins with


@pytest.mark.parametrize(
    ("name", "message", "checkpoint"),
    [
        ("CLIP", "We tag photos with CLIP ViT-B/32; 60k photos.", "vit_base_patch32_clip_224.openai"),
        ("CodeLlama", "Can I teach CodeLlama 7B our API?", "codellama/CodeLlama-7b-hf"),
        ("Llama", "Fine-tune Llama 70B, or not?", "meta-llama/Llama-3.3-70B-Instruct"),
        ("bert-base-uncased", "We have team/bert-base-uncased, our own.", "team/bert-base-uncased"),
        ("BERT-base", "RoBERTa/BERT-base for tickets?", "google-bert/bert-base-uncased"),
    ],
)
def test_a_name_is_read_with_what_stands_around_it(name: str, message: str, checkpoint: str):
    situation = Situation({}, {"base_model": Fact("base_model", name, "stated")})
    assert choose(situation, RecipeOptions(), [message]).model == checkpoint


@pytest.mark.parametrize(
    ("name", "kind", "checkpoint"),
    [
        ("meta-llama/Llama-3.2-3B", "causal", None),
        ("Qwen/Qwen2.5-0.5B", "causal", None),
        ("mistralai/Mistral-7B-v0.1", "causal", None),
        ("google-bert/bert-large-uncased", "text", None),
        ("dbmdz/bert-base-turkish-cased", "text", None),
        ("sentence-transformers/paraphrase-MiniLM-L3-v2", "embedding", None),
        ("google/vit-base-patch16-224", "image", "vit_base_patch16_224.augreg2_in21k_ft_in1k"),
        ("microsoft/resnet-50", "image", "resnet50.a1_in1k"),
    ],
)
def test_a_full_id_of_a_message_stands_as_it_is_where_the_script_can_load_it(name: str, kind: str, checkpoint: str):
    message = f"I want to fine-tune {name} on 5,000 rows."
    situation = read_message(message, framework=load_framework()).situation
    found = choose(situation, RecipeOptions(), [message])
    assert (found.kind, found.model) == (kind, checkpoint or name)


@pytest.mark.parametrize(
    ("name", "millions"),
    [("meta-llama/Llama-3.2-3B", 3213), ("Qwen/Qwen2.5-0.5B", 500), ("google-bert/bert-large-uncased", 340)],
)
def test_an_owner_that_is_called_as_the_model_hides_no_size(name: str, millions: float):
    details = read_message(f"Can I fine-tune {name}?", framework=load_framework()).situation.details
    assert details["base_model"].value == name.split("/")[1]
    assert details["model_parameters"].amount == millions * 1e6


def test_an_image_model_of_the_hub_that_timm_does_not_have_is_not_named():
    with pytest.raises(RecipeError, match="no checkpoint is known"):
        choose(Situation({}, {"base_model": Fact("base_model", "org/resnet-50-of-ours", "stated")}), RecipeOptions())


def test_a_model_of_ones_own_has_not_the_padding_of_the_records():
    situation = Situation({}, {"base_model": Fact("base_model", "Llama 3 8B", "stated")})
    assert choose(situation, RecipeOptions()).pad
    assert choose(situation, RecipeOptions(model="team/our-model")).pad == ""
    assert choose(situation, RecipeOptions(model="team/our-model")).kind == "causal"


def test_several_vision_transformers_are_no_speech_synthesis():
    details = {"base_model": Fact("base_model", "ViTs", "stated"), "modality": Fact("modality", "image", "stated")}
    assert choose(Situation({}, details), RecipeOptions(model="vit_base_patch16_224.augreg2_in21k")).kind == "image"
    with pytest.raises(RecipeError, match="no checkpoint is known"):
        choose(Situation({}, details), RecipeOptions())


@pytest.mark.parametrize(
    ("details", "message", "said"),
    [
        (BERT, "Extract drug names (NER) from notes.", "token classification"),
        (BERT, "我们想做命名实体识别", "token classification"),
        ({"base_model": "CLIP", "modality": "image"}, "Image-text retrieval on 60k image caption pairs", "open_clip"),
        ({"base_model": "ResNet-50", "modality": "image"}, "Predict bounding boxes of helmets", "ultralytics"),
        ({"modality": "tabular"}, "Forecast the demand of 200 buildings", "rolling backtest"),
        ({"base_model": "Chronos", "modality": "other"}, "Fine-tune?", "chronos-forecasting"),
        ({"base_model": "nllb-200-600M", "modality": "text"}, "Fine-tune?", "run_translation.py"),
    ],
)
def test_a_task_that_no_script_does_is_refused_with_what_does_it(details, message: str, said: str):
    situation = Situation({}, {name: Fact(name, value, "stated") for name, value in details.items()})
    with pytest.raises(RecipeError, match=re.escape(said)):
        choose(situation, RecipeOptions(), [message])


def test_whoever_names_the_kind_has_the_last_word_on_the_task():
    situation = Situation({}, {name: Fact(name, value, "stated") for name, value in BERT.items()})
    assert choose(situation, RecipeOptions(kind="text"), ["NER by the whole sentence"]).kind == "text"


def test_stored_features_are_a_table_whatever_they_are_of():
    situation = Situation({}, {"modality": Fact("modality", "other", "stated")})
    message = "Classify ECG segments, stored as feature vectors in a npz file."
    assert choose(situation, RecipeOptions(), [message]).kind == "tabular"


def test_the_same_encoder_classifies_where_there_are_classes():
    details = {
        "base_model": Fact("base_model", "MiniLM-L6-v2", "stated"),
        "n_classes": Fact("n_classes", "5", "stated"),
    }
    assert choose(Situation({}, details), RecipeOptions()).kind == "text"


def test_every_row_of_the_tables_is_sound(framework: Framework):
    for row in checkpoints():
        assert bool(row.instead) != bool(row.kind and row.checkpoint), row.pattern
        assert not row.kind or row.kind in kinds()
    trained = {one.recipe.trains for one in framework.strategies.values() if one.is_primary}
    assert all(set(shape.trains) <= trained for shape in kinds().values())


@pytest.mark.parametrize(
    ("details", "options", "said"),
    [
        ({"base_model": "YOLOv8", "modality": "image"}, RecipeOptions(), "ultralytics"),
        ({"base_model": "gpt-4o", "modality": "text"}, RecipeOptions(), "not published"),
        ({"base_model": "Mistral Large", "modality": "text"}, RecipeOptions(kind="causal"), "no checkpoint is known"),
        ({"modality": "other"}, RecipeOptions(), "--kind"),
        ({}, RecipeOptions(), "does not say what kind"),
        ({"modality": "text"}, RecipeOptions(), "--model"),
        ({"base_model": "my own net", "modality": "image"}, RecipeOptions(), "'my own net'"),
        (BERT, RecipeOptions(kind="txt"), "Did you mean 'text'"),
        (BERT, RecipeOptions(model=" "), "no checkpoint"),
        (BERT, RecipeOptions(text="a\nb"), "column's name"),
        (BERT, RecipeOptions(data="/nowhere/data.csv"), "cannot be read"),
        (BERT, RecipeOptions(kind="tabular"), "does not fit"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_sentence(details, options, said: str, make: MakeRecord):
    with pytest.raises(RecipeError, match=re.escape(said)) as caught:
        make_recipe(make("lora", details=details), options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("d.csv", b"words,label\nx,y\n", "no column 'text'"),
        ("d.csv", b"", "no row"),
        ("d.csv", b"\xff\xfe\x00", "not UTF-8"),
        ("d.jsonl", b"not json\n", "no JSON object"),
        ("d.jsonl", b"[" * 100_000, "no JSON object"),
        ("d.csv", b"text\n", "no column 'label'"),
        ("d.parquet", b"PAR1\xff\xfe", "not UTF-8"),
    ],
)
def test_data_without_the_columns_are_refused(name, content: bytes, said: str, make: MakeRecord, tmp_path: Path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecipeError, match=re.escape(said)):
        make_recipe(make("lora", details=BERT), RecipeOptions(data=str(tmp_path / name)))


def test_columns_are_taken_as_named(make: MakeRecord, tmp_path: Path):
    (tmp_path / "d.csv").write_text("body,topic\nx,y\n", "utf-8")
    options = RecipeOptions(data=str(tmp_path / "d.csv"), text="body", label="topic")
    assert constants(make_recipe(make("lora", details=BERT), options).files["train.py"])["TEXT"] == "body"


def test_plan_and_script_of_gradual_training_have_the_same_numbers(make: MakeRecord):
    for name in ("bert-base-uncased", "ViT-B/16", "bge-small", "Qwen2.5-7B"):
        files = make_recipe(make("progressive_unfreezing", details={"base_model": name})).files
        settings = constants(files["train.py"])
        assert settings["GROUPS"] * 3 <= settings["EPOCHS"], "all groups are open by a third of the epochs"
        assert f"one more of {settings['GROUPS']} groups" in files["README.md"]


def test_what_would_change_the_advice_is_said_in_words_and_is_of_the_askers_making(make: MakeRecord):
    facts = {"dataset_size": "medium", "similarity": "low", "baseline": "insufficient", "training_fits": "full"}
    readme = make_recipe(make(details=BERT, model_type="other", **facts)).files["README.md"]
    told = readme.split("## What would change the advice")[1]
    assert "If the untouched model" in told
    assert not re.search(r"good.?_enough|insufficient|generative|hardware", told)


def test_a_plan_has_only_the_steps_that_fit_the_kind(make: MakeRecord):
    chat = make_recipe(make("full_fine_tuning", details=CHAT)).files["README.md"]
    text = make_recipe(make("full_fine_tuning", ("data_augmentation",), details=BERT)).files["README.md"]
    table = make_recipe(make("feature_extraction", ()), RecipeOptions(kind="tabular")).files["README.md"]
    assert "Train the head first" in text
    assert "Train the head first" not in chat
    assert "Unfreeze the last block" not in table
    assert "Data augmentation" not in text


def test_pictures_are_mirrored_only_where_no_domain_says_otherwise(make: MakeRecord):
    details = {"base_model": "ViT-B/16", "modality": "image"}
    photos = constants(make_recipe(make("full_fine_tuning", (), details=details)).files["train.py"])
    details["target_domain"] = "chest X-rays"
    xrays = constants(make_recipe(make("full_fine_tuning", (), details=details)).files["train.py"])
    assert (photos["FLIP"], xrays["FLIP"]) == (True, False)  # and both are varied, advised or not
    assert photos["ROTATION"] == xrays["ROTATION"]


def test_hostile_words_stay_comments_and_strings(make: MakeRecord):
    evil = 'x\n"""\nimport os\u2028os.system("echo")\r'
    details = {"base_model": evil, "modality": "text"}
    options = RecipeOptions(model='m"""\\', text='a"b', label="it's")
    clean, recipe = (make_recipe(make("lora", details=each), options) for each in (BERT, details))
    shape = [type(node) for node in ast.parse(recipe.files["train.py"]).body]
    assert shape == [type(node) for node in ast.parse(clean.files["train.py"]).body]
    assert constants(recipe.files["train.py"])["MODEL"] == 'm"""\\'


def test_a_strategy_of_ones_own_needs_to_say_what_it_trains(make: MakeRecord, tmp_path: Path):
    ranking = ", ".join(load_framework().precedence.ranking)
    house = tmp_path / "house.yaml"

    def loaded(recipe: str) -> Framework:
        strategy = f"{{roles: [primary], trains: true, label: Bit, description: d, cost: c{recipe}}}"
        rule = "{id: H, then: {bit: recommend}, strength: may, because: b, interpretation: i}"
        house.write_text(
            f"name: house\ntitle: t\nextends: article\nstrategies: {{bit: {strategy}}}\n"
            f"precedence: {{ranking: [{ranking}, bit]}}\nrules: [{rule}]\n",
            "utf-8",
        )
        return load_framework(house)

    record = make("lora", (), details=BERT)
    chosen = record.reply.recommendation
    assert chosen is not None
    object.__setattr__(chosen, "primary", "bit")  # as a record of that framework would say
    with pytest.raises(RecipeError, match="does not say what 'Bit' trains"):
        make_recipe(record, framework=loaded(""))
    script = make_recipe(record, framework=loaded(", recipe: {trains: head}")).files["train.py"]
    assert "fit_head" in script


def test_nothing_is_half_written_and_a_full_folder_is_left_alone(make: MakeRecord, tmp_path: Path):
    recipe = make_recipe(make("lora", details=BERT))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(RecipeError, match="not empty"):
        write_recipe(recipe, tmp_path / "full")
    assert [path.name for path in tmp_path.rglob("*")] == ["full", "mine.txt"]
    write_recipe(recipe, tmp_path / "full", force=True)
    assert {path.name for path in (tmp_path / "full").iterdir()} == {"mine.txt", *recipe.files}
    with pytest.raises(RecipeError, match="is a file"):
        write_recipe(recipe, tmp_path / "full" / "mine.txt")


def test_the_command_writes_a_folder_and_refuses_what_is_no_record(make: MakeRecord, tmp_path: Path, capsys):
    record = tmp_path / "r.json"
    record.write_text(make("lora", details=BERT).to_json(), "utf-8")
    assert main(["recipe", str(record), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "train.py").is_file()
    assert "README.md" in capsys.readouterr().err
    record.write_text(json.dumps({}), "utf-8")
    assert main(["recipe", str(record), "--out", str(tmp_path / "other")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "other").exists()
    assert issubclass(RecipeError, TunewiseError)


@pytest.mark.parametrize(
    ("strategy", "advised", "shown"),
    [
        ("full_fine_tuning", (), "full fine-tuning"),
        ("progressive_unfreezing", (), "full fine-tuning"),
        ("lora", (), "LoRA on a 16-bit base"),
        ("lora", ("quantization",), "QLoRA"),
        ("adapters", (), None),
        ("adapters", ("quantization",), None),
    ],
)
def test_the_memory_is_that_of_what_the_script_does(strategy, advised, shown, make: MakeRecord, framework: Framework):
    record = make(strategy, advised, details=CHAT)
    amount = Fact("model_parameters", "7 B", "stated", amount=7e9)
    memory = memory_estimates(framework, Situation({}, {"model_parameters": amount}), advised=strategy)
    object.__setattr__(record.reply, "plan", Plan(memory=memory))
    readme = make_recipe(record).files["README.md"]
    told = re.search(r"Memory: about .* GB.* for (.+?)[,(]", readme)
    assert (told is None) == (shown is None)
    assert told is None or told.group(1).startswith(shown.split("(")[0].strip()[:12])
