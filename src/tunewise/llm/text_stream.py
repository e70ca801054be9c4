"""Bytes of tokens to text that may be shown: whole characters only, nothing of a stop word."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class TextStream:
    """Turns pieces into text; holds back what may be the beginning of a stop word."""

    def __init__(self, stop: Sequence[str] = ()) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(word for word in stop if word)
        self._held = ""
        self.stopped = False

    def push(self, piece: bytes) -> str:
        """Add a piece; returns the text that can be shown now."""
        self._held += self._decoder.decode(piece)
        return self._release()

    def finish(self) -> str:
        """What was held back, at the end of the answer."""
        if self.stopped:
            return ""
        self._held += self._decoder.decode(b"", final=True)
        text = self._release()
        return text if self.stopped else text + self._take(len(self._held))

    def _release(self) -> str:
        starts = [at for word in self._stop if (at := self._held.find(word)) >= 0]
        if starts:
            self.stopped = True
            return self._take(min(starts))
        return self._take(len(self._held) - self._possible_stop())

    def _possible_stop(self) -> int:
        """Length of the longest end of the text that begins a stop word."""
        beginnings = (word[:length] for word in self._stop for length in range(1, len(word)))
        return max((len(beginning) for beginning in beginnings if self._held.endswith(beginning)), default=0)

    def _take(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return text
