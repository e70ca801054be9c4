import pytest

from tunewise.answer.sentences import sentence_spans, sentences, split_sentences, without_list_mark

CASES = [
    ("One. Two.", ["One.", "Two."]),
    ("Use 1.5 B models. They fit.", ["Use 1.5 B models.", "They fit."]),
    ("Use PEFT, e.g. LoRA. It is cheap.", ["Use PEFT, e.g. LoRA.", "It is cheap."]),
    ("Some terms, i.e. EWC, help. Good.", ["Some terms, i.e. EWC, help.", "Good."]),
    ("It can overfit. [A3] Freeze early layers [A4].", ["It can overfit. [A3]", "Freeze early layers [A4]."]),
    ("It can overfit.[A3][A4] Next.", ["It can overfit.[A3][A4]", "Next."]),
    ("It can overfit [A3]. [A4]. Next.", ["It can overfit [A3]. [A4].", "Next."]),
    ("It overfits [A3]. [A4] Freeze it. [A5] Train it.", ["It overfits [A3].", "[A4] Freeze it.", "[A5] Train it."]),
    ("1. Freeze the layers.\n2. Train a head.", ["1. Freeze the layers.", "2. Train a head."]),
    ("- Freeze early layers\n- Train the head", ["- Freeze early layers", "- Train the head"]),
    ("数据很少。冻结前面的层[A3]。训练后面的层。[A4]", ["数据很少。", "冻结前面的层[A3]。", "训练后面的层。[A4]"]),
    ("使用 LoRA。它很省内存！", ["使用 LoRA。", "它很省内存！"]),
    (
        "Vous avez 1,5 milliard de paramètres. Utilisez LoRA.",
        ["Vous avez 1,5 milliard de paramètres.", "Utilisez LoRA."],
    ),
    ("Utilisez p. ex. LoRA. C'est léger.", ["Utilisez p. ex. LoRA.", "C'est léger."]),
    ('He said "freeze it." Then he left.', ['He said "freeze it."', "Then he left."]),
    ("Really? Yes! Good…", ["Really?", "Yes!", "Good…"]),
    ("Howard et al. 2018 agree.", ["Howard et al. 2018 agree."]),
    ("", []),
    ("   \n ", []),
    ("No full stop", ["No full stop"]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_text_is_cut_at_its_sentences(text, expected):
    assert split_sentences(text) == expected


@pytest.mark.parametrize(("text", "expected"), CASES)
@pytest.mark.parametrize("size", [1, 3, 7])
def test_a_stream_gives_the_same_sentences_whatever_its_pieces(text, expected, size):
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert list(sentences(pieces)) == expected


def test_a_sentence_comes_out_before_the_stream_ends():
    def stream():
        yield "First sentence. S"
        raise AssertionError("asked for more than was needed")

    assert next(sentences(stream())) == "First sentence."


def test_spans_cut_exactly_the_sentences():
    text = "  One [A1].  Two\n\n- three "
    assert [text[start:end] for start, end in sentence_spans(text)] == ["One [A1].", "Two", "- three"]


@pytest.mark.parametrize(("item", "bare"), [("- a", "a"), ("2) b", "b"), ("3. c", "c"), ("plain", "plain")])
def test_the_mark_of_a_list_item_can_be_taken_off(item, bare):
    assert without_list_mark(item) == bare
