"""`tunewise memory`: what training a model takes: memory by method, and hours and cost on a card."""

from __future__ import annotations

import argparse
import json
import math
from typing import TYPE_CHECKING, Any

from tunewise.cli.options import Commands
from tunewise.errors import ResourcesError

if TYPE_CHECKING:
    from tunewise.facts.cards import Card
    from tunewise.resources.duration import Duration
    from tunewise.resources.estimates import Asked, Estimate


def add_parsers(commands: Commands) -> None:
    """Add `memory`."""
    parser = commands.add_parser(
        "memory",
        help="what training a model takes: memory by method, hours, cost",
        description="Walks one step of training through a model without weights, or looks one up.",
    )
    parser.set_defaults(func=run_memory)
    parser.add_argument(
        "model", metavar="CONFIG.json|ARCHITECTURE", help="a model's config.json, a name as bert_base, or timm:NAME"
    )
    parser.add_argument("--batch", type=_number(int), metavar="N", help="examples in a step")
    parser.add_argument("--length", type=_number(int), metavar="N", help="of each: tokens, pixels a side or seconds")
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="bf16", help="bf16: mixed (default)")
    parser.add_argument("--checkpointing", action="store_true", help="compute blocks again instead of keeping them")
    card = parser.add_mutually_exclusive_group()
    card.add_argument("--gpu", metavar="NAME", help='a card: "RTX 3060", "A100 40GB"')
    card.add_argument("--gpu-memory", type=_number(float), metavar="GB", help="memory of the card")
    parser.add_argument("--examples", type=_number(int), metavar="N", help="for hours: size of the training set")
    parser.add_argument("--epochs", type=_number(float), default=3.0, metavar="E", help="for hours (default: 3)")
    parser.add_argument("--price", type=_number(float), metavar="P", help="for cost: your price of the card per hour")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _number(kind: type) -> Any:
    """A positive number; argparse makes its own sentence of the error."""

    def positive(text: str) -> Any:
        value = kind(text)
        if not 0 < value < math.inf:
            raise ValueError(text)
        return value

    positive.__name__ = "positive whole number" if kind is int else "positive number"
    return positive


def run_memory(arguments: argparse.Namespace) -> int:
    """Print one line for each method."""
    from tunewise.resources.estimates import estimates_for

    card = _card(arguments)
    if arguments.examples and not (card and card.tflops):
        raise ResourcesError("Hours need a card whose peak is known. Name one with --gpu, such as --gpu 'RTX 3060'.")
    if arguments.price and not arguments.examples:
        raise ResourcesError("A cost needs hours. Give the size of the training set with --examples.")
    asked = estimates_for(
        arguments.model,
        arguments.batch,
        arguments.length,
        mixed=arguments.precision == "bf16",
        recomputed=arguments.checkpointing,
    )
    rows = [_row(each, asked, card, arguments) for each in asked.estimates]
    if arguments.json:
        print(json.dumps(_whole(asked, card, rows), indent=1, ensure_ascii=False))
    else:
        _print(asked, card, rows, arguments)
    return 0


def _card(arguments: argparse.Namespace) -> Card | None:
    from tunewise.facts.cards import Card, find_card

    if arguments.gpu_memory:
        return Card("one card", arguments.gpu_memory, None)
    if not arguments.gpu:
        return None
    card = find_card(arguments.gpu)
    if card is None or not card.memory_gb:
        known = "no card" if card is None else "no card of one size of memory"
        raise ResourcesError(f"{arguments.gpu!r} names {known} that is known here. Give its memory with --gpu-memory.")
    return card


