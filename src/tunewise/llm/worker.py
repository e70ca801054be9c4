"""One thread that owns the model and runs what is asked of it, one after the other, in the order in which it came.

llama.cpp contexts are not thread-safe, and its thread pool belongs to the thread that calls it. The reader of an answer
may go away at any time: its job is cancelled and the next one starts.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from tunewise.errors import ModelError, TunewiseError
from tunewise.llm.limits import Limits

_LOG = logging.getLogger(__name__)
_POLL_S = 0.1
T = TypeVar("T")


class Job(Generic[T]):
    """A request on its way; iterate over `pieces` for its answer. Its time starts when it is made."""

    def __init__(
        self, run: Callable[[Limits], Iterator[T]], seconds: float, cancel: threading.Event | None = None
    ) -> None:
        self._run = run
        self._gone = threading.Event()
        self._pieces: queue.SimpleQueue[T | BaseException | None] = queue.SimpleQueue()
        self._limits = Limits.within(seconds, self._gone, cancel)

    def cancel(self) -> None:
        """Stop the job; it ends at its next look at the limits."""
        self._gone.set()

    def pieces(self) -> Iterator[T]:
        """The pieces as they come; closing the iterator cancels the job.

        Raises:
            TunewiseError: What stopped the job.
        """
        try:
            while (piece := self._next()) is not None:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            self.cancel()

    def _next(self) -> T | BaseException | None:
        self._limits.check(deadline=False)
        while True:
            try:
                return self._pieces.get(timeout=_POLL_S)
            except queue.Empty:
                self._limits.check()

    def work(self) -> None:
        """Run to the end, in the thread that calls this."""
        try:
            self._limits.check()
            for piece in self._run(self._limits):
                self._pieces.put(piece)
                self._limits.check()
            self._pieces.put(None)
        except TunewiseError as error:
            self._pieces.put(error)
        except Exception as error:  # noqa: BLE001 - the owner thread must survive whatever a job raises
            _LOG.exception("A request to the model failed.")
            self._pieces.put(
                ModelError(f"The model failed: {error!r}. Ask again; restart Tunewise if it happens again.")
            )


class Worker:
    """The owner thread; it starts with the first job."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job[str] | None] = queue.SimpleQueue()
        self._open: set[Job[str]] = set()
        self._changing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(
        self, run: Callable[[Limits], Iterator[str]], *, seconds: float, cancel: threading.Event | None = None
    ) -> Job[str]:
        """Queue a job; its time starts now.

        Raises:
            ModelError: If the worker is closed.
        """
        job = Job(run, seconds, cancel)
        with self._changing:
            if self._closed:
                raise ModelError("The model has been closed.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="tunewise-model", daemon=True)
                self._thread.start()
            self._open.add(job)
            self._jobs.put(job)
        return job

    def close(self) -> None:
        """Cancel everything and wait for the thread to end."""
        with self._changing:
            self._closed = True
            for job in tuple(self._open):
                job.cancel()
            self._jobs.put(None)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.work()
            self._open.discard(job)
