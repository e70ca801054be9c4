"""`tunewise framework show|prove|graph|new`, `tunewise decide` and `tunewise check`: the rules without any model.

Exit codes of `decide` and `check`: 0 valid, 1 invalid or impossible, 3 satisfiable or ambiguous, 2 bad input (or
nothing that could be checked). `framework prove` exits 1 if a property does not hold.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunewise.framework import Framework
    from tunewise.types import FindingKind

EXIT_CODES: dict[FindingKind, int] = {
    "valid": 0, "invalid": 1, "impossible": 1, "satisfiable": 3, "ambiguous": 3,
    "no_recommendation": 2, "not_checked": 2,
}  # fmt: skip
INPUT_HELP = 'JSON file, or - for standard input: {"facts": {"dataset_size": "small"}'


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands `framework`, `decide` and `check`."""
    _add_framework_commands(subparsers.add_parser("framework", help="show, prove, draw or start a framework"))
    deciding = subparsers.add_parser("decide", help="what the rules advise for given facts, without a model")
    deciding.add_argument("input", nargs="?", default=None, help=INPUT_HELP + "}; or use --fact")
    deciding.add_argument("--compare", action="store_true", help="lay the shipped frameworks side by side")
    _add_common(deciding)
    deciding.set_defaults(func=_decide)
    checking = subparsers.add_parser("check", help="check a recommendation against the rules, without a model")
    checking.add_argument("input", help=INPUT_HELP + ', "recommendation": {"primary": "lora", "supporting": []}}')
    _add_common(checking)
    checking.set_defaults(func=_check)


def _add_framework_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    showing = commands.add_parser("show", help="facts, strategies and rules, or one of them")
    showing.add_argument("id", nargs="?", help="a rule, fact or strategy, for example F4")
    proving = commands.add_parser("prove", help="prove the framework sound by enumerating every situation")
    graphing = commands.add_parser("graph", help="draw the decision map: data size by similarity")
    graphing.add_argument("--fact", action="append", default=[], metavar="NAME=VALUE", help="another fact, repeatable")
    graphing.add_argument("--language", choices=("en", "zh", "fr"), default="en")
    graphing.add_argument("--output", "-o", type=Path, help="SVG file to write; a text table without it")
    starting = commands.add_parser("new", help="write a commented framework file to start from")
    starting.add_argument("path", type=Path, help="file to write, for example house-rules.yaml")
    starting.set_defaults(func=_new)
    for command, function in ((showing, _show), (proving, _prove), (graphing, _graph)):
        command.add_argument("--framework", default="article", metavar="NAME|PATH", help="shipped name or file")
        command.set_defaults(func=function)
    for command in (showing, proving):
        command.add_argument("--json", action="store_true", help="print JSON")


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fact", action="append", default=[], metavar="NAME=VALUE", help="a stated fact, repeatable")
    parser.add_argument("--framework", default="article", metavar="NAME|PATH", help="shipped name or file")
    parser.add_argument("--json", action="store_true", help="print canonical JSON")


def _load(arguments: argparse.Namespace) -> Framework:
    from tunewise.framework import load_framework

    return load_framework(arguments.framework)


def _decide(arguments: argparse.Namespace) -> int:
    from tunewise.framework import compare, decide, report, to_json
    from tunewise.framework.requests import facts_from, read_request, situation_of

    framework = _load(arguments)
    given = read_request(arguments.input).facts if arguments.input else {}
    situation = situation_of(framework, {**given, **facts_from(arguments.fact)})
    decision = decide(framework, situation.values())
    if arguments.compare:
        comparison = compare(situation.values())
        print(to_json(comparison) if arguments.json else report.comparison_text(comparison))
    else:
        print(to_json(decision) if arguments.json else report.decision_text(framework, decision))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from tunewise.framework import check, report, to_json
    from tunewise.framework.requests import facts_from, read_request, recommendation_of, situation_of

    framework = _load(arguments)
    request = read_request(arguments.input)
    situation = situation_of(framework, {**request.facts, **facts_from(arguments.fact)})
    verdict = check(framework, situation, recommendation_of(request))
    print(to_json(verdict) if arguments.json else report.verdict_text(verdict))
    return EXIT_CODES[verdict.status]


def _show(arguments: argparse.Namespace) -> int:
    from tunewise.framework import report

    print(report.shown(_load(arguments), arguments.id, as_json=arguments.json))
    return 0


def _prove(arguments: argparse.Namespace) -> int:
    from tunewise.framework import prove, report, to_json

    proof = prove(_load(arguments))
    print(to_json(proof) if arguments.json else report.proof_text(proof))
    return 0 if proof.holds else 1


def _graph(arguments: argparse.Namespace) -> int:
    from tunewise.framework import decision_map, map_svg
    from tunewise.framework.requests import facts_from, write_new

    facts = facts_from(arguments.fact)
    chart = decision_map(_load(arguments), facts)
    if arguments.output is None:
        print(chart.text())
        return 0
    here = facts if {"dataset_size", "similarity"} & set(facts) else None
    write_new(arguments.output, map_svg(chart, here, language=arguments.language), overwrite=True)
    print(f"Wrote {arguments.output}", file=sys.stderr)
    return 0


def _new(arguments: argparse.Namespace) -> int:
    from tunewise.framework.requests import write_new
    from tunewise.framework.template import framework_template

    write_new(arguments.path, framework_template(arguments.path.stem))
    print(f"Wrote {arguments.path}. Try: tunewise framework prove --framework {arguments.path}", file=sys.stderr)
    return 0
