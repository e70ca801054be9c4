"""`tunewise framework show|prove|graph|new`, `tunewise decide` and `tunewise check`: the rules, no language model.

Exit codes of `decide` and `check`: 0 valid, 1 invalid or impossible, 3 satisfiable or ambiguous, 2 bad input (or
nothing that could be checked). `framework prove` exits 1 if a property does not hold.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tunewise.cli.options import Commands, Run, actions, write
from tunewise.cli.record import keep
from tunewise.errors import SituationError

if TYPE_CHECKING:
    from tunewise.desk.checking import CheckedText
    from tunewise.framework import Framework
    from tunewise.record import Record
    from tunewise.types import FindingKind, Situation

EXIT_CODES: dict[FindingKind, int] = {
    "valid": 0, "invalid": 1, "impossible": 1, "satisfiable": 3, "ambiguous": 3,
    "no_recommendation": 2, "not_checked": 2,
}  # fmt: skip
MAX_PATH = 255
INPUT_HELP = 'JSON file, or - for standard input: {"facts": {"dataset_size": "small"}'


def add_parsers(commands: Commands) -> None:
    """Add the commands `framework`, `decide` and `check`."""
    named = actions(commands, "framework", "show, prove, draw or start a framework")
    showing = _command(named, "show", _show, "facts, strategies and rules, or one of them")
    showing.add_argument("id", nargs="?", help="a rule, fact or strategy, for example F4")
    proving = _command(named, "prove", _prove, "prove the framework sound by enumerating every situation")
    graphing = _command(named, "graph", _graph, "draw the decision map: data size by similarity")
    graphing.add_argument("--language", default="en", metavar="CODE", help="en, zh, fr, …")
    graphing.add_argument("--output", "-o", type=Path, help="SVG file to write; a text table without it")
    starting = named.add_parser("new", help="write a commented framework file to start from")
    starting.add_argument("path", type=Path, help="file to write, for example house-rules.yaml")
    starting.set_defaults(func=_new)
    deciding = _command(commands, "decide", _decide, "what the rules advise for given facts, without a model")
    deciding.add_argument("input", nargs="?", default=None, help=INPUT_HELP + "}; or use --fact")
    deciding.add_argument("--compare", action="store_true", help="lay the shipped frameworks side by side")
    deciding.add_argument("--record", type=Path, metavar="FILE", help="write the decision record: .json, .md or .html")
    checking = _command(commands, "check", _check, "check a recommendation against the rules, without a model")
    checking.add_argument("input", help=INPUT_HELP + ', "recommendation": {"primary": "lora", "supporting": []}}')
    checking.add_argument(
        "--text", action="store_true", help="INPUT is English advice from elsewhere: its words, a file with them, or -"
    )
    for parser in (graphing, deciding, checking):
        parser.add_argument("--fact", action="append", default=[], metavar="NAME=VALUE", help="a fact, repeatable")
    for parser in (showing, proving, deciding, checking):
        parser.add_argument("--json", action="store_true", help="print canonical JSON")


def _command(commands: Commands, name: str, run: Run, help: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help)
    parser.add_argument("--framework", default="article", metavar="NAME|PATH", help="shipped name or file")
    parser.set_defaults(func=run)
    return parser


def _load(arguments: argparse.Namespace) -> Framework:
    from tunewise.framework import load_framework

    return load_framework(arguments.framework)


def _text_of(source: str) -> str:
    """The text of a file, or of standard input for "-"; one character more than a request may have at most.

    Raises:
        SituationError: If it cannot be read.
    """
    from tunewise.framework.requests import MAX_CHARACTERS

    if source == "-":
        return sys.stdin.read(MAX_CHARACTERS + 1)
    try:
        with Path(source).open(encoding="utf-8") as file:
            return file.read(MAX_CHARACTERS + 1)
    except OSError as error:
        raise SituationError(f"Cannot read {source!r}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SituationError(f"{source!r} is not UTF-8 text.") from None


def _decide(arguments: argparse.Namespace) -> int:
    from tunewise.framework import compare, decide, report, to_json
    from tunewise.framework.requests import facts_from, parse_request, situation_of

    framework = _load(arguments)
    given = parse_request(_text_of(arguments.input)).facts if arguments.input else {}
    situation = situation_of(framework, {**given, **facts_from(arguments.fact)})
    if arguments.compare:
        if arguments.record:
            raise SituationError(
                "--compare decides by several frameworks and leaves no record. Leave one of the two out."
            )
        comparison = compare(situation.values())
        print(to_json(comparison) if arguments.json else report.comparison_text(comparison))
        return 0
    decision = decide(framework, situation.values())
    if arguments.record:
        keep(_record(situation, framework), arguments.record)
    print(to_json(decision) if arguments.json else report.decision_text(framework, decision))
    return 0


def _record(situation: Situation, framework: Framework) -> Record:
    """The record of a decision on facts that were given by their names; those names and values are what was said."""
    from tunewise.record import record_of_situation

    facts = {
        name: replace(fact, quote=fact.quote or f"{name}={fact.value}", turn=1)
        for name, fact in situation.facts.items()
        if fact.known
    }
    said = ", ".join(fact.quote or "" for fact in facts.values())
    given = replace(situation, facts=facts)
    return record_of_situation(given, framework, messages=[said], title="A decision on given facts")


def _check(arguments: argparse.Namespace) -> int:
    from tunewise.framework import check, report, to_json
    from tunewise.framework.requests import facts_from, parse_request, recommendation_of, situation_of

    framework = _load(arguments)
    if arguments.text:
        return _check_text(arguments, framework)
    request = parse_request(_text_of(arguments.input))
    situation = situation_of(framework, {**request.facts, **facts_from(arguments.fact)})
    verdict = check(framework, situation, recommendation_of(request))
    print(to_json(verdict) if arguments.json else report.verdict_text(verdict))
    return EXIT_CODES[verdict.status]


def _check_text(arguments: argparse.Namespace, framework: Framework) -> int:
    """The stances of a text judged by the rules for the facts of `--fact`; its own facts are its author's."""
    from tunewise.desk.checking import check_text
    from tunewise.framework import to_json
    from tunewise.framework.requests import facts_from, situation_of
    from tunewise.reading.reader import open_reader
    from tunewise.settings import Settings

    given = arguments.input
    words = _text_of(given) if given == "-" or Path(given[:MAX_PATH]).is_file() else given
    situation = situation_of(framework, facts_from(arguments.fact))
    checked = check_text(framework, situation, words, open_reader(Settings.from_environment(), framework))
    print(to_json(checked) if arguments.json else _checked_lines(checked))
    return EXIT_CODES[checked.status]


