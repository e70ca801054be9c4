"""One thread that owns the model; requests wait in the order in which they came.

llama.cpp contexts are not thread-safe, and its thread pool belongs to the thread that calls it, so every call comes
from here. The reader of an answer may go away at any time: its job is cancelled and the next one starts.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from tunewise.errors import BusyError, CancelledError, ModelError, TunewiseError
from tunewise.llm.limits import Limits

_LOG = logging.getLogger(__name__)
_POLL_S = 0.1
MOST_WAITING = 64

Run = Callable[[Limits], Iterator[str]]


class Job:
    """A request on its way; iterate over it for the pieces of its answer."""

    def __init__(self, run: Run, seconds: float, cancel: threading.Event | None) -> None:
        self._run = run
        self._outer_cancel = cancel
        self._gone = threading.Event()
        self._pieces: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()
        self.limits = Limits(self._gone, time.monotonic() + seconds)
        self.started = threading.Event()
        self.ended = threading.Event()

    def cancel(self) -> None:
        """Stop the job; it ends at its next look at the limits."""
        self._gone.set()

    def pieces(self, on_wait: Callable[[], None] | None = None) -> Iterator[str]:
        """The pieces as they come; closing the iterator cancels the job.

        Args:
            on_wait: Called about ten times a second while nothing has come.

        Raises:
            TunewiseError: What stopped the job.
        """
        try:
            while True:
                piece = self._next(on_wait)
                if piece is None:
                    return
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            self.cancel()

    def _next(self, on_wait: Callable[[], None] | None) -> str | BaseException | None:
        while True:
            try:
                return self._pieces.get(timeout=_POLL_S)
            except queue.Empty:
                pass
            if self._outer_cancel is not None and self._outer_cancel.is_set():
                self.cancel()
            if not self.started.is_set():
                self.limits.check()
                if on_wait:
                    on_wait()

    def work(self) -> None:
        """Run to the end; only the owner thread calls this."""
        self.started.set()
        try:
            self.limits.check()
            for piece in self._run(self.limits):
                self._pieces.put(piece)
                if self._outer_cancel is not None and self._outer_cancel.is_set():
                    raise CancelledError("The request was cancelled.")
            self._pieces.put(None)
        except TunewiseError as error:
            self._pieces.put(error)
        except Exception as error:  # noqa: BLE001 - the owner thread must survive whatever a job raises
            _LOG.exception("A request to the model failed.")
            self._pieces.put(
                ModelError(f"The model failed: {error!r}. Ask again; restart Tunewise if it happens again.")
            )
        finally:
            self.ended.set()


class Worker:
    """The owner thread with its queue; the thread starts with the first job."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._running: Job | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._usual_s = 5.0

    @property
    def length(self) -> int:
        """Jobs that run or wait: what a new one would have before it."""
        with self._changed:
            return len(self._jobs) + (self._running is not None)

    @property
    def usual_s(self) -> float:
        """How long a job has taken of late, in seconds."""
        return self._usual_s

    def position(self, job: Job) -> int:
        """Jobs before this one; 0 if it runs or is over."""
        with self._changed:
            before = self._jobs.index(job) if job in self._jobs else -1
            return before + 1 if before >= 0 else 0

    def submit(self, run: Run, *, seconds: float, cancel: threading.Event | None = None) -> Job:
        """Queue a job; its time starts now.

        Raises:
            BusyError: If too many wait already.
            ModelError: If the worker is closed.
        """
        job = Job(run, seconds, cancel)
        with self._changed:
            if self._closed:
                raise ModelError("The model has been closed.")
            if len(self._jobs) >= MOST_WAITING:
                raise BusyError(f"{len(self._jobs)} requests are waiting for the model. Try again in a minute.")
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="tunewise-model", daemon=True)
                self._thread.start()
            self._changed.notify()
        return job

    def close(self) -> None:
        """Cancel everything and wait for the thread to end."""
        with self._changed:
            self._closed = True
            for job in (*self._jobs, *([self._running] if self._running else [])):
                job.cancel()
            self._changed.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _serve(self) -> None:
        while (job := self._take()) is not None:
            started = time.monotonic()
            job.work()
            with self._changed:
                self._running = None
            self._usual_s += 0.2 * (time.monotonic() - started - self._usual_s)

    def _take(self) -> Job | None:
        with self._changed:
            while not self._jobs:
                if self._closed:
                    return None
                self._changed.wait()
            self._running = self._jobs.popleft()
            return self._running
