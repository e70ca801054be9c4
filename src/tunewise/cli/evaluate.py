"""`tunewise eval`: cases through the whole system, the model alone and the rules alone, scored side by side."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tunewise.cli.options import add_settings_options, settings_from

if TYPE_CHECKING:
    from tunewise.evaluation import Evaluation
    from tunewise.evaluation.arms import Arms

SOME_FAILED = 1


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `eval`."""
    parser = commands.add_parser(
        "eval",
        help="score the advisor on a case file",
        description="Run a case file through three arms and score the replies. An interrupted run resumes where it "
        "stopped. Exit code 1 if a reply failed.",
    )
    parser.add_argument("cases", type=Path, metavar="FILE.jsonl", help="cases, one JSON object a line")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all replies and scores to this file")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write a Markdown table and plots into this folder")
    parser.add_argument(
        "--arms", default="", metavar="A,B", help="arms to run: full, model_alone, rules_only (default: all)"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N cases")
    add_settings_options(parser)
    parser.set_defaults(func=run_eval)


def run_eval(arguments: argparse.Namespace) -> int:
    """Run, print the table, write what was asked for."""
    from tunewise.evaluation.arms import chosen_arms, standard_arms
    from tunewise.evaluation.cases import load_cases
    from tunewise.evaluation.journal import Journal, version_hash
    from tunewise.evaluation.report import as_text, table
    from tunewise.evaluation.runner import run_evaluation, write_json
    from tunewise.evaluation.sources import CorpusSources
    from tunewise.retrieval.corpus import load_corpus

    settings = settings_from(arguments)
    cases = load_cases(arguments.cases)[: arguments.limit]
    names = chosen_arms(arguments.arms)
    arms: Arms = {name: opening for name, opening in standard_arms(settings).items() if name in names}
    beside = arguments.json or settings.home / "evaluation" / f"{arguments.cases.stem}.json"
    journal = Journal(beside.with_name(beside.name + ".journal"))
    with _Progress(len(cases) * len(arms)) as progress:
        evaluation = run_evaluation(
            cases,
            arms,
            CorpusSources(load_corpus()),
            journal=journal,
            version=version_hash(settings),
            progress=progress.advance,
        )
    if arguments.json:
        write_json(evaluation, arguments.json)
    if arguments.report:
        _write_report(evaluation, arguments.report)
    print(as_text(table({arm: evaluation.scores(arm) for arm in evaluation.lines})))
    for line in evaluation.errors:
        print(f"{line['arm']}, {line['id']}: {line['error']}", file=sys.stderr)
    journal.finish()
    return SOME_FAILED if evaluation.errors else 0


def _write_report(evaluation: Evaluation, folder: Path) -> None:
    from tunewise.evaluation.plots import write_plots
    from tunewise.evaluation.report import write_report

    folder.mkdir(parents=True, exist_ok=True)
    write_report(evaluation, folder, write_plots(evaluation, folder))


class _Progress:
    """A bar on standard error that names arm and case."""

    def __init__(self, total: int) -> None:
        from tqdm import tqdm

        self._bar = tqdm(total=total, unit="reply", file=sys.stderr, dynamic_ncols=True, smoothing=0.1)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def advance(self, arm: str, case: str) -> None:
        """One reply is done."""
        self._bar.set_postfix_str(f"{arm} {case}", refresh=False)
        self._bar.update()