def _checked_lines(checked: CheckedText) -> str:
    lines = [f"Verdict: {checked.status.replace('_', ' ')}", ""]
    for stance in checked.stances:
        rules = f" ({', '.join(stance.rules)})" if stance.rules else ""
        said = checked.sentences[stance.sentence].text
        lines.append(f"  {stance.verdict}: {stance.stance} {stance.strategy}{rules}\n    {said}")
    return "\n".join(lines if checked.stances else [*lines, "  The text takes no stance on a strategy that I know."])


def _show(arguments: argparse.Namespace) -> int:
    from tunewise.framework import report

    print(report.shown(_load(arguments), arguments.id, as_json=arguments.json))
    return 0


def _prove(arguments: argparse.Namespace) -> int:
    from tunewise.evidence.agreement import unproved
    from tunewise.framework import prove, report, to_json
    from tunewise.retrieval.corpus import load_corpus

    framework = _load(arguments)
    proof, notes = prove(framework), load_corpus().notes
    denied = unproved(framework, notes.values())
    if arguments.json:
        counted = {"practice_notes": len(notes), "notes_left_out": denied}
        print(json.dumps(json.loads(to_json(proof)) | counted, indent=2, ensure_ascii=False))
    else:
        print(report.proof_text(proof))
        print(f"Practice notes: {len(notes) - len(denied)} of {len(notes)} agree with these rules.")
        print("".join(f"  left out: {note} ({reason})\n" for note, reason in denied.items()), end="")
    return 0 if proof.holds else 1


def _graph(arguments: argparse.Namespace) -> int:
    from tunewise.framework import decision_map, map_svg
    from tunewise.framework.requests import facts_from

    facts = facts_from(arguments.fact)
    chart = decision_map(_load(arguments), facts)
    if arguments.output is None:
        print(chart.text())
        return 0
    here = facts if {"dataset_size", "similarity"} & set(facts) else None
    write(map_svg(chart, here, language=arguments.language), arguments.output, SituationError)
    return 0


def _new(arguments: argparse.Namespace) -> int:
    from tunewise.framework.loading import frameworks_dir

    name = re.sub(r"[^A-Za-z0-9_-]+", "-", arguments.path.stem).strip("-_")[:50]
    name = name if name[:1].isalpha() else f"house-{name or 'rules'}"
    template = (frameworks_dir() / "template.txt").read_text(encoding="utf-8")
    then = f" Try: tunewise framework prove --framework {arguments.path}"
    write(template.replace("NAME", name), arguments.path, SituationError, "x", then)
    return 0
