"""Wiring: one Gradio page of HTML panels, and one component (`bridge`) through which everything people do comes in."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunewise import offline
from tunewise.ui.actions import EVENTS, MODEL_EVENTS, Actions
from tunewise.ui.hardening import owner_of
from tunewise.ui.line import ModelLine
from tunewise.ui.panels import PANELS, Painter
from tunewise.ui.session import Desk
from tunewise.ui.views.shell import composer_html, header_html, tabs_html
from tunewise.ui.visit import Visit

if TYPE_CHECKING:
    from gradio import Blocks

    from tunewise.advisor import Advisor

STATIC = Path(__file__).parent / "static"
DRAWN = "if (window.tunewise) { tunewise.drawn(element); watch('value', () => tunewise.drawn(element)); }"
# Gradio finds the events a component can send by their quoted names in its script.
BRIDGE = f"const events = [{', '.join(repr(name) for name in EVENTS)}]; tunewise.trigger = trigger; tunewise.begin();"

MAX_VISITS = 2000


def build(advisor: Advisor, *, engine: str = "", rules_only: bool = False, queue_size: int = 16) -> Blocks:
    """The page, ready to launch with `launch_options()`.

    Args:
        advisor: Answers; the page only shows what it says.
        engine: What writes the explanations, for the header.
        rules_only: Whether there is no model.
        queue_size: How many may wait for the model.
    """
    offline.seal()
    import gradio as gr

    offline.seal_gradio()
    page: Blocks
    with gr.Blocks(analytics_enabled=False, title="Tunewise", fill_width=True, fill_height=True) as page:
        panel_of = _layout(gr, header_html(engine, rules_only))
        download = gr.HTML("", elem_id="tw-download", apply_default_css=False, js_on_load=DRAWN)
        bridge = gr.HTML("", elem_id="tw-bridge", apply_default_css=False, js_on_load=BRIDGE)
        actions = Actions(Desk(advisor, ModelLine(queue_size)))
        _Wiring(gr, page, panel_of, download, bridge, actions, Painter(advisor)).connect(queue_size)
    page.queue(max_size=queue_size * 4, default_concurrency_limit=4, api_open=False)
    return page


def launch_options() -> dict[str, Any]:
    """Arguments of `launch` that belong to the page itself: theme without web fonts, style, script."""
    import gradio as gr

    style, script = ((STATIC / name).read_text("utf-8") for name in ("page.css", "page.js"))
    return {
        "theme": gr.themes.Base(
            primary_hue="teal", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        "css": style,
        "head": f"<script>{script}</script>",
        "footer_links": [],
    }


def _layout(gr: Any, header: str) -> dict[str, Any]:
    """The page's components; returns those that are drawn again, by panel name."""

    def html(name: str, value: str = "", elem_id: str | None = None) -> Any:
        identity = elem_id or f"panel-{name}"
        return gr.HTML(value, elem_id=identity, apply_default_css=False, js_on_load=DRAWN)

    html("header", header, "tw-header-block")
    panels: dict[str, Any] = {}
    with gr.Column(elem_id="tw-body"):
        html("tabs", tabs_html(), "tw-tabs-block")
        with gr.Column(elem_id="panel-chat"):
            with gr.Column(elem_id="chat-scroll"):
                panels["chat"] = html("chat", elem_id="tw-chat")
            panels["notice"] = html("notice", elem_id="tw-notice")
            panels["stage"] = html("stage", elem_id="tw-stage-block")
            html("composer", composer_html(), "tw-composer")
        panels |= {name: html(name) for name in PANELS if name not in panels}
    return panels


