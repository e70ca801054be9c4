"""Decision records: complete, readable, replayable, and refused when they were changed."""

import dataclasses
import json
from pathlib import Path

import pytest

from tests.fakes.replies import flower_reply
from tunewise.errors import RecordError
from tunewise.record import diff, load_record, parse_record, replay, write_record
from tunewise.record.decision_record import checksum
from tunewise.types import Fact, ProposedFact, Situation

FORMATS = ["json", "markdown", "html"]
HOSTILE = "</pre><script>alert(1)</script> ```json\n{}\n``` ![x](http://evil.example/a.png) \u200b\u202e 图 🌷"


def resigned(record, change) -> str:
    """The record's JSON after a change, with the checksum made to fit: what a careful forger would write."""
    content = json.loads(record.to_json())
    change(content)
    content["checksum"] = checksum({key: value for key, value in content.items() if key != "checksum"})
    return json.dumps(content)


def test_a_record_says_what_was_seemingly_said_and_not_decided_on(make, decided):
    proposed = (ProposedFact("compute", "ample", "the machines are paid for"),)
    record = make(dataclasses.replace(decided, proposed=proposed))
    assert parse_record(record.to_json()).reply.proposed == proposed
    text = write_record(record, "markdown")
    assert "Seemingly said, not decided on" in text
    assert "the machines are paid for" in text


@pytest.mark.parametrize("format", FORMATS)
def test_a_record_reads_back_from_every_format(record, format: str, tmp_path: Path):
    path = tmp_path / "record"
    path.write_text(write_record(record, format), encoding="utf-8")
    assert load_record(path) == record


@pytest.mark.parametrize("format", FORMATS)
def test_hostile_text_neither_breaks_the_record_nor_becomes_markup(make, decided, format: str):
    hostile = dataclasses.replace(decided, answer=HOSTILE, notices=(HOSTILE,))
    record = make(hostile, (HOSTILE + " 800 labelled images flowers ResNet-50 images",), title=HOSTILE)
    text = write_record(record, format)
    assert parse_record(text) == record
    if format == "html":
        assert "<script" not in text
        assert "<img" not in text
        assert text.count("</pre>") == 1
    if format == "markdown":
        assert "![" not in text.split("## Machine-readable record")[0]


def test_broken_text_is_recorded_with_a_replacement(make, decided):
    record = make(dataclasses.replace(decided, answer="broken \ud800"))
    assert record.to_json().encode("utf-8")
    assert record.reply.answer == "broken ?"


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_the_readable_forms_hold_everything_that_the_decision_rests_on(record, format: str):
    text = write_record(record, format).split("achine-readable record")[0]
    expected = [
        "800 labelled images",
        "What was asked",
        "Recommendation",
        "Verdict",
        "Rules behind it",
        "Sources",
        "Rejected proposals",
        "Measure first",
        "1.2 GB",
        "What would change the advice",
        "What hardware do you have?",
        record.content.hashes.framework,
        "ab" * 32,
        record.content.checksum,
    ]
    assert [words for words in expected if words not in text] == []


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_what_to_do_and_why_comes_before_the_record_and_fits_a_page(record, format: str):
    text = write_record(record, format)
    first = text[text.index("In short") : text.index("What was asked")]
    chosen = record.reply.recommendation
    expected = (
        record.label(chosen.primary),
        record.labels(chosen.avoid),
        "800 labelled images",
        "What hardware",
        "Measure",
    )
    assert [words for words in expected if words not in first] == []
    assert len(first.split()) < 400


def test_every_rule_behind_the_verdict_is_recorded_with_its_words(record, framework):
    findings = [*record.reply.verdict.findings, *record.reply.proposals[0].verdict.findings]
    named = {rule for finding in findings for rule in finding.rules}
    assert record.content.rules.keys() == named
    assert any(rule.quote for rule in record.content.rules.values())
    assert all(rule.quote or rule.interpretation for rule in record.content.rules.values())


def test_the_page_loads_nothing_and_prints(record):
    page = write_record(record, "html")
    assert "default-src 'none'" in page
    assert "src=" not in page
    assert "@media print" in page


def test_a_reply_without_a_recommendation_cannot_be_recorded(make):
    with pytest.raises(RecordError, match="no recommendation"):
        make(flower_reply(recommendation=None, verdict=None, kind="knowledge"))


