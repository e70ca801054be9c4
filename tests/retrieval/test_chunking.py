"""How documents are cut into passages."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewise.retrieval.chunking import chunk_markdown, label_of, split_sentences

SCENARIOS = """# Title

## Data

Opening words.

- Small Sets:

  - Feature Extraction: Freeze early layers.
  - Linear Probing: Train a head.
- Large Sets: Tune everything.

### Cost

1. Memory: It grows.
"""


def cut(document):
    return [(chunk.section, chunk.text) for chunk in chunk_markdown(document)]


def test_a_bullet_with_its_heading_path_is_one_passage():
    assert ("Data / Small Sets / Feature Extraction", "Feature Extraction: Freeze early layers.") in cut(SCENARIOS)


def test_a_bullet_that_is_only_a_label_is_no_passage_but_part_of_the_path():
    assert all(text != "Small Sets:" for _, text in cut(SCENARIOS))


def test_a_bullet_ends_the_path_of_its_deeper_neighbours():
    assert ("Data / Large Sets", "Large Sets: Tune everything.") in cut(SCENARIOS)


def test_a_numbered_item_is_a_passage():
    assert ("Data / Cost / Memory", "Memory: It grows.") in cut(SCENARIOS)


def test_a_paragraph_belongs_to_its_heading():
    assert ("Data", "Opening words.") in cut(SCENARIOS)


def test_a_paragraph_below_the_title_keeps_the_title():
    assert cut("# LoRA\n\nWe propose it.\n") == [("LoRA", "# LoRA\n\nWe propose it.")]


def test_a_list_below_the_title_does_not_take_the_title():
    assert cut("# Notes\n\n- One: two.\n") == [("One", "One: two.")]


def test_front_matter_is_no_passage():
    assert cut("---\ntitle: x\n---\n\n## A\n\nText.\n") == [("A", "Text.")]


def test_a_hash_inside_fenced_code_is_no_heading():
    assert cut("## A\n\n```\n# comment\n\nx = 1\n```\n\nAfter.\n") == [
        ("A", "```\n# comment\n\nx = 1\n```"),
        ("A", "After."),
    ]


def test_a_long_paragraph_is_cut_at_sentence_ends():
    document = "One two three. Four five six. Seven eight nine."
    assert [chunk.text for chunk in chunk_markdown(document, max_words=6)] == [
        "One two three. Four five six.",
        "Seven eight nine.",
    ]


def test_a_sentence_that_is_longer_than_a_passage_is_cut_between_words():
    pieces = [chunk.text for chunk in chunk_markdown("a b c d e f g", max_words=3)]
    assert pieces == ["a b c", "d e f", "g"]


def test_the_last_line_needs_no_newline():
    assert cut("## A\nText") == [("A", "Text")]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Limited Resources: If they are", "Limited Resources"),
        ("Elastic Weight Consolidation (EWC): It", "Elastic Weight Consolidation (EWC)"),
        ("**Note**: this", "Note"),
        ("Hu, E. J. (2021). LoRA: Low-Rank", ""),
        ("no label here", ""),
        ("see https://example.org", ""),
        ("this is a very long opening clause of more words: it", ""),
    ],
)
def test_labels_are_short_and_end_with_a_colon(text, label):
    assert label_of(text) == label


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two.", 2),
        ("Use it (e.g. Dropout) now. Two.", 2),
        ("As Hu et al. Showed.", 1),
        ("一句。两句。", 2),
        ("", 0),
    ],
)
def test_sentences_are_told_apart(text, count):
    assert len(split_sentences(text)) == count


@given(st.text(alphabet="#-*1. \n\tabc:`é中", max_size=300))
def test_offsets_are_exact_and_passages_do_not_overlap_whatever_the_document(document):
    chunks = chunk_markdown(document, max_words=5)
    assert all(document[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert all(chunk.text.strip() for chunk in chunks)
    assert all(before.end <= after.start for before, after in pairwise(chunks))
