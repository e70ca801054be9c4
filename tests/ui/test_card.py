"""The recommendation card, for every verdict, origin and state."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from tests.fakes.replies import flower_reply
from tunewise.desk import Exchange, Progress, State
from tunewise.types import (
    Clash,
    Fact,
    Finding,
    FindingKind,
    MemoryEstimate,
    Plan,
    Question,
    Recommendation,
    Reply,
    Situation,
    Step,
    TrainingStep,
    Verdict,
)
from tunewise.ui.panels import PANELS
from tunewise.ui.views import labels

ADVICE = next(panel for panel in PANELS if panel.name == "advice")
KINDS: tuple[FindingKind, ...] = get_args(FindingKind)


def card_html(reply: Reply | None, *, busy: bool = False, edited: bool = False) -> str:
    stage = Progress("explanation") if busy else None
    return ADVICE.html(None, State(advice=reply, stage=stage, edited=edited))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_every_verdict_is_a_badge_with_its_meaning_in_a_sentence(kind: FindingKind) -> None:
    settled = Recommendation("feature_extraction")
    verdict = Verdict(kind, (Finding(kind, "Because.", "lora", ("F4",)),))
    html = card_html(flower_reply(recommendation=settled, verdict=verdict))

    assert f'data-verdict="{kind}"' in html
    assert labels.VERDICTS[kind].word in html
    assert labels.VERDICTS[kind].meaning.split("’")[0] in html


def test_an_answer_without_a_recommendation_offers_what_the_rules_would_decide_on() -> None:
    question = Question("compute", "What hardware?", {"limited": "lora", "ample": "full_fine_tuning"})
    reply = flower_reply(kind="knowledge", recommendation=None, verdict=None, questions=(question,))
    html = ADVICE.html(None, State(latest=reply))  # type: ignore[arg-type]

    assert "The answer is in the chat" in html
    assert "What hardware?" in html
    assert html.count('tw-choice"') == 2
    assert "The answer is in the chat" not in ADVICE.html(None, State(latest=flower_reply(kind="clarify")))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "valid"])
def test_only_valid_looks_approved(kind: FindingKind) -> None:
    assert labels.VERDICTS[kind].tone != "good"


def test_what_an_open_answer_could_change_is_shown_as_open_everywhere() -> None:
    reply = flower_reply()
    state = State(turns=(Exchange("Q", reply=reply),), advice=reply)
    shown = {panel.name: panel.html(None, state) for panel in PANELS if panel.name in ("advice", "chat", "stage")}  # type: ignore[arg-type]

    assert reply.recommendation is not None
    assert reply.recommendation.conditional
    for name, html in shown.items():
        headline = html.split('class="tw-findings"')[0]
        assert "Follows so far" in headline, name
        assert "Follows from your facts" not in headline, name


def test_before_the_first_message_the_card_invites() -> None:
    assert "No recommendation yet" in card_html(None)


def test_a_clash_shows_both_quotes_and_a_button_for_each_reading() -> None:
    clash = Clash("dataset_size", (("small", "200 images"), ("large", "millions of images")))
    html = card_html(
        flower_reply(situation=Situation(clashes=(clash,)), recommendation=None, verdict=Verdict("impossible"))
    )

    assert "200 images" in html
    assert "millions of images" in html
    assert html.count('data-event="edit"') >= 2


def test_each_answer_to_an_open_question_is_one_click_and_names_its_outcome() -> None:
    question = Question("compute", "What hardware?", {"limited": "lora", "ample": "full_fine_tuning"})
    html = card_html(flower_reply(questions=(question,)))

    assert "&quot;compute&quot;: &quot;limited&quot;" in html
    assert "leads to </span>→ Full fine-tuning" in html


def test_question_and_answers_speak_the_language_of_the_reply() -> None:
    question = Question("compute", "Quel matériel avez-vous ?", {"limited": "lora", "ample": "full_fine_tuning"})
    html = card_html(flower_reply(language="fr", questions=(question,)))
    asked = html[html.index('<li lang="fr">') : html.index("</ul>", html.index('<li lang="fr">'))]

    assert "→ Ajustement complet" in asked
    assert "abondante" in asked


def test_answers_that_leave_the_first_choice_say_so() -> None:
    question = Question(
        "forgetting_concern", "Must it keep?", {"yes": "feature_extraction", "no": "feature_extraction"}
    )
    html = card_html(flower_reply(questions=(question,)))

    assert html.count("still </span>→ Feature extraction") == 2
    assert "could add to this" in html


def test_while_the_model_writes_the_card_says_that_the_rules_decided() -> None:
    assert "the rules’ decision" in card_html(flower_reply(), busy=True)


def test_after_an_edit_the_card_says_that_the_chat_is_older() -> None:
    assert "Decided again from your edits" in card_html(flower_reply(), edited=True)


@pytest.mark.parametrize(("fits", "word"), [(True, "fits"), (False, "too large"), (None, "not known")])
def test_the_memory_table_says_whether_it_fits(fits: bool | None, word: str) -> None:
    plan = Plan((), (MemoryEstimate("LoRA", 14.2, "parameters × 2 bytes", "P1", fits),))
    html = card_html(flower_reply(plan=plan))

    assert "14 GB" in html
    assert word in html


def test_a_measured_sum_has_its_batch_beside_it() -> None:
    step = TrainingStep(4, 16, 512, "tokens", False, ("T5-base",), False)
    html = card_html(flower_reply(plan=Plan((), (MemoryEstimate("LoRA", 14.2, "measured", "P1", True, step),))))

    assert "14 GB at batch 4" in html


def test_the_plan_names_what_each_step_rests_on() -> None:
    html = card_html(flower_reply(plan=Plan((Step("Measure first", "Evaluate it.", "D18"),))))

    assert "Measure first" in html
    assert "D18" in html


def test_assumptions_and_conditions_are_shown() -> None:
    html = card_html(flower_reply())

    assert "the photographs resemble ImageNet" in html
    assert "Compute: limited" not in html  # the question above says what that leads to
    assert "Unless" in (alone := card_html(flower_reply(questions=())))
    assert "Compute: limited" in alone


def test_findings_show_completions_and_repairs() -> None:
    finding = Finding(
        "satisfiable",
        "It depends.",
        "lora",
        holds={"compute": "limited"},
        fails={"compute": "ample"},
        repair={"remove": ["pruning"], "primary": "lora"},
    )
    html = card_html(flower_reply(verdict=Verdict("satisfiable", (finding,))))

    assert "holds if compute: limited, and fails if compute: ample." in html
    assert "leave out Pruning; make the main strategy LoRA" in html


def test_a_finding_is_worded_by_the_page_and_its_rules_are_links() -> None:
    finding = Finding("valid", "feature_extraction follows from rules D3, F4.", "feature_extraction", ("D3", "F4"))
    html = card_html(flower_reply(verdict=Verdict("valid", (finding,))))

    assert "feature_extraction follows" not in html
    assert re.findall(r'href="#rule-([^"]+)"', html) == ["D3", "F4"]


def test_hostile_text_in_any_field_stays_text() -> None:
    evil = "<img src=x onerror=alert(1)>"
    reply = flower_reply(
        recommendation=Recommendation(evil, (evil,), (evil,), (evil,)),
        verdict=Verdict("invalid", (Finding("invalid", evil, evil, (evil,), (evil,)),)),
        questions=(Question(evil, evil, {evil: evil}),),
        plan=Plan((Step(evil, evil, evil),), (MemoryEstimate(evil, 1.0, evil, evil),)),
        situation=Situation({"a": Fact("a", evil)}, clashes=(Clash(evil, ((evil, evil),)),)),
    )

    assert "<img" not in card_html(reply)
