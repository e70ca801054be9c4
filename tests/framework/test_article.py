"""The article is encoded completely and literally, and every text is there in three languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tunewise.framework import Framework, load_framework, shipped_frameworks
from tunewise.framework.coverage import documents_dir, quoted
from tunewise.framework.loading import frameworks_dir
from tunewise.framework.model import json_schema

SENTENCES: list[dict[str, str]] = json.loads(
    Path(__file__).with_name("article_sentences.json").read_text(encoding="utf-8")
)
ARTICLE_TEXT = (documents_dir() / "article.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence["id"])
def test_every_normative_sentence_is_a_rule_an_explanation_or_an_example(
    sentence: dict[str, str], pure: Framework
) -> None:
    sources = dict(quoted(pure))
    assert sources[sentence["id"]].quote == sentence["quote"]
    if sentence["id"] in pure.rules:
        assert pure.rules[sentence["id"]].strength == sentence["strength"]


def test_there_are_74_sentences_and_nothing_else(pure: Framework) -> None:
    assert {id_ for id_, _ in quoted(pure)} == {sentence["id"] for sentence in SENTENCES}
    assert len(SENTENCES) == 74


def test_every_quote_is_literal_and_every_section_a_heading(article: Framework) -> None:
    headings = set(re.findall(r"^#+ (.+)$", ARTICLE_TEXT, flags=re.MULTILINE))
    for id_, source in quoted(article):
        assert source.document == "article"
        assert ARTICLE_TEXT.count(source.quote) >= 1, id_
        assert set(source.section.split(" / ")) <= headings, id_


def test_a_quote_stands_in_the_section_that_is_named(article: Framework) -> None:
    sections = re.split(r"^#+ ", ARTICLE_TEXT, flags=re.MULTILINE)
    for id_, source in quoted(article):
        last = source.section.split(" / ")[-1]
        assert any(part.startswith(last) and source.quote in part for part in sections), id_


def test_interpretations_are_marked_reasoned_and_apart_from_the_article(article: Framework, pure: Framework) -> None:
    added = [rule for id_, rule in article.rules.items() if id_ not in pure.rules]
    assert added
    assert all(rule.is_interpretation and rule.tension in article.tensions and rule.references for rule in added)
    assert not any(rule.is_interpretation for rule in pure.rules.values())


def test_every_tension_is_settled_by_rules_or_by_a_note(article: Framework) -> None:
    assert sorted(article.tensions, key=lambda id_: int(id_[1:])) == [f"T{n}" for n in range(1, 31)]
    settled = {id_ for tension in article.tensions.values() for id_ in tension.rules}
    assert settled == {rule.id for rule in article.rules.values() if rule.is_interpretation}


@pytest.mark.parametrize("name", shipped_frameworks())
def test_every_text_is_there_in_three_languages(name: str) -> None:
    framework = load_framework(name)
    texts = [rule.because for rule in framework.rules.values()]
    for fact in framework.facts.values():
        texts += [fact.label, fact.question, fact.why, *fact.value_labels.values()]
    for strategy in framework.strategies.values():
        texts += [strategy.label, strategy.description]
        texts += [text for step in strategy.steps for text in (step.title, step.text)]
        assert all(len(strategy.names[language]) >= 2 for language in ("en", "zh", "fr")), strategy.id
    assert all(set(text) == {"en", "zh", "fr"} for text in texts)


def test_every_reason_is_one_sentence(article: Framework) -> None:
    for rule in article.rules.values():
        assert rule.because["en"].endswith("."), rule.id
        assert rule.because["zh"].endswith("。"), rule.id
        assert rule.because["fr"].endswith("."), rule.id


def test_every_starting_point_and_number_names_its_source(article: Framework) -> None:
    for strategy in article.strategies.values():
        assert strategy.cost
        assert strategy.start
        assert all(start.source for start in strategy.start)
        assert strategy.steps or not strategy.is_primary
    parameters = article.parameters
    assert all(size.source and size.rule_of_thumb and size.unit for size in parameters.sizes.values())
    assert all(row.source and row.formula and row.strategy in article.strategies for row in parameters.memory)


@pytest.mark.parametrize(
    ("kind", "amount", "expected"),
    [
        ("examples", 4999, "small"), ("examples", 5000, "medium"), ("examples", 99_999, "medium"),
        ("examples", 100_000, "large"), ("hours", 9.9, "small"), ("hours", 10, "medium"), ("hours", 500, "large"),
        ("per_class", 99, "small"), ("per_class", 100, "medium"), ("tokens", 2e6, "small"), ("gigabytes", 150, "large"),
    ],
)  # fmt: skip
def test_size_cutoffs_lie_where_the_conventions_put_them(
    kind: Any, amount: float, expected: str | None, article: Framework
) -> None:
    assert article.size_class(amount, kind) == expected


def test_a_model_is_large_from_a_billion_parameters(article: Framework) -> None:
    assert article.parameters.large_model is not None
    assert article.parameters.large_model.parameters_from == 1e9
    assert article.size_cutoffs("examples") == (5000, 100_000)


def test_the_published_schema_is_current_and_accepts_the_shipped_files() -> None:
    published = json.loads((frameworks_dir() / "framework.schema.json").read_text(encoding="utf-8"))
    assert published == json_schema()
    for path in frameworks_dir().glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(published).validate(content)


def test_the_schema_refuses_an_unknown_key() -> None:
    content = {"name": "own", "title": "Own", "ruels": []}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_schema()).validate(content)
