"""`tunewise record`: export a decision, replay it, compare two."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tunewise.cli.options import Commands, actions, command, settings_from, write
from tunewise.errors import RecordError

if TYPE_CHECKING:
    from tunewise.record import DocumentFormat, Record

DIFFERENT = 1


def add_parsers(commands: Commands) -> None:
    """Add `record export|replay|diff`."""
    named = actions(commands, "record", "export, replay or compare decision records")
    export = command(named, "export", run_export, "write the decision record of a conversation")
    export.add_argument("conversation", metavar="CONVERSATION", help="id, see 'tunewise conversations list'")
    export.add_argument("--turn", type=int, metavar="N", help="turn number (default: the last with a recommendation)")
    export.add_argument("--format", choices=("json", "markdown", "html"), help="default: by the name of --out, or json")
    export.add_argument("--out", type=Path, metavar="FILE", help="write here instead of to standard output")
    replay = command(
        named,
        "replay",
        run_replay,
        "recompute a decision from its recorded facts",
        "Says what has changed since: rules, numbers, cited passages. Exit code 0 if it comes out identical, 1 if "
        "anything differs, 2 if the file is no sound record.",
    )
    replay.add_argument("file", type=Path, metavar="FILE", help="a record as JSON, Markdown or HTML")
    diff = named.add_parser(
        "diff", help="compare two records", description="Exit code 0 if they agree, 1 if they differ, 2 for bad files."
    )
    diff.add_argument("before", type=Path, metavar="A")
    diff.add_argument("after", type=Path, metavar="B")
    diff.set_defaults(func=run_diff)


def form_of(out: Path | None) -> DocumentFormat:
    """The form of a record by the name of its file; JSON where that does not tell."""
    from tunewise.record.files import SUFFIXES

    return SUFFIXES.get(out.suffix.lower() if out else "", "json")


def keep(record: Record, out: Path, then: str = "") -> None:
    """Write a record in the form that the name of its file tells, and say so.

    Raises:
        RecordError: If it cannot be written.
    """
    from tunewise.record import write_record

    write(write_record(record, form_of(out)), out, RecordError, then=then)


def run_export(arguments: argparse.Namespace) -> int:
    """Write the record of a stored turn."""
    from tunewise.desk import open_history

    out: Path | None = arguments.out
    form = arguments.format or form_of(out)
    with open_history(settings_from(arguments)) as history:
        text = history.record(arguments.conversation, form, arguments.turn)
    write(text, out, RecordError, then=f" 'tunewise record replay {out}' recomputes it.")
    return 0


def run_replay(arguments: argparse.Namespace) -> int:
    """Recompute and say identical, or what differs and why; and what else has changed."""
    from tunewise.framework import load_framework
    from tunewise.record import load_record, replay
    from tunewise.retrieval.corpus import load_corpus

    record = load_record(arguments.file)
    named = arguments.framework or record.content.hashes.framework_name
    documents = load_corpus()
    result = replay(record, load_framework(named), corpus=documents.hash, documents=documents)
    for label, said in (
        ("measured: ", result.measured),
        ("note: ", result.notices),
        ("", result.differences),
        ("because: ", result.reasons),
    ):
        for each in said:
            print(f"{label}{each}")
    for change in result.changes:
        print(f"changed: {change}")
    if result.identical:
        print("identical: the recorded facts give the same decision and the same verdicts.")
    return 0 if result.identical else DIFFERENT


def run_diff(arguments: argparse.Namespace) -> int:
    """Print what differs between two records."""
    from tunewise.record import diff, load_record

    differences = diff(load_record(arguments.before), load_record(arguments.after))
    for difference in differences:
        print(difference)
    if not differences:
        print("no difference in facts, recommendation, verdict, rules or hashes.")
    return DIFFERENT if differences else 0
