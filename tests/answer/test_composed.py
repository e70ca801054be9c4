import pytest

from tests.answer.material import ARTICLE, article_framework, passage_of_rule, situation
from tunewise.answer.composed import Composer, words_in
from tunewise.answer.gate import Gate
from tunewise.answer.sentences import split_sentences
from tunewise.framework import decide
from tunewise.languages import language_of
from tunewise.types import Fact, Recommendation, Situation

SITUATIONS = {
    "small and limited": situation(dataset_size=("small", "800 labelled images"), compute=("limited", "one RTX 3060")),
    "limited": situation(compute=("limited", "one 3090")),
    "settled": situation(
        dataset_size=("large", "150GB of text"), similarity=("low", "another language"), compute=("ample", "a cluster")
    ),
    "similar": situation(similarity=("high", "look just like ImageNet")),
    "forgetting": situation(forgetting_concern=("yes", "forgets everything"), compute=("limited", "a T4")),
    "small and different": situation(
        dataset_size=("small", "a dozen sequences"), similarity=("low", "nothing like it")
    ),
    "latency": situation(latency_critical=("yes", "real time"), compute=("limited", "a Raspberry Pi")),
    "measured": situation(baseline=("good_enough", "works well enough")),
    "nothing": Situation(),
}


def composed(name, language, recommendation=None, passage_of_rule=passage_of_rule):
    facts = SITUATIONS[name]
    decision = decide(article_framework(), facts.values())
    return Composer(article_framework(), facts, decision, language, passage_of_rule, recommendation).compose()


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_advice_reads_as_one_paragraph_of_fitting_length(name, language):
    text = composed(name, language).text
    assert 20 <= words_in(text) <= 150
    assert "  " not in text
    assert "{" not in text
    sentences = split_sentences(text)
    assert len(sentences) == len(set(sentences))


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_mark_has_a_citation_and_every_citation_its_exact_span(name, language):
    result = composed(name, language)
    for citation in result.citations:
        assert f"[{citation.id}]" in result.text
        assert ARTICLE[citation.start : citation.end] == citation.quote
    assert all(f"[{c.id}]" in result.text for c in result.citations)
    assert result.citations


@pytest.mark.parametrize("name", [name for name in SITUATIONS if name != "nothing"])
@pytest.mark.parametrize("language", ["en", "zh", "fr"])
def test_the_recommendation_comes_first_with_the_users_own_words(name, language):
    first = split_sentences(composed(name, language).text)[0]
    quotes = [fact.quote for fact in SITUATIONS[name].facts.values()]
    assert any(quote in first for quote in quotes)


def test_the_opening_names_the_facts_that_it_rests_on_and_no_others():
    facts = situation(latency_critical=("yes", "in real time"), dataset_size=("small", "800 images"))
    text = Composer(article_framework(), facts, decide(article_framework(), facts.values()), "en", passage_of_rule)
    assert text.compose().text.startswith("As you have only little data (“800 images”), freeze the early layers")


@pytest.mark.parametrize("name", SITUATIONS)
def test_composed_advice_passes_the_gate_sentence_by_sentence(name):
    facts = SITUATIONS[name]
    framework = article_framework()
    decision = decide(framework, facts.values())
    passages = [p for rule in decision.trace if (p := passage_of_rule(rule))]
    passages += [p for one in framework.sentences.values() if (p := passage_of_rule(one))]
    advice = decision.recommendation()
    gate = Gate(framework, advice, facts, passages)
    for sentence in split_sentences(composed(name, "en").text):
        judgement = gate.judge(sentence)
        assert judgement.shown, (sentence, judgement.reason)


def test_what_was_assumed_is_said_and_can_be_corrected():
    facts = Situation({"similarity": Fact("similarity", "low", "assumed", reason="medical images")})
    decision = decide(article_framework(), facts.values())
    text = Composer(article_framework(), facts, decision, "en", passage_of_rule).compose().text
    assert "I have assumed that your data differ strongly" in text


def test_another_recommendation_than_the_decisions_can_be_explained():
    advice = Recommendation("lora", ("quantization",), origin="model")
    assert "low-rank matrices" in composed("small and limited", "en", recommendation=advice).text


def test_nothing_to_recommend_is_said():
    assert "nothing can be recommended" in composed("nothing", "en", recommendation=Recommendation(None)).text


def test_rules_whose_document_is_not_in_the_corpus_are_told_without_a_mark():
    result = composed("limited", "en", passage_of_rule=lambda rule: None)
    assert result.citations == ()
    assert "[" not in result.text


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
def test_advice_is_in_the_users_language(language):
    assert language_of(composed("settled", language).text) == language
