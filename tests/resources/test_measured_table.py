"""The table that frameworks read says what the forms say."""

import pytest

from scripts.measured_table import TABLE, table_text
from tunewise.facts import read_message
from tunewise.framework import load_framework
from tunewise.framework.memory import memory_estimates
from tunewise.resources.forms import forms
from tunewise.resources.records import GB
from tunewise.resources.sources import architectures, methods
from tunewise.types import Fact, Situation

FRAMEWORK = load_framework()


def test_the_shipped_table_is_what_the_script_writes():
    assert TABLE.read_text("utf-8") == table_text()


def test_every_method_of_the_memory_rules_is_one_that_is_measured():
    named = {rule.measured for rule in FRAMEWORK.parameters.memory if rule.measured}
    assert named <= {method.name for method in methods()}
    assert "full" in named


@pytest.mark.parametrize("name", architectures())
def test_the_advice_gives_what_was_measured(name):
    architecture = architectures()[name]
    form = forms()[name, "full", False]
    details = {
        "architecture": Fact("architecture", architecture.family, "stated"),
        "model_parameters": Fact("model_parameters", "so many", "stated", amount=float(form.parameters)),
    }
    strategies = {rule.measured: rule for rule in FRAMEWORK.parameters.memory if rule.measured}
    for method, rule in strategies.items():
        known = forms().get((name, method, True)) or forms().get((name, method, False))
        shown = {
            each.method: each for each in memory_estimates(FRAMEWORK, Situation({}, details), advised=rule.strategy)
        }
        if known is None:
            assert rule.method["en"] not in shown
            continue
        one = shown[rule.method["en"]]
        peak = known.need(*architecture.at).peak / GB
        assert one.gigabytes == pytest.approx(peak, rel=0.01, abs=0.051)  # shown with one decimal
        assert (one.step.batch, one.step.length, one.step.unit) == (*architecture.at, architecture.unit)
        assert one.step.models == (architecture.label,)
        assert one.step.recomputed == known.recomputed


@pytest.mark.parametrize(
    ("named", "family", "label"),
    [
        ("bert-base-uncased", "bert", "BERT-base"),
        ("ResNet-50", "resnet", "ResNet-50"),
        ("ViT-L/16", "vit", "ViT-L/16"),
        ("Whisper-medium", "whisper", "Whisper medium"),
        ("flan-t5-large", "t5", "T5-large"),
        ("gpt2-xl", "gpt2", "GPT-2 XL"),
        ("Llama 3.1 8B", "llama", "Llama 3.1 8B"),
        ("Gemma 2 9B", "llama", None),
        ("Mixtral 8x7B", None, None),
        ("YOLOv8n", None, None),
        ("BART-large", None, None),
    ],
)
def test_a_model_that_a_message_names_is_measured_as_its_family(named, family, label):
    situation = read_message(f"I want to fine-tune {named} for my task.", framework=FRAMEWORK).situation
    detail = situation.details["architecture"]
    assert (detail.value if detail.known else None) == family
    step = memory_estimates(FRAMEWORK, situation)[0].step
    assert (step is None) == (family is None)
    assert label is None or step.models == (label,)


def test_every_architecture_that_a_model_is_read_as_was_measured():
    from tunewise.tables import load_table

    named = {row.get("architecture") for row in load_table("reading/base_models.yaml")["models"]}
    assert named - {None} <= set(FRAMEWORK.parameters.measured.families)
