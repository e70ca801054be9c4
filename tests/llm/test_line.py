"""The queue of one model."""

from __future__ import annotations

import threading

import pytest

from tunewise.errors import BusyError, CancelledError
from tunewise.llm.line import FIRST_GUESS_S, Line, line_of


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_came_first_is_served_first():
    places = [(line := Line()).join(), line.join(), line.join()]
    assert [place.ahead for place in places] == [0, 1, 2]
    places[0].leave()
    assert [place.ahead for place in places[1:]] == [0, 1]


def test_everybody_sees_how_many_are_ahead_and_about_how_long():
    clock = Clock()
    line = Line(clock=clock)
    place = [line.join() for _ in range(3)][-1]
    assert (place.ahead, place.wait_s) == (2, 2 * FIRST_GUESS_S)
    clock.now = 5.0
    assert place.wait_s == 2 * FIRST_GUESS_S - 5.0


def test_the_expected_wait_learns_from_what_it_took():
    clock = Clock()
    line = Line(clock=clock)
    for _ in range(30):
        place = line.join()
        clock.now += 2.0
        place.leave()
    line.join()
    assert line.join().wait_s == pytest.approx(2.0, abs=0.1)


def test_leaving_from_the_middle_or_twice_disturbs_nobody():
    line = Line()
    first, second, third = (line.join() for _ in range(3))
    second.leave()
    second.leave()
    assert third.ahead == 1
    first.leave()
    assert third.ahead == 0


def test_a_full_line_refuses_with_a_time_to_come_back():
    line = Line(longest=1)
    line.join()
    line.join()
    with pytest.raises(BusyError, match=r"Try again in about \d+ min"):
        line.join()


def test_nobody_ahead_means_no_waiting():
    assert list(Line().join().until_served()) == []


def test_one_who_waits_is_told_the_place_whenever_it_changes():
    line = Line()
    first, second, third = (line.join() for _ in range(3))
    told = third.until_served()
    assert next(told)[0] == 2
    first.leave()
    assert next(told)[0] == 1
    second.leave()
    assert list(told) == []


def test_a_cancelled_wait_ends_and_frees_the_place():
    line, cancel = Line(), threading.Event()
    line.join()
    place = line.join()
    told = place.until_served(cancel)
    next(told)
    cancel.set()
    with pytest.raises(CancelledError):
        next(told)
    place.leave()
    assert len(line.places) == 1


def test_a_model_without_a_line_lets_everybody_through():
    assert line_of(None).join().ahead == line_of(object()).join().ahead == 0
