"""When a request has to stop."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from tunewise.errors import CancelledError, DeadlineError


@dataclass(frozen=True, slots=True)
class Limits:
    """Cancel events, of which any ends the request, and a point in time (`time.monotonic`) that ends it too."""

    cancels: tuple[threading.Event, ...] = ()
    deadline: float = float("inf")

    @classmethod
    def within(cls, seconds: float, *cancels: threading.Event | None) -> Limits:
        """Limits that end `seconds` from now."""
        return cls(tuple(cancel for cancel in cancels if cancel is not None), time.monotonic() + seconds)

    @property
    def left_s(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    def check(self, *, deadline: bool = True) -> None:
        """Raise if the request has to stop now.

        Args:
            deadline: Whether the time that is left matters.

        Raises:
            CancelledError: If the caller went away.
            DeadlineError: If the time is over.
        """
        if any(cancel.is_set() for cancel in self.cancels):
            raise CancelledError("The request was cancelled.")
        if deadline and self.left_s < 0:
            raise DeadlineError(
                "The time allowed for the answer is over. Set TUNEWISE_DEADLINE_S higher to allow more."
            )
