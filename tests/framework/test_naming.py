import pytest

from tests.answer.material import article_framework, small_framework
from tunewise.framework.naming import lexicon_for

ALL = lexicon_for(small_framework())


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("fine-tune the entire ResNet-50 model", ["full_fine_tuning"]),
        ("fine tuning all of the layers", ["full_fine_tuning"]),
        ("train every layer", ["full_fine_tuning"]),
        ("updating all weights", ["full_fine_tuning"]),
        ("Full-parameter fine-tuning", ["full_fine_tuning"]),
        ("train on all of the data", []),
        ("the fine-tuned model", []),
        ("freezing the first few layers", ["feature_extraction"]),
        ("fine-tune only the last two layers", ["feature_extraction"]),
        ("freeze the whole pre-trained model", ["linear_probing"]),
        ("QLoRA", ["lora", "quantization"]),
        ("LoRAs and adapters", ["lora", "adapters"]),
        ("PEFT", ["lora", "adapters"]),
        ("gradually unfreezing more layers", ["progressive_unfreezing"]),
        ("use the model as it is", ["use_as_is"]),
        ("measure the untouched model", ["evaluate_first"]),
        ("dropout and weight decay", ["regularization", "regularization"]),
        ("distilling it", ["knowledge_distillation"]),
        ("全参数微调", ["full_fine_tuning"]),
        ("微调整个模型", ["full_fine_tuning"]),
        ("把整个网络都进行微调", ["full_fine_tuning"]),
        ("冻结早期的层", ["feature_extraction"]),
        ("冻结整个预训练模型", ["linear_probing"]),
        ("affiner l'ensemble du réseau", ["full_fine_tuning"]),
        ("gelez les premières couches", ["feature_extraction"]),
        ("dégeler progressivement les couches", ["progressive_unfreezing"]),
        ("s'adapter au domaine", []),
    ],
)
def test_a_strategy_is_recognised_by_any_of_its_names(text, ids):
    assert [id_ for mention in ALL.mentions(text) for id_ in mention.ids] == ids


def test_fine_tuning_as_such_is_no_particular_strategy():
    assert [mention.kind for mention in ALL.mentions("fine-tuning may not be necessary")] == ["umbrella"]


def test_the_frameworks_labels_and_synonyms_are_known_too():
    lexicon = lexicon_for(article_framework())
    for id_, strategy in article_framework().strategies.items():
        for synonyms in strategy.names.values():
            found = {one for text in synonyms for mention in lexicon.mentions(text) for one in mention.ids}
            assert id_ in found
