"""A measured family at any size of it: what was measured, what is scaled from it, and where it says nothing."""

import math

import pytest

from tunewise.errors import FrameworkError
from tunewise.framework import load_framework
from tunewise.framework.measured import sized
from tunewise.framework.memory import capacities, memory_estimates, what_fits
from tunewise.framework.model import Measured
from tunewise.types import Fact, Situation

FULL, LORA = {"always": 1, "example": 0.5, "least": 2}, {"always": 0.5, "example": 0.5, "least": 0.5}
LARGE = {"always": 4, "example": 2, "least": 8}


def table(*models):
    family = {"batch": 8, "length": 128, "unit": "tokens", "models": list(models)}
    conventions = {"room": 1.25, "micro_batch": 2, "same": 0.05, "reach": 2, "source": "a test"}
    return Measured.model_validate({**conventions, "families": {"tower": family}})


SMALL_MODEL = {"label": "Tower S", "parameters": 100e6, "needs": {"full": FULL, "lora": LORA}}
LARGE_MODEL = {"label": "Tower L", "parameters": 400e6, "needs": {"full": LARGE}}
BOTH, ONE = table(SMALL_MODEL, LARGE_MODEL), table(SMALL_MODEL)


def test_a_step_takes_what_it_always_takes_and_more_for_each_example_but_never_less_than_the_smallest():
    need = BOTH.families["tower"].models[0].needs["full"]
    assert [need.at(batch) for batch in (1, 2, 8)] == [2, 2, 5]


@pytest.mark.parametrize("parameters", [95.5e6, 100e6, 104e6])
def test_about_the_size_of_a_measured_model_is_that_model(parameters):
    found = sized(BOTH, "tower", parameters)
    assert ([each.label for each in found.models], found.is_scaled) == (["Tower S"], False)
    assert found.gigabytes("full", 8) == 5


def test_between_two_sizes_memory_follows_a_power_of_the_parameters():
    found = sized(BOTH, "tower", 200e6)
    assert ([each.label for each in found.models], found.is_scaled) == (["Tower S", "Tower L"], True)
    assert found.gigabytes("full", 8) == pytest.approx(math.sqrt(5 * 20))


def test_beyond_the_sizes_it_goes_on_as_between_the_last_two_and_from_a_single_one_in_proportion():
    assert sized(BOTH, "tower", 800e6).gigabytes("full", 8) == pytest.approx(40)
    assert sized(BOTH, "tower", 50e6).gigabytes("full", 8) == pytest.approx(2.5)
    assert sized(ONE, "tower", 150e6).gigabytes("full", 8) == pytest.approx(7.5)


@pytest.mark.parametrize(("family", "parameters"), [("tower", 49e6), ("tower", 801e6), ("house", 100e6), (None, 100e6)])
def test_too_far_from_what_was_measured_nothing_is_said(family, parameters):
    assert sized(BOTH, family, parameters) is None
    assert sized(None, family, parameters) is None


def test_a_method_that_only_one_size_was_measured_by_is_taken_from_that_one():
    found = sized(BOTH, "tower", 200e6)
    assert found.need("lora").always == 0.5
    assert found.gigabytes("lora", 1) == pytest.approx(2)
    assert sized(BOTH, "tower", 400e6).need("lora") is None


def test_sizes_out_of_order_are_refused():
    with pytest.raises(ValueError, match="smallest first"):
        table(LARGE_MODEL, SMALL_MODEL)


def test_a_framework_whose_table_is_missing_says_so(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("name: own\ntitle: t\nextends: article\nparameters: {measured: gone.yaml}\n", "utf-8")
    with pytest.raises(FrameworkError, match=r"gone\.yaml"):
        load_framework(own)


@pytest.fixture
def towers(article):
    """The article's framework with nothing measured but towers."""
    parameters = article.parameters.model_copy(update={"measured": BOTH})
    return article.model_copy(update={"parameters": parameters, "hash": "towers"})


def owner(parameters, gigabytes=None, family="tower"):
    details = {
        "architecture": Fact("architecture", family, "stated"),
        "model_parameters": Fact("model_parameters", "some", "stated", amount=parameters),
    }
    if gigabytes:
        details["gpu_memory"] = Fact("gpu_memory", "some", "stated", amount=gigabytes)
    return Situation({}, details)


@pytest.mark.parametrize(
    ("gigabytes", "batch", "shown", "fits"),
    [
        (None, 8, 5.0, None),
        (8, 8, 5.0, True),
        (6, 4, 3.0, True),
        (2.5, 2, 2.0, True),
        (2.4, 1, 2.0, None),
        (1.9, 1, 2.0, False),
    ],
)
def test_the_step_that_is_shown_is_the_largest_that_fits_for_sure(towers, gigabytes, batch, shown, fits):
    full = memory_estimates(towers, owner(100e6, gigabytes))[0]
    assert (full.step.batch, full.step.usual_batch, full.gigabytes, full.fits) == (batch, 8, shown, fits)


def test_the_sum_says_what_it_rests_on(towers):
    assert (
        memory_estimates(towers, owner(100e6))[0].formula
        == "measured on Tower S with 128 tokens an example, at batch 8"
    )
    scaled = memory_estimates(towers, owner(200e6, 9))[0]
    assert scaled.formula.startswith("scaled from measurements of Tower S and Tower L with 128 tokens an example")
    assert scaled.formula.endswith("at batch 4 (gradients added up to 8)")
    assert scaled.source == "a test"
    thumb = memory_estimates(towers, owner(100e6, family="house"))[0]
    assert thumb.step is None
    assert thumb.formula.startswith("rule of thumb: ")


def test_a_method_that_has_nothing_to_train_in_a_family_is_left_out(towers):
    assert [each.method for each in memory_estimates(towers, owner(400e6))] == [
        next(rule.method["en"] for rule in towers.parameters.memory if rule.measured == "full")
    ]


@pytest.mark.parametrize(
    ("parameters", "gigabytes", "fits"),
    [
        (100e6, 2.5, "full"),
        (100e6, 2.4, None),
        (100e6, 1.9, "lora"),
        (100e6, 0.9, "nothing"),
        (400e6, 7, "nothing"),
        (400e6, 10, "full"),
    ],
)
def test_memory_is_no_problem_where_a_step_that_is_added_up_fits_for_sure(towers, parameters, gigabytes, fits):
    assert what_fits(towers, parameters, gigabytes, "tower") == fits


def test_a_card_holds_the_size_whose_smallest_step_fits_for_sure(towers):
    need, most = capacities(towers, 10, "tower")[0]
    assert need.rule.measured == "full"
    assert most == pytest.approx(400e6, rel=0.06)
    assert need.measured is not None


def test_scaling_a_measured_model_out_of_its_neighbours_comes_near_what_was_measured(article):
    """Each inner size of the shipped families from the two beside it: the way from 8 to 70 billion is the longest."""
    measured = article.parameters.measured
    for name, family in measured.families.items():
        for place in range(1, len(family.models) - 1):
            known = family.models[place]
            beside = family.models[place - 1], family.models[place + 1]
            alone = measured.model_copy(update={"families": {name: family.model_copy(update={"models": beside})}})
            found = sized(alone, name, known.parameters)
            for method in ("full", "lora", "qlora"):
                if method in known.needs:
                    scaled = found.gigabytes(method, family.batch)
                    assert scaled == pytest.approx(known.needs[method].at(family.batch), rel=0.25), (
                        known.label,
                        method,
                    )
