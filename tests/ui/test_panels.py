"""Fact sheet, why, map, second opinions and history, drawn from the real framework; and how a panel is added."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from jinja2 import ChoiceLoader, DictLoader

from tests.fakes.advisor import PASSAGE, FakeAdvisor
from tests.fakes.replies import flower_reply, flower_situation
from tunewise.desk import Desk, State
from tunewise.desk.dataset import summarise_file
from tunewise.desk.hardware import Machine
from tunewise.framework import FlipPoint, Framework, decision_map, flip_points, load_framework, shipped_frameworks
from tunewise.types import Fact, Recommendation, Situation
from tunewise.ui import evidence
from tunewise.ui.app import build, launch_options
from tunewise.ui.panels import PANELS, Painter, Panel, agreement
from tunewise.ui.views import labels, templates
from tunewise.ui.views.templates import render, when


def situation(**values: str) -> Situation:
    return Situation({name: Fact(name, value, "stated") for name, value in values.items()})


def panel(name: str, advisor: FakeAdvisor, state: State) -> str:
    return next(each for each in PANELS if each.name == name).html(Desk(advisor), state)  # type: ignore[arg-type]


def sheet_html(advisor: FakeAdvisor, facts: Situation | None) -> str:
    return panel("facts", advisor, State(situation=facts))


def why_html(rules: object, flips: object, primary: str | None) -> str:
    return render("why", rules=rules, flips=flips, primary=primary, factors=("data", "compute"))


def test_every_fact_of_the_framework_can_be_set_and_taken_back(advisor: FakeAdvisor, framework: Framework) -> None:
    html = sheet_html(advisor, flower_situation())

    for name, spec in framework.facts.items():
        select = re.search(rf'<select id="fact-{name}".*?</select>', html)
        assert select is not None
        assert re.findall(r'value="([^"]+)"', select.group(0)) == ["unknown", *spec.values]


def test_a_fact_shows_status_quote_and_reason(advisor: FakeAdvisor) -> None:
    html = sheet_html(advisor, flower_situation())

    assert "<q>800 labelled images</q>" in html
    assert "you said" in html
    assert "assumed" in html
    assert "photographs, like ImageNet" in html


def test_every_control_of_the_sheet_has_a_label(advisor: FakeAdvisor) -> None:
    html = sheet_html(advisor, None)

    controls = set(re.findall(r'<(?:select|input)[^>]* id="(fact-[^"]+)"', html))
    assert controls == set(re.findall(r'<label for="(fact-[^"]+)"', html))


def test_the_number_of_examples_is_a_number_field(advisor: FakeAdvisor) -> None:
    html = sheet_html(advisor, flower_situation())

    assert re.search(r'id="fact-n_examples" type="number" value="800"', html)


def test_rules_about_the_primary_come_first_with_their_sentence(advisor: FakeAdvisor) -> None:
    known = situation(dataset_size="small")
    reply = flower_reply(situation=known, recommendation=Recommendation("feature_extraction"))
    html = panel("why", advisor, State(advice=reply))

    assert html.index("About Feature extraction") < html.index("Other rules that apply")
    first, others = html[html.index("About Feature extraction") :].split("Other rules that apply")
    assert "evidence, data, compute" in others
    assert all("Feature extraction" in rule for rule in first.split('class="tw-rule"')[1:])
    assert "<blockquote>" in html


def test_a_rule_without_a_sentence_is_marked_as_our_reading(advisor: FakeAdvisor) -> None:
    fired = evidence.fired_rules(advisor, {"dataset_size": "small"})  # type: ignore[arg-type]
    rule = replace(fired[0][0], source=None, interpretation="Compute is <no> cure.")

    html = why_html([(rule, None)], (), None)
    assert "Our interpretation" in html
    assert "Compute is &lt;no&gt; cure." in html


def test_the_sentence_is_marked_inside_its_passage(advisor: FakeAdvisor) -> None:
    quote = "If the target dataset is small"
    fired = evidence.fired_rules(advisor, {"dataset_size": "small"})  # type: ignore[arg-type]
    sourced = next(rule for rule, _ in fired if rule.source)
    assert sourced.source is not None
    source = sourced.source.model_copy(update={"quote": quote})
    rule = replace(sourced, source=source, effects={"lora": "forbid"}, interpretation="")

    html = why_html([(rule, PASSAGE)], (), None)
    assert f"<mark>{quote}</mark>" in html
    assert "rules out LoRA" in html


def test_flip_points_are_the_frameworks_own(framework: Framework) -> None:
    html = why_html((), flip_points(framework, {"dataset_size": "small"}), None)

    assert re.search(r"Amount of data: large \(about 100,000[^)]* or more\)", html)
    assert "If it were otherwise" in html


def test_no_flip_point_is_said_plainly(advisor: FakeAdvisor) -> None:
    fired = evidence.fired_rules(advisor, {"dataset_size": "small"})  # type: ignore[arg-type]

    assert "No single change" in why_html(fired, (), None)


def test_a_flip_says_which_fact_and_what_it_leads_to() -> None:
    html = why_html((), [FlipPoint("compute", None, "ample", "full_fine_tuning")], None)

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
    html = render("map", map=view)

    ((column, row),) = view.here
    assert (view.columns.values[column], view.rows.values[row]) == ("large", "low")
    assert html.count("You are here") == 1
    assert "What if</span>" not in html.replace('tw-status-edited">what if', "")


def test_while_the_size_is_open_you_may_be_in_any_field_of_the_row(framework: Framework) -> None:
    html = render("map", map=evidence.map_view(framework, situation(similarity="low"), {}))

    assert html.count("You may be here") == 3
    assert "You are here" not in html


def test_a_what_if_moves_the_mark_and_leaves_the_situation(framework: Framework) -> None:
    here = situation(dataset_size="small", similarity="low", compute="ample")
    view = evidence.map_view(framework, here, {"n_examples": "1000000"})

    assert view.changes == {"dataset_size": "large"}
    assert view.whatif != view.here
    assert view.then != view.now
    assert "Make these my facts" in render("map", map=view)


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
    html = render("map", map=evidence.map_view(framework, None, {}))

    assert html.count('scope="col"') == 3
    assert html.count('scope="row"') == 3
    assert "<caption>" in html


def opinions_html(advisor: FakeAdvisor, **values: str) -> str:
    return panel("opinions", advisor, State(situation=situation(**values)))


def test_second_opinions_show_every_shipped_framework_ours_first(advisor: FakeAdvisor, framework: Framework) -> None:
    html = opinions_html(advisor, dataset_size="small", similarity="high")
    others = [load_framework(name).title for name in shipped_frameworks() if name != framework.name]

    assert [unescape(title) for title in re.findall(r"<h3>(.*?)</h3>", html)] == [framework.title, *others]
    assert html.count("tw-opinion-ours") == 1


def test_there_is_no_second_opinion_on_nothing(advisor: FakeAdvisor) -> None:
    assert "No second opinion yet" in opinions_html(advisor)


@pytest.mark.parametrize(
    ("other", "said"),
    [("lora", "They agree."), ("use_as_is", "They do not agree"), (None, "They agree. Silent on this: Theirs.")],
)
def test_agreement_and_silence_are_said_in_a_sentence(other: str | None, said: str) -> None:
    assert said in agreement([("Ours", "lora"), ("Theirs", other)])


def test_history_marks_the_open_conversation_and_escapes_titles(advisor: FakeAdvisor) -> None:
    mine = advisor.conversations.create("<b>Mine</b>", owner="ann")
    advisor.conversations.create("Old", owner="ann")
    html = panel("history", advisor, State(owner="ann", conversation=mine))

    assert html.count('aria-current="true"') == 1
    assert "<b>Mine" not in html
    assert html.count("no messages") == 2


def test_nothing_can_be_saved_before_the_first_message_but_feedback(advisor: FakeAdvisor) -> None:
    assert panel("history", advisor, State(owner="ann")).count(" disabled") == 6


def test_a_store_that_cannot_be_read_gives_a_sentence() -> None:
    html = render("history", state=State(), conversations=[], unreadable="Make the folder writable.")

    assert "Make the folder writable." in html


def test_what_was_read_from_a_dataset_is_shown_as_text(advisor: FakeAdvisor) -> None:
    data = b"text,label\n" + b"some words for this,<img src=x>\nother words for it,b\n" * 5
    html = panel("facts", advisor, State(reading=summarise_file("<b>.csv", data, whole_bytes=len(data) * 10)))

    assert "Use these figures" in html
    assert "about 100" in html
    assert "50 %" in html  # of a part, shares: its counts are none of the whole
    assert "<img" not in html
    assert "<b>.csv" not in html


def test_what_was_read_from_this_machine_is_shown(advisor: FakeAdvisor) -> None:
    html = panel("facts", advisor, State(reading=Machine("Apple M3", 8, 36.0, shares_memory=True)))

    assert "shares the main memory" in html
    assert "Apple M3, 8 cores" in html


def test_times_are_said_as_people_say_them() -> None:
    now = 1_780_000_000.0

    assert when(now, now).startswith("today ")
    assert when(now - 86_400, now).startswith("yesterday ")
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", when(now - 10 * 86_400, now))


def test_only_panels_whose_part_changed_are_drawn_again(advisor: FakeAdvisor) -> None:
    painter = Painter(Desk(advisor))  # type: ignore[arg-type]
    state = State(owner="ann")

    assert set(painter.changed(None, state)) == {panel.name for panel in PANELS}
    assert set(painter.changed(state, replace(state, notice="Hello"))) == {"notice"}
    assert set(painter.changed(state, replace(state, whatif={"compute": "ample"}))) == {"map"}
    assert painter.changed(state, state) == {}


def test_a_new_panel_is_a_view_and_an_entry_in_the_list(advisor: FakeAdvisor, monkeypatch: pytest.MonkeyPatch) -> None:
    view = DictLoader({"toy.html": "<p>{{ state.turns|length }} messages, {{ state.search }}</p>"})
    loader = templates.ENVIRONMENT.loader
    assert loader is not None
    monkeypatch.setattr(templates.ENVIRONMENT, "loader", ChoiceLoader([view, loader]))
    panels = (*PANELS, Panel("toy", lambda state: state.search, "Toy"))
    page = build(advisor, panels=panels)  # type: ignore[arg-type]
    drawn = Painter(Desk(advisor), panels).changed(State(), State(search="<b>"))  # type: ignore[arg-type]

    assert drawn["toy"] == '<h2 class="tw-hidden">Toy</h2>' + "<p>0 messages, &lt;b&gt;</p>"
    assert 'id="tab-toy"' in render("tabs", panels=panels)
    assert "panel-toy" in [block.elem_id for block in page.blocks.values()]
    assert '#tw-body[data-tab="toy"] > #panel-toy' in launch_options(panels)["css"]


def test_ids_that_the_framework_lacks_are_spelled_out() -> None:
    assert labels.strategy("sparse_tuning") == "Sparse tuning"
