"""The fact sheet: every fact with its value, its status and the words it came from, ready to be corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunewise.types import UNKNOWN, Fact, Situation
from tunewise.ui.views import labels
from tunewise.ui.views.html import button, escape, tag
from tunewise.ui.views.icons import icon


@dataclass(frozen=True, slots=True)
class FactField:
    """A fact as the framework asks for it: its values in order, the question, and why it matters."""

    name: str
    values: tuple[str, ...]
    question: str = ""
    why: str = ""


GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Data", ("dataset_size", "similarity", "old_task_data")),
    ("Model", ("model_type", "model_size", "baseline", "frozen_features")),
    ("Means and limits", ("compute", "latency_critical", "forgetting_concern")),
    ("Aim", ("goal", "prompting_tried")),
)

# Details: name, how it is entered, unit or hint.
NUMBERS = {"n_examples": "examples", "n_classes": "classes", "gpu_memory": "GB"}
TEXTS = {
    "base_model": "for example ResNet-50",
    "hardware": "for example one RTX 4090",
    "source_domain": "what the model was trained on",
    "target_domain": "what you want it for",
}
MODALITIES = ("image", "text", "audio", "tabular", "other")


def sheet_html(situation: Situation | None, fields: Sequence[FactField], summary: str | None = None) -> str:
    """The sheet for a situation; with None every fact is shown as not known.

    Args:
        situation: What is known so far.
        fields: The framework's facts; the order inside each group follows `GROUPS`, the rest comes last.
        summary: HTML of the last hardware or dataset reading.
    """
    situation = situation or Situation()
    known = sum(1 for spec in fields if situation.value(spec.name) != UNKNOWN)
    head = (
        f'<p class="tw-lead">{known} of {len(fields)} facts known. Correct anything: the decision is made '
        "again at once, "
        "without the model.</p>"
    )
    body = "".join(_group_html(title, situation, group) for title, group in _grouped(fields) if group)
    return head + tools_html(summary) + body + _details_html(situation)


def _grouped(fields: Sequence[FactField]) -> list[tuple[str, list[FactField]]]:
    by_name = {spec.name: spec for spec in fields}
    groups = [(title, [by_name.pop(name) for name in names if name in by_name]) for title, names in GROUPS]
    return [*groups, ("More", list(by_name.values()))]


def tools_html(summary: str | None) -> str:
    """Buttons that fill facts in from this machine and from a dataset, and what they read last."""
    tools = (
        button(f"{icon('chip')}Fill in this machine’s hardware", "hardware", class_="tw-button")
        + f'<label class="tw-button tw-file">{icon("table")}<span>Read my dataset</span>'
        '<input type="file" id="dataset-file" accept=".csv,.tsv,.jsonl,.ndjson,.json" data-file="dataset" '
        'aria-describedby="dataset-note"></label>'
        f'<label class="tw-button tw-file">{icon("table")}<span>Read a folder</span>'
        '<input type="file" id="dataset-folder" webkitdirectory data-file="folder" '
        'aria-describedby="dataset-note"></label>'
    )
    note = (
        '<p class="tw-note" id="dataset-note">CSV, TSV, JSONL, or a folder with one sub-folder per class. '
        "Of a folder only names and sizes are read. Nothing leaves this machine.</p>"
    )
    shown = f'<div class="tw-reading" role="status">{summary}</div>' if summary else ""
    return tag(
        "section", f'<div class="tw-tools">{tools}</div>{note}{shown}', class_="tw-toolbox", aria_label="Fill in"
    )


def _group_html(title: str, situation: Situation, fields: Sequence[FactField]) -> str:
    rows = "".join(_fact_row(spec, situation.facts.get(spec.name) or Fact(spec.name)) for spec in fields)
    return f'<section class="tw-group"><h3>{escape(title)}</h3>{rows}</section>'


def _fact_row(spec: FactField, fact: Fact) -> str:
    options = _option(UNKNOWN, "not known", fact.value) + "".join(
        _option(value, labels.value(spec.name, value), fact.value) for value in spec.values
    )
    control = tag("select", options, id=f"fact-{spec.name}", data_fact=spec.name, aria_describedby=f"why-{spec.name}")
    return _row(spec.name, fact, control, spec.question or spec.why)


def _option(value: str, text: str, chosen: str) -> str:
    return tag("option", escape(text), value=value, selected=value == chosen)


def _row(name: str, fact: Fact, control: str, hint: str = "") -> str:
    label = f'<label for="fact-{escape(name)}">{escape(labels.fact(name))}</label>'
    status = f'<span class="tw-status tw-status-{fact.status}">{escape(labels.STATUSES[fact.status])}</span>'
    return (
        f'<div class="tw-fact" data-status="{fact.status}"><div class="tw-fact-head">{label}{status}</div>'
        f'<div class="tw-fact-control">{control}</div>'
        f'<div class="tw-fact-why" id="why-{escape(name)}">{provenance_html(fact) or escape(hint)}</div></div>'
    )


def provenance_html(fact: Fact) -> str:
    """The user's words and the turn they are from, and the reason for an assumption or an open number."""
    parts = []
    if fact.quote:
        where = f' <span class="tw-muted">(message {fact.turn})</span>' if fact.turn else ""
        parts.append(f"<q>{escape(fact.quote)}</q>{where}")
    if fact.reason:
        parts.append(escape(fact.reason))
    return " ".join(parts)


def _details_html(situation: Situation) -> str:
    rows = [_detail_row(name, situation.details, "number", unit) for name, unit in NUMBERS.items()]
    rows.append(_modality_row(situation.details))
    rows += [_detail_row(name, situation.details, "text", hint) for name, hint in TEXTS.items()]
    return f'<section class="tw-group"><h3>Details</h3>{"".join(rows)}</section>'


def _detail_row(name: str, details: Mapping[str, Fact], kind: str, hint: str) -> str:
    fact = details.get(name) or Fact(name)
    amount = fact.amount if kind == "number" else None
    value = _plain_number(amount) if amount is not None else ("" if fact.value == UNKNOWN else fact.value)
    if kind == "number" and amount is None and not value.replace(".", "", 1).isdigit():
        value = ""
    control = tag(
        "span",
        "<input"
        + "".join(
            f' {key}="{escape(text)}"'
            for key, text in {
                "id": f"fact-{name}",
                "type": kind,
                "value": value,
                "data-fact": name,
                "placeholder": hint,
                "aria-describedby": f"why-{name}",
                **({"min": "0", "step": "any", "inputmode": "decimal"} if kind == "number" else {"maxlength": "200"}),
            }.items()
        )
        + ">"
        + (f'<span class="tw-unit">{escape(hint)}</span>' if kind == "number" else ""),
        class_="tw-input",
    )
    return _row(name, fact, control)


def _modality_row(details: Mapping[str, Fact]) -> str:
    fact = details.get("modality") or Fact("modality")
    options = _option(UNKNOWN, "not known", fact.value) + "".join(
        _option(each, each, fact.value) for each in MODALITIES
    )
    control = tag("select", options, id="fact-modality", data_fact="modality", aria_describedby="why-modality")
    return _row("modality", fact, control)


def _plain_number(amount: float) -> str:
    return str(int(amount)) if float(amount).is_integer() else f"{amount:g}"
