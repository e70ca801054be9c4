"""Datasets in figures."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tunewise.desk import dataset
from tunewise.desk.dataset import DatasetError, DatasetSummary, summarise_file, summarise_listing

CSV = "text,label\n" + "".join(
    f"a longer sentence about topic {i},{'spam' if i % 4 == 0 else 'ham'}\n" for i in range(80)
)


def summarise_text(name: str, text: str, **options: object) -> DatasetSummary:
    return summarise_file(name, text.encode(), **options)  # type: ignore[arg-type]


def test_a_table_gives_rows_classes_balance_and_lengths() -> None:
    summary = summarise_text("mail.csv", CSV)

    assert (summary.rows, summary.is_exact) == (80, True)
    assert summary.label == "label"
    assert summary.classes == (("ham", 60), ("spam", 20))
    assert summary.imbalance == 3.0
    assert summary.modality == "text"
    assert summary.lengths is not None
    assert (summary.lengths.median, summary.lengths.unit) == (6, "words")


def test_the_figures_become_facts() -> None:
    assert summarise_text("mail.csv", CSV).as_facts() == {"n_examples": "80", "n_classes": "2", "modality": "text"}


def test_of_a_large_file_the_beginning_tells_about_how_many_rows() -> None:
    text = CSV[: len(CSV) // 2]
    summary = summarise_text("mail.csv", text, whole_bytes=len(CSV) * 100)

    assert not summary.is_exact
    assert summary.rows == pytest.approx(8000, rel=0.05)
    assert "the first" in " ".join(summary.notes)


@pytest.mark.parametrize(
    ("name", "separator"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t"), ("a.csv", "|"), ("a.txt", ",")]
)
def test_separators_are_recognised(name: str, separator: str) -> None:
    text = separator.join(("feature", "label")) + "\n" + f"1.5{separator}x\n2.5{separator}y\n" * 20
    summary = summarise_text(name, text)

    assert summary.columns == ("feature", "label")
    assert summary.modality == "tabular"
    assert len(summary.classes) == 2


def test_jsonl_with_a_category_is_read() -> None:
    text = "\n".join(json.dumps({"body": "words " * 12, "category": "abc"[i % 3]}) for i in range(30))
    summary = summarise_text("x.jsonl", text)

    assert summary.rows == 30
    assert summary.label == "category"
    assert len(summary.classes) == 3


def test_chats_are_text_without_classes() -> None:
    row = {
        "messages": [
            {"role": "user", "content": "How do I " + "reset it? " * 5},
            {"role": "assistant", "content": "So."},
        ]
    }
    summary = summarise_text("chat.jsonl", "\n".join([json.dumps(row)] * 3))

    assert summary.modality == "text"
    assert summary.classes == ()
    assert "2 rows are exact copies of others." in summary.notes


def test_chinese_text_is_measured_in_characters() -> None:
    rows = "".join(
        f"这是一个没有空格的中文句子，用来测试长度的计算方法，它足够长，可以算作文本数据{i},好\n" for i in range(9)
    )
    summary = summarise_text("zh.csv", "text,label\n" + rows)

    assert summary.lengths is not None
    assert summary.lengths.unit == "characters"


def test_file_names_in_a_table_say_what_kind_of_data_it_is() -> None:
    text = "path,species\n" + "".join(f"img/{i}.jpg,{'ab'[i % 2]}\n" for i in range(40))

    assert summarise_text("flowers.csv", text).modality == "image"


def test_rows_without_a_label_are_counted() -> None:
    summary = summarise_text("a.csv", "text,label\nsome words here,x\nmore words here,\n")

    assert "1 of 2 rows have no label." in summary.notes


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "text,label\n", "No rows"),
        ("a.bin", "abc", "not read"),
        ("a.csv", "PK\x00\x03", "not a text file"),
        ("a.jsonl", '{"a": 1}\nnot json\n', "Line 2"),
        ("a.json", "[1, 2", "not valid JSON"),
        ("a.jsonl", "[" * 200_000, "not JSON"),
        ("a.csv", ",".join("abc" * 2_000), "columns"),
    ],
)
def test_a_file_that_cannot_be_read_gives_a_sentence(name: str, text: str, said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        summarise_text(name, text)


def test_a_large_json_list_asks_for_jsonl() -> None:
    with pytest.raises(DatasetError, match="JSONL"):
        summarise_text("a.json", "[1, 2", whole_bytes=10**9)


def test_reading_stops_when_its_time_is_over() -> None:
    seconds = iter(range(0, 10**6, 2))
    summary = summarise_text("a.csv", "x,label\n" + "1,a\n" * 20_000, clock=lambda: float(next(seconds)))

    assert not summary.is_exact
    assert summary.rows < 20_000


def test_a_folder_with_one_sub_folder_per_class() -> None:
    entries: list[object] = [
        [f"flowers/{name}/{i}.jpg", 100_000] for name, count in (("rose", 30), ("lily", 10)) for i in range(count)
    ]
    summary = summarise_listing([*entries, ["flowers/.DS_Store", 6], ["flowers/readme.txt", 10]])

    assert (summary.name, summary.rows, summary.modality) == ("flowers", 40, "image")
    assert summary.classes == (("rose", 30), ("lily", 10))


def test_splits_are_no_classes() -> None:
    entries = [[f"d/{split}/{name}/{i}.wav", 10] for split in ("train", "test") for name in "ab" for i in range(5)]
    summary = summarise_listing(entries)

    assert summary.classes == (("a", 10), ("b", 10))
    assert summary.notes == ("Folders by split: train 10, test 10.",)


def test_a_folder_of_tables_names_the_file_to_choose() -> None:
    with pytest.raises(DatasetError, match=r"train\.csv"):
        summarise_listing([["d/train.csv", 1000]])


@pytest.mark.parametrize("hostile", [None, "x", {"a": 1}])
def test_a_listing_that_is_none_is_refused(hostile: object) -> None:
    with pytest.raises(DatasetError):
        summarise_listing(hostile)


def test_entries_that_are_no_pairs_are_left_out() -> None:
    assert summarise_listing([["a/b.jpg", 5], ["c", "d"], 7, ["e.jpg", -1], []]).rows == 2


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8", "utf-8-sig"])
def test_files_of_other_encodings_are_read(encoding: str) -> None:
    text = "text,label\n" + "une très longue réponse à la question posée,général\nnon,privé\n" * 9
    summary = summarise_file("a.csv", text.encode(encoding))

    assert summary.classes == (("général", 9), ("privé", 9))
    assert summary.columns == ("text", "label")


def test_a_file_that_is_cut_inside_a_letter_is_read() -> None:
    data = ("text,label\n" + "ein ziemlich langer Satz über Ähren,ä\n" * 50).encode()[:-3]

    assert summarise_file("a.csv", data, whole_bytes=10**6).classes[0][0] == "ä"


def test_chats_say_how_many_messages_they_have() -> None:
    row = {
        "messages": [{"role": "user", "content": "How do I reset it, please?"}, {"role": "assistant", "content": "So."}]
    }

    assert "Conversations of 2 messages (median)." in summarise_text("a.jsonl", json.dumps(row)).notes


@pytest.mark.parametrize(
    "message",
    [
        lambda who, text: {"role": who, "content": text},
        lambda who, text: {"role": who, "content": [{"type": "text", "text": text}]},
        lambda who, text: {"from": {"user": "human", "assistant": "gpt"}[who], "value": text},
    ],
)
@pytest.mark.parametrize("wrapped", [True, False])
def test_chats_of_every_common_form_are_measured_by_what_is_said(message: object, wrapped: bool) -> None:
    say: Callable[[str, str], object] = message  # type: ignore[assignment]
    chats = [[say("user", "How do I reset it?"), say("assistant", f"Open page {i}.")] for i in range(4)]
    chats[0] = chats[0][:1]
    text = "\n".join(json.dumps({"conversation": chat} if wrapped else chat) for chat in chats)
    summary = summarise_text("a.jsonl", text)

    assert summary.modality == "text"
    assert summary.lengths is not None
    assert (summary.lengths.median, summary.lengths.unit) == (8, "words")
    assert "1 of 4 conversations do not end with an answer of the assistant." in summary.notes


def test_rows_that_are_nested_without_sense_are_read_as_they_stand() -> None:
    assert summarise_text("a.jsonl", "[" * 300 + "]" * 300 + "\n").rows == 1


@pytest.mark.parametrize(("many", "is_said"), [(43, True), (9, False)])
def test_classes_of_very_different_size_are_named(many: int, is_said: bool) -> None:
    table = summarise_text("a.csv", "text,label\n" + "some words,x\n" * many + "more words,y\n")
    entries = [[f"d/{'a' if i else 'b'}/{i}.jpg", 10] for i in range(many + 1)]

    for summary in (table, summarise_listing(entries)):
        assert any(note.startswith(f"Unbalanced: {many} examples of") for note in summary.notes) is is_said


@pytest.mark.parametrize(("size", "shown"), [(100 * 1024, (100.0, "KB")), (4 * 1024 * 1024, (4.0, "MB"))])
def test_files_of_a_folder_are_measured_in_their_own_unit(size: int, shown: tuple[float, str]) -> None:
    lengths = summarise_listing([[f"d/a/{i}.jpg", size] for i in range(3)]).lengths

    assert lengths is not None
    assert (lengths.of, lengths.median, lengths.unit) == ("files", *shown)


def test_rows_that_do_not_fit_the_header_are_left_out() -> None:
    summary = summarise_text("a.csv", "text,label\nsome words here,x\na,b,c,d\nonly\nmore words here,y\n")

    assert summary.rows == 3


def test_limits_are_those_that_are_documented() -> None:
    assert dataset.MAX_SECONDS <= 5.0
    assert dataset.MAX_SAMPLE_BYTES >= 8 * 1024 * 1024
