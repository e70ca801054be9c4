"""`tunewise record`: export a decision, replay it, compare two."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tunewise.cli.options import add_settings_options, settings_from
from tunewise.errors import RecordError

DIFFERENT = 1


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `record export|replay|diff`."""
    record = commands.add_parser("record", help="export, replay or compare decision records")
    actions = record.add_subparsers(title="actions", metavar="ACTION", required=True)

    export = actions.add_parser("export", help="write the decision record of a conversation")
    export.add_argument("conversation", metavar="CONVERSATION", help="id, see 'tunewise conversations list'")
    export.add_argument("--turn", type=int, metavar="N", help="turn number (default: the last with a recommendation)")
    export.add_argument("--format", choices=("json", "markdown", "html"), help="default: by the name of --out, or json")
    export.add_argument("--out", type=Path, metavar="FILE", help="write here instead of to standard output")
    export.set_defaults(func=run_export)

    replay = actions.add_parser(
        "replay",
        help="recompute a decision from its recorded facts",
        description="Exit code 0 if it comes out identical, 1 if anything differs, 2 if the file is no sound record.",
    )
    replay.add_argument("file", type=Path, metavar="FILE", help="a record as JSON, Markdown or HTML")
    replay.set_defaults(func=run_replay)

    diff = actions.add_parser(
        "diff", help="compare two records", description="Exit code 0 if they agree, 1 if they differ, 2 for bad files."
    )
    diff.add_argument("before", type=Path, metavar="A")
    diff.add_argument("after", type=Path, metavar="B")
    diff.set_defaults(func=run_diff)
    for parser in (export, replay):
        add_settings_options(parser)


def run_export(arguments: argparse.Namespace) -> int:
    """Write the record of a stored turn."""
    from tunewise.conversation import ConversationStore
    from tunewise.framework import load_framework
    from tunewise.record.export import record_of_turn
    from tunewise.record.files import SUFFIXES, write_record

    settings = settings_from(arguments)
    store = ConversationStore(settings.conversations_path)
    try:
        framework = load_framework(settings.framework)
        record = record_of_turn(store, arguments.conversation, framework, settings, number=arguments.turn)
    finally:
        store.close()
    out: Path | None = arguments.out
    text = write_record(record, arguments.format or SUFFIXES.get(out.suffix.lower() if out else "", "json"))
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise RecordError(f"The record cannot be written to {str(out)!r} ({problem.strerror}).") from None
    print(f"Wrote {out}. 'tunewise record replay {out}' recomputes it.")
    return 0


def run_replay(arguments: argparse.Namespace) -> int:
    """Recompute and say identical, or what differs."""
    from tunewise.framework import load_framework
    from tunewise.record.files import load_record
    from tunewise.record.replaying import replay
    from tunewise.retrieval.corpus import load_corpus

    record = load_record(arguments.file)
    named = arguments.framework or record.content.hashes.framework_name
    result = replay(record, load_framework(named), corpus=load_corpus().hash)
    for notice in result.notices:
        print(f"note: {notice}")
    if result.identical:
        print("identical: the recorded facts give the same decision and the same verdicts.")
        return 0
    for difference in result.differences:
        print(difference)
    return DIFFERENT


def run_diff(arguments: argparse.Namespace) -> int:
    """Print what differs between two records."""
    from tunewise.record.files import load_record
    from tunewise.record.replaying import diff

    differences = diff(load_record(arguments.before), load_record(arguments.after))
    for difference in differences:
        print(difference)
    if not differences:
        print("no difference in facts, recommendation, verdict, rules or hashes.")
    return DIFFERENT if differences else 0
