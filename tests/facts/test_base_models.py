from __future__ import annotations

import pytest

from tunewise.facts import read_message
from tunewise.framework import Framework, load_framework


@pytest.mark.parametrize(
    ("name", "modality", "kind", "size"),
    [
        ("bert-base-uncased", "text", "other", "small"),
        ("xlm-roberta-large-xnli", "text", "other", "small"),
        ("DistilBERT", "text", "other", "small"),
        ("Llama-3-8B", "text", "generative", "large"),
        ("Qwen2.5-0.5B", "text", "generative", "small"),
        ("Mixtral 8x7B", "text", "generative", "large"),
        ("Baichuan2-13B", "text", "generative", "large"),
        ("ChatGLM3-6B", "text", "generative", "large"),
        ("bloomz-560m", "text", "generative", "small"),
        ("flan-t5-xl", "text", "generative", "large"),
        ("GPT-2", "text", "generative", "small"),
        ("Phi-2", "text", "generative", "large"),
        ("instructor-xl", "text", "other", "large"),
        ("whisper-large-v3", "audio", "other", "large"),
        ("Whisper small", "audio", "other", "small"),
        ("wav2vec2-base", "audio", "other", "small"),
        ("ResNet-50", "image", "other", "small"),
        ("EfficientNet-B4", "image", "other", "small"),
        ("YOLOv8n", "image", "other", "small"),
        ("Stable Diffusion", "image", "other", "small"),
        ("InternVL2-8B", "image", "generative", "large"),
        ("ESM2", "other", "other", "small"),
        ("DNABERT-2", "other", "other", "small"),
        ("TrOCR", "image", "other", "small"),
    ],
)
def test_a_model_name_tells_modality_kind_and_size(
    name: str, modality: str, kind: str, size: str, framework: Framework
) -> None:
    situation = read_message(f"I want to fine-tune {name} for my task.", framework=framework).situation
    assert situation.details["base_model"].value.lower() == name.lower()
    assert situation.details["modality"].value == modality
    assert (situation.value("model_type"), situation.value("model_size")) == (kind, size)


@pytest.mark.parametrize(
    "text", ["I want my samples sorted.", "A clip on paper.", "my phone is a Sony", "robertabaker"]
)
def test_ordinary_words_are_no_models(text: str, framework: Framework) -> None:
    assert "base_model" not in read_message(text, framework=framework).situation.details


def test_a_size_without_a_name_tells_the_model_size(framework: Framework) -> None:
    situation = read_message("Can I tune a 13b model on my laptop?", framework=framework).situation
    assert situation.value("model_size") == "large"
    assert situation.details["model_parameters"].amount == 13e9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Does QLoRA teach such a model a language that's new to it?", "QLoRA"),
        ("I want a chatbot for our clinic.", "chatbot"),
        ("After SFT my model repeats itself.", "SFT"),
        ("Which instruct model suits my manuals?", "instruct model"),
        ("How do I teach it to answer like our support team?", "teach it to answer"),
        ("我想微调一个大模型来回答客户的问题", "大模型"),
        ("Comment affiner un LLM pour mon entreprise ?", "LLM"),
    ],
)
def test_words_of_language_models_tell_a_generative_one(text: str, words: str, framework: Framework) -> None:
    fact = read_message(text, framework=framework).situation.facts["model_type"]
    assert (fact.value, fact.quote) == ("generative", words)


def test_a_named_base_model_tells_its_type_before_any_other_words(framework: Framework) -> None:
    situation = read_message("I sort the prompts that our LLM gets with DistilBERT.", framework=framework).situation
    assert situation.value("model_type") == "other"


@pytest.mark.parametrize(
    ("message", "name", "millions"),
    [
        ("Fine-tuning CLIP with 2M image-text pairs", "CLIP", 150),
        ("a Flux LoRA of our pottery", "Flux", 12_000),
        ("Llama (8B) on one card", "Llama", 8_000),
        ("the dreambooth tab in kohya with sdxl on 16 GB", "sdxl", 2_600),
        ("can I tune musicgen-small on my own tracks", "musicgen-small", 300),
        ("fine-tune the 70b code llama on two cards", "llama", 70_000),
    ],
)
def test_the_size_is_that_of_the_model_and_no_number_of_something_else(message, name, millions):
    situation = read_message(message, framework=load_framework()).situation
    assert situation.details["base_model"].value == name
    assert situation.details["model_parameters"].amount == millions * 1e6


