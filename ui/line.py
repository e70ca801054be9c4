"""One line for the model: whoever came first is served first, and everybody sees how many are ahead.

The decision of the rules does not stand in this line.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tunewise.errors import BusyError

FIRST_GUESS_S = 12.0


class LineFullError(BusyError):
    """Too many people wait for the model already."""


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """A place in the line; compared by identity."""

    joined_at: float


class ModelLine:
    """A fair line with a limited length.

    Args:
        longest: How many may wait besides the one being served.
        clock: Seconds that never go back.
    """

    def __init__(self, longest: int = 16, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest = longest
        self._clock = clock
        self._waiting: deque[Ticket] = deque()
        self._changed = threading.Condition()
        self._served_from: float | None = None
        self._typical_s = FIRST_GUESS_S

    @property
    def is_busy(self) -> bool:
        """Whether somebody is being served."""
        with self._changed:
            return bool(self._waiting)

    def join(self) -> Ticket:
        """Take a place at the end.

        Raises:
            LineFullError: If the line has its full length; the message says what to do.
        """
        with self._changed:
            if len(self._waiting) > self._longest:
                wait_s = self._typical_s * len(self._waiting)
                raise LineFullError(
                    f"{len(self._waiting)} people wait for the model already. The rules’ decision is shown and stands; "
                    f"for an explanation, press Try again in about {max(1, round(wait_s / 60))} min."
                )
            ticket = Ticket(self._clock())
            self._waiting.append(ticket)
            if self._waiting[0] is ticket:
                self._served_from = self._clock()
            return ticket

    def is_first(self, ticket: Ticket, wait_s: float = 0.0) -> bool:
        """Whether it is this ticket's turn; waits up to `wait_s` seconds for that."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._waiting) and self._waiting[0] is ticket, timeout=wait_s)

    def position(self, ticket: Ticket) -> tuple[int, float]:
        """How many are ahead, and about how long they will take, in seconds."""
        with self._changed:
            ahead = self._waiting.index(ticket) if ticket in self._waiting else 0
            begun = self._clock() - self._served_from if self._served_from is not None else 0.0
            return ahead, max(0.0, ahead * self._typical_s - min(begun, self._typical_s))

    def leave(self, ticket: Ticket) -> None:
        """Give the place up, served or not; leaving twice changes nothing."""
        with self._changed:
            if ticket not in self._waiting:
                return
            if self._waiting[0] is ticket and self._served_from is not None:
                took = self._clock() - self._served_from
                self._typical_s += 0.3 * (took - self._typical_s)
            self._waiting.remove(ticket)
            self._served_from = self._clock() if self._waiting else None
            self._changed.notify_all()
