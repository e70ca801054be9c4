import pytest

from tests.answer.material import article_framework
from tunewise.answer.plan import make_plan
from tunewise.framework import load_framework
from tunewise.framework.memory import memory_estimates
from tunewise.framework.model import Parameters
from tunewise.types import Fact, Plan, Recommendation, Situation


def numbers(**amounts: tuple[float, str]) -> Situation:
    return Situation(
        {}, {name: Fact(name, str(value), "stated", amount=value, unit=unit) for name, (value, unit) in amounts.items()}
    )


def texts(situation, primary="feature_extraction", language="en"):
    return [step.text for step in make_plan(article_framework(), situation, Recommendation(primary), language).steps]


def test_a_plan_measures_first_and_every_step_has_a_source():
    plan = make_plan(article_framework(), Situation(), Recommendation("lora"), "en")
    assert plan.steps[0].title == "Measure first"
    assert all(step.source and step.text for step in plan.steps)


def test_a_baseline_that_was_measured_is_not_measured_again():
    facts = Situation({"baseline": Fact("baseline", "insufficient", "stated")})
    titles = [step.title for step in make_plan(article_framework(), facts, Recommendation("lora"), "en").steps]
    assert "Measure first" not in titles


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (800, "about 160 of your 800 examples aside"),
        (800, "5-fold cross-validation"),
        (12, "about 4 of your 12 examples aside"),
        (12, "3-fold"),
        (4000, "about 400 for the final test"),
        (170000, "170,000 examples about 8,500 each"),
        (10000000, "about 10,000 each"),
    ],
)
def test_the_split_fits_the_number_of_examples(total, words):
    assert any(words in text for text in texts(numbers(n_examples=(total, "images"))))


@pytest.mark.parametrize("unit", ["hours of audio", "GB", "tokens", "images per class"])
def test_other_units_than_examples_give_no_invented_numbers(unit):
    assert any("fewer than about 1,000" in text for text in texts(numbers(n_examples=(6, unit))))


def test_starting_values_come_from_the_framework():
    lora = article_framework().strategies["lora"]
    assert any(lora.start[0].value["en"] in text for text in texts(Situation(), "lora"))


@pytest.mark.parametrize("language", ["zh", "fr"])
def test_every_starting_value_of_the_shipped_framework_is_translated(language):
    for strategy in article_framework().strategies.values():
        if strategy.is_primary and strategy.trains:
            shown = " ".join(texts(Situation(), strategy.id, language))
            for point in strategy.start:
                assert len(point.value["en"]) < 8 or point.value["en"] not in shown, point.value


@pytest.mark.parametrize("primary", ["use_as_is", "evaluate_first"])
def test_without_training_there_is_no_split_and_no_learning_rate(primary):
    assert not any("cross-validation" in text or "earning rate" in text for text in texts(Situation(), primary))


def test_without_a_recommendation_there_is_no_plan():
    assert make_plan(article_framework(), Situation(), Recommendation(None), "en") == Plan()


@pytest.mark.parametrize(
    ("primary", "gigabytes"), [("feature_extraction", 0.2), ("linear_probing", 0.1), ("lora", 0.1)]
)
def test_what_is_advised_leads_the_memory_lines(primary, gigabytes):
    facts = numbers(model_parameters=(25e6, "parameters"), gpu_memory=(6, "GB"))
    first, *others = make_plan(article_framework(), facts, Recommendation(primary), "en").memory
    rules = {rule.method["en"]: rule for rule in article_framework().parameters.memory}
    assert (rules[first.method].strategy, first.gigabytes, first.fits) == (primary, gigabytes, True)
    assert not any(rules[one.method].only_advised for one in others)


def test_no_training_takes_no_memory_at_all():
    estimates = memory_estimates(article_framework(), numbers(model_parameters=(25e6, "parameters")))
    assert min(one.gigabytes for one in estimates) == 0.1


def test_memory_is_estimated_for_full_training_lora_and_qlora():
    estimates = memory_estimates(
        article_framework(), numbers(model_parameters=(7e9, "parameters"), gpu_memory=(24, "GB"))
    )
    assert [(one.gigabytes, one.fits) for one in estimates] == [(126.0, False), (15.1, True), (4.6, True)]
    assert all(one.formula and one.source for one in estimates)


@pytest.mark.parametrize(("memory", "fits"), [(15, False), (16, None), (19, True)])
def test_near_the_limit_it_depends_on_the_batch(memory, fits):
    known = numbers(model_parameters=(7e9, "parameters"), gpu_memory=(memory, "GB"))
    assert memory_estimates(article_framework(), known)[1].fits is fits


def test_unknown_hardware_is_no_answer_and_an_unknown_model_no_estimate():
    estimates = memory_estimates(article_framework(), numbers(model_parameters=(1e8, "parameters")))
    assert {one.fits for one in estimates} == {None}
    assert memory_estimates(article_framework(), numbers(gpu_memory=(24, "GB"))) == ()


def test_advice_not_to_train_estimates_the_memory_for_use():
    plan = make_plan(
        article_framework(), numbers(model_parameters=(7e9, "parameters")), Recommendation("use_as_is"), "en"
    )
    assert [one.gigabytes for one in plan.memory] == [14.0]


def test_a_plan_cites_nothing_but_what_the_framework_gives_as_source():
    framework = load_framework("cs231n")
    steps = make_plan(framework, numbers(n_examples=(800, "images")), Recommendation("linear_probing"), "en").steps
    own = {step.source for strategy in framework.strategies.values() for step in strategy.steps}
    common = {step.source for step in framework.plan.values()} | {split.source for split in framework.parameters.splits}
    assert {step.source for step in steps if step.title != "Starting values"} <= own | common


def test_what_a_framework_gives_no_numbers_for_is_left_out_of_the_plan():
    bare = article_framework().model_copy(update={"parameters": Parameters(), "plan": {}, "hash": "bare"})
    known = numbers(n_examples=(800, "images"), model_parameters=(7e9, "parameters"), gpu_memory=(24, "GB"))
    plan = make_plan(bare, known, Recommendation("lora"), "en")
    assert {step.title for step in plan.steps}.isdisjoint({"Measure first", "Split", "Watch and stop"})
    assert plan.memory == ()


def test_without_room_for_activations_nothing_is_said_to_fit():
    parameters = article_framework().parameters.model_copy(update={"activations": None})
    unsure = article_framework().model_copy(update={"parameters": parameters, "hash": "unsure"})
    known = numbers(model_parameters=(7e9, "parameters"), gpu_memory=(24, "GB"))
    assert [one.fits for one in memory_estimates(unsure, known)] == [False, None, None]
