# ruff: noqa: E501  (the tables of mistakes are read row by row)
"""Framework files are read strictly: every error names file, place and what to do, and nothing is half-loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.framework.conftest import DEFAULT_RULE, SMALL, rule
from tunewise.errors import FrameworkError
from tunewise.framework import Framework, decide, load_framework

Write = Callable[..., Path]


def error_of(path: Path | str) -> str:
    with pytest.raises(FrameworkError) as error:
        load_framework(path)
    return str(error.value)


def test_a_shipped_framework_is_loaded_by_name_once() -> None:
    assert load_framework("article") is load_framework("article")
    assert load_framework("article").name == "article"


def test_equal_files_give_equal_hashes_and_other_files_other_ones(write: Write) -> None:
    one = load_framework(write(SMALL + DEFAULT_RULE))
    assert one.hash == load_framework(write(SMALL + DEFAULT_RULE, "copy.yaml")).hash
    assert one.hash != load_framework(write(SMALL + DEFAULT_RULE + "# changed\n")).hash
    assert len(one.hash) == 64


def test_an_unknown_name_suggests_a_shipped_one() -> None:
    assert "No framework 'articel'. Did you mean 'article'?" in error_of("articel")


def test_a_missing_file_is_named() -> None:
    assert error_of("/nowhere/own.yaml").startswith("Cannot read the framework file '/nowhere/own.yaml'")


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (rule("R1", "size: litle", "part: avoid"), "own.yaml, rule 'R1' in when: unknown value of 'size' 'litle'. Did you mean 'little'?"),
        (rule("R1", "sise: little", "part: avoid"), "rule 'R1' in when: unknown fact 'sise'. Did you mean 'size'?"),
        (rule("R1", "size: little", "parts: avoid"), "rule 'R1' in then: unknown strategy 'parts'. Did you mean 'part'?"),
        (rule("R1", "size: little", "part: advise"), "own.yaml, rule 'R1', then, part: Input should be 'forbid', 'require', 'avoid' or 'recommend' (found 'advise')."),
        (rule("R1", "size: little", "training: recommend, part: avoid"), "rule 'R1': 'then' says two things about 'part'."),
        (rule("R1", "size: little", "part: avoid", rest="whem: {}"), "own.yaml, rule 'R1', whem: unknown key 'whem'. Did you mean 'when'?"),
        (rule("R1", "size: little", "part: avoid", rest="unless: {size: huge}"), "rule 'R1' in unless: unknown value of 'size' 'huge'."),
        (rule("R1", "size: little", "part: avoid", rest="factor: luck"), "rule 'R1' in factor: unknown factor 'luck'."),
        (rule("R1", "size: little", "part: avoid", rest="beside: [all]"), "a rule with 'beside' may name supporting strategies only, not 'part'."),
        (rule("R1", "size: little", "guard: avoid", rest="beside: [helper]"), "rule 'R1' in beside: 'helper' is never a primary strategy."),
        (rule("R1", "size: little", "part: avoid", rest="digest: both"), "rule 'R1': give one of 'source' (a quote), 'digest' (own words) and 'interpretation'."),
        (rule("R0", "size: little", "part: avoid"), "own.yaml, rules: duplicate id 'R0'. Every id may be used once, extended files included."),
        ("  - {id: R1, then: {part: avoid}, strength: may, interpretation: x}\n", "rule 'R1', because: the key 'because' is missing."),
        ("  - {id: R1, then: {part: avoid}, then: {all: avoid}}\n", "line 21: duplicate key 'then'; remove one of the two."),
        ("  - &a {id: R1}\n  - *a\n", "anchors and aliases are not allowed"),
        ("  - {id: !!python/name:os.system R1}\n", "tag 'tag:yaml.org,2002:python/name:os.system' is not allowed"),
        ("  - [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]\n", "nested too deeply; at most 16 levels"),
        ("  - {id: R1\n", "not valid YAML"),
        ("  - {[1]: R1}\n", "a key must be a word"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_rule_and_key(added: str, message: str, write: Write) -> None:
    assert message in error_of(write(SMALL + DEFAULT_RULE + added))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ranking: [nothing, part, all, helper, guard]", "ranking: [nothing, part, all, helper]", "must name every strategy once; see guard"),
        ("factors: [data, compute]", "factors: [data]", "fact 'money' in factor: unknown factor 'compute'"),
        ("training: [part, all]", "training: [part, al]", "family 'training': unknown strategy 'al'"),
        ("training: [part, all]", "part: [all]", "family 'part' is also a strategy's name. Rename the family."),
        ("max_supporting: 2", "max_supporting: 9", "precedence, max_supporting: Input should be less than or equal to 5"),
        ("name: small", "name: small\nextends: articel", "extends: no framework 'articel'. Did you mean 'article'?"),
        ("name: small", "name: small\nextends: vocabulary", "families: duplicate id 'training'."),
        ("rules:", "document: article\nsentences: [{id: X, section: s, quote: q, role: definition}]\nrules:", "sentence 'X': give 'about', or 'no_rule' with a reason."),
        ("rules:", "document: article\nsentences: [{id: X, section: s, quote: q, role: definition, about: [luck]}]\nrules:", "sentence 'X': unknown fact or strategy 'luck'"),
        ("rules:", "sentences: [{id: X, section: s, quote: q, role: definition, about: [part]}]\nrules:", "does not say which 'document' it quotes"),
        ("rules:", "tensions: [{id: T1, title: t, rules: [R9], note: n}]\nrules:", "tension 'T1': unknown rule 'R9'"),
        ("rules:", "document: article\nexamples: [{id: E1, section: s, quote: q, situation: {size: some}, expect: {}}]\nrules:", "example 'E1': unknown value of 'size' 'some'"),
    ],
)  # fmt: skip
def test_a_part_that_does_not_fit_the_others_is_named(old: str, new: str, message: str, write: Write) -> None:
    assert message in error_of(write(SMALL.replace(old, new, 1) + DEFAULT_RULE))


def test_a_framework_without_rules_is_refused(write: Write) -> None:
    assert "no rules. A framework needs facts, strategies and rules." in error_of(write(SMALL + "  []\n"))
    assert "must be a mapping" in error_of(write(""))
    assert "must be a mapping" in error_of(write("- 1\n"))


def test_a_cyclic_extension_is_refused(write: Write) -> None:
    write("name: one\ntitle: One\nextends: two\n", "one.yaml")
    path = write("name: two\ntitle: Two\nextends: one\n", "two.yaml")
    assert "cyclic extension two.yaml → one.yaml → two.yaml. Remove one 'extends'." in error_of(path)


def test_a_file_that_is_too_large_or_not_text_is_refused(write: Write, tmp_path: Path) -> None:
    assert "a framework file may have at most 1,000,000" in error_of(write("#" * 1_000_001))
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00name")
    assert "is not UTF-8 text (byte 0)" in error_of(tmp_path / "binary.yaml")


def test_too_many_facts_to_enumerate_are_refused(write: Write) -> None:
    fact = "{factor: data, label: {en: l}, question: {en: q}, why: {en: w}, values: {a: {en: a}, b: {en: b}}}"
    facts = "".join(f"  fact{n}: {fact}\n" for n in range(17))
    assert "ways to complete a situation; at most 65,536 can be looked at" in error_of(
        write(SMALL.replace("facts:\n", f"facts:\n{facts}", 1) + DEFAULT_RULE)
    )


def test_an_own_framework_extends_a_shipped_one(write: Write) -> None:
    text = "name: house\ntitle: House rules\nextends: article\nrules:\n"
    framework = load_framework(
        write(text + rule("H1", "compute: limited", "lora: forbid, adapters: recommend", "must"))
    )
    assert framework.files == ("vocabulary.yaml", "article.yaml", "article-advised.yaml", "own.yaml")
    decision = decide(framework, {"compute": "limited"})
    assert decision.primary == "adapters"
    assert decision.statuses["lora"].stance == "forbidden"


def test_yes_and_no_are_words_and_numbers_stay_numbers(article: Framework) -> None:
    assert article.facts["forgetting_concern"].values == ("yes", "no")
    assert article.rules["F16"].when == {"forgetting_concern": ("yes",)}


def test_a_rule_belongs_to_the_most_important_factor_of_its_conditions(article: Framework) -> None:
    assert article.rules["T5"].factor == "data"
    assert article.rules["F12"].factor == "compute"
    assert article.rules["A5"].factor == "general"
    assert article.rules["T15e"].factor == "model"
    assert article.rules["T29"].specificity == 1
    assert article.rules["T4b"].specificity == 3


EXAMPLES = "values: {little: {en: l}, much: {en: m}}, examples: "


def test_examples_of_a_fact_stand_inline_or_in_a_file_of_their_own(write: Write) -> None:
    marked = SMALL.replace(
        "values: {little: {en: l}, much: {en: m}}", EXAMPLES + "{little: [Few., None.], unknown: [Hm.]}"
    )
    inline = load_framework(write(marked + DEFAULT_RULE))
    assert inline.facts["size"].examples == {"little": ("Few.", "None."), "unknown": ("Hm.",)}
    named = SMALL.replace("values: {little: {en: l}, much: {en: m}}", EXAMPLES + "said.yaml") + DEFAULT_RULE
    write("little: [Few.]\n", "said.yaml")
    framework = load_framework(write(named))
    assert framework.facts["size"].examples == {"little": ("Few.",)}
    write("little: [Hardly any.]\n", "said.yaml")
    assert load_framework(write(named)).hash != framework.hash


def test_an_example_of_an_unknown_value_or_a_missing_file_is_named(write: Write) -> None:
    marked = SMALL.replace("values: {little: {en: l}, much: {en: m}}", EXAMPLES + "{litle: [Few.]}")
    assert "fact 'size' in examples: unknown value 'litle'. Did you mean 'little'?" in error_of(
        write(marked + DEFAULT_RULE)
    )
    missing = marked.replace("{litle: [Few.]}", "nowhere.yaml")
    assert "Cannot read the framework file" in error_of(write(missing + DEFAULT_RULE))
