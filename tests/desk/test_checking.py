"""Advice from elsewhere, checked without an advisor."""

import pytest

from tests.answer.material import article_framework, situation
from tunewise.desk.checking import check_text
from tunewise.errors import MessageError

SMALL = {"dataset_size": ("small", "70 scans"), "compute": ("limited", "one card")}


def test_what_a_text_advises_is_judged_for_the_facts():
    checked = check_text(article_framework(), situation(**SMALL), "Use full fine-tuning, it always wins.")
    assert checked.status == "invalid"
    assert [(one.strategy, one.stance) for one in checked.stances] == [("full_fine_tuning", "for")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Ma collègue dit qu'il faut réentraîner tout le modèle avec ces données.", "French"),
        ("我同事说应该全量微调这个模型。", "Chinese"),
        ("Коллега советует дообучить всю модель.", "another language"),
    ],
)
def test_a_text_in_another_language_is_not_read_as_english(text, named):
    with pytest.raises(MessageError, match=rf"in {named}\. Put it into English first"):
        check_text(article_framework(), situation(**SMALL), text)
