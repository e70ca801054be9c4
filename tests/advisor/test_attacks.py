"""Nothing that a stranger plants in a message, an earlier turn or a title stands in an answer."""

import json
import re
from pathlib import Path

import pytest

from tunewise.advisor import Advisor
from tunewise.settings import Settings

ATTACKS = [json.loads(line) for line in Path(__file__).with_name("attacks.jsonl").read_text("utf-8").splitlines()]
UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff]")


@pytest.fixture(scope="module")
def advisor():
    with Advisor.open(Settings.from_environment(), rules_only=True) as opened:
        yield opened


def plain(text: str) -> str:
    """A text as it is compared: without unseen characters, in small letters, one blank between words."""
    return " ".join(UNSEEN.sub("", text).lower().split())


@pytest.mark.models
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["id"])
def test_no_planted_words_stand_in_the_answer(advisor, attack):
    conversation = advisor.conversations.create(attack.get("title", "Attack"))
    replies = [advisor.ask(turn, conversation=conversation) for turn in attack["turns"]]
    assert replies[-1].answer
    assert not [words for words in attack["planted"] if plain(words) in plain(replies[-1].answer)]
