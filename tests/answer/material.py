"""The article and passages of it, for the tests of this folder."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tunewise.answer.composed import Sourced
from tunewise.framework import load_framework
from tunewise.framework.model import (
    FactSpec,
    Framework,
    LargeModel,
    MemoryRule,
    Parameters,
    Precedence,
    SizeCutoff,
    StrategySpec,
)
from tunewise.retrieval.corpus import load_corpus
from tunewise.types import Fact, Hit, Passage, Recommendation, Situation

ARTICLE = (Path(__file__).parents[2] / "corpus/documents/article.md").read_text(encoding="utf-8")


def passage(id_: str, first: str, last: str) -> Passage:
    """The passage of the article from the words `first` to the words `last`."""
    start = ARTICLE.index(first)
    end = ARTICLE.index(last, start) + len(last)
    return Passage(id_, "article", "article", "Deciding", "section", start, end, ARTICLE[start:end])


def strategy(id_: str, *, primary: bool = False, trains: bool = False) -> StrategySpec:
    roles = ("primary",) if primary else ("supporting",)
    label = id_.replace("_", " ")
    return StrategySpec(id=id_, roles=roles, label={"en": label}, description={"en": label}, cost="low", trains=trains)


def small_framework() -> Framework:
    """The vocabulary of the article's framework without its rules."""
    trained = ("linear_probing", "feature_extraction", "lora", "adapters", "progressive_unfreezing", "full_fine_tuning")
    primaries = [strategy("use_as_is", primary=True), strategy("evaluate_first", primary=True)]
    primaries += [strategy(id_, primary=True, trains=True) for id_ in trained]
    supporting = (
        "data_augmentation regularization monitor_overfitting ewc knowledge_distillation quantization pruning "
        "hyperparameter_optimization choose_efficient_model validate_experimentally"
    )
    strategies = [*primaries, *(strategy(id_) for id_ in supporting.split())]
    values = {
        "dataset_size": ("small", "large"),
        "similarity": ("high", "low"),
        "compute": ("limited", "ample"),
        "forgetting_concern": ("yes", "no"),
        "latency_critical": ("yes", "no"),
        "baseline": ("good_enough", "insufficient"),
        "frozen_features": ("sufficient", "insufficient"),
    }
    text = {"en": "text"}
    facts = {
        name: FactSpec(
            name=name,
            factor="data",
            priority=1,
            label=text,
            question=text,
            why=text,
            values={value: {"en": value} for value in allowed},
        )
        for name, allowed in values.items()
    }
    return Framework(
        name="small",
        title="Small",
        files=(),
        hash="0",
        facts=facts,
        strategies={one.id: one for one in strategies},
        families={"peft": ("lora", "adapters")},
        rules={},
        precedence=Precedence(factors=("data",), max_supporting=5),
        parameters=Parameters(
            sizes={
                "examples": SizeCutoff(
                    small_below=5000, large_from=100000, unit="examples", rule_of_thumb=True, source="source"
                )
            },
            memory=(
                MemoryRule(
                    method="lora",
                    strategy="lora",
                    bytes_per_parameter=2.0,
                    formula="2 x",
                    rule_of_thumb=True,
                    source="source",
                ),
            ),
            large_model=LargeModel(parameters_from=1e9, unit="parameters", rule_of_thumb=True, source="source"),
        ),
    )


def decide_simply(values: Mapping[str, str]) -> Recommendation:
    """Enough of the article to judge suppositions by."""
    if values.get("baseline") == "good_enough":
        return Recommendation("use_as_is", (), ("full_fine_tuning",))
    if values.get("dataset_size") == "large" and values.get("compute") != "limited":
        return Recommendation("full_fine_tuning", ("regularization", "monitor_overfitting"))
    if values.get("compute") == "limited" and values.get("dataset_size") != "small":
        return Recommendation("lora", ("quantization",), ("full_fine_tuning",))
    if values.get("dataset_size") == "small":
        return Recommendation("feature_extraction", ("data_augmentation",), ("full_fine_tuning",))
    return Recommendation("evaluate_first")


def situation(**quoted: tuple[str, str]) -> Situation:
    """A situation of stated facts: name=(value, quote)."""
    return Situation({name: Fact(name, value, "stated", quote, 1) for name, (value, quote) in quoted.items()})


@cache
def article_framework() -> Framework:
    """The shipped framework."""
    return load_framework()


@cache
def corpus_passages() -> tuple[Passage, ...]:
    """Every passage of the shipped corpus."""
    return tuple(load_corpus().passages)


def passage_of_rule(rule: Sourced) -> Passage | None:
    """The passage that holds a rule's own sentence."""
    if rule.source is None:
        return None
    source = rule.source
    fitting = (p for p in corpus_passages() if p.document == source.document and source.quote in p.text)
    return next(fitting, None)


def hits_for(*words: str) -> list[Hit]:
    """Passages that hold all the words, in the order of the corpus, as a search would return them."""
    found = [p for p in corpus_passages() if all(word.lower() in p.text.lower() for word in words)]
    return [Hit(p, 1.0 / (place + 1), 0.6) for place, p in enumerate(found[:4])]
