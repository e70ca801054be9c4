"""One line for one model: first come, first served, of limited length; everybody sees how many are ahead."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from tunewise.errors import BusyError, CancelledError

FIRST_GUESS_S = 12.0
_POLL_S = 0.05
_TELL_S = 1.0


class Line:
    """The line for a model.

    Args:
        longest: How many may wait besides the one being served; may be changed at any time.
        clock: Seconds that never go back.
    """

    def __init__(self, longest: int = 16, clock: Callable[[], float] = time.monotonic) -> None:
        self.longest = longest
        self._clock = clock
        self._places: deque[Place] = deque()
        self._changed = threading.Condition()
        self._served_from = 0.0
        self._usual_s = FIRST_GUESS_S

    @property
    def is_busy(self) -> bool:
        """Whether somebody is being served."""
        return bool(self._places)

    def join(self) -> Place:
        """Take a place at the end.

        Raises:
            BusyError: If the line has its full length; the message says when to come back.
        """
        with self._changed:
            if len(self._places) > self.longest:
                minutes = max(1, round(self._usual_s * len(self._places) / 60))
                raise BusyError(
                    f"{len(self._places)} requests wait for the model already. Try again in about {minutes} min."
                )
            if not self._places:
                self._served_from = self._clock()
            place = Place(self)
            self._places.append(place)
            return place

    def ahead_of(self, place: Place) -> tuple[int, float]:
        """How many are ahead of a place, and about how long they take, in seconds."""
        with self._changed:
            ahead = self._places.index(place) if place in self._places else 0
            begun = min(self._clock() - self._served_from, self._usual_s)
            return ahead, max(0.0, ahead * self._usual_s - begun)

    def leave(self, place: Place) -> None:
        """Give a place up, served or not; leaving twice changes nothing."""
        with self._changed:
            if place not in self._places:
                return
            if self._places[0] is place:
                self._usual_s += 0.3 * (self._clock() - self._served_from - self._usual_s)
                self._served_from = self._clock()
            self._places.remove(place)
            self._changed.notify_all()

    def wait(self, place: Place, ahead: int, seconds: float) -> None:
        """Wait until another number is ahead of a place, at most some seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.ahead_of(place)[0] != ahead, timeout=seconds)


class Place:
    """A place in the line; leaving the `with` block gives it up."""

    def __init__(self, line: Line) -> None:
        self._line = line

    @property
    def ahead(self) -> int:
        """Requests before this one; 0 while it is served."""
        return self._line.ahead_of(self)[0]

    @property
    def wait_s(self) -> float:
        """About how long those will take, in seconds."""
        return self._line.ahead_of(self)[1]

    def until_served(self, cancel: threading.Event | None = None) -> Iterator[tuple[int, float]]:
        """(ahead, wait in seconds) at once, whenever it moves up, and every second; ends when it is this one's turn.

        Raises:
            CancelledError: If `cancel` is set meanwhile.
        """
        told, last = -1, 0.0
        while (ahead := self.ahead) > 0:
            if cancel is not None and cancel.is_set():
                raise CancelledError("Stopped while waiting for the model.")
            if ahead != told or time.monotonic() - last >= _TELL_S:
                told, last = ahead, time.monotonic()
                yield ahead, self.wait_s
            self._line.wait(self, ahead, _POLL_S)

    def leave(self) -> None:
        """Give the place up."""
        self._line.leave(self)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()


def line_of(model: object | None) -> Line:
    """The line of a model; one of its own where it keeps none (no model, or a server that queues by itself)."""
    line = getattr(model, "line", None)
    return line if isinstance(line, Line) else Line()
