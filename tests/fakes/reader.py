"""An advisor whose reader says what the test tells it: which move a message is and what it asks."""

from __future__ import annotations

from dataclasses import replace

from tunewise.advisor import Advisor
from tunewise.facts import Reading
from tunewise.turn import Search, Turn
from tunewise.types import ReadMove, Reply


class ToldAdvisor(Advisor):
    """Reads facts as ever; `say` tells the move and the question of the message that it sends."""

    _move: ReadMove = "new_case"
    _asked: tuple[str, ...] = ()

    def say(self, text: str, move: ReadMove, *asked: str, conversation: str) -> Reply:
        self._move, self._asked = move, asked
        return self.ask(text, conversation=conversation)

    def _read(self, turn: Turn, message: str, search: Search) -> Reading:
        return replace(super()._read(turn, message, search), move=self._move, asked=self._asked)
