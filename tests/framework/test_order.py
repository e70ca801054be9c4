"""Whatever order things are written in, the same comes out, in one order."""

from collections.abc import Mapping

import pytest

from tunewise.errors import SituationError
from tunewise.framework import Framework, decide, load_framework
from tunewise.framework.compiled import compile_rules

LARGE = {"dataset_size": "large", "similarity": "low", "compute": "ample"}


def _reversed(entries: Mapping[str, object]) -> dict[str, object]:
    return dict(reversed(list(entries.items())))


@pytest.fixture(scope="module")
def framework() -> Framework:
    return load_framework()


@pytest.fixture(scope="module")
def backwards(framework: Framework) -> Framework:
    groups = ("rules", "facts", "strategies")
    return framework.model_copy(
        update={"hash": "backwards", **{key: _reversed(getattr(framework, key)) for key in groups}}
    )


def test_the_compiled_form_does_not_depend_on_file_order(framework, backwards):
    for part in ("rules", "facts", "primaries", "supporters", "branching"):
        assert getattr(compile_rules(backwards), part) == getattr(compile_rules(framework), part)


def test_rules_that_fire_are_rules_that_exist(framework):
    for values in ({}, LARGE):
        fired = compile_rules(framework).fired(values)
        assert 0 <= fired < 1 << len(framework.rules)


def test_a_decision_lists_strategies_and_effects_by_name(backwards):
    decision = decide(backwards, LARGE)
    assert list(decision.statuses) == sorted(decision.statuses)
    for fired in decision.trace:
        assert list(fired.effects) == sorted(fired.effects)
        assert list(fired.facts) == sorted(fired.facts)


def test_of_two_bad_values_the_first_by_name_is_reported(framework):
    with pytest.raises(SituationError, match="'compute'"):
        decide(framework, {"similarity": "nonsense", "compute": "nonsense"})


def test_a_long_bad_value_is_cut_at_eighty_characters(framework):
    with pytest.raises(SituationError) as raised:
        decide(framework, {"compute": "x" * 500})
    assert "x" * 80 in str(raised.value)
    assert "x" * 81 not in str(raised.value)
