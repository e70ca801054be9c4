"""`tunewise`: builds the parser, runs the command, turns errors into one sentence and an exit code."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from tunewise import __version__, offline
from tunewise.errors import TunewiseError

COMMAND_MODULES = (
    "ask measure memory serve models index doctor framework evaluate bench record recipe conversations".split()
)
BAD_INPUT = 2
INTERRUPTED = 130
# Of what a start makes (libraries, notes) next to nothing is garbage; looking for it took a third of nine seconds. A
# page that runs for weeks looks again after some million objects more.
RARE_COLLECTIONS = (100_000, 10, 5)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 if it went well, 2 for bad input or a failure with a known cause, 130 if interrupted; `decide`, `check`,
        `doctor` and `record` document their own codes.
    """
    offline.seal()
    gc.set_threshold(*RARE_COLLECTIONS)
    arguments = build_parser().parse_args(argv)
    try:
        return int(arguments.func(arguments))
    except TunewiseError as error:
        print(f"tunewise: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    parser = argparse.ArgumentParser(
        prog="tunewise",
        description="Should this pre-trained model be fine-tuned, and how? Everything runs on this machine.",
        epilog="Every setting is also an environment variable: TUNEWISE_HOME, TUNEWISE_MODEL, … (see the README).",
    )
    parser.add_argument("--version", action="version", version=f"tunewise {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMAND_MODULES:
        import_module(f"tunewise.cli.{name}").add_parsers(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
