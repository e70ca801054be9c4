from __future__ import annotations

import pytest

from tunewise.errors import SituationError
from tunewise.facts import edit, read_message
from tunewise.framework import Framework
from tunewise.types import Situation


def test_an_edited_fact_has_status_edited_and_no_quote(framework: Framework) -> None:
    fact = edit(Situation(), framework, {"compute": "ample"}).facts["compute"]
    assert (fact.value, fact.status, fact.quote) == ("ample", "edited", None)


@pytest.mark.parametrize(
    ("text", "value", "amount"),
    [("2000", "small", 2000), ("250k", "large", 250_000), ("20 000", "medium", 20_000), ("6 hours", "small", 6)],
)
def test_a_number_of_examples_derives_the_data_size(text: str, value: str, amount: float, framework: Framework) -> None:
    situation = edit(Situation(), framework, {"n_examples": text})
    fact = situation.facts["dataset_size"]
    assert (fact.value, fact.status, fact.amount) == (value, "edited", amount)
    assert situation.details["n_examples"].value == text


def test_a_size_given_beside_the_number_wins(framework: Framework) -> None:
    situation = edit(Situation(), framework, {"n_examples": "2000", "dataset_size": "large"})
    assert situation.value("dataset_size") == "large"


def test_an_edited_model_or_machine_derives_what_the_tables_say(framework: Framework) -> None:
    situation = edit(Situation(), framework, {"base_model": "Llama-3-8B", "hardware": "8x A100"})
    assert situation.value("model_size") == "large"
    assert situation.value("model_type") == "generative"
    assert situation.value("compute") == "ample"


def test_unknown_takes_a_fact_back(framework: Framework) -> None:
    before = read_message("I have 800 images.", framework=framework).situation
    fact = edit(before, framework, {"dataset_size": "unknown"}).facts["dataset_size"]
    assert (fact.known, fact.status) == (False, "edited")


def test_a_no_to_a_value_assumes_no_other_and_takes_back_only_that_value(framework: Framework) -> None:
    before = read_message("I have 800 images.", framework=framework).situation
    assert edit(before, framework, {"dataset_size": "not large", "similarity": "not low"}) == before
    taken_back = edit(before, framework, {"dataset_size": "not small"}).facts["dataset_size"]
    assert (taken_back.known, taken_back.status) == (False, "edited")


def test_an_emptied_number_takes_back_what_it_had_derived(framework: Framework) -> None:
    before = edit(Situation(), framework, {"n_examples": "2000"})
    after = edit(before, framework, {"n_examples": ""})
    assert after.value("dataset_size") == "unknown"
    assert "n_examples" not in after.details


def test_an_edit_ends_a_clash(framework: Framework) -> None:
    before = read_message("I have 40 images. My dataset has 3 million images.", framework=framework).situation
    assert before.clashes
    assert edit(before, framework, {"dataset_size": "small"}).clashes == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"similarity": "not purple"}, "cannot be 'not purple'"),
        ({"dataset_sise": "small"}, "Did you mean 'dataset_size'"),
        ({"compute": "limitd"}, "Did you mean 'limited'"),
        ({"n_examples": "many"}, "one positive number"),
        ({"n_examples": "-5"}, "one positive number"),
        ({"n_examples": "9" * 400}, "at most 200"),
        ({"n_examples": "1e400"}, "one positive number"),
        ({"n_classes": "nan"}, "one positive number"),
        ({"modality": "pictures"}, "modality cannot be"),
        ({"base_model": "x" * 300}, "at most 200"),
    ],
)
def test_a_bad_edit_is_refused_with_what_to_do(changes: dict[str, str], words: str, framework: Framework) -> None:
    with pytest.raises(SituationError, match=words):
        edit(Situation(), framework, changes)
