"""`tunewise conversations`: list, show, search, rename, delete, export, feedback, misses."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tunewise.cli.options import Commands, Run, actions, command, settings_from, write
from tunewise.cli.terminal import plain
from tunewise.desk import History, open_history
from tunewise.errors import ConversationError


def add_parsers(commands: Commands) -> None:
    """Add `conversations list|show|rename|delete|feedback|misses`."""
    named = actions(commands, "conversations", "list, show, rename, delete or export conversations")
    listing = command(named, "list", with_history(show_list), "list conversations, last used first")
    listing.add_argument(
        "--search", default="", metavar="WORDS", help="only those with these words in title, messages or answers"
    )
    showing = command(named, "show", with_history(show), "print or export a whole conversation")
    showing.add_argument("conversation", metavar="ID")
    showing.add_argument("--format", choices=("markdown", "json", "html"), default="markdown")
    showing.add_argument("--out", type=Path, metavar="FILE", help="write here instead of to standard output")
    rename = with_history(lambda history, given: history.rename(given.conversation, given.title))
    renaming = command(named, "rename", rename, "give a conversation another title")
    renaming.add_argument("conversation", metavar="ID")
    renaming.add_argument("title", metavar="TITLE")
    delete = with_history(lambda history, given: history.delete(given.conversation))
    command(named, "delete", delete, "remove a conversation for good").add_argument("conversation", metavar="ID")
    feedback = with_history(lambda history, given: write(history.feedback(), None, ConversationError))
    command(named, "feedback", feedback, "print all feedback, one JSON object a line")
    misses = with_history(lambda history, given: write(history.misses(), None, ConversationError))
    command(named, "misses", misses, "print what was marked as wrong, as rows of a case file")


def with_history(action: Callable[[History, argparse.Namespace], None]) -> Run:
    """A command that does something with the stored conversations."""

    def run(arguments: argparse.Namespace) -> int:
        with open_history(settings_from(arguments)) as history:
            action(history, arguments)
        return 0

    return run


def show_list(history: History, arguments: argparse.Namespace) -> None:
    """One line a conversation: id, last use, turns, title."""
    found = history.list(arguments.search)
    for each in found:
        used = datetime.fromtimestamp(each.updated_at).astimezone().strftime("%Y-%m-%d %H:%M")
        print(f"{each.id}  {used}  {each.n_turns:3d} turns  {plain(each.title)}")
    if not found:
        print("No conversations." if not arguments.search else "No conversation has these words.", file=sys.stderr)


def show(history: History, arguments: argparse.Namespace) -> None:
    """The transcript, printed or written."""
    write(history.transcript(arguments.conversation, arguments.format), arguments.out, ConversationError)
