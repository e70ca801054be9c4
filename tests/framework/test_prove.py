"""The shipped frameworks are proved sound, and planted faults are found."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.framework.conftest import rule
from tunewise.framework import Framework, Proof, load_framework, prove, shipped_frameworks
from tunewise.framework.compiled import compile_rules
from tunewise.framework.loading import frameworks_dir

Small = Callable[..., Framework]


def failing(proof: Proof) -> dict[str, str]:
    return {one.name: one.detail for one in proof.properties if not one.holds}


@pytest.fixture(scope="module")
def proof() -> Proof:
    return prove(load_framework("article"))


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str, str], Framework]:
    """The article with one text replaced in its file."""

    def break_article(old: str, new: str) -> Framework:
        shutil.copytree(frameworks_dir(), tmp_path / "frameworks")
        path = tmp_path / "frameworks" / "article.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return load_framework(path)

    return break_article


@pytest.mark.parametrize("name", [name for name in shipped_frameworks() if name != "article"])
def test_a_shipped_framework_is_sound(name: str) -> None:
    assert failing(prove(load_framework(name))) == {}


def test_the_article_is_sound_in_every_situation(proof: Proof, article: Framework) -> None:
    assert failing(proof) == {}
    assert proof.holds
    expected = 1
    for spec in article.facts.values():
        expected *= len(spec.values) + 1
    assert proof.situations == expected == 5_904_900
    assert proof.complete_situations == 49_152
    assert proof.properties[0].detail == "5,904,900 situations"


def test_the_article_is_covered_sentence_by_sentence(proof: Proof) -> None:
    cover = proof.coverage
    assert sum(cover[key] for key in ("rules", "explanations", "examples", "no_rule")) == 74
    assert (cover["rules"], cover["examples"], cover["tensions"]) == (32, 5, 30)


def test_every_fact_has_rules(proof: Proof) -> None:
    assert proof.unused_facts == ()


def test_conflicts_name_the_winner_and_a_situation(proof: Proof, article: Framework) -> None:
    settled = {(one.winner, one.loser): one for one in proof.conflicts}
    one = settled["F3", "C9"]
    assert (one.strategy, one.because) == ("full_fine_tuning", "avoid before recommend")
    assert one.situation == {"compute": "ample", "dataset_size": "small"}
    for conflict in proof.conflicts:
        fired = compile_rules(article).ids(compile_rules(article).fired(conflict.situation))
        assert {conflict.winner, conflict.loser} <= set(fired)


def test_a_planted_misquote_is_found(broken: Callable[[str, str], Framework]) -> None:
    proof = prove(broken('entire model can lead to overfitting."', 'entire model will lead to overfitting."'))
    assert failing(proof).keys() == {"every quote is literal"}
    assert "F3: not in 'article'" in failing(proof)["every quote is literal"]


def test_a_planted_typewriter_apostrophe_is_found(broken: Callable[[str, str], Framework]) -> None:
    proof = prove(broken("the model’s weights", "the model's weights"))
    assert "C5: not in 'article'" in failing(proof)["every quote is literal"]


def test_a_section_that_is_no_heading_is_found(broken: Callable[[str, str], Framework]) -> None:
    proof = prove(broken("2. Computational Resources", "2. Computing"))
    assert "no heading '2. Computing'" in failing(proof)["every quote is literal"]


def test_an_example_that_comes_out_otherwise_is_found(broken: Callable[[str, str], Framework]) -> None:
    proof = prove(broken("primary: [lora]", "primary: [adapters]"))
    assert failing(proof)["the source's own examples come out"] == "E3 gives lora"


def test_a_planted_contradiction_is_found(small: Small) -> None:
    framework = small(rule("A", "size: little", "guard: require"), rule("B", "money: some", "guard: forbid"))
    detail = failing(prove(framework))["nothing is both required and forbidden"]
    assert detail == "guard if money is some and size is little"


def test_two_primaries_required_at_once_are_found(small: Small) -> None:
    framework = small(rule("A", "size: little", "part: require"), rule("B", "money: some", "all: require"))
    detail = failing(prove(framework))["nothing is both required and forbidden"]
    assert detail.startswith("part, all if")


def test_a_planted_gap_is_found(small: Small) -> None:
    framework = small(rule("A", "size: much, money: none", "nothing: forbid"))
    assert failing(prove(framework)) == {"every situation has advice": "none if money is none and size is much"}


def test_a_gap_that_shows_only_in_the_completions_is_found(small: Small) -> None:
    framework = small(rule("A", "money: none", "nothing: avoid"), rule("B", "money: some", "nothing: avoid"))
    assert failing(prove(framework))["every situation has advice"] == "none if nothing is known"


def test_a_planted_dead_rule_is_found(small: Small) -> None:
    framework = small(rule("A", "size: little", "part: recommend", rest="unless: {size: little}"))
    assert failing(prove(framework)) == {"every rule fires somewhere": "never: A"}


def test_what_is_advised_although_it_is_never_admissible_is_found(small: Small) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend"), rule("B", "size: little, tested: good", "part: avoid"),
        rule("C", "size: little, tested: bad", "part: avoid"),
    )  # fmt: skip
    detail = failing(prove(framework))["what is never admissible is never advised"]
    assert detail == "part if size is little"


def test_a_rule_that_changes_nothing_is_reported_as_redundant(small: Small) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend"), rule("B", "size: little", "part: recommend"),
        rule("C", "size: little, money: some", "part: recommend", "may"), rule("D", "size: much", "all: recommend"),
    )  # fmt: skip
    assert prove(framework).redundant == ("A", "B", "C")


def test_a_rule_that_only_changes_the_order_is_not_redundant(small: Small) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend, all: recommend"), rule("B", "size: little", "all: recommend", "may")
    )
    assert "B" not in prove(framework).redundant


def test_unused_facts_values_and_strategies_are_reported(small: Small) -> None:
    proof = prove(small(rule("A", "size: little", "part: recommend")))
    assert proof.unused_facts == ("money", "tested")
    assert proof.unused_values == ("size=much",)
    assert proof.never_primary == ("all",)
