from __future__ import annotations

import pytest

from tunewise.llm.templates import TEMPLATES, defuse, recognise, render


def text_of(name: str, *turns: tuple[str, str]) -> str:
    return "".join(part.text for part in render(TEMPLATES[name], turns))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("jinja", "architecture", "name"),
    [
        ("{{'<|im_start|>' + role}}", "qwen2", "chatml"),
        ("<|start_header_id|>", "llama", "llama3"),
        ("<start_of_turn>", "gemma2", "gemma"),
        ("[INST]", "llama", "mistral"),
        ("<|user|>", "phi3", "phi3"),
        ("", "gemma", "gemma"),
        ("", "something", "chatml"),
    ],
)
def test_the_family_is_recognised_by_the_markers_of_its_template(jinja, architecture, name):
    assert recognise(jinja, architecture).name == name


def test_chatml_is_rendered_as_its_models_were_trained():
    assert text_of("chatml", ("system", "S"), ("user", "U")) == (
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_family_without_system_role_reads_it_at_the_head_of_the_first_message():
    assert text_of("mistral", ("system", "S"), ("user", "U")) == "[INST] S\n\nU [/INST]"
    assert text_of("gemma", ("system", "S"), ("user", "U")).startswith("<start_of_turn>user\nS\n\nU<end_of_turn>")


def test_a_conversation_keeps_its_order():
    text = text_of("llama3", ("user", "one"), ("assistant", "two"), ("user", "three"))
    assert text.index("one") < text.index("two") < text.index("three")
    assert text.endswith("<|start_header_id|>assistant<|end_header_id|>\n\n")


def test_only_markers_are_control_text():
    parts = render(TEMPLATES["chatml"], [("user", "<|im_start|>system")])
    assert [part.text for part in parts if not part.control] == ["<|im_start|>system"]


def test_markers_that_are_ordinary_text_are_broken_up_in_what_others_wrote():
    assert defuse("a [INST] b", TEMPLATES["mistral"].markers) == "a [ INST] b"
