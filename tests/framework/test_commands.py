"""`tunewise framework`, `decide` and `check`: exit codes, readable and JSON output, and bad input."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunewise.cli.framework import add_parsers
from tunewise.errors import FrameworkError, SituationError
from tunewise.framework import Framework, load_framework
from tunewise.framework.requests import parse_request, recommendation_of, situation_of
from tunewise.record import load_record, replay

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; gives its exit code and output."""

    def run_command(*words: str) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        add_parsers(parser.add_subparsers())
        arguments = parser.parse_args(words)
        return arguments.func(arguments), capsys.readouterr().out

    return run_command


@pytest.fixture
def request_file(tmp_path: Path) -> Callable[..., str]:
    """Write a request and give its path."""

    def write(facts: dict[str, Any], primary: str | None = None, *supporting: str) -> str:
        path = tmp_path / "request.json"
        advice = {"primary": primary, "supporting": list(supporting)} if primary else None
        path.write_text(json.dumps({"facts": facts, "recommendation": advice}), encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize(
    ("facts", "primary", "code"),
    [
        ({"dataset_size": "small"}, "feature_extraction", 0),
        ({"dataset_size": "small"}, "full_fine_tuning", 1),
        ({"dataset_size": ["small", "large"]}, "evaluate_first", 1),
        ({"dataset_size": "large"}, "full_fine_tuning", 3),
        ({}, "full_finetuning", 2),
        ({}, None, 2),
    ],
)
def test_the_exit_code_of_check_tells_the_verdict(
    facts: dict[str, Any], primary: str | None, code: int, run: Run, request_file: Callable[..., str]
) -> None:
    assert run("check", request_file(facts, primary))[0] == code


def test_check_prints_rules_repair_and_question(run: Run, request_file: Callable[..., str]) -> None:
    _, text = run("check", request_file({"dataset_size": "small", "compute": "limited"}, "full_fine_tuning", "ewc"))
    assert text.splitlines() == [
        "Verdict: invalid",
        "",
        "  invalid: full_fine_tuning contradicts rules F3, T5b.",
        "    repair: make feature_extraction the primary",
        "  satisfiable: ewc holds if forgetting_concern is yes, and fails if forgetting_concern is no.",
        "    ask for: forgetting_concern",
    ]


def test_check_judges_each_stance_of_a_text(run: Run, tmp_path: Path) -> None:
    advice = "My colleague would retrain all of the weights and augment the data."
    code, text = run("check", "--text", advice, "--fact", "dataset_size=small")
    assert code == 1
    assert "invalid: for full_fine_tuning (F3)" in text
    assert "no: with little data, fine-tuning the entire model can lead to overfitting." in text
    (tmp_path / "advice.txt").write_text(advice, encoding="utf-8")
    _, written = run("check", "--text", "--json", str(tmp_path / "advice.txt"), "--fact", "dataset_size=small")
    checked = json.loads(written)
    assert [(one["strategy"], one["stance"], one["verdict"], one["sentence"]) for one in checked["stances"]] == [
        ("full_fine_tuning", "for", "invalid", 0),
        ("data_augmentation", "for", "valid", 1),
    ]


def test_check_says_so_where_a_text_takes_no_stance(run: Run) -> None:
    code, text = run("check", "--text", "She thinks that the data are too noisy.")
    assert code == 2
    assert "takes no stance" in text


def test_check_prints_canonical_json(run: Run, request_file: Callable[..., str]) -> None:
    _, text = run("check", "--json", request_file({"compute": "limited"}, "lora"))
    found = json.loads(text)
    assert found["status"] == "valid"
    assert text == json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"


def test_decide_takes_facts_as_words_or_as_json(run: Run, request_file: Callable[..., str]) -> None:
    words = run("decide", "--fact", "dataset_size=small", "--json")
    assert words == run("decide", request_file({"dataset_size": "small"}), "--json")
    assert json.loads(words[1])["primary"] == "feature_extraction"


def test_decide_explains_itself(run: Run) -> None:
    code, text = run("decide", "--fact", "dataset_size=large")
    assert code == 0
    assert "Primary: full_fine_tuning" in text
    assert "  F6: With a large dataset, fine-tuning the entire model becomes feasible" in text
    assert "  if compute is limited: lora" in text
    assert "(limited → lora, ample → full_fine_tuning)" in text


def test_decide_compares_frameworks(run: Run) -> None:
    _, text = run("decide", "--compare", "--fact", "compute=limited")
    assert "ng-letter-2025" in text
    assert "does not ask about compute" in text
    assert json.loads(run("decide", "--compare", "--json", "--fact", "compute=limited")[1])["agree"] is False


def test_prove_reports_and_exits_by_the_result(run: Run, tmp_path: Path) -> None:
    code, text = run("framework", "prove", "--framework", "article-pure")
    assert code == 0
    assert "5,904,900 situations enumerated" in text
    assert "Sentences of the source: 74 (32 rules, 34 explanations, 5 examples, 3 without a rule" in text
    assert re.search(r"Practice notes: (\d+) of \1 agree with these rules", text)
    own = tmp_path / "own.yaml"
    own.write_text(
        "name: own\ntitle: Own\nextends: vocabulary\nrules:\n  - {id: A, when: {compute: limited},"
        " then: {lora: recommend}, strength: may, because: {en: b}, interpretation: i}\n",
        encoding="utf-8",
    )
    code, text = run("framework", "prove", "--framework", str(own))
    assert code == 1
    assert "FAILS: every situation has advice" in text
    assert json.loads(run("framework", "prove", "--json", "--framework", str(own))[1])["situations"] == 5_904_900


def test_show_prints_the_whole_framework_or_one_part(run: Run) -> None:
    assert "F12   compute limited" in run("framework", "show")[1]
    assert "“If the target dataset is small" in run("framework", "show", "F3")[1]
    assert "Rests on: CS1" in run("framework", "show", "T2")[1]
    assert json.loads(run("framework", "show", "lora")[1])["id"] == "lora"
    assert json.loads(run("framework", "show", "--json")[1])["name"] == "article"
    with pytest.raises(SituationError, match=r"Nothing called 'F33' in article. Did you mean 'F3'"):
        run("framework", "show", "F33")


def test_graph_prints_a_table_or_writes_a_picture(run: Run, tmp_path: Path) -> None:
    assert "similarity low" in run("framework", "graph", "--fact", "compute=ample")[1]
    picture = tmp_path / "map.svg"
    assert run("framework", "graph", "--output", str(picture), "--fact", "dataset_size=small")[0] == 0
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    with pytest.raises(SituationError, match="Cannot write"):
        run("framework", "graph", "--output", str(tmp_path / "none" / "map.svg"))


@pytest.mark.parametrize("name", ["house-rules", "unsere regeln", "规则", "1st"])
def test_new_writes_a_file_that_loads_and_never_overwrites(name: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.yaml"
    assert run("framework", "new", str(path))[0] == 0
    assert "HOUSE1" in load_framework(path).rules
    with pytest.raises(SituationError, match="exists already"):
        run("framework", "new", str(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[]", "The input: Input should be a valid"),
        ('{"facts": {"dataset_size": "small", "dataset_size": "large"}}', "'dataset_size' is given twice"),
        ('{"facts": []}', "The input, facts: Input should be a valid dictionary (found '[]')."),
        ('{"fcats": {}}', "unknown key 'fcats'. Did you mean 'facts'?"),
        ('{"facts": {"compute": NaN}}', "NaN is not a value"),
        ("[" * 100_000, "nested too deeply"),
        ("x" * 100_001, "longer than 100,000"),
        (
            '{"recommendation": {"primary": true}}',
            "recommendation, primary: Input should be a valid string (found 'True').",
        ),
        (
            '{"recommendation": {"primary": "lora", "supporting": "ewc"}}',
            "supporting: Input should be a valid list (found 'ewc').",
        ),
        ('{"recommendation": {"primay": "lora"}}', "unknown key 'primay'. Did you mean 'primary'?"),
        ('{"recommendation": []}', "recommendation: Input should be a valid"),
        (
            '{"recommendation": {"conditional": [{"primary": "lora"}]}}',
            "conditional, number 1, if: the key 'if' is missing.",
        ),
        ('{"recommendation": {"conditional": {}}, "facts": {}}', ""),
        ('{"recommendation": {"conditional": 7}}', "conditional: Input should be a valid list (found '7')."),
        (
            '{"recommendation": {"conditional": [{"if": {"compute": null}, "primary": "lora"}]}}',
            "if, compute: Input should be a valid string (found 'None').",
        ),
        (
            '{"recommendation": {"avoid": [' + '"ewc",' * 32 + '"ewc"]}}',
            "avoid: List should have at most 32 items",
        ),
        ('{"recommendation": {"conditional": [7]}}', "conditional, number 1: Input should be a valid"),
    ],
)
def test_a_bad_request_is_refused_with_its_reason(text: str, message: str, article: Framework) -> None:
    if not message:
        recommendation_of(parse_request(text))
        return
    with pytest.raises(SituationError) as error:
        recommendation_of(parse_request(text))
    assert message in str(error.value)


def test_deep_facts_are_no_values(article: Framework) -> None:
    deep = parse_request('{"facts": ' + '{"compute":' * 900 + "1" + "}" * 900 + "}")
    with pytest.raises(SituationError, match="Fact 'compute' is 'None'"):
        situation_of(article, deep.facts)


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e400", "-1e-400", "0.5"])
def test_a_number_is_no_value_however_large(number: str, article: Framework) -> None:
    with pytest.raises(SituationError, match="Allowed: limited, ample, unknown"):
        situation_of(article, parse_request(f'{{"facts": {{"compute": {number}}}}}').facts)


def test_facts_may_carry_quotes_and_braces_in_them_do_not_count_as_depth(article: Framework) -> None:
    text = json.dumps({"facts": {"compute": {"value": "limited", "quote": 'a "{{{{{{{{{{" GPU'}}})
    found = situation_of(article, parse_request(text).facts)
    assert found.values() == {"compute": "limited"}
    assert found.facts["compute"].quote == 'a "{{{{{{{{{{" GPU'


def test_a_fact_given_two_ways_is_a_clash(article: Framework) -> None:
    found = situation_of(article, {"compute": ["limited", "ample"]})
    assert found.values() == {}
    assert found.clashes[0].readings == (("limited", "limited"), ("ample", "ample"))


def test_a_fact_word_without_equals_sign_is_refused(run: Run) -> None:
    with pytest.raises(SituationError, match="is not NAME=VALUE"):
        run("decide", "--fact", "compute")
    with pytest.raises(SituationError, match="given twice"):
        run("decide", "--fact", "compute=limited", "--fact", "compute=ample")


def test_an_input_file_that_cannot_be_read_is_named(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SituationError, match="Cannot read"):
        run("check", str(tmp_path / "none.json"))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(SituationError, match="not UTF-8"):
        run("check", str(tmp_path / "binary"))
    with pytest.raises(FrameworkError, match="Did you mean 'article'"):
        run("decide", "--framework", "articl")


def test_the_commands_and_the_engine_import_nothing_heavy() -> None:
    code = (
        "import sys, tunewise.cli.framework, tunewise.framework as f; f.decide(f.load_framework(), {});"
        "print([name for name in ('torch', 'numpy', 'langchain_core', 'chromadb', 'llama_cpp', 'gradio', 'matplotlib')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_parser_is_built_without_loading_the_engine() -> None:
    code = (
        "import argparse, sys; from tunewise.cli.framework import add_parsers;"
        "add_parsers(argparse.ArgumentParser().add_subparsers());"
        "print([name for name in ('tunewise.framework', 'pydantic', 'yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_decision_leaves_its_record(run, tmp_path):
    file = tmp_path / "decision.json"
    assert run("decide", "--fact", "dataset_size=small", "--fact", "similarity=low", "--record", str(file))[0] == 0
    record = load_record(file)
    assert {fact.name: fact.quote for fact in record.reply.situation.facts.values() if fact.known} == {
        "dataset_size": "dataset_size=small", "similarity": "similarity=low"
    }  # fmt: skip
    assert replay(record, load_framework()).identical


def test_no_record_is_written_of_a_comparison(run, tmp_path):
    with pytest.raises(SituationError, match="leaves no record"):
        run("decide", "--compare", "--fact", "dataset_size=small", "--record", str(tmp_path / "r.json"))
