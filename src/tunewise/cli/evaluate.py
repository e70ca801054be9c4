"""`tunewise eval`: cases through the whole system, a plain chain and the rules alone, scored side by side."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tunewise.cli.options import Commands, command, settings_from

SOME_FAILED = 1


def add_parsers(commands: Commands) -> None:
    """Add `eval`."""
    parser = command(
        commands,
        "eval",
        run_eval,
        "score the advisor on a case file",
        "Run a file of cases or conversations through three arms and score the replies. An interrupted run resumes "
        "where it stopped. Exit code 1 if a reply failed.",
    )
    parser.add_argument("cases", type=Path, metavar="FILE.jsonl", help="cases or conversations, one JSON object a line")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all replies and scores to this file")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write a Markdown table and plots into this folder")
    parser.add_argument("--arms", default="", metavar="A,B", help="arms to run: full, plain, rules_only (default: all)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N cases")


def run_eval(arguments: argparse.Namespace) -> int:
    """Run, print the table and what conversations miss, write what was asked for."""
    from tqdm import tqdm

    from tunewise.evaluation.arms import chosen_arms, opened_late
    from tunewise.evaluation.cases import load_cases
    from tunewise.evaluation.measuring import as_text, write_json
    from tunewise.evaluation.report import misses, table, write_report
    from tunewise.evaluation.runner import Journal, run_evaluation, version_hash
    from tunewise.evaluation.scoring import Scorer
    from tunewise.extras import require_pictures
    from tunewise.framework import load_framework
    from tunewise.retrieval.corpus import load_corpus

    if arguments.report:
        require_pictures("eval")
    settings = settings_from(arguments)
    cases = load_cases(arguments.cases)[: arguments.limit]
    scorer = Scorer(load_corpus(), load_framework(settings.framework))
    arms = opened_late(settings, chosen_arms(arguments.arms))
    beside = arguments.json or settings.home / "evaluation" / f"{arguments.cases.stem}.json"
    journal = Journal(beside.with_name(beside.name + ".journal"), version_hash(settings))
    with tqdm(total=len(cases) * len(arms), unit="case", file=sys.stderr, dynamic_ncols=True) as bar:
        evaluation = run_evaluation(cases, arms, scorer, journal, progress=bar.update)
    if arguments.json:
        write_json(arguments.json, evaluation.to_json())
    if arguments.report:
        write_report(evaluation, arguments.report)
    print(as_text(table(evaluation.columns)))
    for missed in misses(evaluation):
        print(missed)
    for line in evaluation.errors:
        print(f"{line['arm']}, {line['id']}: {line['error']}", file=sys.stderr)
    journal.finish()
    return SOME_FAILED if evaluation.errors else 0
