import pytest

from tests.answer.material import article_framework, hits_for, small_framework
from tunewise.answer.knowledge import compose_clarify, compose_knowledge, compose_not_covered
from tunewise.answer.writing import Writer
from tunewise.settings import Settings
from tunewise.turn import Past, Turn
from tunewise.types import Question


def test_an_english_answer_quotes_the_passages_and_cites_them():
    result = compose_knowledge(
        "What is catastrophic forgetting?", hits_for("catastrophic forgetting"), "en", article_framework()
    )
    assert "phenomenon where a model forgets" in result.text
    for citation in result.citations:
        assert f"“{citation.quote}” [{citation.id}]" in result.text


def test_headings_and_bibliography_are_not_quoted():
    result = compose_knowledge("Which paper is about LoRA?", hits_for("LoRA", "arXiv"), "en", article_framework())
    assert "arXiv preprint" not in result.text


@pytest.mark.parametrize(
    ("language", "question", "word"),
    [
        ("zh", "弹性权重巩固（EWC）是什么？", "权重"),
        ("fr", "Qu'est-ce que la consolidation élastique des poids ?", "poids"),
    ],
)
def test_in_other_languages_the_frameworks_own_words_come_first(language, question, word):
    hits = hits_for("elastic weight consolidation")
    result = compose_knowledge(question, hits, language, article_framework())
    assert word in result.text
    assert result.citations
    assert "important weights in the pre-trained model" not in result.text


def test_where_the_framework_says_little_other_languages_say_that_the_quotes_are_english():
    text = compose_knowledge("什么是 LoRA？", hits_for("LoRA"), "zh", small_framework()).text
    assert "以下引用英文原文。文章写道：“" in text


def test_without_hits_nothing_is_invented():
    result = compose_knowledge("What is it?", [], "en", article_framework())
    assert result.text == "My sources say nothing that answers this."
    assert result.citations == ()


@pytest.mark.parametrize(("language", "words"), [("en", "do not cover"), ("zh", "没有涉及"), ("fr", "ne traitent pas")])
def test_what_is_missing_is_named(language, words):
    result = compose_knowledge("How does EWC work?", hits_for("EWC"), language, article_framework(), missing=["X"])
    assert words in result.text
    assert "X" in result.text
    assert result.citations


@pytest.mark.parametrize(("near", "language", "is_quoted"), [(0.7, "en", True), (0.6, "en", False), (0.6, "fr", True)])
def test_behind_an_answer_one_sentence_is_quoted_and_only_if_it_bears_on_both(near, language, is_quoted):
    writer = Writer(article_framework(), None, None, Settings())
    judged: list[str] = []
    telling = writer.explain_knowledge(
        Turn("", Past()), "How does EWC work?", "How does EWC work?", language, hits_for("EWC"), (),
        nearness=lambda text: judged.append(text) or near,
    )  # fmt: skip
    sentences = list(telling)
    assert len(sentences) == is_quoted
    if language == "en":
        assert "elastic weight consolidation" in judged[0]


def test_behind_an_answer_what_is_missing_is_said_without_a_quotation_too():
    writer = Writer(article_framework(), None, None, Settings())
    telling = writer.explain_knowledge(
        Turn("", Past()), "How does EWC work?", "How does EWC work?", "en", hits_for("EWC"), ("the Fisher matrix",),
        nearness=lambda _: 0.0,
    )  # fmt: skip
    assert [one.text for one in telling] == ["My sources do not cover the Fisher matrix, so I leave that open."]


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
def test_a_question_that_is_not_covered_is_refused_without_guessing(language):
    assert compose_not_covered(language).startswith(
        {"en": "My sources do not", "zh": "我的资料没有", "fr": "Mes sources ne"}[language]
    )


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
def test_questions_are_listed(language):
    questions = [Question("compute", "What hardware?", {}), Question("similarity", "How close?", {})]
    text = compose_clarify(questions, language)
    assert text.endswith("- What hardware?\n- How close?")
    assert compose_clarify([], language)
