"""A system of the benchmark in a process of its own: memory is its own, and runs can take turns."""

from __future__ import annotations

import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from types import TracebackType

from tunewise.benchmark.systems import SYSTEMS, Json, System
from tunewise.errors import TunewiseError
from tunewise.settings import Settings


class BenchmarkError(TunewiseError):
    """A part of the benchmark could not be run."""


class Child:
    """The parent's side; use it in a `with` block. The process loads what it needs with the first request."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self._settings = settings
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def ask(self, **request: object) -> Json:
        """One request; returns what the system measured, and `peak_mb`, the most memory that its process has had.

        Raises:
            BenchmarkError: If the process ended; its own message stands on standard error.
            TunewiseError: If the system cannot be opened.
        """
        try:
            return self._pool.submit(_answer, self.name, self._settings, request).result()
        except BrokenProcessPool:
            raise BenchmarkError(f"The system {self.name!r} of the benchmark ended early; see its message.") from None

    def close(self) -> None:
        """End the process."""
        self._pool.shutdown()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _answer(name: str, settings: Settings, request: Json) -> Json:
    answer = _opened(name, settings).answer(request)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return answer | {"peak_mb": peak / (1 << 20) if sys.platform == "darwin" else peak / 1024}


@cache
def _opened(name: str, settings: Settings) -> System:
    from tunewise import offline

    offline.seal()
    return SYSTEMS[name](settings)
