"""The whole measurement: figures that repeat, facts that are measured, and a decision that follows from them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.measure.data import blobs, save_blobs, write_csv
from tunewise.cli.main import main
from tunewise.errors import CancelledError, SituationError, WeightsMissingError
from tunewise.measure import MeasureError, Measurement, measure
from tunewise.measure.deriving import derive_facts
from tunewise.measure.records import Figure, Score, Shift


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNEWISE_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def blob_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_blobs(tmp_path_factory.mktemp("blobs") / "blobs.npz", rows=300, spread=1.5)


@pytest.fixture(scope="module")
def found(blob_file: Path) -> Measurement:
    return measure(blob_file, target=0.9)


def value(found: Measurement, name: str) -> str:
    return next(fact.value for fact in found.facts if fact.name == name)


def test_features_are_scored_and_the_facts_carry_their_figures(found: Measurement):
    assert (found.rows, found.used, len(found.classes)) == (300, 300, 3)
    assert found.probe.accuracy.low < found.probe.accuracy.value < found.probe.accuracy.high
    facts = {fact.name: fact for fact in found.facts}
    assert facts["dataset_size"].value == "small"
    assert {facts[name].status for name in ("dataset_size", "n_examples", "n_classes")} == {"measured"}
    assert "target 0.9" in (facts["frozen_features"].reason or "")
    assert "similarity" not in facts


def test_two_runs_give_the_same_figures(blob_file: Path, found: Measurement):
    again = measure(blob_file, target=0.9).to_json()
    before = found.to_json()
    assert {**again, "seconds": 0} == {**before, "seconds": 0}


def test_the_decision_is_made_again_with_what_was_measured(found: Measurement):
    from tunewise.framework import decide, load_framework

    framework = load_framework("article")
    assert found.before.primary == decide(framework, {}).primary
    known = {fact.name: fact.value for fact in found.facts if fact.known and fact.name in framework.facts}
    assert found.after.primary == decide(framework, known).primary
    assert found.before != found.after


def test_the_measurement_is_plain_json(found: Measurement):
    text = json.dumps(found.to_json(), allow_nan=False)
    assert json.loads(text)["probe"]["accuracy"]["value"] == found.probe.accuracy.value


def test_without_a_target_nothing_is_called_good_enough(blob_file: Path):
    names = {fact.name for fact in measure(blob_file).facts}
    assert not names & {"baseline", "frozen_features"}


def score(way: str, low: float, middle: float, high: float) -> Score:
    return Score(way, Figure(middle, low, high), Figure(middle, low, high))


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0.91, 0.95, "sufficient"), (0.5, 0.6, "insufficient"), (0.88, 0.93, "unknown")]
)
def test_a_target_is_reached_by_the_whole_interval_missed_by_all_of_it_or_left_open(low, high, expected):
    from tunewise.framework import load_framework

    baselines = (score("most frequent class", 0.3, 0.35, 0.4), score("neighbours", 0.5, 0.55, 0.6))
    facts = derive_facts(
        load_framework(), kind="text", rows=9000, n_classes=3, baselines=baselines, metric="accuracy", target=0.9,
        probe=score("probe", low, (low + high) / 2, high), shift=None, unseen=None,
    )  # fmt: skip
    fact = next(each for each in facts if each.name == "frozen_features")
    assert fact.value == expected
    assert fact.known == (expected != "unknown")


def test_a_sample_that_falls_short_settles_nothing_where_all_rows_may_reach_the_target(tmp_path: Path):
    path = save_blobs(tmp_path / "d.npz", rows=2000, width=32, spread=7.0)
    part, whole = (measure(path, target=0.99, max_rows=size) for size in (100, 2000))
    assert (value(part, "frozen_features"), value(whole, "frozen_features")) == ("unknown", "insufficient")
    fact = next(each for each in part.facts if each.name == "frozen_features")
    assert "100 of 2,000 rows" in (fact.reason or "")


def test_a_target_that_one_fixed_answer_reaches_judges_nothing(tmp_path: Path):
    features, _ = blobs(400, classes=2)
    labels = np.array(["no"] * 380 + ["yes"] * 20)
    np.savez(tmp_path / "d.npz", features=features, labels=labels)
    found = measure(tmp_path / "d.npz", target=0.9)
    assert value(found, "frozen_features") == "unknown"
    assert any("macro-F1" in note for note in found.notes)


def test_a_reference_of_the_same_kind_is_similar_and_one_far_away_is_not(tmp_path: Path):
    features, labels = blobs(600, spread=1.0)
    np.savez(tmp_path / "own.npz", features=features[:300], labels=labels[:300])
    np.save(tmp_path / "same.npy", features[300:])
    np.save(tmp_path / "far.npy", -features[300:] * [[3, 1] * 4] + 4)
    alike = measure(tmp_path / "own.npz", reference=tmp_path / "same.npy")
    apart = measure(tmp_path / "own.npz", reference=tmp_path / "far.npy")
    assert (value(alike, "similarity"), value(apart, "similarity")) == ("high", "low")
    assert isinstance(alike.shift, Shift)
    assert alike.shift.auc.value < 0.65 < 0.95 < apart.shift.auc.value  # type: ignore[union-attr]
    assert alike.shift.mmd < apart.shift.mmd  # type: ignore[union-attr]


def test_exact_copies_of_features_stay_on_one_side(tmp_path: Path):
    features, _ = blobs(60, classes=2, spread=5)
    random = np.random.default_rng(1)
    labels = np.repeat(random.integers(2, size=60), 5)  # nothing can be learned but by heart
    np.savez(tmp_path / "d.npz", features=np.repeat(features, 5, axis=0), labels=labels)
    found = measure(tmp_path / "d.npz")
    assert found.copies.exact == 240
    assert max(one.accuracy.value for one in (*found.baselines, found.probe)) < 0.75


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"features": np.full((40, 3), np.nan), "labels": np.arange(40) % 2}, "NaN"),
        ({"features": np.ones((40, 3)), "labels": np.zeros(40)}, "is labelled '0'"),
        ({"features": np.ones((40, 3)), "labels": np.arange(39)}, "40 rows of features"),
        ({"features": np.ones((40, 3))}, "holds no labels"),
        ({"features": np.ones(40), "labels": np.arange(40) % 2}, "a table of numbers is needed"),
        ({"features": np.ones((40, 3)), "labels": np.linspace(0, 1, 40)}, "decimals"),
        ({"other": np.ones((40, 3))}, "needs one array named 'features'"),
        ({"features": np.array([{}] * 40, dtype=object), "labels": np.arange(40) % 2}, "cannot be read"),
        ({"features": np.random.default_rng(0).normal(size=(6, 3)), "labels": np.arange(6) % 3}, "fewer than two"),
    ],
)
def test_features_that_cannot_be_scored_give_one_clear_sentence(tmp_path: Path, arrays, expected: str):
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(MeasureError, match=expected) as caught:
        measure(tmp_path / "d.npz")
    assert "\n" not in str(caught.value)


def test_features_in_parquet_and_in_npy_are_the_same_data(tmp_path: Path, found: Measurement):
    import pyarrow as pa
    import pyarrow.parquet as pq

    features, labels = blobs(rows=300, spread=1.5)
    pq.write_table(pa.table({"embedding": features.tolist(), "label": labels.tolist()}), tmp_path / "d.parquet")
    pq.write_table(
        pa.table({**{f"f{i}": features[:, i] for i in range(8)}, "label": np.unique(labels, return_inverse=True)[1]}),
        tmp_path / "wide.parquet",
    )
    np.save(tmp_path / "d.npy", features)
    np.save(tmp_path / "d_labels.npy", labels)
    for name in ("d.parquet", "wide.parquet", "d.npy"):
        assert measure(tmp_path / name).probe.accuracy == found.probe.accuracy


def test_a_measurement_can_be_watched_and_stopped(blob_file: Path):
    steps: list[str] = []
    measure(blob_file, progress=lambda step, done, total: steps.append(step))
    assert list(dict.fromkeys(steps)) == ["copies", "linear probe", "learning curve"]
    with pytest.raises(CancelledError):
        measure(blob_file, cancelled=lambda: True)


@pytest.mark.parametrize(
    "options", [{"target": 1.5}, {"seconds": 0.1}, {"max_rows": 3}, {"metric": "f7"}, {"encoder": "x"}]
)
def test_options_that_cannot_be_are_refused(blob_file: Path, options):
    with pytest.raises(MeasureError):
        measure(blob_file, **options)


def test_a_fact_that_does_not_exist_is_refused_before_anything_is_read(tmp_path: Path):
    with pytest.raises(SituationError, match="compute"):
        measure(tmp_path / "nothing.csv", facts={"computer": "limited"})


def test_weights_that_are_not_there_are_named(tmp_path: Path):
    path = write_csv(tmp_path / "d.csv", [(f"a text of some length {i}", "ab"[i % 2]) for i in range(50)])
    with pytest.raises(WeightsMissingError, match="models pull"):
        measure(path)


def test_the_command_prints_at_most_forty_lines_and_draws(blob_file: Path, tmp_path: Path, capsys):
    assert main(["measure", str(blob_file), "--target", "0.9", "--plots", str(tmp_path / "p")]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) <= 40
    assert "with what was measured: " in out
    assert "(4 times the data): " in out
    names = sorted(path.name for path in (tmp_path / "p").iterdir())
    assert names == ["confusion-dark.png", "confusion-light.png", "curve-dark.png", "curve-light.png"]


def test_the_command_prints_json(blob_file: Path, capsys):
    assert main(["measure", str(blob_file), "--json", "--fact", "compute=limited"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 300


def test_the_command_answers_a_wrong_file_with_one_line(tmp_path: Path, capsys):
    assert main(["measure", str(tmp_path / "none.csv")]) == 2
    assert capsys.readouterr().err.strip().splitlines()[-1].startswith("tunewise: There is no file or folder")


def test_a_measured_fact_travels_through_the_published_reply_and_outlives_what_is_only_assumed():
    from dataclasses import replace

    from tests.fakes.replies import flower_reply
    from tunewise.facts import read_message
    from tunewise.framework import load_framework
    from tunewise.record import reply_from_json, reply_to_json
    from tunewise.types import Fact, Situation

    fact = Fact("similarity", "low", "measured", reason="12% of the data lie as near as the reference's own rows.")
    reply = flower_reply()
    held = replace(reply, situation=replace(reply.situation, facts={**reply.situation.facts, "similarity": fact}))
    assert reply_from_json(reply_to_json(held)).situation.facts["similarity"] == fact
    previous = Situation({"similarity": fact})
    message = "I have 900 flower photos for a ResNet-50."
    assumed = read_message(message, framework=load_framework()).situation.facts["similarity"]
    after = read_message(message, framework=load_framework(), previous=previous, turn=2).situation
    assert assumed.status in ("assumed", "unknown")
    assert after.value("similarity") == "low"
