"""`tunewise ask` and `tunewise chat`: one turn, or a conversation in the terminal."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from tunewise.cli.options import add_settings_options, settings_from
from tunewise.errors import MessageError

if TYPE_CHECKING:
    from tunewise.advisor import Advisor
    from tunewise.types import Reply


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `ask` and `chat`."""
    ask = commands.add_parser("ask", help="ask one question")
    ask.add_argument("question", help="the question in your own words; - reads it from standard input")
    ask.add_argument("--json", action="store_true", help="print the reply as JSON")
    ask.add_argument("--no-model", action="store_true", help="rules, passages and composed text only")
    ask.set_defaults(func=run_ask)
    chat = commands.add_parser("chat", help="talk in the terminal")
    chat.add_argument("--resume", metavar="ID", help="go on with a stored conversation")
    chat.add_argument("--no-model", action="store_true", help="rules, passages and composed text only")
    chat.set_defaults(func=run_chat)
    for parser in (ask, chat):
        add_settings_options(parser)


def run_ask(arguments: argparse.Namespace) -> int:
    """Answer one question; the answer streams unless it is JSON."""
    from tunewise.advisor import Advisor

    question = _read_question(arguments.question)
    with Advisor.open(settings_from(arguments), rules_only=arguments.no_model) as advisor:
        if arguments.json:
            from tunewise.record import reply_to_json

            print(json.dumps(reply_to_json(advisor.ask(question)), ensure_ascii=False, indent=1))
        else:
            _stream_turn(advisor, question, None)
    return 0


def run_chat(arguments: argparse.Namespace) -> int:
    """Read messages until end of input; the conversation is stored and can be resumed."""
    from tunewise.advisor import Advisor

    with Advisor.open(settings_from(arguments), rules_only=arguments.no_model) as advisor:
        conversation = arguments.resume or advisor.conversations.create()
        print(
            f"Conversation {conversation}. Describe your situation; an empty line or Ctrl-D ends it.", file=sys.stderr
        )
        while message := _prompt():
            _stream_turn(advisor, message, conversation)
    return 0


def _prompt() -> str:
    try:
        return input("\nYou: ").strip()
    except EOFError:
        return ""


def _read_question(argument: str) -> str:
    if argument != "-":
        return argument
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise MessageError("Standard input is not UTF-8 text. Save the question as UTF-8 and try again.") from error


def _stream_turn(advisor: Advisor, message: str, conversation: str | None) -> Reply:
    from tunewise.cli.terminal import Terminal

    terminal = Terminal(advisor.framework)
    for event in advisor.stream(message, conversation=conversation):
        terminal.show(event)
    return terminal.reply
