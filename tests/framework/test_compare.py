"""Second opinions, and the decision map."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from tunewise.framework import Framework, compare, decide, decision_map, map_svg

SVG = "{http://www.w3.org/2000/svg}"


def test_the_same_situation_is_decided_under_each_framework() -> None:
    found = compare({"dataset_size": "small", "similarity": "low"})
    assert {one.name: one.decision.primary for one in found.opinions} == {
        "article": "feature_extraction",
        "article-pure": "feature_extraction",
        "cs231n": "linear_probing",
        "ng-letter-2025": "evaluate_first",
        "prompt-retrieve-tune": "prompting",
    }
    assert not found.agree


@pytest.mark.parametrize(
    ("size", "similarity", "primary"),
    [
        ("small", "high", "linear_probing"),
        ("small", "low", "linear_probing"),
        ("large", "high", "full_fine_tuning"),
        ("large", "low", "full_fine_tuning"),
    ],
)
def test_cs231n_decides_its_four_quadrants(size: str, similarity: str, primary: str) -> None:
    found = compare({"dataset_size": size, "similarity": similarity}, ["cs231n"])
    assert found.opinions[0].decision.primary == primary


@pytest.mark.parametrize(
    ("values", "primary"),
    [
        ({}, "evaluate_first"),
        ({"dataset_size": "large", "compute": "ample"}, "evaluate_first"),
        ({"prompting_tried": "no", "goal": "behaviour"}, "evaluate_first"),
        ({"goal": "behaviour"}, "lora"),
        ({"goal": "knowledge", "prompting_tried": "yes"}, "evaluate_first"),
        ({"goal": "efficiency", "prompting_tried": "yes"}, "lora"),
        ({"prompting_tried": "yes", "baseline": "insufficient"}, "lora"),
        ({"prompting_tried": "yes", "baseline": "good_enough"}, "use_as_is"),
    ],
)
def test_ngs_letter_puts_simpler_means_first(values: dict[str, str], primary: str) -> None:
    assert compare(values, ["ng-letter-2025"]).opinions[0].decision.primary == primary


def test_a_difference_names_the_grounds_the_rules_and_what_is_not_asked_about() -> None:
    found = compare({"compute": "limited"}, ["article", "cs231n"])
    assert found.differences == (
        "article advises lora because compute is limited (F12); "
        "cs231n advises feature_extraction as its default (CS0) and does not ask about compute.",
    )
    assert found.opinions[1].ignored == ("compute",)


def test_agreement_has_no_differences() -> None:
    found = compare({"baseline": "good_enough"}, ["article", "article-pure", "ng-letter-2025"])
    assert found.agree
    assert found.differences == ()


def test_the_map_shows_what_the_engine_decides(article: Framework) -> None:
    chart = decision_map(article, {"compute": "limited", "dataset_size": "small"})
    assert chart.values == {"compute": "limited"}
    assert len(chart.cells) == 9
    for cell in chart.cells:
        values = {"compute": "limited", "dataset_size": cell.dataset_size, "similarity": cell.similarity}
        assert decide(article, values).primary == cell.primary
    assert chart.cell("large", "low").primary == "lora"


def test_compute_changes_the_map(article: Framework) -> None:
    ample = decision_map(article, {"compute": "ample"})
    assert ample.cell("large", "low").primary == "full_fine_tuning"


def test_the_map_as_text_names_every_cell(article: Framework) -> None:
    lines = decision_map(article, {}).text().splitlines()
    assert lines[0].split() == ["size", "small", "size", "medium", "size", "large"]
    assert lines[3].split() == ["similarity", "low", "feature_extraction", "progressive_unfreezing", "full_fine_tuning"]


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
def test_the_picture_labels_every_cell_and_has_a_legend(language: str, article: Framework) -> None:
    picture = ET.fromstring(map_svg(decision_map(article, {}), language=language))
    words = ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]
    labels = {
        article.strategies[id_].label[language] for id_ in ("evaluate_first", "full_fine_tuning", "feature_extraction")
    }
    assert labels <= set(words)
    assert len([one for one in picture.iter(f"{SVG}rect") if one.get("rx")]) == 9
    assert picture.find(f"{SVG}title") is not None
    assert picture.find(f"{SVG}desc") is not None


def test_the_picture_marks_where_the_user_is(article: Framework) -> None:
    chart = decision_map(article, {})
    marked = ET.fromstring(map_svg(chart, {"dataset_size": "small"}))
    assert [one.get("class") for one in marked.iter(f"{SVG}rect")].count("c here") == 1
    words = ["".join(text.itertext()) for text in marked.iter(f"{SVG}text")]
    assert {"▲", "▲ small, ?"} <= set(words)
    assert 'class="c here"' not in map_svg(chart)


def test_while_the_size_is_open_the_user_may_be_in_any_field_of_the_row(article: Framework) -> None:
    marked = ET.fromstring(map_svg(decision_map(article, {}), {"similarity": "low"}))
    assert [one.get("class") for one in marked.iter(f"{SVG}rect")].count("c here") == 3


def test_the_picture_works_on_dark_pages_and_needs_nothing_from_outside(article: Framework) -> None:
    picture = map_svg(decision_map(article, {}))
    assert "prefers-color-scheme:dark" in picture
    assert "href" not in picture
    assert "url(" not in picture


def test_strategies_of_one_colour_look_alike_and_one_without_is_grey(article: Framework) -> None:
    def coloured(colour: str | None) -> Framework:
        painted = {id_: spec.model_copy(update={"colour": colour}) for id_, spec in article.strategies.items()}
        return article.model_copy(update={"strategies": painted})

    for colour, fill in (("green", "#8fd0a5"), (None, "#e0e0e0"), ("mauve", "#e0e0e0")):
        picture = ET.fromstring(map_svg(decision_map(coloured(colour), {})))
        assert {one.get("fill") for one in picture.iter(f"{SVG}rect")} == {fill}


def test_every_word_of_the_picture_is_the_frameworks(article: Framework) -> None:
    picture = ET.fromstring(map_svg(decision_map(article, {}), {}, language="zh"))
    words = "".join("".join(text.itertext()) for text in picture.iter(f"{SVG}text"))
    assert not any(letter.isascii() and letter.isalpha() for letter in words.replace("LoRA", ""))