class _Wiring:
    """Connects the bridge's events to actions, and what they return to the panels that changed."""

    def __init__(
        self,
        gr: Any,
        page: Any,
        panel_of: dict[str, Any],
        download: Any,
        bridge: Any,
        actions: Actions,
        painter: Painter,
    ) -> None:
        self._gr, self._page, self._bridge, self._download = gr, page, bridge, download
        self._panel_of, self._actions, self._painter = panel_of, actions, painter
        self._visits = Visits()

    def connect(self, queue_size: int) -> None:
        """Register every event; none of them is a public API endpoint."""
        outputs = [*self._panel_of.values(), self._download]
        common: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        for name in EVENTS:
            uses_model = name in MODEL_EVENTS
            getattr(self._bridge, name)(
                self._listener(name),
                None,
                outputs,
                concurrency_id="model" if uses_model else "rules",
                concurrency_limit=queue_size + 2 if uses_model else 8,
                trigger_mode="multiple",
                **common,
            )
        self._page.load(self._loader(), None, outputs, concurrency_id="rules", **common)
        self._page.unload(self._leaver())

    def _listener(self, name: str) -> Callable[..., Iterator[list[Any]]]:
        gr = self._gr

        def listen(event: Any, request: Any) -> Iterator[list[Any]]:
            payload = event._data if isinstance(event._data, dict) else {}
            owner = owner_in(request)
            visit, is_new = self._visits.of(request.session_hash or "", owner)
            if is_new:
                self._actions.start(visit, owner, text_in(payload, "conversation"))
            for file in self._actions.run(name, visit, payload):
                yield self._drawn(visit, file)

        listen.__annotations__ = {"event": gr.EventData, "request": gr.Request}
        return listen

    def _loader(self) -> Callable[..., list[Any]]:
        def load(request: Any) -> list[Any]:
            owner = owner_in(request)
            visit, _ = self._visits.of(request.session_hash or "", owner)
            self._actions.start(visit, owner, text_in(dict(request.query_params), "conversation"))
            visit.drawn = None
            return self._drawn(visit)

        load.__annotations__ = {"request": self._gr.Request}
        return load

    def _leaver(self) -> Callable[..., None]:
        def leave(request: Any) -> None:
            self._visits.forget(request.session_hash or "", owner_in(request))

        leave.__annotations__ = {"request": self._gr.Request}
        return leave

    def _drawn(self, visit: Visit, file: str | None = None) -> list[Any]:
        """Values of all outputs; what has not changed since this page was last drawn is skipped."""
        with visit.lock:
            before, visit.drawn = visit.drawn, visit.state
            panels = self._painter.panels(before, visit.state)
        values = [panels[name] if name in panels else self._gr.skip() for name in self._panel_of]
        return [*values, file if file else self._gr.skip()]


class Visits:
    """Open pages by Gradio's session and visitor (a session's name alone opens nothing); the oldest goes first."""

    def __init__(self, most: int = MAX_VISITS) -> None:
        self._visits: OrderedDict[tuple[str, str], Visit] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most

    def of(self, session: str, owner: str) -> tuple[Visit, bool]:
        """The visit of a session, and whether it is new."""
        with self._lock:
            visit = self._visits.pop((session, owner), None)
            is_new = visit is None
            self._visits[session, owner] = visit = visit or Visit()
            if len(self._visits) > self._most:
                _, oldest = self._visits.popitem(last=False)
                oldest.cancel.set()
            return visit, is_new

    def forget(self, session: str, owner: str) -> None:
        """The page was closed: stop what it runs, so that the model is free for others."""
        with self._lock:
            visit = self._visits.pop((session, owner), None)
        if visit is not None:
            visit.cancel.set()


def owner_in(request: Any) -> str:
    """Who the visitor is: the name they signed in with, else the random key in their cookie."""
    if request.username:
        return f"user:{request.username}"
    # The raw header: Gradio turns the dictionary of cookies into an object of its own.
    key = owner_of(str(request.headers.get("cookie", "")))
    return f"visitor:{key}" if key else f"session:{request.session_hash}"


def text_in(payload: Mapping[str, Any], key: str) -> str | None:
    """A non-empty text of an event's payload; anything else is None."""
    value = payload.get(key)
    return value if isinstance(value, str) and value else None
