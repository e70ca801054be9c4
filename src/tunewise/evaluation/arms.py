"""The arms that are compared: the whole system, the rules alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Literal, get_args

from tunewise.errors import EvaluationError
from tunewise.record.reply_json import reply_to_json
from tunewise.settings import Settings

if TYPE_CHECKING:
    from tunewise.advisor import Advisor

Json = dict[str, Any]
ArmName = Literal["full", "rules_only"]
ARMS: tuple[ArmName, ...] = get_args(ArmName)

Answer = Callable[[str], Json]
Arms = Mapping[str, Callable[[], AbstractContextManager[Answer]]]


def standard_arms(settings: Settings) -> Arms:
    """How to open each arm under these settings; nothing is opened before its turn."""
    return {
        "full": lambda: _advisor_arm(settings, rules_only=False),
        "rules_only": lambda: _advisor_arm(settings, rules_only=True),
    }


def chosen_arms(names: str) -> tuple[ArmName, ...]:
    """Arms from a comma-separated list, in the order of the report.

    Raises:
        EvaluationError: If a name is none of the arms.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in ARMS]:
        raise EvaluationError(f"Unknown arm {unknown[0]!r}; choose from {', '.join(ARMS)}.")
    return tuple(name for name in ARMS if name in wanted) or ARMS


def answer_with(advisor: Advisor) -> Answer:
    """Answer a message as a fresh conversation of one turn."""
    names: Sequence[str] = tuple(advisor.framework.facts)
    return lambda question: reply_to_json(advisor.ask(question), names)


@contextmanager
def _advisor_arm(settings: Settings, *, rules_only: bool) -> Iterator[Answer]:
    from tunewise.advisor import Advisor

    with Advisor.open(settings, rules_only=rules_only) as advisor:
        yield answer_with(advisor)
