from __future__ import annotations

import argparse
import json

import pytest

from tunewise.benchmark import runner
from tunewise.benchmark.figures import ASKED, FIGURES, Benchmark, Figure
from tunewise.benchmark.runner import about, deltas, run_benchmark
from tunewise.benchmark.systems import started
from tunewise.cli.bench import add_parsers
from tunewise.errors import SettingsError, WeightsMissingError
from tunewise.evaluation.measuring import write_json
from tunewise.settings import Settings
from tunewise.types import Hit, Passage


def measured() -> Benchmark:
    """Six runs by hand; a figure whose values no run has is left out."""
    benchmark = Benchmark({"cores": 2})
    speeds = [(20.0, 20.0), (28.0, 20.0), (25.2, 21.0)]
    benchmark.details["decoding"] = [{"tunewise_per_s": ours, "bare_per_s": bare} for ours, bare in speeds]
    benchmark.details["first_token_long"] = [{"chain_s": chain, "tunewise_s": 0.5} for chain in (6.0, 4.5, 5.5)]
    return benchmark


def test_a_figure_is_median_least_and_greatest_of_its_runs():
    benchmark = Benchmark({})
    benchmark.details["search"] = [{"search_ms": value} for value in (3.0, 1.0, 2.0)]
    assert benchmark.figures["search_ms"] == Figure(2.0, 1.0, 3.0, 3)


def test_what_was_not_measured_is_left_out():
    benchmark = Benchmark({})
    benchmark.details["search"] = [{"search_ms": 3.0, "load_s": 2.0}, {"search_ms": 1.0}]
    assert {key: figure.runs for key, figure in benchmark.figures.items()} == {"search_ms": 2, "embedding_load_s": 1}
    assert Benchmark({}).to_json()["figures"] == {}


def test_the_table_says_which_targets_are_met():
    rows = {key: rest for key, *rest in measured().table()[1:]}
    assert rows["decode_over_bare"] == ["1.2", "1", "1.4", "≥ 1.3", "missed"]
    assert rows["first_token_chain_over_tunewise"][-2:] == ["≥ 10", "met"]
    assert list(rows)[:3] == ["first_token_chain_over_tunewise", "decode_over_bare", "decode_bare_per_s"]


def test_the_json_file_has_machine_figures_and_targets(tmp_path):
    write_json(tmp_path / "new" / "bench.json", measured().to_json())
    data = json.loads((tmp_path / "new" / "bench.json").read_text())
    assert data["machine"] == {"cores": 2}
    assert data["figures"]["decode_over_bare"] == {"median": 1.2, "min": 1.0, "max": 1.4, "runs": 3}
    assert data["targets"]["search_ms"] == "≤ 50"


def test_figures_with_a_target_come_first_and_each_has_a_name_of_its_own():
    aimed = [bool(row.aim) for row in FIGURES]
    assert aimed == sorted(aimed, reverse=True)
    assert len({row.key for row in FIGURES}) == len(FIGURES)


def test_plots_are_written_for_what_was_measured(tmp_path):
    assert [path.name for path in measured().draw(tmp_path / "plots")] == ["first_token.png", "decoding.png"]


def test_about_so_many_tokens_of_passages_are_taken_in_order():
    texts = {"A1": "x" * 400, "A2": "y" * 5000, "A3": "z" * 400}
    hits = [Hit(Passage(id_, "article", "article", "", "", 0, len(text), text), 1.0) for id_, text in texts.items()]
    assert [hit.passage.id for hit in about(hits, 200)] == ["A1", "A3"]


def test_a_quality_delta_is_positive_where_states_score_better():
    states = {"conformity": 0.95, "off_list_rate": 0.10, "errors": 3, "facts_recall": None}
    exact = {"conformity": 0.90, "off_list_rate": 0.05, "errors": 0, "facts_recall": 1.0}
    assert deltas(states, exact) == {"conformity": 5.0, "off_list_rate": -5.0}


@pytest.mark.parametrize("kind", ["questions", "plain", "oblique"])
def test_there_is_another_question_for_each_run(kind):
    questions = ASKED[kind]
    assert len(set(questions)) == len(questions) >= 5


def test_an_unknown_part_is_refused():
    parser = argparse.ArgumentParser()
    add_parsers(parser.add_subparsers())
    arguments = parser.parse_args(["bench", "--only", "everything"])
    with pytest.raises(SettingsError, match="'everything'"):
        arguments.func(arguments)


def test_a_system_that_cannot_be_opened_says_why_across_the_process(tmp_path):
    with started("tunewise", Settings(home=tmp_path)) as ask, pytest.raises(WeightsMissingError, match="models pull"):
        ask(passages=[])


@pytest.mark.models
def test_measuring_many_rows_takes_little_more_memory_than_few(monkeypatch):
    monkeypatch.setattr(runner, "_TABLES", {"": 4_000, "tenth_": 400})
    figures = run_benchmark(Settings.from_environment(), runs=1, parts=["measure"]).figures
    assert figures["measure_s"].runs == 1
    assert 0.5 < figures["measure_memory_over_tenth"].median < 2


@pytest.mark.models
@pytest.mark.parametrize("part", ["cold", "search", "turn"])
def test_the_parts_that_start_the_system_run(part):
    benchmark = run_benchmark(Settings.from_environment(), runs=1, parts=[part])
    assert benchmark.figures
    assert all(figure.median > 0 for figure in benchmark.figures.values())
