"""One queue for one model: whoever came first is served first, and everybody is told how many are ahead."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from tunewise.errors import BusyError, CancelledError

FIRST_GUESS_S = 12.0
_LOOK_S = 0.1


class Line:
    """A fair line with a limited length; `LocalChatModel.line` is the one of that model.

    Attributes:
        longest: How many may wait beside the one being served.
    """

    def __init__(self, longest: int = 16, clock: Callable[[], float] = time.monotonic) -> None:
        self.longest = longest
        self.changed = threading.Condition(threading.RLock())
        self.clock = clock
        self.places: list[Place] = []
        self.usual_s = FIRST_GUESS_S

    def join(self) -> Place:
        """Take a place at the end.

        Raises:
            BusyError: At once, if `longest` wait already; the message says when to come back.
        """
        with self.changed:
            if len(self.places) > self.longest:
                minutes = max(1, round(self.usual_s * len(self.places) / 60))
                raise BusyError(
                    f"{len(self.places)} people wait for the model already. Try again in about {minutes} min."
                )
            place = Place(self)
            self.places.append(place)
            return place


class Place:
    """A place in a line, served from the moment on when it is the first; whoever has one leaves it."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._first_since: float | None = None if line.places else line.clock()

    @property
    def ahead(self) -> int:
        """Places before this one; 0 if it is being served, or has left."""
        with self._line.changed:
            return self._line.places.index(self) if self in self._line.places else 0

    @property
    def wait_s(self) -> float:
        """About how long the places before this one will take, in seconds."""
        with self._line.changed:
            ahead, usual_s = self.ahead, self._line.usual_s
            return max(0.0, ahead * usual_s - min(self._line.places[0].served_s, usual_s)) if ahead else 0.0

    @property
    def served_s(self) -> float:
        """How long it has been served, in seconds."""
        return 0.0 if self._first_since is None else self._line.clock() - self._first_since

    def until_served(self, cancel: threading.Event | None = None) -> Iterator[tuple[int, float]]:
        """(places ahead, seconds to wait) whenever they change; ends, perhaps at once, when it is this one's turn.

        Raises:
            CancelledError: A tenth of a second after `cancel` is set.
        """
        told: tuple[int, int] | None = None
        while ahead := self.ahead:
            if cancel is not None and cancel.is_set():
                raise CancelledError("Stopped while waiting for the model.")
            wait_s = self.wait_s
            if (ahead, round(wait_s)) != told:
                told = ahead, round(wait_s)
                yield ahead, wait_s
            with self._line.changed:
                self._line.changed.wait(_LOOK_S)

    def leave(self) -> None:
        """Give the place up, served or not; leaving twice changes nothing."""
        line = self._line
        with line.changed:
            if self not in line.places:
                return
            if line.places[0] is self:
                line.usual_s += 0.3 * (self.served_s - line.usual_s)
            line.places.remove(self)
            if line.places and line.places[0]._first_since is None:
                line.places[0]._first_since = line.clock()
            line.changed.notify_all()


def line_of(model: object | None) -> Line:
    """The line of a model; one where nobody waits for models that have none, or for no model at all."""
    line = getattr(model, "line", None)
    return line if isinstance(line, Line) else Line()
