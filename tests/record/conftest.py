from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.fakes.replies import MESSAGE, flower_reply, flower_situation
from tunewise.framework import Framework, check, decide, load_framework
from tunewise.record import Record, make_record
from tunewise.types import Proposal, Question, Recommendation, Reply

AT = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def framework() -> Framework:
    return load_framework("article")


@pytest.fixture
def decided(framework: Framework) -> Reply:
    """Advice on flowers as the framework itself gives it, with a rejected proposal of the model."""
    situation = flower_situation()
    recommendation = decide(framework, situation.values()).recommendation()
    bad = Recommendation("full_fine_tuning", origin="model")
    proposal = Proposal("full_fine_tuning", (), check(framework, situation, bad))
    question = Question("compute", "What hardware do you have?", {"limited": "lora"})
    return flower_reply(
        recommendation=recommendation,
        verdict=check(framework, situation, recommendation),
        proposals=(proposal,),
        questions=(question,),
    )


@pytest.fixture
def make(framework: Framework) -> Callable[..., Record]:
    def made(reply: Reply, messages: tuple[str, ...] = (MESSAGE,), **changes: object) -> Record:
        options = {"corpus": "c0ffee" * 10, "weights": {"qwen": "ab" * 32}, "title": "Flowers", "at": AT, **changes}
        return make_record(reply, messages, framework, **options)  # type: ignore[arg-type]

    return made


@pytest.fixture
def record(make: Callable[..., Record], decided: Reply) -> Record:
    return make(decided)
