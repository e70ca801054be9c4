"""What fits: the most that a card does to a model, and what the rules make of it."""

import pytest

from tunewise.framework import decide
from tunewise.framework.memory import what_fits


@pytest.mark.parametrize(
    ("parameters", "gigabytes", "fits"),
    [
        (25e6, 12, "full"),
        (110e6, 12, "full"),
        (560e6, 12, None),  # 10 GB of 12: batch and length decide
        (7e9, 24, "lora"),
        (7e9, 12, "qlora"),
        (70e9, 24, "nothing"),
        (70e9, 16 * 23, "lora"),
    ],
)
def test_the_most_that_fits(article, parameters, gigabytes, fits):
    assert what_fits(article, parameters, gigabytes) == fits


def test_no_remedy_for_memory_where_there_is_plenty(article):
    limited = {"compute": "limited", "dataset_size": "small", "model_type": "other"}
    assert "quantization" in decide(article, limited).supporting
    roomy = decide(article, {**limited, "training_fits": "full"})
    assert not {"quantization", "pruning"} & set(roomy.supporting)
    assert "quantization" in decide(article, {**limited, "training_fits": "full", "latency_critical": "yes"}).supporting


@pytest.mark.parametrize(("fits", "primary"), [("lora", "lora"), ("qlora", "lora"), ("nothing", "evaluate_first")])
def test_what_cannot_fit_is_never_advised(article, fits, primary):
    asks_for_all = {"dataset_size": "large", "similarity": "low", "compute": "ample", "model_type": "generative"}
    assert decide(article, asks_for_all).primary == "full_fine_tuning"
    decision = decide(article, {**asks_for_all, "training_fits": fits})
    assert decision.primary == primary
    assert "full_fine_tuning" in decision.avoid
    assert ("lora" in decision.avoid) == (fits == "nothing")


@pytest.mark.parametrize("size", [None, "small", "medium", "large"])
def test_a_model_that_trains_with_room_is_advised_no_method_that_saves_memory(article, size):
    roomy = {"compute": "limited", "training_fits": "full", "model_type": "other", "model_size": "small"}
    decision = decide(article, {**roomy, **({"dataset_size": size} if size else {})})
    assert not {"lora", "adapters", "quantization", "pruning"} & {decision.primary, *decision.supporting}


def test_a_base_that_fits_in_four_bits_only_is_quantised_and_one_that_never_fits_is_exchanged(article):
    assert "quantization" in decide(article, {"training_fits": "qlora"}).supporting
    assert "choose_efficient_model" in decide(article, {"training_fits": "nothing"}).supporting


def test_what_is_computed_is_neither_asked_for_nor_supposed(article):
    decision = decide(article, {"dataset_size": "large", "similarity": "low"})
    assert all("training_fits" not in change.when for change in decision.conditional)


def test_limited_compute_that_holds_all_of_the_model_does_not_decide_the_method(article):
    middle = {"dataset_size": "medium", "compute": "limited", "model_type": "other"}
    assert decide(article, middle).primary == "lora"
    assert decide(article, {**middle, "training_fits": "full"}).primary == "progressive_unfreezing"
