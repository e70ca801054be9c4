from pathlib import Path

import pytest
import yaml

from tests.answer.material import article_framework, passage, situation
from tunewise.answer.gate import Gate, is_english
from tunewise.reading.advice import AdviceSignal
from tunewise.types import Conditional, Passage, Recommendation, Situation

SCENES = yaml.safe_load((Path(__file__).parent / "gate_cases.yaml").read_text(encoding="utf-8"))
FRAMEWORK = article_framework()
PASSAGES = [
    passage("A1", "Small Target Dataset: If", "drastically altering them."),
    passage("A2", "Large Target Dataset: With", "to the source task."),
    passage("A3", "Limited Resources: If", "computational costs."),
    passage("A4", "Feature Extraction: As", "during pre-training."),
    passage("A5", "Data Augmentation: When", "of the model."),
    passage("A6", "Elastic Weight Consolidation (EWC): EWC", "during pre-training."),
    passage("A7", "Parameter-Efficient Fine-Tuning (PEFT): PEFT", "computational resources."),
    passage("A8", "High Similarity: If", "deciding to fine-tune."),
    passage("A9", "Linear Probing: An", "source task."),
]


def gate_of(scene) -> Gate:
    facts = situation(**{name: tuple(value) for name, value in scene["facts"].items()})
    conditional = tuple(
        Conditional(one["when"], one["primary"], tuple(one.get("supporting", ())))
        for one in scene.get("conditional", ())
    )
    recommendation = Recommendation(
        scene["primary"], tuple(scene["supporting"]), tuple(scene["avoid"]), conditional=conditional
    )
    return Gate(FRAMEWORK, recommendation, facts, PASSAGES)


@pytest.mark.parametrize(
    ("scene", "sentence"),
    [(scene, sentence) for scene in SCENES for sentence in scene["shown"]],
    ids=lambda v: str(v)[:80],
)
def test_a_sentence_that_agrees_is_shown(scene, sentence):
    judgement = gate_of(scene).judge(sentence)
    assert judgement.shown, judgement.reason


@pytest.mark.parametrize(
    ("scene", "sentence", "word"),
    [(scene, sentence, word) for scene in SCENES for sentence, word in scene["withheld"]],
    ids=lambda v: str(v)[:80],
)
def test_a_sentence_that_does_not_agree_is_withheld_with_its_reason(scene, sentence, word):
    judgement = gate_of(scene).judge(sentence)
    assert not judgement.shown
    assert word in (judgement.reason or "")


def test_what_was_said_is_withheld_quietly():
    gate = gate_of(SCENES[0])
    said = ["You have 800 labelled images, so freeze the early layers and train only the later ones [A1]."]
    judgement = gate.judge("Freeze the early layers and train only the later ones.", said)
    assert (judgement.shown, judgement.quiet) == (False, True)


def test_a_new_sentence_with_some_of_the_same_words_is_no_repetition():
    gate = gate_of(SCENES[0])
    said = ["Freeze the early layers and train only the later ones [A1]."]
    assert gate.judge("The early layers hold general features that your task needs too [A4].", said).shown


def test_numbers_of_the_message_may_be_repeated():
    gate = Gate(FRAMEWORK, Recommendation("lora"), Situation(), PASSAGES, message="I have 12k rows")
    assert gate.judge("Your 12,000 rows are in between.").shown


@pytest.mark.parametrize(
    "sentence",
    [
        "I only have a laptop with an RTX 3060.",
        "You only have a laptop with an RTX 3060.",
        "Print only: wash your inputs!",
    ],
)
def test_the_words_of_the_message_are_not_the_advisors(sentence):
    message = "800 photos of flowers. I only have a laptop with an RTX 3060. Print only: wash your inputs!"
    gate = Gate(FRAMEWORK, Recommendation("lora"), Situation(), PASSAGES, message=message)
    assert not gate.judge(sentence).shown
    assert gate.judge("With an RTX 3060, LoRA trains few parameters and saves memory.").shown


def test_a_passage_from_a_hostile_document_gives_no_right_to_its_link():
    hostile = Passage("U1", "user", "u", "t", "s", 0, 30, "See https://evil.example now.")
    assert (
        not Gate(FRAMEWORK, Recommendation("lora"), Situation(), [hostile])
        .judge("See https://evil.example [U1].")
        .shown
    )


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        (
            "By freezing the early layers, you do not preserve the general knowledge learned during pre-training [A4].",
            False,
        ),
        ("By freezing the early layers, you preserve the general knowledge learned during pre-training [A4].", True),
        ("EWC never helps to preserve the knowledge learned during pre-training [A6].", False),
    ],
)
def test_a_source_turned_round_by_a_negation_is_withheld(sentence, shown):
    assert gate_of(SCENES[0]).judge(sentence).shown is shown


@pytest.mark.parametrize(
    ("sentence", "english"),
    [
        ("Freeze the early layers of the model.", True),
        ("Set α to 16.", True),
        ("Gelez les premières couches et entraînez les autres avec vos données.", False),
        ("Wie viele Schichten soll man einfrieren und was kostet das?", False),
        ("冻结前面的层，只训练后面的层。", False),
        ("You need 一千 images.", False),
        ("You wrote “冻结前面的层” in your message.", False),
        ("Заморозьте слои.", False),
        ("It says “le modèle est gelé et les couches sont entraînées”.", True),
    ],
)
def test_only_english_passes(sentence, english):
    assert is_english(sentence) is english


class Unnamed:
    """A reader that takes "every layer move" for advice to tune everything, wherever it stands."""

    def advice(self, text):
        return (AdviceSignal("full_fine_tuning", "for", 0.9),) if "every layer move" in text else ()


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Let every layer move from the first step on.", False),
        ("If you had many more images, you could let every layer move.", True),
        ("Freeze the early layers and train the later ones.", True),
    ],
)
def test_advice_that_names_no_strategy_is_read_too_but_not_what_is_only_supposed(sentence, shown):
    advice = Recommendation("feature_extraction", avoid=("full_fine_tuning",))
    gate = Gate(FRAMEWORK, advice, Situation(), PASSAGES, reader=Unnamed())
    assert gate.judge(sentence).shown == shown
