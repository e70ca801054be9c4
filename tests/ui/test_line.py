"""The line for the model."""

from __future__ import annotations

import pytest

from tunewise.ui.line import FIRST_GUESS_S, LineFullError, ModelLine


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_came_first_is_served_first() -> None:
    line = ModelLine()
    tickets = [line.join() for _ in range(3)]

    assert [line.is_first(ticket) for ticket in tickets] == [True, False, False]
    line.leave(tickets[0])
    assert line.is_first(tickets[1])


def test_everybody_sees_how_many_are_ahead_and_about_how_long() -> None:
    clock = Clock()
    line = ModelLine(clock=clock)
    tickets = [line.join() for _ in range(3)]

    assert line.position(tickets[2]) == (2, 2 * FIRST_GUESS_S)
    clock.now = 5.0
    assert line.position(tickets[2]) == (2, 2 * FIRST_GUESS_S - 5.0)


def test_the_expected_wait_learns_from_what_it_took() -> None:
    clock = Clock()
    line = ModelLine(clock=clock)
    for _ in range(30):
        ticket = line.join()
        clock.now += 2.0
        line.leave(ticket)
    line.join()

    assert line.position(line.join())[1] == pytest.approx(2.0, abs=0.1)


def test_leaving_from_the_middle_or_twice_disturbs_nobody() -> None:
    line = ModelLine()
    first, second, third = (line.join() for _ in range(3))
    line.leave(second)
    line.leave(second)

    assert line.position(third)[0] == 1
    line.leave(first)
    assert line.is_first(third)


def test_a_full_line_refuses_with_a_time_to_come_back() -> None:
    line = ModelLine(longest=1)
    line.join()
    line.join()

    with pytest.raises(LineFullError, match=r"Try again in about \d+ min"):
        line.join()
