"""When a request has to stop."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from tunewise.errors import CancelledError, DeadlineError


@dataclass(frozen=True, slots=True)
class Limits:
    """A cancel event and a point in time (`time.monotonic`) after which nothing more is computed."""

    cancel: threading.Event | None = None
    deadline: float = float("inf")

    @classmethod
    def within(cls, seconds: float, cancel: threading.Event | None = None) -> Limits:
        """Limits that end `seconds` from now."""
        return cls(cancel, time.monotonic() + seconds)

    @property
    def left_s(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    def check(self) -> None:
        """Raise if the request has to stop now.

        Raises:
            CancelledError: If the caller went away.
            DeadlineError: If the time is over.
        """
        if self.cancel is not None and self.cancel.is_set():
            raise CancelledError("The request was cancelled.")
        if time.monotonic() > self.deadline:
            raise DeadlineError(
                "The time allowed for the answer is over. Set TUNEWISE_DEADLINE_S higher to allow more."
            )
