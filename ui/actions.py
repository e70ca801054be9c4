"""Events of the page by name: reads the payload that the browser sent, distrusting it, and calls the session."""

from __future__ import annotations

import base64
import binascii
import math
import secrets
from collections.abc import Callable, Iterator, Mapping

from tunewise.desk import File, Session
from tunewise.errors import TunewiseError
from tunewise.ui.views.html import tag

MAX_CHANGES = 40
MAX_VALUE_CHARS = 500

Payload = Mapping[str, object]


def text_of(payload: Payload, key: str, most: int | None = None) -> str:
    """A text of the payload, at most `most` characters of it; "" if there is none."""
    value = payload.get(key)
    return value[:most] if isinstance(value, str) else ""


def texts_of(payload: Payload, key: str) -> dict[str, str]:
    """Pairs of short texts; whatever is not one is left out."""
    value = payload.get(key)
    pairs = list(value.items())[:MAX_CHANGES] if isinstance(value, dict) else []
    return {
        name[:MAX_VALUE_CHARS]: each[:MAX_VALUE_CHARS]
        for name, each in pairs
        if isinstance(name, str) and isinstance(each, str)
    }


def number_of(payload: Payload, key: str) -> float | None:
    """A finite number of the payload that is not negative; None for anything else."""
    value = payload.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def bytes_of(payload: Payload, key: str) -> bytes:
    """Bytes sent in base 64; none for anything else."""
    try:
        return base64.b64decode(text_of(payload, key), validate=True)
    except (binascii.Error, ValueError):
        return b""


def open_conversation(session: Session, conversation: str) -> None:
    """Resume the conversation that an address or the list names, if it is the visitor's own."""
    try:
        session.resume(conversation)
    except TunewiseError:
        session.note("That conversation does not exist, or is not yours. A new one is open.")


def mark_wrong(session: Session, sent: Payload) -> None:
    """Something shown is wrong: a fact by its name, or a sentence of an answer by its place."""
    if fact := text_of(sent, "fact", 100):
        session.mark_fact(fact)
    elif (place := number_of(sent, "sentence")) is not None:
        session.mark_sentence(int(number_of(sent, "turn") or 0), int(place))


ACTIONS: dict[str, Callable[[Session, Payload], object]] = {
    "send": lambda session, sent: session.ask(text) if (text := text_of(sent, "text").strip()) else None,
    "resend": lambda session, sent: session.resend(text_of(sent, "text")),
    "retry": lambda session, sent: session.resend(),
    "stop": lambda session, sent: session.stop(),
    "edit": lambda session, sent: session.edit(changes) if (changes := texts_of(sent, "changes")) else None,
    "undo": lambda session, sent: session.undo(),
    "whatif": lambda session, sent: session.suppose(texts_of(sent, "values")),
    "hardware": lambda session, sent: session.read_hardware(),
    "dataset": lambda session, sent: session.read_dataset(
        text_of(sent, "name", 200), bytes_of(sent, "data"), number_of(sent, "bytes")
    ),
    "measure": lambda session, sent: session.measure(
        text_of(sent, "name", 200), bytes_of(sent, "data"), number_of(sent, "bytes"), number_of(sent, "target")
    ),
    "halt": lambda session, sent: session.halt(),
    "folder": lambda session, sent: session.read_folder(sent.get("entries"), number_of(sent, "total")),
    "new": lambda session, sent: session.new(),
    "open": lambda session, sent: open_conversation(session, text_of(sent, "id", 100)),
    "rename": lambda session, sent: session.rename(text_of(sent, "id", 100), text_of(sent, "title", 120)),
    "delete": lambda session, sent: session.delete(text_of(sent, "id", 100)),
    "search": lambda session, sent: session.find(text_of(sent, "text", 200)),
    "export": lambda session, sent: session.export(text_of(sent, "what", 20), text_of(sent, "form", 20)),
    "script": lambda session, sent: session.script(text_of(sent, "model", 500).strip(), text_of(sent, "kind", 20)),
    "wrong": mark_wrong,
    "feedback": lambda session, sent: session.rate(
        int(number_of(sent, "turn") or 0), text_of(sent, "thumb", 10), text_of(sent, "comment", 2000)
    ),
}
MODEL_ACTIONS = ("send", "resend", "retry")
LONG_ACTIONS = ("measure",)  # they keep the processor busy: one at a time


def run(name: str, session: Session, payload: Payload) -> Iterator[File | None]:
    """Carry out an event, yielding each time the page should be drawn again; a file that it made comes last."""
    made = None
    try:
        made = ACTIONS[name](session, payload)
        if isinstance(made, Iterator):
            for _ in made:
                yield None
    except TunewiseError as error:
        session.note(str(error))
    yield made if isinstance(made, File) else None


def download_html(file: File) -> str:
    """The file inside the page; the script offers it to the browser, so nothing is written on the server."""
    is_text = isinstance(file.content, str)
    content = file.content if isinstance(file.content, str) else base64.b64encode(file.content).decode()
    return tag(
        "div",
        data_download=file.name,
        data_type=file.media_type + (";charset=utf-8" if is_text else ""),
        data_content=content,
        data_base64=not is_text,
        data_serial=secrets.token_hex(4),
    )
