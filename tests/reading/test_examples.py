"""The examples that the reader is to learn from: whole, labelled by two readers, and by many hands."""

import json
from collections import Counter
from pathlib import Path

from tunewise.framework import load_framework
from tunewise.reading.signals import PROJECTS, REALITIES

FOLDER = Path(__file__).parents[2] / "corpus" / "reading" / "examples"
VALUES = {name: {*fact.values} for name, fact in load_framework().facts.items()}
VALUES["dataset_size"] |= {"medium"}
OWN_NUMBERS = {
    "data", "per_class", "classes", "test", "others", "needed", "model", "hardware", "money", "time", "steps", "score",
    "output", "other",
}  # fmt: skip


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]


EXAMPLES = [row for path in sorted(FOLDER.glob("*.jsonl")) if path.stem != "settled" for row in rows(path.name)]


def test_there_are_thousands_by_many_authors():
    kinds = Counter(row["kind"] for row in EXAMPLES)
    assert kinds["sentence"] >= 4000
    assert kinds["message"] >= 3000
    assert len({row["author"] for row in EXAMPLES}) >= 20


def test_at_least_half_restate_public_threads():
    """Of those that were not written to a practice note, which restates a thread already, and are no turns of a
    conversation, which nobody holds in a thread."""
    own = [row for row in EXAMPLES if not row["author"].startswith("heard-") and "project" not in row]
    sources = [row["source"] for row in own if row.get("source")]
    assert 2 * len(sources) >= len(own)
    assert len(set(sources)) > 1000


def test_no_row_is_there_twice():
    assert len({row["id"] for row in EXAMPLES}) == len(EXAMPLES)
    assert len({(row["text"].lower(), json.dumps(row.get("context"))) for row in EXAMPLES}) == len(EXAMPLES)


def test_every_label_is_a_value_of_a_fact_and_every_witness_stands_in_the_text():
    for row in EXAMPLES:
        for fact, label in row["facts"].items():
            assert label["value"] in VALUES[fact], row["id"]
            assert label.get("witness", "") in row["text"], row["id"]
        assert row.get("own_number") is None or row["own_number"] in OWN_NUMBERS, row["id"]


def test_turns_of_conversations_go_back_to_cases_and_end_what_ifs_that_were_there():
    turns = [row for row in EXAMPLES if "project" in row]
    assert len(turns) > 2000
    assert len({row["author"] for row in turns}) >= 8
    before: dict[str, list[dict]] = {}
    for row in turns:
        conversation = before.setdefault(row["id"].rpartition("-")[0], [])
        assert row["project"] in PROJECTS
        assert row["reality"] in REALITIES
        assert row["project"] == "new" or conversation, row["id"]
        conversation.append(row)
    for conversation in before.values():
        for place, row in enumerate(conversation):
            if row["project"] == "back":
                assert sum(one["project"] == "new" for one in conversation[:place]) > 1, row["id"]


def test_a_third_of_the_sentences_state_nothing():
    sentences = [row for row in EXAMPLES if row["kind"] == "sentence"]
    assert 3 * sum(not row["facts"] for row in sentences) >= len(sentences)


def test_what_two_readers_saw_differently_is_settled_as_it_is_labelled():
    by_id = {row["id"]: row for row in EXAMPLES}
    for settled in rows("settled.jsonl"):
        row, label = by_id[settled["id"]], settled["label"]
        is_of_row = label in ("own_number", "project", "reality")
        found = row.get(label) if is_of_row else row["facts"].get(label, {}).get("value")
        assert found == settled["value"], settled
        assert settled["why"]
