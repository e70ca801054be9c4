"""`tunewise doctor`: is everything in order?"""

from __future__ import annotations

import argparse
import dataclasses
import json

from tunewise.cli.options import Commands, command, settings_from


def add_parsers(commands: Commands) -> None:
    """Add `doctor`."""
    parser = command(commands, "doctor", run_doctor, "examine versions, weights, index, memory, disk and settings")
    parser.add_argument("--deep", action="store_true", help="hash the weights again; a damaged file is removed")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_doctor(arguments: argparse.Namespace) -> int:
    """Print one line for each check; 1 if anything is broken, else 0."""
    from tunewise.doctor import examine

    checks = examine(settings_from(arguments), deep=arguments.deep)
    if arguments.json:
        print(json.dumps([dataclasses.asdict(check) for check in checks], indent=1, ensure_ascii=False))
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            print(f"{'ok    ' if check.ok else 'BROKEN'}  {check.name:<{width}}  {check.detail}")
    return 0 if all(check.ok for check in checks) else 1
