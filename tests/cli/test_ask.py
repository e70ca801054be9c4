"""`tunewise ask` and its neighbours, without a model and with the small embedding weights where they are there."""

import io
import json
import sys

import pytest

from tunewise.cli.main import build_parser, main
from tunewise.cli.terminal import Terminal
from tunewise.events import Decided, Finished, Queued, Sentence
from tunewise.framework import load_framework

FLOWERS = "Should I fine-tune a ResNet-50 on 800 flower photos?"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Every test in a home of its own, without weights."""
    monkeypatch.setenv("TUNEWISE_HOME", str(tmp_path))
    return tmp_path


def test_ask_as_json_prints_the_published_reply(capsys):
    assert main(["ask", FLOWERS, "--no-model", "--json"]) == 0
    reply = json.loads(capsys.readouterr().out)
    assert reply["version"] == 2
    assert reply["recommendation"]["primary"] == "feature_extraction"
    assert set(reply["facts"]) >= set(load_framework().facts)


def test_ask_prints_facts_recommendation_answer_and_sources_in_this_order(capsys):
    assert main(["ask", FLOWERS, "--no-model"]) == 0
    out = capsys.readouterr().out
    places = [out.index(part) for part in ("Your situation", "Recommendation", "[A16]", "Next steps", "Sources")]
    assert places == sorted(places)


def test_measured_memory_has_its_batch_beside_it_and_the_family_is_nothing_that_was_said(capsys):
    assert main(["ask", "Should I fine-tune T5-base on 800 reports? I have an RTX 3060 with 12 GB.", "--no-model"]) == 0
    out = capsys.readouterr().out
    assert " GB at batch 2 fits" in out
    assert "Measured as" not in out


def test_a_question_leaves_a_record_that_replays(capsys, tmp_path):
    out = tmp_path / "flowers.json"
    assert main(["ask", FLOWERS, "--no-model", "--record", str(out)]) == 0
    assert f"tunewise recipe {out}" in capsys.readouterr().err
    assert main(["record", "replay", str(out)]) == 0


def test_a_reply_without_a_recommendation_leaves_no_record(capsys, tmp_path):
    out = tmp_path / "none.json"
    assert main(["ask", "What is LoRA?", "--no-model", "--record", str(out)]) == 2
    assert "no recommendation" in capsys.readouterr().err
    assert not out.exists()


def test_a_question_is_read_from_standard_input(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FLOWERS.encode())))
    assert main(["ask", "-", "--no-model", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "advice"


def test_input_that_is_not_utf8_gets_one_sentence(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\x00")))
    assert main(["ask", "-", "--no-model"]) == 2
    assert "UTF-8" in capsys.readouterr().err


def test_missing_weights_name_the_command_that_fetches_them(capsys):
    assert main(["ask", FLOWERS]) == 2
    assert "tunewise models pull" in capsys.readouterr().err


def test_an_unknown_framework_is_one_sentence_not_a_traceback(capsys):
    assert main(["ask", FLOWERS, "--no-model", "--framework", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_chat_stores_the_conversation_and_resumes_it(capsys, monkeypatch):
    lines = iter([FLOWERS, ""])
    monkeypatch.setattr("builtins.input", lambda prompt="": next(lines))
    assert main(["chat", "--no-model"]) == 0
    conversation = capsys.readouterr().err.split()[1].rstrip(".")
    more = iter(["I now have 300,000 photos.", ""])
    monkeypatch.setattr("builtins.input", lambda prompt="": next(more))
    assert main(["chat", "--no-model", "--resume", conversation]) == 0
    assert "full fine-tuning" in capsys.readouterr().out


def test_every_command_explains_itself(capsys):
    parser = build_parser()
    assert parser.format_help().count("\n") > 10


def test_running_text_is_wrapped_at_the_terminals_width(rules_reply):
    out = io.StringIO()
    terminal = Terminal(load_framework(), out, width=60)
    for event in rules_reply:
        terminal.show(event)
    assert isinstance(rules_reply[-1], Finished)
    assert any(isinstance(event, Decided) for event in rules_reply)
    assert max(len(line) for line in out.getvalue().splitlines()) <= 60


def test_a_second_paragraph_is_wrapped_as_the_first():
    out = io.StringIO()
    Terminal(load_framework(), out, width=20).show(
        Sentence("Keep it frozen [PN-a-1].\n\nTuning pays most with own terms.")
    )
    assert out.getvalue() == "Keep it frozen\n[PN-a-1].\n\nTuning pays most\nwith own terms."


def test_who_waits_for_the_model_is_told_their_place():
    out = io.StringIO()
    Terminal(load_framework(), out).show(Queued(2, 20.4))
    assert out.getvalue() == "Waiting for the model: 2 ahead, about 20 s.\n"


def test_a_source_with_two_cited_sentences_is_printed_once(rules_reply):
    from dataclasses import replace

    from tunewise.types import Citation

    cited = tuple(
        Citation("A16", "article", "article", "S", at, at + 3, quote) for at, quote in ((0, "one"), (5, "two"))
    )
    out = io.StringIO()
    Terminal(load_framework(), out).show(Finished(replace(rules_reply[-1].reply, citations=cited)))
    assert out.getvalue().count("[A16]") == 1
    assert "S: “one” “two”" in out.getvalue()


def test_what_lies_near_is_printed_last_with_its_id_and_how_its_answer_begins(rules_reply):
    from dataclasses import replace

    from tunewise.types import Citation, NearbyNote

    cited = Citation(
        "PN-flowers-01", "practice", "practice-flowers", "How long?", 0, 40, "Two passes are enough. Stop there."
    )
    out = io.StringIO()
    terminal = Terminal(load_framework(), out)
    terminal.show(Finished(replace(rules_reply[-1].reply, nearby=(NearbyNote("How many epochs?", cited),))))
    heading, *lines = out.getvalue().splitlines()[-3:]
    assert heading == "Near your question"
    assert lines == ["  [PN-flowers-01] How many epochs?", "    Two passes are enough."]
    assert out.getvalue().index("Sources") < out.getvalue().index(heading)


def test_in_a_terminal_what_was_decided_stands_out_and_in_a_file_it_is_plain(rules_reply):
    class Screen(io.StringIO):
        def isatty(self):
            return True

    plain, screen = io.StringIO(), Screen()
    for terminal in (Terminal(load_framework(), plain), Terminal(load_framework(), screen)):
        for event in rules_reply:
            terminal.show(event)
    assert "\x1b" not in plain.getvalue()
    assert "\x1b[1mRecommendation\n" in screen.getvalue()


@pytest.fixture
def rules_reply(home):
    from tunewise.advisor import Advisor
    from tunewise.settings import Settings

    with Advisor.open(Settings(home=home), rules_only=True) as advisor:
        return list(advisor.stream(FLOWERS))
