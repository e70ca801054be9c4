"""Chinese and French questions as English search words."""

import pytest

from tunewise.retrieval.translation import simplified, to_english_query


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("zh", "数据集特点不一样时，该怎样微调？", ["dataset", "different", "fine-tune"]),
        ("zh", "如何避免灾难性遗忘？", ["prevent", "catastrophic forgetting"]),
        ("zh", "資料集很小時，我應該凍結哪些層？", ["dataset", "small", "freeze", "layers"]),
        ("zh", "我有17萬張圖片，用ResNet-50做分類", ["170000", "images", "ResNet-50", "classification"]),
        ("zh", "LoRA会让推理变慢吗", ["LoRA", "inference"]),
        ("zh", "显存只有８ＧＢ", ["GPU memory", "8GB"]),
        (
            "fr",
            "Faut-il affiner un modèle pré-entraîné avec peu de données ?",
            ["fine-tune", "pre-trained", "small dataset"],
        ),
        ("fr", "Comment éviter l’oubli catastrophique ?", ["how", "prevent", "catastrophic forgetting"]),
        ("fr", "Quelles couches dois-je geler ?", ["layers", "freeze"]),
        ("fr", "LoRA ralentit-il l'inférence ?", ["lora", "slow", "inference"]),
        ("fr", "COMMENT MESURER LES PERFORMANCES", ["how", "measure", "performance"]),
    ],
)
def test_terms_become_the_corpus_own_words(language, text, expected):
    query = to_english_query(text, language)
    assert [term for term in expected if term not in query] == []


def test_the_longest_entry_wins():
    assert to_english_query("知识蒸馏", "zh") == "knowledge distillation"


def test_traditional_characters_read_like_simplified_ones():
    assert to_english_query("知識蒸餾與災難性遺忘", "zh") == to_english_query("知识蒸馏与灾难性遗忘", "zh")
    assert simplified("訓練數據") == "训练数据"


def test_french_plurals_and_verb_forms_read_like_their_entry():
    assert to_english_query("les couches gelées", "fr") == "layers freeze"


def test_an_unknown_french_word_stays_as_it_is_and_a_stop_word_goes():
    assert to_english_query("le transformer", "fr") == "transformer"


def test_an_english_question_comes_back_unchanged():
    assert to_english_query("Should I?", "en") == "Should I?"


@pytest.mark.parametrize("language", ["zh", "fr"])
def test_nothing_gives_nothing(language):
    assert to_english_query("", language) == ""


@pytest.mark.parametrize("language", ["zh", "fr"])
def test_a_hundred_thousand_characters_are_read_in_no_time(language):
    assert to_english_query("模" * 100_000, language) is not None


@pytest.mark.parametrize(
    ("question", "language", "quote"),
    [
        ("弹性权重巩固是怎样工作的？", "zh", "EWC penalizes changes to important weights"),
        ("什么是知识蒸馏？", "zh", "training a smaller model to mimic"),
        ("Qu'est-ce que la quantification ?", "fr", "Quantization involves reducing the precision"),
        ("À quoi sert l'élagage ?", "fr", "Pruning involves removing"),
    ],
)
def test_the_passage_is_found_through_the_glossary(words_only, question, language, quote):
    hits = words_only.search(to_english_query(question, language), 5)
    assert any(quote in hit.passage.text for hit in hits)
