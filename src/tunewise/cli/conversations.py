"""`tunewise conversations`: list, show, search, rename, delete, export, feedback."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tunewise.cli.options import add_settings_options, settings_from
from tunewise.errors import ConversationError

if TYPE_CHECKING:
    from tunewise.conversation import ConversationStore


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `conversations list|show|rename|delete|feedback`."""
    parser = commands.add_parser("conversations", help="list, show, rename, delete or export conversations")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = _action(actions, "list", "list conversations, last used first", run_list)
    listing.add_argument("--search", metavar="WORDS", help="only those with these words in title, messages or answers")
    show = _action(actions, "show", "print or export a whole conversation", run_show)
    show.add_argument("conversation", metavar="ID")
    show.add_argument("--format", choices=("markdown", "json", "html"), default="markdown")
    show.add_argument("--out", type=Path, metavar="FILE", help="write here instead of to standard output")
    rename = _action(actions, "rename", "give a conversation another title", run_rename)
    rename.add_argument("conversation", metavar="ID")
    rename.add_argument("title", metavar="TITLE")
    delete = _action(actions, "delete", "remove a conversation for good", run_delete)
    delete.add_argument("conversation", metavar="ID")
    _action(actions, "feedback", "print all feedback, one JSON object a line", run_feedback)


def run_list(arguments: argparse.Namespace) -> int:
    """One line a conversation: id, last use, turns, title."""
    with _store(arguments) as store:
        found = store.list(search=arguments.search)
    for each in found:
        used = datetime.fromtimestamp(each.updated_at).astimezone().strftime("%Y-%m-%d %H:%M")
        print(f"{each.id}  {used}  {each.n_turns:3d} turns  {each.title}")
    if not found:
        print("No conversations." if not arguments.search else "No conversation has these words.", file=sys.stderr)
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """The transcript, printed or written."""
    with _store(arguments) as store:
        text = store.transcript(arguments.conversation, arguments.format)
    if arguments.out is None:
        sys.stdout.write(text)
        return 0
    try:
        arguments.out.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise ConversationError(f"{str(arguments.out)!r} cannot be written ({problem.strerror}).") from None
    return 0


def run_rename(arguments: argparse.Namespace) -> int:
    """Change the title."""
    with _store(arguments) as store:
        store.rename(arguments.conversation, arguments.title)
    return 0


def run_delete(arguments: argparse.Namespace) -> int:
    """Remove it with its turns and feedback."""
    with _store(arguments) as store:
        store.delete(arguments.conversation)
    return 0


def run_feedback(arguments: argparse.Namespace) -> int:
    """Print the ratings."""
    with _store(arguments) as store:
        sys.stdout.write(store.export_feedback())
    return 0


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    help: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=help)
    add_settings_options(parser)
    parser.set_defaults(func=run)
    return parser


@contextmanager
def _store(arguments: argparse.Namespace) -> Iterator[ConversationStore]:
    from tunewise.conversation import ConversationStore

    store = ConversationStore(settings_from(arguments).conversations_path)
    try:
        yield store
    finally:
        store.close()
