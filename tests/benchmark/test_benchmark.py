from __future__ import annotations

import argparse
import json

import pytest

from tunewise.benchmark.child import Child
from tunewise.benchmark.figures import TARGETS, Benchmark, Figure
from tunewise.benchmark.model import about
from tunewise.benchmark.plots import write_plots
from tunewise.benchmark.quality import deltas
from tunewise.benchmark.questions import ASKED
from tunewise.cli.bench import add_parsers
from tunewise.errors import SettingsError, WeightsMissingError
from tunewise.evaluation.measuring import write_json
from tunewise.facts import read_message
from tunewise.facts.quoting import open_facts
from tunewise.framework import load_framework
from tunewise.settings import Settings


def measured() -> Benchmark:
    benchmark = Benchmark({"cores": 2})
    benchmark.add("decode_over_bare", [1.0, 1.4, 1.2])
    benchmark.add("first_token_chain_over_tunewise", [12.0, 9.0, 11.0])
    benchmark.add("decode_bare_per_s", [20.0, 21.0])
    return benchmark


def test_a_figure_is_median_least_and_greatest_of_its_runs():
    assert Figure.of([3.0, 1.0, 2.0]) == Figure(2.0, 1.0, 3.0, 3)


def test_what_was_not_measured_is_left_out():
    benchmark = Benchmark({})
    benchmark.add("decode_over_bare", [])
    assert benchmark.to_json()["figures"] == {}


def test_the_table_says_which_targets_are_met():
    rows = {key: rest for key, *rest in measured().table()[1:]}
    assert rows["decode_over_bare"] == ["1.2", "1", "1.4", "≥ 1.3", "missed"]
    assert rows["first_token_chain_over_tunewise"][-2:] == ["≥ 10", "met"]
    assert list(rows) == ["first_token_chain_over_tunewise", "decode_over_bare", "decode_bare_per_s"]


def test_the_json_file_has_machine_figures_and_targets(tmp_path):
    write_json(tmp_path / "new" / "bench.json", measured().to_json())
    data = json.loads((tmp_path / "new" / "bench.json").read_text())
    assert data["machine"] == {"cores": 2}
    assert data["figures"]["decode_over_bare"] == {"median": 1.2, "min": 1.0, "max": 1.4, "runs": 3}
    assert set(data["targets"]) == set(TARGETS)


def test_plots_are_written_for_what_was_measured(tmp_path):
    assert [path.name for path in write_plots(measured(), tmp_path / "plots")] == ["decoding.png"]


def test_about_so_many_tokens_of_passages_are_taken_in_order():
    passages = [["A1", "x" * 400], ["A2", "y" * 5000], ["A3", "z" * 400]]
    assert [id_ for id_, _ in about(passages, 200)] == ["A1", "A3"]


def test_a_quality_delta_is_positive_where_states_score_better():
    states = {"conformity": 0.95, "off_list_rate": 0.10, "errors": 3, "facts_recall": None}
    exact = {"conformity": 0.90, "off_list_rate": 0.05, "errors": 0, "facts_recall": 1.0}
    assert deltas(states, exact) == {"conformity": 5.0, "off_list_rate": -5.0}


@pytest.mark.parametrize("kind", ["questions", "patterns_suffice", "model_must_quote"])
def test_there_is_another_question_for_each_run(kind):
    questions = ASKED[kind]
    assert len(set(questions)) == len(questions) >= 5


def test_the_patterns_suffice_where_the_benchmark_says_so_and_the_model_is_asked_where_it_must():
    framework = load_framework()
    assert not any(open_facts(read_message(text, framework=framework), text) for text in ASKED["patterns_suffice"])
    must_quote = [*ASKED["model_must_quote"], ASKED["warm_up"]]
    assert all(open_facts(read_message(text, framework=framework), text) for text in must_quote)


def test_an_unknown_part_is_refused():
    parser = argparse.ArgumentParser()
    add_parsers(parser.add_subparsers())
    arguments = parser.parse_args(["bench", "--only", "everything"])
    with pytest.raises(SettingsError, match="'everything'"):
        arguments.func(arguments)


def test_a_system_that_cannot_be_opened_says_why_across_the_process(tmp_path):
    with Child("tunewise", Settings(home=tmp_path)) as child, pytest.raises(WeightsMissingError, match="models pull"):
        child.ask(op="write")
