"""The chat and the sources panel, and the links between them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.fakes.advisor import ANSWER, DOCUMENT, NEARBY, NOTE, OTHER, PASSAGE, FakeAdvisor, scripted_reply
from tests.fakes.replies import flower_reply
from tunewise.desk import Desk, Exchange, Progress, State
from tunewise.types import Citation, Hit, Passage, Recommendation, Verdict, Withheld
from tunewise.ui.panels import PANELS
from tunewise.ui.views.citations import sources_of
from tunewise.ui.views.templates import render

PASSAGES = {"A12": PASSAGE, "P-lora-1": OTHER}


def panel(name: str, state: State) -> str:
    return next(each for each in PANELS if each.name == name).html(None, state)  # type: ignore[arg-type]


def chat_html(state: State) -> str:
    return panel("chat", state)


def stage_html(state: State) -> str:
    return panel("stage", state)


def shown(turn: Exchange, **changes: object) -> str:
    return chat_html(replace(State(turns=(turn,)), **changes))  # type: ignore[arg-type]


def sources_html(
    citations: Sequence[Citation], passages: Mapping[str, Passage], answer: str = "", hits: Sequence[Hit] = ()
) -> str:
    cited = sources_of(citations, passages, answer)
    others = [hit.passage for hit in hits]
    state = State(turns=(Exchange("Q"),))
    return render("sources", state=state, cited=cited, near=(), others=others)


def test_a_first_visit_offers_example_situations() -> None:
    html = chat_html(State())

    assert html.count('class="tw-example"') == 4


def test_every_mark_in_the_answer_and_every_source_find_each_other() -> None:
    reply = scripted_reply()
    chat = shown(Exchange("Q", reply=reply))
    sources = sources_html(reply.citations, PASSAGES, reply.answer)

    marks = set(re.findall(r'id="(cite-[^"]+)"', chat))
    assert marks == set(re.findall(r'href="#(cite-[^"]+)"', sources))
    assert set(re.findall(r'href="#(source-[^"]+)"', chat)) == set(re.findall(r'id="(source-[^"]+)"', sources))


def test_one_numbering_in_answer_and_sources() -> None:
    reply = scripted_reply()
    chat = shown(Exchange("Q", reply=reply))

    assert re.findall(r'aria-label="Source (\d), passage ([^"]+)"', chat) == [
        ("1", "A12"),
        ("1", "A12"),
        ("2", "P-lora-1"),
    ]


def test_the_cited_words_are_marked_inside_the_full_passage() -> None:
    reply = scripted_reply()
    html = sources_html(reply.citations, PASSAGES, answer=reply.answer)

    assert "<mark>fine-tuning the entire model can lead to overfitting</mark>" in html
    assert "freezing the early layers" in html


def test_overlapping_spans_are_marked_once_and_what_stands_outside_is_quoted_below() -> None:
    spans = (
        Citation("A12", "article", "article", "S", 0, 20, DOCUMENT[:20]),
        Citation("A12", "article", "article", "S", 10, 30, DOCUMENT[10:30]),
        Citation("A12", "article", "article", "S", 10_000, 10_010, "beyond"),
    )
    html = sources_html(spans, PASSAGES)

    assert html.count("<mark>") == 2
    assert f"<mark>{DOCUMENT[:30]}</mark>" in html
    assert "<br><mark>beyond</mark>" in html


def test_a_quote_that_stands_in_its_passage_is_not_told_below_it_though_its_place_has_moved() -> None:
    html = sources_html((Citation("A12", "article", "article", "S", 10_000, 10_030, DOCUMENT[:30]),), PASSAGES)

    assert "<br><mark>" not in html


def test_a_citation_without_its_passage_still_shows_the_quote() -> None:
    html = sources_html((Citation("X9", "notes", "gone", "S", 0, 5, "words"),), {})

    assert "<mark>words</mark>" in html


def test_passages_that_were_found_but_not_cited_are_folded() -> None:
    html = sources_html((), {}, hits=(Hit(OTHER, 0.4),))

    assert "Found but not cited (1)" in html


def test_a_note_near_the_question_is_folded_under_its_question_and_its_mark_leads_to_it_and_back(
    advisor: FakeAdvisor,
) -> None:
    turn = Exchange("Q", reply=replace(scripted_reply(), nearby=(NEARBY,)))
    chat = shown(turn)
    panel = next(each for each in PANELS if each.name == "sources")
    sources = panel.html(Desk(advisor), State(turns=(turn,), latest=turn.reply, hits=(Hit(NOTE, 0.2),)))  # type: ignore[arg-type]
    folded = chat.split("Near your question</h3>")[1]

    assert "How many epochs do 800 photos need?</summary>" in folded
    assert ANSWER.removesuffix(".") in folded
    assert 'aria-label="Source 3, passage PN-flowers-01"' in folded
    assert set(re.findall(r'href="#(source-[^"]+)"', chat)) == set(re.findall(r'id="(source-[^"]+)"', sources))
    assert set(re.findall(r'id="(cite-[^"]+)"', chat)) == set(re.findall(r'href="#(cite-[^"]+)"', sources))
    assert sources.count("PN-flowers-01</span>") == 1
    assert f"<mark>{ANSWER}</mark>" in sources.split("Notes near your question (1)")[1]


def test_the_heading_above_notes_is_in_the_language_of_the_reply_and_their_questions_are_english() -> None:
    html = shown(Exchange("问", reply=flower_reply(language="zh", nearby=(NEARBY,))))

    assert re.search(r'lang="zh"[^>]*>与你的问题相近', html)
    assert re.search(r'<summary[^>]*lang="en"', html)


def test_where_nothing_lies_near_the_question_there_is_no_heading() -> None:
    assert "tw-near" not in shown(Exchange("Q", reply=flower_reply()))


def test_a_mark_that_is_no_citation_is_no_link() -> None:
    html = shown(Exchange("Q", reply=flower_reply(answer="So it is [Z99].", citations=())))

    assert "tw-cite-open" in html
    assert 'href="#source-Z99"' not in html


def test_a_withheld_sentence_is_listed_with_its_reason() -> None:
    reply = flower_reply(withheld=(Withheld("Full fine-tuning is <b>best</b>.", "speaks against the advice"),))
    html = shown(Exchange("Q", reply=reply))

    assert "1 sentence of the model withheld" in html
    assert "speaks against the advice" in html
    assert "<b>best" not in html


def test_an_error_is_an_alert_and_try_again_is_offered() -> None:
    html = shown(Exchange("Q", problem="The model stopped working."))

    assert 'role="alert"' in html
    assert 'data-event="retry"' in html


def test_try_again_is_offered_only_where_it_may_bring_another_answer() -> None:
    retry = 'data-event="retry"'

    assert retry not in shown(Exchange("Q", reply=flower_reply()))
    assert retry in shown(Exchange("Q", reply=flower_reply(), stopped=True))
    assert retry in shown(Exchange("Q", reply=flower_reply(), problem="The model stopped working."))


def test_a_stopped_answer_says_what_stands() -> None:
    assert "the rules decided stands" in shown(Exchange("Q", partial="Half an", stopped=True))


def test_after_an_edit_the_card_of_the_answer_is_marked_as_older_and_the_new_one_stands_below() -> None:
    new = flower_reply(recommendation=Recommendation("lora"), verdict=Verdict("valid"))
    html = shown(Exchange("Q", reply=flower_reply()), advice=new, edited=True)
    old, now = html.split("Decided again from what you set")

    assert "Before your edits" in old
    assert "Follows" not in old
    assert "LoRA" in now
    assert "Follows from your facts" in now
    assert "Before your edits" not in shown(Exchange("Q", reply=flower_reply()), advice=new)


def test_the_decision_stands_above_every_tab_and_after_an_edit_can_be_explained_or_undone() -> None:
    html = panel("strip", State(advice=flower_reply(), edited=True, conversation="c1"))

    assert "Feature extraction" in html
    assert re.findall(r'data-event="([^"]+)"', html) == ["send", "undo"]
    assert "data-event" not in panel("strip", State(advice=flower_reply()))
    assert panel("strip", State()) == ""


def test_only_the_last_message_can_be_edited() -> None:
    html = chat_html(State(turns=(Exchange("one", partial="a"), Exchange("two", partial="b"))))

    assert re.findall(r'data-edit="([^"]+)"', html) == ["two"]


def test_while_it_is_written_an_answer_has_no_buttons() -> None:
    html = shown(Exchange("Q", partial="So far"), stage=Progress("explanation"))

    assert "tw-actions" not in html
    assert "So far" in html


def test_a_thumb_that_was_given_is_pressed_and_asks_for_a_comment() -> None:
    html = shown(Exchange("Q", reply=flower_reply(), feedback="down"))

    assert 'aria-pressed="true"' in html
    assert 'data-form="feedback"' in html


def test_what_the_user_wrote_is_never_interpreted() -> None:
    html = shown(Exchange("<script>alert(1)</script> ![x](http://evil.example/x.png)"))

    assert "<script>" not in html
    assert "<img" not in html


def test_the_answer_is_marked_with_its_language() -> None:
    assert 'lang="zh"' in shown(Exchange("问", reply=flower_reply(language="zh", answer="冻结早期层。")))


def test_the_stage_line_says_how_many_are_ahead() -> None:
    html = stage_html(State(stage=Progress("queue", ahead=2, wait_s=20)))

    assert "2 requests ahead, about 20 s" in html
    assert 'data-busy="yes"' in html


def test_screen_readers_hear_the_outcome_once_it_is_finished() -> None:
    html = stage_html(State(turns=(Exchange("Q", reply=flower_reply()),)))

    assert "Recommended: Feature extraction." in html
