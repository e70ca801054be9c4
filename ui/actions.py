"""Events of the page by name: reads the payload that the browser sent, distrusting it, and calls the desk."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tunewise.ui import dataset, exports, hardware
from tunewise.ui.session import Desk
from tunewise.ui.views.reading import dataset_html, hardware_html, problem_html
from tunewise.ui.visit import Visit

MODEL_EVENTS = ("send", "resend", "retry")
EVENTS = (
    *MODEL_EVENTS,
    "stop",
    "edit",
    "whatif",
    "hardware",
    "dataset",
    "folder",
    "new",
    "open",
    "rename",
    "delete",
    "search",
    "export",
    "feedback",
)
MAX_CHANGES = 40
MAX_VALUE_CHARS = 500

Payload = Mapping[str, Any]
File = str | None  # HTML of the download element


class Actions:
    """What each event does. Every action yields once for each time the page should be drawn again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._actions: dict[str, Callable[[Visit, Payload], Iterator[File]]] = {
            name: getattr(self, f"_{name}") for name in EVENTS
        }

    def start(self, visit: Visit, owner: str, conversation: str | None) -> None:
        """Open the page for a visitor."""
        self._desk.start(visit, owner, conversation)

    def run(self, name: str, visit: Visit, payload: Payload) -> Iterator[File]:
        """Carry out an event."""
        return self._actions[name](visit, payload)

    def _send(self, visit: Visit, payload: Payload) -> Iterator[File]:
        for _ in self._desk.send(visit, text_of(payload, "text", most=None)):
            yield None

    def _resend(self, visit: Visit, payload: Payload) -> Iterator[File]:
        for _ in self._desk.resend(visit, text_of(payload, "text", most=None)):
            yield None

    def _retry(self, visit: Visit, payload: Payload) -> Iterator[File]:
        for _ in self._desk.resend(visit):
            yield None

    def _stop(self, visit: Visit, payload: Payload) -> Iterator[File]:
        visit.cancel.set()
        yield None

    def _edit(self, visit: Visit, payload: Payload) -> Iterator[File]:
        changes = texts_of(payload, "changes")
        if changes:
            self._desk.edit(visit, changes)
        yield None

    def _whatif(self, visit: Visit, payload: Payload) -> Iterator[File]:
        visit.change(whatif=texts_of(payload, "values"))
        yield None

    def _hardware(self, visit: Visit, payload: Payload) -> Iterator[File]:
        machine = hardware.read_machine()
        visit.change(reading=hardware_html(machine))
        self._desk.edit(visit, hardware.as_facts(machine))
        yield None

    def _dataset(self, visit: Visit, payload: Payload) -> Iterator[File]:
        name, text = text_of(payload, "name", most=200), text_of(payload, "text", most=None)
        try:
            summary = dataset.summarise_text(name, text, whole_bytes=number_of(payload, "bytes"))
        except dataset.DatasetError as error:
            visit.change(reading=problem_html(str(error)))
        else:
            visit.change(reading=dataset_html(summary, dataset.as_facts(summary)))
        yield None

    def _folder(self, visit: Visit, payload: Payload) -> Iterator[File]:
        try:
            entries = dataset.listing_of(payload.get("entries"))
            summary = dataset.summarise_listing(entries, total=number_of(payload, "total"))
        except dataset.DatasetError as error:
            visit.change(reading=problem_html(str(error)))
        else:
            visit.change(reading=dataset_html(summary, dataset.as_facts(summary)))
        yield None

    def _new(self, visit: Visit, payload: Payload) -> Iterator[File]:
        self._desk.new(visit)
        yield None

    def _open(self, visit: Visit, payload: Payload) -> Iterator[File]:
        self._desk.resume(visit, text_of(payload, "id", most=100))
        yield None

    def _rename(self, visit: Visit, payload: Payload) -> Iterator[File]:
        self._desk.rename(visit, text_of(payload, "id", most=100), text_of(payload, "title", most=120))
        yield None

    def _delete(self, visit: Visit, payload: Payload) -> Iterator[File]:
        self._desk.delete(visit, text_of(payload, "id", most=100))
        yield None

    def _search(self, visit: Visit, payload: Payload) -> Iterator[File]:
        visit.change(search=text_of(payload, "text", most=200))
        yield None

    def _export(self, visit: Visit, payload: Payload) -> Iterator[File]:
        try:
            file = exports.export(
                self._desk.advisor, visit.state, text_of(payload, "what", most=20), text_of(payload, "form", most=20)
            )
        except exports.ExportError as error:
            visit.change(notice=str(error))
            yield None
            return
        yield exports.download_html(file)

    def _feedback(self, visit: Visit, payload: Payload) -> Iterator[File]:
        shown = int(number_of(payload, "turn") or 0)
        given = visit.state.turns[shown - 1].feedback if 1 <= shown <= len(visit.state.turns) else None
        thumb = text_of(payload, "thumb", most=10) or given or ""
        self._desk.rate(visit, shown, thumb, text_of(payload, "comment", most=2000))
        yield None


def text_of(payload: Payload, key: str, *, most: int | None) -> str:
    """A text of the payload, at most `most` characters of it; "" if there is none."""
    value = payload.get(key)
    return value[:most] if isinstance(value, str) else ""


def texts_of(payload: Payload, key: str) -> dict[str, str]:
    """Pairs of short texts; whatever is not one is left out."""
    value = payload.get(key)
    if not isinstance(value, dict):
        return {}
    pairs = [(name, each) for name, each in value.items() if isinstance(name, str) and isinstance(each, str)]
    return {name[:MAX_VALUE_CHARS]: each[:MAX_VALUE_CHARS] for name, each in pairs[:MAX_CHANGES]}


def number_of(payload: Payload, key: str) -> float | None:
    """A finite number of the payload that is not negative; None for anything else."""
    value = payload.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None
