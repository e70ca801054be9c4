"""A door is one file: it holds a conversation, corrects a fact, resends, goes back and saves through the desk alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.fakes.advisor import FakeAdvisor
from tunewise.desk import Desk, Failed, Session
from tunewise.errors import TunewiseError
from tunewise.events import Decided, Queued, Sentence


class LineDoor:
    """A toy door: one command a line in, lines of text out."""

    def __init__(self, desk: Desk, say: Callable[[str], None]) -> None:
        self._session: Session = desk.open("telephone")
        self._say = say

    def command(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        try:
            if word in ("ask", "again"):
                for event in self._session.ask(rest) if word == "ask" else self._session.resend(rest or None):
                    match event:
                        case Decided(recommendation):
                            self._say(f"Decided: {recommendation.primary}")
                        case Queued(position):
                            self._say(f"Waiting: {position} ahead")
                        case Sentence(text):
                            self._say(text.strip())
                        case Failed(error):
                            self._say(str(error))
            elif word == "set":
                self._session.edit(dict([rest.split("=")]))
                self._say(f"Known: {self._session.state.situation.values()}")  # type: ignore[union-attr]
            elif word == "save":
                self._say(self._session.export("transcript", rest).content)
        except TunewiseError as error:
            self._say(str(error))


def test_a_door_of_thirty_lines_does_what_the_page_does(advisor: FakeAdvisor) -> None:
    said: list[str] = []
    door = LineDoor(Desk(advisor), said.append)  # type: ignore[arg-type]
    for line in (
        "save md",
        "ask About apples",
        "set compute=ample",
        "set compute=lots",
        "again About pears",
        "save md",
    ):
        door.command(line)

    told = "\n".join(said)
    assert "There is nothing to save yet" in said[0]
    assert told.count("Decided: feature_extraction") == 2
    assert "'compute': 'ample'" in told
    assert "compute cannot be 'lots'" in told
    assert advisor.edits == [{"compute": "ample"}, {"compute": "lots"}, {"compute": "ample"}]
    assert "About pears" in said[-1]
    assert "> About apples" not in said[-1]


def http_door(desk: Desk) -> Starlette:
    """A toy door by HTTP: a message is posted, and what happens comes back line by line, as JSON, while it happens."""

    async def ask(request: Request) -> StreamingResponse:
        message = (await request.body()).decode()

        def lines() -> Iterator[str]:
            session = desk.open(request.headers["user"])
            for event in session.ask(message):
                if isinstance(event, Decided | Queued | Sentence | Failed):
                    yield json.dumps({"event": type(event).__name__, "stage": session.state.stage.stage}) + "\n"  # type: ignore[union-attr]
            yield json.dumps({"answer": session.state.turns[-1].answer}) + "\n"

        return StreamingResponse(lines())

    return Starlette(routes=[Route("/", ask, methods=["POST"])])


def test_a_door_by_http_is_twenty_lines_over_the_desk(advisor: FakeAdvisor) -> None:
    with TestClient(http_door(Desk(advisor))) as client:  # type: ignore[arg-type]
        answered = client.post("/", content="About apples", headers={"user": "ann"})
    events = [json.loads(line) for line in answered.text.splitlines()]

    assert [each["event"] for each in events[:-1]] == ["Decided", "Sentence", "Sentence"]
    assert "800 photos" in events[-1]["answer"]
    assert [each.title for each in Desk(advisor).conversations("ann")] == ["About apples"]  # type: ignore[arg-type]
    assert not Desk(advisor).conversations("bob")  # type: ignore[arg-type]


def test_no_module_of_the_desk_knows_a_door_or_draws_anything() -> None:
    import tunewise.desk

    for module in Path(tunewise.desk.__file__).parent.glob("*.py"):
        text = module.read_text("utf-8")
        assert "tunewise.ui" not in text
        assert "tunewise.cli" not in text
        assert "gradio" not in text
        assert "</" not in text
