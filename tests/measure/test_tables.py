"""Tables of any size and kind: which columns are read, what is drawn, and what is refused in one sentence."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.measure.data import texts, write_csv, write_jsonl
from tunewise.measure import MeasureError
from tunewise.measure.drawing import draw_table
from tunewise.measure.records import Budget, Drawn


def draw(path: Path, text: tuple[str, ...] = (), label: str | None = None, size: int = 1000, seed: int = 0) -> Drawn:
    return draw_table(path, text, label, size=size, seed=seed, budget=Budget(1e9))[0]


def columns(path: Path) -> str:
    return draw_table(path, (), None, size=10, seed=0, budget=Budget(1e9))[1]


ROWS = texts()


def as_parquet(path: Path) -> Path:
    pq.write_table(pa.table({"text": [text for text, _ in ROWS], "label": [label for _, label in ROWS]}), path)
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_every_kind_of_table_gives_the_same_rows(tmp_path: Path, ending: str):
    path = tmp_path / f"d.{ending}"
    records = [{"text": text, "label": label} for text, label in ROWS]
    match ending:
        case "csv":
            write_csv(path, ROWS)
        case "tsv":
            path.write_text("text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in ROWS))
        case "jsonl":
            write_jsonl(path, records)
        case "json":
            path.write_text(json.dumps(records))
        case _:
            as_parquet(path)
    drawn = draw(path)
    assert sorted(zip(drawn.items, drawn.labels, strict=True)) == sorted(ROWS)
    assert (drawn.rows, drawn.counts["chess"], drawn.copies) == (120, 40, 0)


def test_the_same_seed_draws_the_same_rows_and_another_one_others(tmp_path: Path):
    path = write_csv(tmp_path / "d.csv", texts(5000))
    first, again, other = (draw(path, size=50, seed=seed).items for seed in (1, 1, 2))
    assert first == again != other
    assert len(set(first)) == 50


def test_a_draw_is_fair_over_the_whole_file(tmp_path: Path):
    path = write_csv(tmp_path / "d.csv", [(f"a text of some length {i}", "ab"[i % 2]) for i in range(20_000)])
    places = [int(item.split()[-1]) for item in draw(path, size=2000).items]
    assert 9_000 < sum(places) / len(places) < 11_000


def test_copies_are_counted_over_the_whole_file_and_those_with_another_label_too(tmp_path: Path):
    rows = [*ROWS, *ROWS[:10], (ROWS[0][0].upper(), "chess")]
    drawn = draw(write_csv(tmp_path / "d.csv", rows), size=5)
    assert (drawn.copies, drawn.conflicts) == (11, 1)


def test_a_number_and_its_name_are_one_label_and_the_name_is_taken(tmp_path: Path):
    numbered = [(text, str(list("cs").index(label[0]) if label[0] in "cs" else 9), label) for text, label in ROWS[:2]]
    rows = [(text, {"cooking": "0", "sailing": "1", "chess": "2"}[label], label) for text, label in ROWS]
    assert len(numbered) == 2
    path = write_csv(tmp_path / "d.csv", rows, ("text", "label", "label_text"))
    assert columns(path) == "text 'text', label 'label_text'"


def test_several_possible_labels_are_named_and_none_is_chosen(tmp_path: Path):
    rows = [(text, label, str(place % 5)) for place, (text, label) in enumerate(ROWS)]
    with pytest.raises(MeasureError, match="'category', 'rating'"):
        draw(write_csv(tmp_path / "d.csv", rows, ("text", "category", "rating")))


def test_several_possible_texts_are_named_and_both_can_be_read(tmp_path: Path):
    rows = [(text, text[::-1], label) for text, label in ROWS]
    path = write_csv(tmp_path / "d.csv", rows, ("title", "body", "label"))
    with pytest.raises(MeasureError, match="'title', 'body'"):
        draw(path)
    assert "\n" in draw(path, ("title", "body")).items[0]


BROKEN = {
    "empty.csv": (b"", "is empty"),
    "spaces.csv": (b"  \n \n", "nothing but spaces"),
    "header.csv": (b"text,label\n", "No rows"),
    "binary.csv": (bytes(range(256)) * 50, "not a text file"),
    "nul.csv": (b"text,label\n" + b"\x00\x00\x00a longer text,b\n" * 50, "not a text file"),
    "one.csv": (b"text\n" + b"some longer text\n" * 50, "looks like a label"),
    "numbers.csv": (b"a,label\n" + b"1.5,x\n2.5,y\n" * 20, "looks like text"),
    "quote.csv": (b'text,label\n"never closed,x\n' + b"some longer text,y\n" * 20_000, "quotation"),
    "line.csv": (b"text,label\n" + b"x" * 3_000_000, "longer than"),
    "same.csv": (b"text,text,label\n" + b"some longer text,b,c\n" * 20, "several columns named"),
    "ragged.csv": (b"text,label\n" + b"a,b,c,d\n" * 50 + b"some longer text,x\n" * 9, "number of cells"),
    "decimal.csv": (
        b"text,target\n" + b"".join(b"some longer text,%d.25\n" % i for i in range(200)), "rather than a class",
    ),
    "many.csv": (b"text,label\n" + b"".join(b"some longer text,name%d\n" % i for i in range(100_000)), "no label"),
    "bad.jsonl": (b'{"text": "a longer text", "label": "x"}\n{"text"', "not JSON"),
    "list.jsonl": (b"[1, 2, 3]\n", "no JSON object"),
    "deep.jsonl": (b"[" * 100_000, "JSON"),
    "bad.parquet": (b"PAR1 nothing of the kind PAR1", "cannot be read as Parquet"),
    "cut.xlsx": (b"PK", "are not measured"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_gives_one_clear_sentence(tmp_path: Path, name: str):
    content, expected = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MeasureError, match=expected) as caught:
        draw(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_column_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path):
    with pytest.raises(MeasureError, match=r"no column 'body'. Its columns: 'text', 'label'"):
        draw(write_csv(tmp_path / "d.csv", ROWS), ("body",))


def test_broken_utf8_is_read_and_said(tmp_path: Path):
    path = tmp_path / "d.csv"
    path.write_bytes(b"text,label\n" + b"un caf\xe9 tr\xe8s chaud,a\nune bi\xe8re tr\xe8s froide,b\n" * 20)
    drawn = draw(path)
    assert "un café très chaud" in drawn.items
    assert "Windows-1252" in drawn.notes[0]


def test_rows_without_a_label_are_left_out_and_said(tmp_path: Path):
    drawn = draw(write_csv(tmp_path / "d.csv", [*ROWS, ("a text without a label", "")]))
    assert drawn.rows == 120
    assert "1 rows without a text or a label" in drawn.notes[0]


def test_a_list_of_images_is_sent_to_its_folder(tmp_path: Path):
    rows = [(f"pictures/of/flowers/{i}.jpg", "ab"[i % 2]) for i in range(50)]
    with pytest.raises(MeasureError, match="names image files"):
        draw(write_csv(tmp_path / "d.csv", rows, ("file", "label")))


def test_one_huge_text_that_a_parquet_file_repeats_stays_one_text(tmp_path: Path):
    path, count = tmp_path / "bomb.parquet", 20_000
    huge = pa.DictionaryArray.from_arrays(pa.array([i % 2 for i in range(count)]), ["a" * 4_000_000, "b" * 4_000_000])
    table = pa.table({"text": huge, "label": ["x", "y"] * (count // 2)})
    pq.write_table(table, path, use_dictionary=True, dictionary_pagesize_limit=64 << 20)
    tracemalloc.start()
    drawn = draw(path, size=100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert drawn.rows == count  # unpacked they are 80 GB
    assert peak < 500e6


def test_of_a_large_file_a_sample_is_kept_and_every_row_counted(tmp_path: Path):
    path, count = tmp_path / "big.csv", 100_000
    line = "this is a row of text with some words in it, number {};{}\n"
    path.write_text("text;label\n" + "".join(line.format(i, "abc"[i % 3]) for i in range(count)))
    tracemalloc.start()
    drawn = draw(path, size=1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (drawn.rows, len(drawn.items), drawn.copies) == (count, 1000, 0)
    assert peak < 12e6  # twelve bytes a row are kept, and the sample


def test_reading_stops_when_its_time_is_over_and_says_so(tmp_path: Path):
    path = write_csv(tmp_path / "d.csv", [(f"a text of some length {i}", "ab"[i % 2]) for i in range(50_000)])
    seconds = iter(range(0, 1000, 2))
    budget = Budget(20, clock=lambda: float(next(seconds)))
    drawn = draw_table(path, (), None, size=100, seed=0, budget=budget)[0]
    assert "Only the first" in drawn.notes[0]
    assert drawn.rows == pytest.approx(50_000, rel=0.3)