def test_an_unknown_format_is_refused(record):
    with pytest.raises(RecordError, match="json, markdown, html"):
        write_record(record, "pdf")


def test_a_record_replays_as_identical(record, framework):
    result = replay(record, framework, corpus=record.content.hashes.corpus)
    assert result.identical
    assert result.notices == ()


def test_another_corpus_or_framework_is_noted_but_is_no_difference(record, framework):
    result = replay(record, framework.model_copy(update={"hash": "0" * 64}), corpus="1" * 64)
    assert result.identical
    assert len(result.notices) == 2


def test_a_forged_recommendation_is_found_out_by_replaying(record, framework):
    def forge(content: dict) -> None:
        content["reply"]["recommendation"]["primary"] = "full_fine_tuning"
        content["decision"]["primary"] = "full_fine_tuning"

    result = replay(parse_record(resigned(record, forge)), framework)
    said = [difference.what for difference in result.differences]
    assert "decision by the rules, primary" in said
    assert "verdict" in said


def test_a_forged_verdict_is_found_out_by_replaying(record, framework):
    def forge(content: dict) -> None:
        content["reply"]["proposals"][0]["verdict"] = "valid"

    (difference, *_) = replay(parse_record(resigned(record, forge)), framework).differences
    assert str(difference) == "verdict on proposal 1: valid → invalid"


def test_a_forged_finding_is_found_out_by_replaying(record, framework):
    def forge(content: dict) -> None:
        content["reply"]["verdict"]["findings"][0]["rules"] = ["F99"]

    said = " ".join(str(each) for each in replay(parse_record(resigned(record, forge)), framework).differences)
    assert "F99" in said
    assert "absent" in said


def test_a_forged_quote_is_found_out_by_replaying(record, framework):
    def forge(content: dict) -> None:
        content["reply"]["facts"]["dataset_size"]["quote"] = "eighty images"

    (difference,) = replay(parse_record(resigned(record, forge)), framework).differences
    assert difference.what == "fact dataset_size"


def test_facts_of_another_framework_are_an_error_not_a_difference(record, framework):
    def forge(content: dict) -> None:
        content["reply"]["facts"]["dataset_size"]["value"] = "gigantic"

    with pytest.raises(RecordError, match="does not fit the framework"):
        replay(parse_record(resigned(record, forge)), framework)


def test_two_records_of_one_decision_do_not_differ(record, make, decided):
    assert diff(record, make(decided, title="another title")) == ()


def test_the_difference_of_two_records_names_facts_and_outcome(record, make, decided, framework):
    facts = {**decided.situation.facts, "compute": Fact("compute", "ample", "edited")}
    other = make(dataclasses.replace(decided, situation=Situation(facts, decided.situation.details)), weights={})
    said = {str(difference) for difference in diff(record, other)}
    assert "fact compute: unknown → ample (edited)" in said
    assert "weights qwen: abababababab → absent" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no decision record"),
        ("garbage", "no decision record"),
        ("[]", "no decision record"),
        ("{}", "record_version"),
        ("[" * 100_000, "no decision record"),
        ('{"record_version": 1, "record_version": 1}', "twice"),
        ('{"record_version": NaN}', "NaN"),
        ('{"record_version": 1e400}', "record_version"),
        ("\x00\x01", "no decision record"),
    ],
)
def test_garbage_is_refused(text: str, said: str):
    with pytest.raises(RecordError, match=said):
        parse_record(text)


def test_a_changed_record_is_refused(record):
    with pytest.raises(RecordError, match="changed after it was written"):
        parse_record(record.to_json().replace("800 labelled images", "900 labelled images"))


def test_a_record_that_was_cut_off_is_refused(record):
    with pytest.raises(RecordError):
        parse_record(record.to_json()[:-200])


def test_a_record_of_a_later_version_is_refused(record):
    with pytest.raises(RecordError, match="record_version"):
        parse_record(resigned(record, lambda content: content.update(record_version=2)))


def test_a_file_that_is_not_text_or_not_there_is_named(tmp_path: Path):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe")
    for name in ("picture.png", "nowhere.json"):
        with pytest.raises(RecordError, match=name):
            load_record(tmp_path / name)
