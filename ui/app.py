"""Wiring: one Gradio page of HTML panels, and one component (`bridge`) through which everything people do comes in."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunewise import offline
from tunewise.desk import Desk, Session, State
from tunewise.ui.actions import ACTIONS, LONG_ACTIONS, MODEL_ACTIONS, download_html, open_conversation, run, text_of
from tunewise.ui.hardening import owner_of
from tunewise.ui.panels import PANELS, Painter, Panel
from tunewise.ui.views.templates import render

if TYPE_CHECKING:
    from gradio import Blocks

    from tunewise.advisor import Advisor

STATIC = Path(__file__).parent / "static"
DRAWN = "if (window.tunewise) { tunewise.drawn(element); watch('value', () => tunewise.drawn(element)); }"
# Gradio finds the events a component can send by their quoted names in its script.
BRIDGE = f"const events = [{', '.join(repr(name) for name in ACTIONS)}]; tunewise.trigger = trigger; tunewise.begin();"
RULES: dict[str, Any] = {"concurrency_id": "rules", "concurrency_limit": 8}
LONG: dict[str, Any] = {"concurrency_id": "long", "concurrency_limit": 1}
# What stands in the chat column beside the messages, and the ids that style and script know.
CHAT_IDS = {"chat": "tw-chat", "notice": "tw-notice", "stage": "tw-stage-block"}
MAX_VISITS = 2000
# Gradio draws the login by its theme alone, without the page's style: a button that can be read, coloured like ours.
LOGIN = {
    "button_primary_background_fill": "#1c5d59",
    "button_primary_background_fill_hover": "#175450",
    "button_primary_background_fill_dark": "#1c5d59",
    "button_primary_text_color": "#ffffff",
}


def build(
    advisor: Advisor,
    *,
    engine: str = "",
    rules_only: bool = False,
    queue_size: int = 16,
    panels: tuple[Panel, ...] = PANELS,
) -> Blocks:
    """The page, ready to launch with `launch_options()`.

    Args:
        advisor: Answers; the page only shows what it says.
        engine: What writes the explanations, for the header.
        rules_only: Whether there is no model.
        queue_size: How many may wait for the model.
        panels: What the page shows.
    """
    offline.seal()
    if (line := getattr(advisor.model, "line", None)) is not None:
        line.longest = queue_size

    # Gradio opens an event loop for every lock that it makes outside of one, and closes none of them.
    async def assembled() -> Blocks:
        import gradio as gr

        offline.seal_gradio()
        page: Blocks
        with gr.Blocks(analytics_enabled=False, title="Tunewise", fill_width=True, fill_height=True) as page:
            shown = _layout(gr, panels, render("header", engine=engine, rules_only=rules_only))
            outputs = [*shown.values(), gr.HTML("", elem_id="tw-download", apply_default_css=False, js_on_load=DRAWN)]
            bridge = gr.HTML("", elem_id="tw-bridge", apply_default_css=False, js_on_load=BRIDGE)
            _connect(gr, page, bridge, outputs, Visits(Desk(advisor), list(shown), panels), queue_size)
        page.queue(max_size=queue_size * 4, default_concurrency_limit=4, api_open=False)
        return page

    return asyncio.run(assembled())


def launch_options(panels: tuple[Panel, ...] = PANELS) -> dict[str, Any]:
    """Arguments of `launch` that belong to the page itself: theme without web fonts, style, script."""
    import gradio as gr

    style, script = ((STATIC / name).read_text("utf-8") for name in ("page.css", "page.js"))
    tabs = (panel.name for panel in panels if panel.title and panel.name != "chat")
    open_tab = ", ".join(f'#tw-body[data-tab="{name}"] > #panel-{name}' for name in tabs)
    return {
        "theme": gr.themes.Base(
            primary_hue="teal", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ).set(**LOGIN),
        "css": f"{style}\n{open_tab} {{ display: block !important; }}",
        "head": f"<script>{script}</script>",
        "footer_links": [],
    }


def _layout(gr: Any, panels: tuple[Panel, ...], header: str) -> dict[str, Any]:
    """The page's components; returns those that are drawn again, by panel name."""

    def html(identity: str, value: str = "") -> Any:
        return gr.HTML(value, elem_id=identity, apply_default_css=False, js_on_load=DRAWN)

    html("tw-header-block", header)
    shown: dict[str, Any] = {}
    with gr.Column(elem_id="tw-body"):
        html("tw-tabs-block", render("tabs", panels=panels))
        shown["strip"] = html("tw-strip-block")
        with gr.Column(elem_id="panel-chat"):
            with gr.Column(elem_id="chat-scroll"):
                shown["chat"] = html("tw-chat")
            shown |= {name: html(identity) for name, identity in CHAT_IDS.items() if name != "chat"}
            html("tw-composer", render("composer"))
        shown |= {panel.name: html(f"panel-{panel.name}") for panel in panels if panel.name not in shown}
    return shown


