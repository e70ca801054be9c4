from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tunewise.errors import CancelledError, DeadlineError, ModelError
from tunewise.llm.limits import Limits
from tunewise.llm.worker import Worker


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.close()


def words(*texts: str):
    def run(_: Limits) -> Iterator[str]:
        yield from texts

    return run


def gated(gate: threading.Event, started: threading.Event | None = None):
    """A job that goes on until the gate opens or its limits end."""

    def run(limits: Limits) -> Iterator[str]:
        if started:
            started.set()
        yield "first"
        while not gate.wait(0.01):
            limits.check()
        yield "last"

    return run


def test_the_pieces_of_a_job_come_in_order(worker):
    assert list(worker.submit(words("a", "b"), seconds=10).pieces()) == ["a", "b"]


def test_jobs_run_in_the_order_in_which_they_came(worker):
    gate, order = threading.Event(), []

    def noting(name: str):
        def run(_: Limits) -> Iterator[str]:
            order.append(name)
            return iter(())

        return run

    first = worker.submit(gated(gate), seconds=10)
    jobs = [worker.submit(noting(name), seconds=10) for name in "abc"]
    gate.set()
    list(first.pieces())
    for job in jobs:
        list(job.pieces())
    assert order == ["a", "b", "c"]


def test_a_job_whose_reader_goes_away_frees_its_place(worker):
    never = threading.Event()
    pieces = worker.submit(gated(never), seconds=60).pieces()
    assert next(pieces) == "first"
    pieces.close()
    assert list(worker.submit(words("next"), seconds=10).pieces()) == ["next"]


def test_a_cancel_event_ends_a_running_job(worker):
    cancel = threading.Event()
    pieces = worker.submit(gated(threading.Event()), seconds=60, cancel=cancel).pieces()
    next(pieces)
    cancel.set()
    with pytest.raises(CancelledError):
        list(pieces)


def test_a_cancel_event_ends_a_waiting_job(worker):
    gate, cancel = threading.Event(), threading.Event()
    worker.submit(gated(gate), seconds=60)
    waiting = worker.submit(words("never"), seconds=60, cancel=cancel)
    cancel.set()
    with pytest.raises(CancelledError):
        list(waiting.pieces())
    gate.set()


def test_the_deadline_counts_waiting_too(worker):
    gate = threading.Event()
    worker.submit(gated(gate), seconds=60)
    with pytest.raises(DeadlineError):
        list(worker.submit(words("never"), seconds=0.05).pieces())
    gate.set()


def test_an_error_of_a_job_reaches_its_reader_and_the_next_job_runs(worker):
    def broken(_: Limits) -> Iterator[str]:
        raise ModelError("no")
        yield

    with pytest.raises(ModelError, match="no"):
        list(worker.submit(broken, seconds=10).pieces())
    assert list(worker.submit(words("next"), seconds=10).pieces()) == ["next"]


def test_an_unforeseen_error_is_a_model_error_and_the_thread_survives(worker):
    def broken(_: Limits) -> Iterator[str]:
        raise ZeroDivisionError
        yield

    with pytest.raises(ModelError, match="ZeroDivisionError"):
        list(worker.submit(broken, seconds=10).pieces())
    assert list(worker.submit(words("next"), seconds=10).pieces()) == ["next"]


def test_a_closed_worker_takes_no_jobs():
    worker = Worker()
    worker.close()
    with pytest.raises(ModelError, match="closed"):
        worker.submit(words(), seconds=1)


def test_closing_ends_what_runs_and_what_waits():
    worker, started = Worker(), threading.Event()
    running = worker.submit(gated(threading.Event(), started), seconds=60)
    waiting = worker.submit(words("never"), seconds=60)
    assert started.wait(5)
    worker.close()
    for job in (running, waiting):
        with pytest.raises(CancelledError):
            list(job.pieces())