def test_clips_are_no_model():
    situation = read_message("labelled clips for fine-tuning Whisper", framework=load_framework()).situation
    assert situation.details["base_model"].value == "Whisper"


@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("Mixtral 8x7B", 46_700),
        ("mixtral-8x22b", 141_000),
        ("DeepSeek-V3", 671_000),
        ("deepseek-r1-distill-qwen-7b", 7_000),
        ("YOLO11x", 68),
        ("yolov8n", 3),
        ("Segment Anything ViT-H", 641),
        ("qwen2.5-0.5b", 500),
    ],
)
def test_a_name_tells_how_many_parameters_a_model_has(name, millions):
    reading = read_message(f"We fine-tune {name} on our masks.", framework=load_framework())
    assert reading.situation.details["model_parameters"].amount == pytest.approx(millions * 1e6)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Which size of Gemma fits my 12 GB card?", False),
        ("What is the largest Qwen model that I can train on an RTX 4090?", False),
        ("What is the largest batch for Qwen 7B?", True),
        ("Which batch size do I take for BERT-base?", True),
        ("What sample size does a ResNet-50 need?", True),
        ("Which size of batch fits for Llama 3.1 8B?", True),
        ("Which T5 size fits my A100 with 80 GB?", False),
        ("Which GPT-2 size fits my 12 GB card?", False),
        ("Which XLM-R size can I tune?", False),
        ("What Llama-3 model size fits on 24 GB?", False),
        ("Which Qwen2.5 size should I take?", False),
        ("How big a model of the Llama family can I train on 24 GB?", False),
        ("How big a Llama can I train on 24 GB?", False),
        ("What's the biggest T5 that 24 GB can train?", False),
        ("Quelle taille de Gemma tient sur ma carte de 12 Go ?", False),
        ("How big a dataset do I need to fine-tune a ResNet-50 on my RTX 3060?", True),
        ("How large a batch does Gemma take?", True),
        ("BERT is the largest model that we can serve.", True),
        ("Our largest model is BERT.", True),
        ("Quelle taille de lot pour Gemma ?", True),
        ("多大的数据集才够微调 Gemma?", True),
        ("Which size is right, bert-base or another?", True),
    ],
)
def test_where_the_size_is_asked_for_the_usual_one_is_not_taken(text: str, known: bool, framework: Framework) -> None:
    assert ("model_parameters" in read_message(text, framework=framework).situation.details) == known


def test_a_model_whose_size_is_asked_for_does_not_keep_that_of_an_earlier_one(framework: Framework) -> None:
    before = read_message("I tune BERT-base on an RTX 3060 with 12 GB.", framework=framework).situation
    after = read_message("And which size of Gemma fits?", framework=framework, turn=2, previous=before).situation
    assert "model_parameters" not in after.details
    assert (before.value("model_size"), after.value("model_size")) == ("small", "unknown")


def test_a_size_that_a_name_rounds_is_the_one_of_the_table(framework: Framework) -> None:
    details = read_message("I tune Llama 3.2 1B.", framework=framework).situation.details
    assert details["model_parameters"].amount == pytest.approx(1.236e9)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Claude says LoRA on our BERT", "bert"),
        ("I asked ChatGPT and it told me to freeze the ViT", "vit"),
        ("according to Mistral we should unfreeze all of RoBERTa", "roberta"),
        ("Mistral 7B answers in French although we want English", "mistral"),
    ],
)
def test_a_chatbot_whose_advice_is_reported_is_not_the_model_to_be_trained(
    text: str, named: str, framework: Framework
) -> None:
    assert read_message(text, framework=framework).situation.details["base_model"].value.lower() == named
