"""`tunewise bench`: Tunewise, a plain chain and bare llama.cpp timed side by side."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tunewise.cli.options import Commands, command, settings_from

PARTS = ("model", "turn", "cold", "search", "measure")


def add_parsers(commands: Commands) -> None:
    """Add `bench`."""
    parser = command(
        commands,
        "bench",
        run_bench,
        "measure speed on this machine",
        "Time Tunewise, a plain LangChain chain and bare llama.cpp in turns; about ten minutes on two cores. Keep the "
        "machine otherwise idle.",
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write figures and single runs to this file")
    parser.add_argument("--plot", type=Path, metavar="DIR", help="write pictures into this folder")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="runs behind each figure (default: 5)")
    parser.add_argument("--only", default=",".join(PARTS), metavar="A,B", help=f"parts to run, of {', '.join(PARTS)}")
    parser.add_argument(
        "--quality", type=Path, metavar="FILE.jsonl", help="also score these cases with states and computed in full"
    )


def run_bench(arguments: argparse.Namespace) -> int:
    """Measure, print the table, write what was asked for."""
    from tunewise.benchmark.runner import run_benchmark
    from tunewise.errors import SettingsError
    from tunewise.evaluation.measuring import as_text, write_json
    from tunewise.extras import require_pictures

    parts = tuple(name.strip() for name in arguments.only.split(",") if name.strip())
    if unknown := sorted(set(parts) - set(PARTS)):
        raise SettingsError(f"No part {unknown[0]!r} in the benchmark; there are {', '.join(PARTS)}.")
    if arguments.plot:
        require_pictures("eval")
    benchmark = run_benchmark(
        settings_from(arguments),
        runs=arguments.runs,
        parts=parts,
        cases=arguments.quality,
        say=lambda what: print(f"bench: {what}", file=sys.stderr, flush=True),
    )
    if arguments.json:
        write_json(arguments.json, benchmark.to_json())
    if arguments.plot:
        benchmark.draw(arguments.plot)
    print(as_text(benchmark.table()))
    return 0
