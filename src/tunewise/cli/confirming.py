"""Facts that a message only seems to state, confirmed in the terminal with one key each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tunewise.cli.terminal import Terminal
from tunewise.desk import Asked, Choice, Session, proposals_of
from tunewise.events import Decided

if TYPE_CHECKING:
    from tunewise.framework import Framework

MARK = "> "


def confirm(
    session: Session,
    framework: Framework,
    terminal: Terminal,
    left: set[tuple[str, str]],
    prompt: Callable[[str], str],
) -> str:
    """Ask about each proposal and decide again after each answer.

    Args:
        session: The conversation.
        framework: Words the proposals.
        terminal: Where they are shown.
        left: Proposals, as (fact, value), that were left open before; they are not asked about again.
        prompt: Reads a line after a mark; "" at the end of input.

    Returns:
        A message that was typed instead of an answer; "" if there was none.
    """
    while waiting := [each for each in proposals_of(framework, session.state) if _key(each) not in left]:
        asked = waiting[0]
        left.add(_key(asked))
        terminal.propose(asked)
        typed = prompt(MARK)
        choice = chosen(typed, (asked.yes.text, asked.no.text, asked.other))
        if typed and choice is None:
            return typed
        answer = None if choice is None else _answer(asked, choice, terminal, prompt)
        if answer is not None:
            session.edit(answer.changes)
            _show(session, terminal)
    return ""


def chosen(typed: str, answers: Sequence[str]) -> int | None:
    """The place of the answer that is meant by its number, its words or their beginning; None if it is none of them."""
    numbers = [str(at) for at in range(1, len(answers) + 1)]
    if typed in numbers:
        return numbers.index(typed)
    meant = [at for at, answer in enumerate(answers) if typed and answer.casefold().startswith(typed.casefold())]
    return meant[0] if len(meant) == 1 else None


def _key(asked: Asked) -> tuple[str, str]:
    return asked.fact, asked.yes.changes[asked.fact]


def _answer(asked: Asked, choice: int, terminal: Terminal, prompt: Callable[[str], str]) -> Choice | None:
    """The answer of the first key, or that of a second one after "something else"; None leaves it open."""
    if choice < 2:
        return (asked.yes, asked.no)[choice]
    terminal.choose(asked)
    place = chosen(prompt(MARK), [each.text for each in asked.others])
    return None if place is None else asked.others[place]


def _show(session: Session, terminal: Terminal) -> None:
    advice = session.state.advice
    if session.state.edited and advice and advice.recommendation and advice.verdict:
        terminal.show(Decided(advice.recommendation, advice.verdict, advice.questions))
