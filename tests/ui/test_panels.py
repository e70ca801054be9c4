"""Fact sheet, why, map, second opinions and history, drawn from the real framework."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.fakes.replies import flower_situation
from tests.ui.fakes import PASSAGE, FakeAdvisor
from tunewise.framework import Framework, decision_map, load_framework, shipped_frameworks
from tunewise.types import Fact, Situation
from tunewise.ui import evidence
from tunewise.ui.panels import PANELS, Painter
from tunewise.ui.state import PageState
from tunewise.ui.views import labels
from tunewise.ui.views.conversations import ConversationRow, conversations_html
from tunewise.ui.views.facts import sheet_html
from tunewise.ui.views.map import map_html
from tunewise.ui.views.opinions import OpinionRow, opinions_html
from tunewise.ui.views.why import FlipRow, RuleRow, why_html


def situation(**values: str) -> Situation:
    return Situation({name: Fact(name, value, "stated") for name, value in values.items()})


def test_every_fact_of_the_framework_can_be_set_and_taken_back(framework: Framework) -> None:
    html = sheet_html(flower_situation(), evidence.fact_fields(framework))

    for name, spec in framework.facts.items():
        select = re.search(rf'<select id="fact-{name}".*?</select>', html)
        assert select is not None
        assert re.findall(r'value="([^"]+)"', select.group(0)) == ["unknown", *spec.values]


def test_a_fact_shows_status_quote_and_reason(framework: Framework) -> None:
    html = sheet_html(flower_situation(), evidence.fact_fields(framework))

    assert "<q>800 labelled images</q>" in html
    assert "you said" in html
    assert "assumed" in html
    assert "photographs, like ImageNet" in html


def test_every_control_of_the_sheet_has_a_label(framework: Framework) -> None:
    html = sheet_html(None, evidence.fact_fields(framework))

    controls = set(re.findall(r'<(?:select|input)[^>]* id="(fact-[^"]+)"', html))
    assert controls == set(re.findall(r'<label for="(fact-[^"]+)"', html))


def test_the_number_of_examples_is_a_number_field(framework: Framework) -> None:
    html = sheet_html(flower_situation(), evidence.fact_fields(framework))

    assert re.search(r'id="fact-n_examples" type="number" value="800"', html)


def test_rules_about_the_primary_come_first_with_their_sentence(advisor: FakeAdvisor) -> None:
    rows = evidence.rule_rows(advisor, {"dataset_size": "small"}, "feature_extraction")  # type: ignore[arg-type]
    html = why_html(rows, (), "feature_extraction")

    assert "feature_extraction" in rows[0].then
    assert "About Feature extraction" in html
    assert "<blockquote>" in html


def test_a_rule_without_a_sentence_is_marked_as_our_reading() -> None:
    rule = RuleRow(
        "T6", {"compute": ("ample",)}, {"full_fine_tuning": "avoid"}, "should", interpretation="Compute is no cure."
    )

    assert "Our reading." in why_html([rule], (), None)


def test_the_sentence_is_marked_inside_its_passage() -> None:
    quote = "If the target dataset is small"
    rule = RuleRow("F3", {}, {"lora": "forbid"}, "may", quote, "article", "Framework", context=PASSAGE)
    html = why_html([rule], (), None)

    assert f"<mark>{quote}</mark>" in html
    assert "rules out LoRA" in html


def test_flip_points_are_the_frameworks_own(framework: Framework) -> None:
    rows = evidence.flip_rows(framework, {"dataset_size": "small"})
    html = why_html((), rows, None)

    assert any(row.fact == "dataset_size" and "100,000" in row.amount for row in rows)
    assert "If it were otherwise" in html


def test_no_flip_point_is_said_plainly() -> None:
    rule = RuleRow("F3", {}, {"lora": "avoid"}, "may", "Words.")

    assert "No single change" in why_html([rule], (), None)


def test_a_flip_says_which_fact_and_what_it_leads_to() -> None:
    html = why_html((), [FlipRow("compute", "ample", "full_fine_tuning")], None)

    assert "Compute: ample" in html
    assert "Full fine-tuning" in html


@pytest.mark.parametrize("values", [{}, {"compute": "limited"}, {"compute": "ample", "baseline": "insufficient"}])
def test_the_map_shows_what_the_engine_decides(framework: Framework, values: dict[str, str]) -> None:
    view = evidence.map_view(framework, situation(**values), {})
    chart = decision_map(framework, values)

    for (column, row), cell in view.cells.items():
        assert cell.primary == chart.cell(view.columns.values[column], view.rows.values[row]).primary


def test_you_are_here_is_on_the_cell_of_the_situation(framework: Framework) -> None:
    view = evidence.map_view(framework, situation(dataset_size="large", similarity="low"), {})
    html = map_html(view)

    assert (view.columns.values[view.here[0]], view.rows.values[view.here[1]]) == ("large", "low")
    assert html.count("You are here") == 1
    assert "What if</span>" not in html.replace('tw-status-edited">what if', "")


def test_a_what_if_moves_the_mark_and_leaves_the_situation(framework: Framework) -> None:
    here = situation(dataset_size="small", similarity="low", compute="ample")
    view = evidence.map_view(framework, here, {"n_examples": "1000000"})

    assert view.changes == {"dataset_size": "large"}
    assert view.whatif != view.here
    assert view.then != view.now
    assert "Make these my facts" in map_html(view)


@pytest.mark.parametrize(
    "hostile", [{"compute": "<b>"}, {"nonsense": "x"}, {"n_examples": "NaN"}, {"n_examples": "9" * 400}]
)
def test_a_what_if_that_makes_no_sense_changes_nothing_but_known_facts(
    framework: Framework, hostile: dict[str, str]
) -> None:
    then = evidence.whatif_values(framework, {"compute": "limited"}, hostile)

    assert then["compute"] == "limited"
    assert set(then) <= {"compute", "dataset_size"}


def test_the_map_is_a_table_with_headers(framework: Framework) -> None:
    html = map_html(evidence.map_view(framework, None, {}))

    assert html.count('scope="col"') == 3
    assert html.count('scope="row"') == 3
    assert "<caption>" in html


def test_second_opinions_show_every_shipped_framework_ours_first(framework: Framework) -> None:
    rows = evidence.opinion_rows(framework, situation(dataset_size="small", similarity="high"))

    assert rows[0].is_ours
    assert [row.title for row in rows] == [framework.title] + [
        load_framework(name).title for name in shipped_frameworks() if name != framework.name
    ]


def test_there_is_no_second_opinion_on_nothing(framework: Framework) -> None:
    assert "No second opinion yet" in opinions_html(evidence.opinion_rows(framework, Situation()))


@pytest.mark.parametrize(("other", "said"), [("lora", "They agree."), ("use_as_is", "They do not agree")])
def test_agreement_is_said_in_a_sentence(other: str, said: str) -> None:
    assert said in opinions_html([OpinionRow("Ours", "lora", is_ours=True), OpinionRow("Theirs", other)])


def test_a_framework_that_is_silent_is_named() -> None:
    assert "Silent on this: Theirs." in opinions_html([OpinionRow("Ours", "lora"), OpinionRow("Theirs", None)])


def test_history_marks_the_open_conversation_and_escapes_titles() -> None:
    rows = [ConversationRow("1", "<b>Mine</b>", "today 10:00", 2), ConversationRow("2", "Old", "2026-01-01", 1)]
    html = conversations_html(rows, current="1")

    assert html.count('aria-current="true"') == 1
    assert "<b>Mine" not in html


def test_nothing_can_be_saved_before_the_first_message_but_feedback() -> None:
    html = conversations_html([], current=None)

    assert html.count(" disabled") == 6


def test_a_store_that_cannot_be_read_gives_a_sentence() -> None:
    assert "Make the folder writable" in conversations_html([], current=None, problem="Make the folder writable.")


def test_only_panels_whose_part_changed_are_drawn_again(advisor: FakeAdvisor) -> None:
    painter = Painter(advisor)  # type: ignore[arg-type]
    state = PageState(owner="ann")

    assert set(painter.panels(None, state)) == set(PANELS)
    assert set(painter.panels(state, replace(state, notice="Hello"))) == {"notice"}
    assert set(painter.panels(state, replace(state, whatif={"compute": "ample"}))) == {"map"}
    assert painter.panels(state, state) == {}


def test_labels_of_another_framework_are_used_for_ids_of_its_own() -> None:
    with labels.learned({"sparse": "sparse tuning", ("power", "no"): "no mains"}):
        assert labels.strategy("sparse") == "Sparse tuning"
        assert labels.value("power", "no") == "no mains"
    assert labels.strategy("sparse_tuning") == "Sparse tuning"