def _connect(gr: Any, page: Any, bridge: Any, outputs: list[Any], visits: Visits, queue_size: int) -> None:
    """Register every event; none of them is a public API endpoint."""
    common: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

    def listener(name: str) -> Callable[..., Iterator[list[Any]]]:
        def listen(event: Any, request: Any) -> Iterator[list[Any]]:
            payload = event._data if isinstance(event._data, dict) else {}
            visit = visits.of(request, payload)
            for file in run(name, visit.session, payload):
                yield visits.drawn(visit, gr.skip(), download_html(file) if file else None)

        listen.__annotations__ = {"event": gr.EventData, "request": gr.Request}
        return listen

    def load(request: Any) -> list[Any]:
        visit = visits.of(request, dict(request.query_params))
        visit.shown = None
        return visits.drawn(visit, gr.skip())

    def leave(request: Any) -> None:
        visits.forget(request)

    load.__annotations__ = leave.__annotations__ = {"request": gr.Request}
    for name in ACTIONS:
        model = {"concurrency_id": "model", "concurrency_limit": queue_size + 2}
        limits = model if name in MODEL_ACTIONS else LONG if name in LONG_ACTIONS else RULES
        getattr(bridge, name)(listener(name), None, outputs, trigger_mode="multiple", **limits, **common)
    page.load(load, None, outputs, concurrency_id=RULES["concurrency_id"], **common)
    page.unload(leave)


@dataclass(slots=True)
class Visit:
    """One open page: its conversation, and what of it the browser shows."""

    session: Session
    shown: State | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Visits:
    """Open pages by Gradio's session and visitor (a session's name alone opens nothing); the oldest goes first."""

    def __init__(
        self, desk: Desk, names: list[str], panels: tuple[Panel, ...] = PANELS, most: int = MAX_VISITS
    ) -> None:
        self._desk, self._names, self._most = desk, names, most
        self._painter = Painter(desk, panels)
        self._visits: OrderedDict[tuple[str, str], Visit] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, request: Any, payload: Mapping[str, object]) -> Visit:
        """The visit of a request; a new one opens the conversation that the payload names."""
        owner = owner_in(request)
        key = (request.session_hash or "", owner)
        with self._lock:
            visit = self._visits.pop(key, None)
            is_new = visit is None
            self._visits[key] = visit = visit or Visit(self._desk.open(owner))
            if len(self._visits) > self._most:
                self._visits.popitem(last=False)[1].session.stop()
        if is_new and (conversation := text_of(payload, "conversation")):
            self._settle(owner, conversation)
            open_conversation(visit.session, conversation)
        return visit

    def _settle(self, owner: str, conversation: str) -> None:
        """Stop a turn of this conversation that still runs for a page that was left, or reloaded, in mid-answer."""
        with self._lock:
            theirs = [visit.session for (_, named), visit in self._visits.items() if named == owner]
        for session in theirs:
            if session.state.busy and session.state.conversation == conversation:
                session.settle()

    def drawn(self, visit: Visit, skip: Any, file: str | None = None) -> list[Any]:
        """Values of all outputs; what has not changed since this page was last drawn is skipped."""
        with visit.lock:
            before, visit.shown = visit.shown, visit.session.state
            changed = self._painter.changed(before, visit.shown)
        return [*(changed.get(name, skip) for name in self._names), file or skip]

    def forget(self, request: Any) -> None:
        """The page was closed: stop what it runs, so that the model is free for others; what was written is kept."""
        key = (request.session_hash or "", owner_in(request))
        with self._lock:
            visit = self._visits.get(key)
        if visit is not None:
            visit.session.settle()
            with self._lock:
                self._visits.pop(key, None)


def owner_in(request: Any) -> str:
    """Who the visitor is: the name they signed in with, else the random key in their cookie."""
    if request.username:
        return f"user:{request.username}"
    # The raw header: Gradio turns the dictionary of cookies into an object of its own.
    key = owner_of(str(request.headers.get("cookie", "")))
    return f"visitor:{key}" if key else f"session:{request.session_hash}"
