"""A door can be used before search by meaning has loaded."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.desk.test_session import FLOWERS
from tunewise.advisor import Advisor
from tunewise.desk import Desk
from tunewise.errors import IndexUnavailableError
from tunewise.events import Decided, Finished
from tunewise.framework import Framework
from tunewise.retrieval.corpus import load_corpus
from tunewise.retrieval.index import VectorIndex
from tunewise.retrieval.search import Searcher
from tunewise.settings import Settings


def test_the_decision_is_out_while_search_is_still_loading(tmp_path: Path, framework: Framework) -> None:
    began, loaded = threading.Event(), threading.Event()

    def load() -> VectorIndex:
        began.set()
        loaded.wait(30)
        raise IndexUnavailableError("There are no weights here.")

    with Advisor(Settings(home=tmp_path), framework, Searcher(load_corpus(), load)) as advisor:
        desk = Desk(advisor)
        desk.warm_up()
        assert began.wait(10)
        events = desk.open("ann").ask(FLOWERS)
        decided = next(event for event in events if isinstance(event, Decided))
        loaded.set()
        *_, finished = events

    assert decided.recommendation.primary == "feature_extraction"
    assert isinstance(finished, Finished)
    assert any("Search by meaning is missing" in notice for notice in finished.reply.notices)
