"""What kind of reply a message needs, decided with the real embedding weights and without a language model."""

from pathlib import Path

import pytest
import yaml

from tunewise.advisor import Advisor
from tunewise.settings import Settings

MESSAGES = yaml.safe_load(Path(__file__).with_name("messages.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def advisor():
    with Advisor.open(Settings.from_environment(), rules_only=True) as opened:
        yield opened


@pytest.mark.models
@pytest.mark.parametrize(("kind", "message"), [(kind, text) for kind, texts in MESSAGES.items() for text in texts])
def test_a_message_gets_the_kind_of_reply_that_it_needs(advisor, kind, message):
    reply = advisor.ask(message)
    answers = reply.kind in ("knowledge", "clarify")  # the second where it asks back what it needs to choose a method
    stands_alone = answers and reply.sentences[0].by == "note"  # as the answer on a case
    assert reply.kind == kind or (kind == "advice" and stands_alone)


@pytest.mark.models
@pytest.mark.xfail(strict=True, reason="a note on 8-bit AdamW lies near, and is shown")
def test_what_no_note_answers_is_not_covered(advisor):
    assert advisor.ask("which optimizer is better, adam or lion").kind == "not_covered"