def _row(estimate: Estimate, asked: Asked, card: Card | None, arguments: argparse.Namespace) -> dict[str, Any]:
    """One method as JSON; sizes in GB (1e9 bytes)."""
    from tunewise.resources.duration import duration_of
    from tunewise.resources.estimates import verdict
    from tunewise.resources.records import GB

    need, method = estimate.need, estimate.method
    row: dict[str, Any] = {"method": method.name, "label": method.label, "source": estimate.source, "gb": None}
    if need is None:
        return row
    parts = {part: getattr(need, part) / GB for part in ("weights", "optimizer", "gradients", "activations")}
    if estimate.held_out_error is not None:
        together = {"gradients and activations": parts.pop("gradients") + parts.pop("activations")}
        parts |= together
        row["held_out_error"] = estimate.held_out_error
    row |= {"gb": need.peak / GB, "parts_gb": parts}
    row |= {"trainable": need.trainable, "parameters": need.parameters, "flops_per_step": need.operations}
    if card and card.memory_gb:
        row["verdict"] = verdict(need, card.memory_gb)
    if arguments.examples and card and card.tflops:
        lasting = duration_of(need.operations, asked.workload.batch, arguments.examples, arguments.epochs, card.tflops)
        row |= _lasting(lasting, arguments.price)
    return row


def _lasting(lasting: Duration, price: float | None) -> dict[str, Any]:
    hours = [lasting.fewest_hours, lasting.most_hours]
    found: dict[str, Any] = {"steps": lasting.steps, "flops": lasting.operations, "hours": hours}
    return found | ({"cost": list(lasting.cost(price))} if price else {})


def _whole(asked: Asked, card: Card | None, rows: list[dict[str, Any]]) -> dict[str, Any]:
    from tunewise.resources.sources import training_table

    step = {"batch": asked.workload.batch, "length": asked.workload.length, "unit": asked.unit}
    step |= {"mixed": asked.workload.mixed, "checkpointing": asked.workload.recomputed}
    named = {"name": card.name, "memory_gb": card.memory_gb, "tflops": card.tflops} if card else None
    return {
        "model": asked.label,
        "step": step,
        "card": named,
        "methods": rows,
        "not_seen": training_table()["cannot_see"],
    }


def _print(asked: Asked, card: Card | None, rows: list[dict[str, Any]], arguments: argparse.Namespace) -> None:
    from tunewise.resources.sources import training_table

    workload, table = asked.workload, training_table()
    precision = "bf16 autocast, AdamW in 32 bit" if workload.mixed else "32 bit, AdamW"
    kept = ", blocks computed again" if workload.recomputed else ""
    on = f"; {card.name}, {card.memory_gb:g} GB" if card else ""
    print(f"{asked.label}: {workload.batch} x {workload.length} ({asked.unit}), {precision}{kept}{on}")
    for row in rows:
        print(_line(row))
    share = table["achieved_share"]
    if arguments.examples and card:
        print(
            f"Hours: at {share['low']} to {share['high']} % of {card.tflops:g} dense 16-bit TFLOPS ({share['source']})."
        )
    errors = [row["held_out_error"] for row in rows if "held_out_error" in row]
    source = (
        f"From the table, off by {max(*errors, 0.001):.1%} at most on rows held out" if errors else "Walked through"
    )
    print(f"{source}. Not seen: {table['cannot_see']}.")


def _line(row: dict[str, Any]) -> str:
    if row["gb"] is None:
        return f"  {row['label']}: not walked. {row['source']}"
    parts = ", ".join(f"{name} {shown_gb(size)}" for name, size in row["parts_gb"].items() if size)
    said = f"  {row['label']}: {shown_gb(row['gb'])} GB ({parts})"
    said += f": {row['verdict']}" if "verdict" in row else ""
    if "hours" in row:
        short = row["hours"][1] < 1
        said += f"; {_between([60 * end for end in row['hours']])} min" if short else f"; {_between(row['hours'])} h"
    return said + (f", cost {_between(row['cost'])}" if "cost" in row else "")


def shown_gb(size: float) -> str:
    """GB for a person: never as nothing, a decimal below 100."""
    from tunewise.resources.records import LEAST_SHOWN

    if size < LEAST_SHOWN:
        return f"under {LEAST_SHOWN:g}"
    return f"{size:,.0f}" if size >= 100 else f"{size:.1f}"


def _between(ends: list[float]) -> str:
    return " to ".join(f"{end:,.0f}" if end >= 100 else f"{end:.2g}" for end in ends)
