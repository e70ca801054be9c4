from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewise.llm.text_stream import TextStream


def test_a_character_is_shown_when_its_last_byte_has_come():
    stream = TextStream()
    assert [stream.push(bytes([byte])) for byte in "é五".encode()] == ["", "é", "", "", "五"]


def test_half_a_character_at_the_end_is_replaced():
    stream = TextStream()
    assert stream.push("五".encode()[:2]) + stream.finish() == "�"


def test_nothing_of_a_stop_word_is_shown():
    stream = TextStream(["\n\nQ:"])
    shown = [stream.push(piece) for piece in (b"yes\n", b"\n", b"Q", b": next")]
    assert "".join(shown) == "yes"
    assert stream.stopped
    assert stream.finish() == ""


def test_what_only_began_like_a_stop_word_is_shown_in_the_end():
    stream = TextStream(["END"])
    assert stream.push(b"the EN") + stream.finish() == "the EN"


@given(text=st.text(max_size=60), cuts=st.lists(st.integers(0, 200), max_size=8), stop=st.text(min_size=1, max_size=3))
def test_the_text_does_not_depend_on_how_it_was_cut(text, cuts, stop):
    raw = text.encode()
    edges = sorted({0, len(raw), *(min(cut, len(raw)) for cut in cuts)})
    stream = TextStream([stop])
    shown = ""
    for start, end in itertools.pairwise(edges):
        shown += stream.push(raw[start:end])
        if stream.stopped:
            break
    assert shown + stream.finish() == text.split(stop)[0]


@pytest.mark.parametrize("stop", [[], [""]])
def test_without_stop_words_everything_is_shown_at_once(stop):
    assert TextStream(stop).push(b"abc") == "abc"
