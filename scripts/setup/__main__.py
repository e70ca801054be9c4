"""`python3 -m scripts.setup setup|run|test`: what the Makefile calls."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from scripts.setup.run import StepFailed
from scripts.setup.steps import Plan, set_up
from scripts.setup.suite import install_test_programs, run_suite

ROOT = Path(__file__).resolve().parent.parent.parent


def main(argv: list[str] | None = None) -> int:
    """Run one task; 1 and one sentence if it cannot be done."""
    parser = argparse.ArgumentParser(prog="python3 -m scripts.setup", description=__doc__)
    parser.add_argument("task", choices=("setup", "run", "test"))
    parser.add_argument("--dev", action="store_true", help="setup: with what the tests need")
    parser.add_argument("--fast", action="store_true", help="test: only lint, types and the tests without weights")
    parser.add_argument("--rules-only", action="store_true", help="without a language model and its compiler")
    arguments, rest = parser.parse_known_args(argv)
    plan = Plan(ROOT, dev=arguments.dev or arguments.task == "test", rules_only=arguments.rules_only)
    try:
        set_up(plan)
        if arguments.task == "test":
            if not arguments.fast:
                install_test_programs(plan)
            run_suite(plan, fast=arguments.fast)
    except StepFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on.", file=sys.stderr)
        return 130
    if arguments.task == "run":
        serve(plan, rest)
    return 0


def serve(plan: Plan, options: list[str]) -> None:
    """Become the advisor's page server."""
    program = str(plan.venv / "bin" / "tunewise")
    without = ["--no-model"] if plan.rules_only else []
    os.execv(program, [program, "serve", *without, *options])


if __name__ == "__main__":
    sys.exit(main())
