"""What is not ours is escaped, and nothing in it points outside."""

from __future__ import annotations

import re

import pytest

from tunewise.ui.views import labels, templates
from tunewise.ui.views.html import button, escape, joined, plain_text, prose, strip_remote
from tunewise.ui.views.templates import render


def test_text_of_others_never_becomes_a_tag() -> None:
    assert "<script" not in prose("<script>alert(1)</script> and <img src=x onerror=alert(1)>")


def test_control_characters_are_dropped_and_line_breaks_kept() -> None:
    assert escape("a\x00b\x1b\nc") == "ab\nc"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("See ![plot](https://evil.example/x.png) now", "See plot (image removed) now"),
        ("See ![](http://evil.example/x.png)", "See (image removed)"),
        ("Read [the docs](https://evil.example/?q=secret).", "Read the docs."),
        ("Go to https://evil.example/a?b=c.", "Go to (address removed)"),
        ("Run javascript:alert(1)", "Run (address removed)"),
        ('<img src="https://evil.example/x.png">', ""),
        ("Your data: 800 images in one file: fine.", "Your data: 800 images in one file: fine."),
        ("<a href='//evil.example'>x</a>", "x</a>"),
    ],
)
def test_remote_images_links_and_addresses_are_taken_out(written: str, shown: str) -> None:
    assert strip_remote(written) == shown


def test_paragraphs_lists_bold_and_code_are_kept() -> None:
    html = prose("Do **this** with `lr=1e-4`:\n- first\n- second\n\nThen stop.")

    assert html == (
        "<p>Do <strong>this</strong> with <code>lr=1e-4</code>:</p>"
        "<ul><li>first</li><li>second</li></ul><p>Then stop.</p>"
    )


def test_a_block_of_code_keeps_its_lines_and_its_blanks() -> None:
    html = prose("Run:\n```python\nfor x in y:\n    print('<b>')\n```\nDone.")

    assert html == (
        '<p>Run:</p><pre tabindex="0"><code>for x in y:<br>    print(&#x27;&lt;b&gt;&#x27;)</code></pre><p>Done.</p>'
    )


def test_citation_marks_become_links_one_for_each_id() -> None:
    html = prose("It overfits [A12, P-lora-1].", lambda id_: f"<a>{id_}</a>")

    assert html == "<p>It overfits\u202f<a>A12</a><a>P-lora-1</a>.</p>"


def test_brackets_that_are_no_citation_stay_as_they_are() -> None:
    assert prose("Use [CLS] tokens? See [the list].", lambda id_: "!") == "<p>Use\u202f! tokens? See [the list].</p>"


def test_a_message_keeps_its_line_breaks_and_nothing_else() -> None:
    assert plain_text("one\ntwo **x**\n\n<b>three</b>") == "<p>one<br>two **x**</p><p>&lt;b&gt;three&lt;/b&gt;</p>"


def test_what_a_button_sends_is_escaped_json() -> None:
    html = button("Go", "edit", {"changes": {"compute": '"><script>'}})

    assert 'data-event="edit"' in html
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("parts", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_parts_are_joined_as_people_write_them(parts: list[str], text: str) -> None:
    assert joined(parts) == text


def test_headings_numbers_and_bullets_of_other_kinds_are_read_and_tags_stay_text() -> None:
    html = prose("# Steps\n1. one\n2. two <b>\n\n• three\n• four")

    assert html == "<p>Steps</p><ol><li>one</li><li>two &lt;b&gt;</li></ol><ul><li>three</li><li>four</li></ul>"


def test_every_icon_that_a_view_names_is_on_the_page() -> None:
    header = render("header", engine="", rules_only=False)
    views = (path.read_text("utf-8") for path in templates.FOLDER.iterdir() if path.suffix in (".html", ".py"))
    named = {name for text in views for name in re.findall(r"icon\([\"'](\w+)[\"']\)", text)}
    named |= {label.icon for label in labels.VERDICTS.values()}

    assert len(named) > 10
    assert named <= set(re.findall(r'id="icon-(\w+)"', header))
