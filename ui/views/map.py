"""The decision map: data size × similarity, coloured by what the engine decides, with what-if controls.

The map is a real table, so it reads the same to people who cannot see the colours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tunewise.ui.views import labels
from tunewise.ui.views.html import button, escape, tag
from tunewise.ui.views.icons import icon

MAIN_CONTROLS = 3  # the other drop-downs are folded, so that the map stays in sight


@dataclass(frozen=True, slots=True)
class MapCell:
    """One field of the map; `may_change` says that facts still open lead elsewhere."""

    primary: str | None
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """Values of one fact along the map, with the words at its edge; "unknown" stands between the extremes."""

    fact: str
    values: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """A what-if drop-down: a fact, its values, and the one chosen now."""

    fact: str
    values: tuple[str, ...]
    chosen: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Slider:
    """Numbers of examples to slide through; `at` is the position now."""

    amounts: tuple[int, ...]
    at: int


@dataclass(frozen=True, slots=True)
class MapView:
    """The map for given other facts.

    `here` and `whatif` are (column, row) positions of the situation and of the what-if (None if it is the same);
    `changes` are the facts by which the what-if differs.
    """

    columns: Axis
    rows: Axis
    cells: Mapping[tuple[int, int], MapCell]
    here: tuple[int, int]
    whatif: tuple[int, int] | None
    controls: tuple[Control, ...]
    slider: Slider
    now: str | None
    then: str | None
    changes: Mapping[str, str] = field(default_factory=dict)


def map_html(view: MapView) -> str:
    """Controls, what they lead to, and the map."""
    return (
        '<p class="tw-lead">What the rules decide for every amount of data and similarity, with your other facts. '
        "Change a control to ask “what if”; your facts stay as they are.</p>"
        + controls_html(view)
        + outcome_html(view)
        + table_html(view)
    )


def controls_html(view: MapView) -> str:
    """A slider for the number of examples and a drop-down for each other fact."""
    amounts = [f"{amount:,}" for amount in view.slider.amounts]
    slider = (
        '<div class="tw-wide"><label for="whatif-examples">What if you had this many examples?</label>'
        + "<input"
        + "".join(
            f' {name}="{escape(value)}"'
            for name, value in {
                "id": "whatif-examples",
                "type": "range",
                "min": "0",
                "max": str(len(amounts) - 1),
                "step": "1",
                "value": str(view.slider.at),
                "data-whatif": "n_examples",
                "data-values": "|".join(str(amount) for amount in view.slider.amounts),
                "data-steps": "|".join(amounts),
                "aria-valuetext": f"{amounts[view.slider.at]} examples",
            }.items()
        )
        + f'><output for="whatif-examples">{escape(amounts[view.slider.at])}</output></div>'
    )
    main = "".join(_control_html(each) for each in view.controls[:MAIN_CONTROLS])
    more = "".join(_control_html(each) for each in view.controls[MAIN_CONTROLS:])
    folded = (
        '<details class="tw-wide" data-key="whatif-more"><summary>More facts</summary>'
        f'<div class="tw-more">{more}</div></details>'
    )
    return f'<div class="tw-whatif">{slider}{main}{folded if more else ""}</div>'


def _control_html(control: Control) -> str:
    options = "".join(
        tag("option", escape(labels.value(control.fact, value)), value=value, selected=value == control.chosen)
        for value in ("unknown", *control.values)
    )
    identity = f"whatif-{control.fact}"
    changed = ' <span class="tw-status tw-status-edited">what if</span>' if control.is_changed else ""
    return (
        f'<div><label for="{escape(identity)}">{escape(labels.fact(control.fact))}{changed}</label>'
        f"{tag('select', options, id=identity, data_whatif=control.fact)}</div>"
    )


def outcome_html(view: MapView) -> str:
    """What the what-if leads to, compared with the situation, and buttons to keep or drop it."""
    if not view.changes:
        return (
            '<p class="tw-outcome" role="status">Your situation: '
            f"<strong>{escape(labels.strategy(view.now))}</strong></p>"
        )
    same = view.now == view.then
    text = (
        f"Still <strong>{escape(labels.strategy(view.then))}</strong>."
        if same
        else f"<strong>{escape(labels.strategy(view.then))}</strong> instead of {escape(labels.strategy(view.now))}."
    )
    buttons = button(f"{icon('check')}Make these my facts", "edit", {"changes": dict(view.changes)}) + button(
        f"{icon('retry')}Back to my facts", "whatif", {"values": {}}
    )
    return f'<p class="tw-outcome" role="status">With these changes: {text}</p><div class="tw-tools">{buttons}</div>'


def table_html(view: MapView) -> str:
    """The map itself."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in view.columns.texts)
    body = "".join(
        f'<tr><th scope="row">{escape(text)}</th>'
        + "".join(_cell_html(view, (column, row)) for column in range(len(view.columns.values)))
        + "</tr>"
        for row, text in enumerate(view.rows.texts)
    )
    caption = f"{labels.fact(view.rows.fact)} (rows) by {labels.fact(view.columns.fact).lower()} (columns)"
    table = (
        f'<table class="tw-map-table"><caption>{escape(caption)}</caption>'
        f'<thead><tr><td class="tw-corner"></td>{head}</tr></thead><tbody>{body}</tbody></table>'
    )
    save = button(f"{icon('download')}Save as a picture", "export", {"what": "map", "form": "svg"})
    return f'<div class="tw-map" tabindex="0" role="region" aria-label="Decision map">{table}</div>{save}'


def _cell_html(view: MapView, at: tuple[int, int]) -> str:
    cell = view.cells[at]
    marks = ""
    if at == view.here:
        marks += f'<span class="tw-pin">{icon("pin")}You are here</span>'
    if at == view.whatif:
        marks += f'<span class="tw-pin tw-pin-whatif">{icon("branch")}What if</span>'
    note = "<small>depends on open facts</small>" if cell.may_change else ""
    name = escape(labels.strategy(cell.primary))
    classes = f"tw-cell tw-c-{labels.colour(cell.primary)}" + (" tw-here" if at == view.here else "")
    return f'<td class="{escape(classes)}"><strong>{name}</strong>{note}{marks}</td>'
