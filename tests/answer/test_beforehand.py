"""What published guides do before anybody trains, in the words of their rules."""

import pytest

from tests.answer.material import article_framework, corpus_passages, situation
from tunewise.answer.beforehand import GUIDES, compose_beforehand, read_guides
from tunewise.answer.composed import words_in
from tunewise.desk.checking import check_text
from tunewise.framework import load_framework
from tunewise.types import Fact, Situation

LONGEST = 40  # words
LLM = {"model_type": ("generative", "Mistral 7B")}
KNOWLEDGE = {**LLM, "goal": ("knowledge", "knows our handbook")}


def find(id_):
    return {passage.id: passage for passage in corpus_passages()}.get(id_)


def examples(amount: float, unit: str = "examples") -> Situation:
    facts = situation(**LLM).facts
    return Situation({**facts, "dataset_size": Fact("dataset_size", "small", "stated", "some", 1, None, amount, unit)})


def shown():
    """Every rule that can come first with a strategy that the article's framework does not have."""
    guides, ours = load_framework(GUIDES), article_framework().strategies
    for rule in guides.rules.values():
        if not rule.beside and any(
            act in ("recommend", "require") and id_ not in ours for id_, act in rule.then.items()
        ):
            yield rule


def test_a_language_model_is_prompted_first_and_facts_are_looked_up():
    assert read_guides(article_framework(), situation(**LLM)).rule.id == "PR1"
    assert read_guides(article_framework(), situation(**KNOWLEDGE)).strategy == "retrieval_augmentation"


def test_nothing_is_said_of_other_models_nor_where_the_guides_tune_too():
    resnet = situation(model_type=("other", "ResNet-50"))
    tried = situation(**LLM, prompting_tried=("yes", "prompts fell short"))
    assert read_guides(article_framework(), resnet) is None
    assert read_guides(article_framework(), Situation()) is None
    assert read_guides(article_framework(), tried) is None


def test_nothing_is_said_of_a_model_that_generates_pictures():
    facts = situation(**LLM).facts
    pictures = Situation(facts, {"modality": Fact("modality", "image", "stated", "pictures", 1)})
    assert read_guides(article_framework(), pictures) is None


def test_the_guides_are_not_shown_beside_themselves():
    assert read_guides(load_framework(GUIDES), situation(**LLM)) is None


@pytest.mark.parametrize(
    ("known", "rule"),
    [(examples(30), "PR7"), (examples(30, "emails"), "PR7"), (examples(50), "PR1"), (examples(30, "hours"), "PR1")],
)
def test_few_examples_are_counted_as_the_guides_count_them(known, rule):
    assert read_guides(article_framework(), known).rule.id == rule


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
@pytest.mark.parametrize("rule", tuple(shown()), ids=lambda rule: rule.id)
def test_what_is_said_is_short_one_sentence_and_bears_its_marks(language, rule):
    strategy = next(id_ for id_ in rule.then if id_ not in article_framework().strategies)
    found = read_guides(article_framework(), situation(**LLM))
    found = type(found)(found.guides, strategy, rule)
    said = compose_beforehand(found, language, find)
    if said is None:  # no note holds it
        assert not any(find(reference) for reference in rule.references)
        return
    assert words_in(said.text) <= LONGEST
    assert said.citations
    assert all(f"[{cited.id}]" in said.text for cited in said.citations)
    assert said.text.endswith((".", "。"))


@pytest.mark.parametrize("rule", tuple(shown()), ids=lambda rule: rule.id)
def test_the_checker_denies_nothing_of_it_where_tuning_is_recommended(rule):
    facts = situation(**LLM, compute=("limited", "one card"), dataset_size=("small", "800 pairs"))
    assert check_text(article_framework(), facts, rule.because["en"]).status != "invalid"


def test_without_the_notes_that_hold_it_nothing_is_said():
    assert compose_beforehand(read_guides(article_framework(), situation(**LLM)), "en", lambda _: None) is None


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("First score a good prompt.", True),
        ("先写提示词。", True),
        ("LoRA fits on one card.", False),
        ("Act promptly.", False),
    ],
)
def test_it_is_known_whether_a_text_speaks_of_it_already(text, is_said):
    assert read_guides(article_framework(), situation(**LLM)).is_said_in(text) is is_said
