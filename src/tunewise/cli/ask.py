"""`tunewise ask` and `tunewise chat`: one turn, or a conversation in the terminal."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tunewise.cli.confirming import confirm
from tunewise.cli.options import Commands, command, settings_from
from tunewise.cli.record import keep
from tunewise.cli.terminal import Terminal
from tunewise.desk import Desk, Failed, proposals_of
from tunewise.errors import MessageError

if TYPE_CHECKING:
    from tunewise.advisor import Advisor
    from tunewise.types import Reply


def add_parsers(commands: Commands) -> None:
    """Add `ask` and `chat`."""
    ask = command(commands, "ask", run_ask, "ask one question")
    ask.add_argument("question", help="the question in your own words; - reads it from standard input")
    ask.add_argument("--json", action="store_true", help="print the reply as JSON")
    ask.add_argument(
        "--record", type=Path, metavar="FILE", help="also write the decision record, for 'tunewise recipe'"
    )
    chat = command(commands, "chat", run_chat, "talk in the terminal")
    chat.add_argument("--resume", metavar="ID", help="go on with a stored conversation")
    for parser in (ask, chat):
        parser.add_argument("--no-model", action="store_true", help="rules, passages and composed text only")


def run_ask(arguments: argparse.Namespace) -> int:
    """Answer one question; the answer streams unless it is JSON."""
    from tunewise.advisor import Advisor
    from tunewise.record import reply_to_json

    question = _read_question(arguments.question)
    with Advisor.open(settings_from(arguments), rules_only=arguments.no_model) as advisor:
        session = Desk(advisor).open(stored=False)
        terminal = None if arguments.json else Terminal(advisor.framework)
        for event in session.ask(question):
            if isinstance(event, Failed):
                raise event.error
            if terminal:
                terminal.show(event)
        for asked in proposals_of(advisor.framework, session.state) if terminal else ():
            print(f"\n{asked.sentence}")
        if session.state.latest and not terminal:
            print(json.dumps(reply_to_json(session.state.latest), ensure_ascii=False, indent=1))
        if arguments.record and session.state.latest:
            _write_record(session.state.latest, question, advisor, arguments.record)
    return 0


def _write_record(reply: Reply, question: str, advisor: Advisor, out: Path) -> None:
    from tunewise.record import record_of_reply

    title, at = question[:80], datetime.now(UTC)
    record = record_of_reply(reply, [question], advisor.framework, advisor.settings, title=title, at=at)
    keep(record, out, f" 'tunewise recipe {out} --out DIR' carries it out.")


def run_chat(arguments: argparse.Namespace) -> int:
    """Read messages until end of input; the conversation is stored and can be resumed."""
    from tunewise.advisor import Advisor

    with Advisor.open(settings_from(arguments), rules_only=arguments.no_model) as advisor:
        desk = Desk(advisor)
        session = desk.open(conversation=arguments.resume)
        _tell(f"Conversation {session.keep()}. Describe your situation; an empty line or Ctrl-D ends it.")
        desk.warm_up()
        terminal, left = Terminal(advisor.framework), set[tuple[str, str]]()
        message = _prompt()
        while message:
            for event in session.ask(message):
                terminal.show(event)
            if sentence := session.state.turns[-1].problem or session.state.notice:
                _tell(sentence)
            message = confirm(session, advisor.framework, terminal, left, _prompt) or _prompt()
    return 0


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _prompt(mark: str = "\nYou: ") -> str:
    try:
        return input(mark).strip()
    except EOFError:
        return ""


def _read_question(argument: str) -> str:
    if argument != "-":
        return argument
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise MessageError("Standard input is not UTF-8 text. Save the question as UTF-8 and try again.") from error
