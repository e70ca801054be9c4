"""How every door offers the notes that lie near a question."""

from dataclasses import replace

from tests.fakes.advisor import ANSWER, NEARBY
from tests.fakes.replies import flower_reply
from tunewise.desk import offers_of


def test_an_offer_has_its_whole_answer_with_its_mark_and_how_it_begins():
    (offer,) = offers_of(flower_reply(nearby=(NEARBY,))).notes
    assert offer.answer == ANSWER.removesuffix(".") + " [PN-flowers-01]."
    assert ANSWER.startswith(offer.beginning)
    assert offer.beginning.endswith("after the second.")
    assert (offer.id, offer.question, offer.language) == ("PN-flowers-01", NEARBY.question, "en")


def test_the_heading_is_in_the_language_of_the_reply_and_each_answer_in_its_own():
    chinese = replace(NEARBY, citation=replace(NEARBY.citation, quote="训练两轮就够了。验证损失上升时停止。"))
    french, reply = (offers_of(flower_reply(language=code, nearby=(NEARBY, chinese))) for code in ("fr", "zh"))
    assert french.heading == "Proche de votre question"
    assert reply.heading == "与你的问题相近"
    assert [each.language for each in reply.notes] == ["en", "zh"]
    assert reply.notes[1].answer == "训练两轮就够了。验证损失上升时停止[PN-flowers-01]。"


def test_where_nothing_lies_near_nothing_is_offered():
    assert offers_of(flower_reply()).notes == ()
