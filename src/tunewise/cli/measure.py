"""`tunewise measure`: what a data set and a frozen encoder show before anything is trained."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path

from tunewise.cli.options import Bar, Commands, command, settings_from
from tunewise.cli.record import keep
from tunewise.errors import RecordError
from tunewise.extras import require_pictures


def add_parsers(commands: Commands) -> None:
    """Add `measure`."""
    parser = command(
        commands,
        "measure",
        run_measure,
        "measure data and a frozen encoder, and decide on what was measured",
        "Measures copies, classes, scores without training, a linear probe and its learning curve on a sample, and "
        "decides again with the facts that follow. Nothing is trained but the probe, and nothing leaves the machine.",
    )
    parser.add_argument(
        "data", type=Path, metavar="DATA", help="CSV, TSV, JSONL, Parquet, .npy or .npz, or a folder per class"
    )
    parser.add_argument(
        "--text", action="append", default=[], metavar="COL", help="column of the text; repeat to join several"
    )
    parser.add_argument("--label", metavar="COL", help="column of the label; of .npy the file of labels")
    parser.add_argument("--encoder", metavar="NAME|PATH", help="default for texts: the embedding model of search")
    parser.add_argument("--reference", type=Path, metavar="FILE", help="data of the kind that the model knows")
    parser.add_argument("--target", type=float, metavar="SHARE", help="the score that would be good enough, say 0.9")
    parser.add_argument("--metric", choices=("accuracy", "macro_f1"), default="accuracy", help="what the target is of")
    parser.add_argument(
        "--fact", action="append", default=[], metavar="NAME=VALUE", help="a fact that is known, say compute=limited"
    )
    parser.add_argument("--seconds", type=float, default=120.0, metavar="S", help="time to take (default: 120)")
    parser.add_argument("--max-rows", type=int, metavar="N", help="most rows to score")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed draws the same rows")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="write pictures into this folder")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write the decision record: .json, .md or .html")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_measure(arguments: argparse.Namespace) -> int:
    """Measure, print the report, draw what was asked for."""
    from tunewise.framework import load_framework
    from tunewise.framework.requests import facts_from
    from tunewise.measure import measure, record_of
    from tunewise.measure.plots import draw
    from tunewise.measure.report import report
    from tunewise.measure.run import MAX_ROWS
    from tunewise.ui.views import labels

    if arguments.plots:
        require_pictures("measure")
    if arguments.record:
        _refuse_place(arguments.record)
    settings = settings_from(arguments)
    with Bar(leave=False) as bar:
        found = measure(
            arguments.data, text=tuple(arguments.text), label=arguments.label, encoder=arguments.encoder,
            reference=arguments.reference, target=arguments.target, metric=arguments.metric,
            facts=facts_from(arguments.fact), seconds=arguments.seconds, max_rows=arguments.max_rows or MAX_ROWS,
            seed=arguments.seed, settings=settings, progress=bar,
        )  # fmt: skip
    drawn = draw(found, arguments.plots) if arguments.plots else ()
    framework = load_framework(settings.framework)
    if arguments.record:
        keep(record_of(found, framework), arguments.record)
    if arguments.json:
        print(json.dumps(found.to_json(), ensure_ascii=False, indent=1, allow_nan=False))
        return 0
    with labels.named_by(framework):
        print(report(found, labels.strategy, lambda name, value: (labels.fact(name), labels.value(name, value))))
    if drawn:
        print(f"Pictures: {', '.join(str(path) for path in drawn)}")
    print(f"Next: {_next(arguments)}")
    return 0


def _refuse_place(file: Path) -> None:
    """Refuse a place that no record can be written to, before anything takes time."""
    if not file.parent.is_dir() or file.is_dir():
        raise RecordError(f"No record can be written to {str(file)!r}. Name a file in a folder that is there.")


def _next(arguments: argparse.Namespace) -> str:
    """The command that goes on from here, as a shell takes it."""
    data = shlex.quote(str(arguments.data))
    if arguments.record:
        return f"tunewise recipe {shlex.quote(str(arguments.record))} --out recipe --data {data}"
    return f"tunewise measure {data} … --record decision.json, from which 'tunewise recipe' writes a training script"
