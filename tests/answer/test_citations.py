import pytest

from tests.answer.material import ARTICLE, passage
from tunewise.answer.citations import (
    attributed,
    cite,
    cite_quote,
    resolve,
)
from tunewise.answer.marks import cited_ids, keep_marks, tidy, without_marks
from tunewise.errors import CorpusError

SMALL = passage("A3", "Small Target Dataset: If the target dataset is small", "drastically altering them.")
LORA = passage("A9", "Parameter-Efficient Fine-Tuning (PEFT): PEFT", "limited computational resources.")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("It overfits [A12].", ["A12"]),
        ("See [P-lora-1] and [A3, A7].", ["P-lora-1", "A3", "A7"]),
        ("会过拟合［A3］，请看【A7】。", ["A3", "A7"]),
        ("Twice [A3] and [A3].", ["A3"]),
        ("A list index x[i] and [sic] are no marks", []),
        ("Numbered [1] and [2; 3]", ["1", "2", "3"]),
    ],
)
def test_marks_are_found(text, ids):
    assert cited_ids(text) == ids


def test_a_citation_that_was_not_given_is_removed():
    resolved = resolve("Freeze the early layers [A3]. Trust me [A99] , really [B1, A3].", [SMALL])
    assert resolved.text == "Freeze the early layers [A3]. Trust me, really [A3]."


def test_several_ids_in_one_mark_become_one_mark_each():
    assert resolve("Both [A3, A9].", [SMALL, LORA]).text == "Both [A3][A9]."


def test_every_span_is_exactly_the_documents_text():
    resolved = resolve("Small sets overfit [A3]. LoRA adds low-rank matrices [A9].", [SMALL, LORA])
    for citation in resolved.citations:
        assert ARTICLE[citation.start : citation.end] == citation.quote


def test_the_span_is_the_sentence_that_supports_the_claim():
    quotes = [c.quote for c in resolve("LoRA adds low-rank matrices to the weights [A9].", [LORA]).citations]
    assert quotes[0].startswith("LoRA adds low-rank matrices")
    assert cite(SMALL, "consider freezing the early layers").quote.startswith("In such cases, consider freezing")


def test_a_claim_in_another_language_cites_by_the_words_they_share_or_else_the_first_sentence():
    assert cite(LORA, "LoRA 用 low-rank matrices 训练").quote.startswith("LoRA adds")
    assert cite(SMALL, "数据很少时会过拟合").quote.startswith("Small Target Dataset: If")


def test_a_passage_cited_for_two_of_its_sentences_gives_two_spans():
    resolved = resolve("A small set can overfit the entire model [A3]. Freeze the early layers [A3].", [SMALL])
    assert [c.id for c in resolved.citations] == ["A3", "A3"]
    assert len({c.start for c in resolved.citations}) == 2


def test_lower_case_marks_are_read_as_the_passage_they_mean():
    assert resolve("Yes [a3].", [SMALL]).text == "Yes [A3]."


def test_a_rules_quote_is_cited_literally():
    citation = cite_quote(
        SMALL, "If the target dataset is small, fine-tuning the entire model can lead to overfitting."
    )
    assert ARTICLE[citation.start : citation.end] == citation.quote
    assert cite_quote(LORA, "LoRA adds  low-rank\nmatrices").quote == "LoRA adds low-rank matrices"


@pytest.mark.parametrize("quote", ["not in there", "", "  "])
def test_a_quote_that_is_not_in_the_passage_is_an_error(quote):
    with pytest.raises(CorpusError, match="does not stand in passage 'A3'"):
        cite_quote(SMALL, quote)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is so .", "It is so."),
        ("It ( ) is  so ,.", "It is so."),
        ("So [A1] [A2].", "So [A1][A2]."),
        ("是这样 。 好", "是这样。好"),
        ("Wait... then", "Wait... then"),
    ],
)
def test_what_a_removed_mark_leaves_is_tidied(text, expected):
    assert tidy(text) == expected


def test_a_text_without_marks_is_plain():
    assert without_marks("Freeze them [A3, A4]. Not [sic] this.") == "Freeze them. Not [sic] this."


def test_a_mark_on_a_passage_that_does_not_say_it_moves_to_the_one_that_does():
    sentence = "LoRA adds low-rank matrices to the existing weights [A3]."
    assert attributed(sentence, [SMALL, LORA]) == "LoRA adds low-rank matrices to the existing weights [A9]."


def test_a_mark_on_a_passage_that_says_it_stays():
    sentence = "Fine-tuning the entire model on a small dataset can lead to overfitting [A3]."
    assert attributed(sentence, [SMALL, LORA]) == sentence


def test_an_unmarked_sentence_gets_a_mark_only_if_a_passage_says_most_of_it():
    said = "Adapters insert small, trainable modules into the pre-trained model."
    assert attributed(said, [SMALL, LORA]) == said[:-1] + " [A9]."
    own = "Your photographs of mushrooms look quite unlike anything seen before."
    assert attributed(own, [SMALL, LORA]) == own


def test_only_the_marks_of_given_passages_are_kept():
    assert keep_marks("Freeze [A3][A99]. Train [B1]. Not [sic].", {"A3"}) == "Freeze [A3]. Train. Not [sic]."


def test_a_mark_is_dropped_where_no_passage_says_anything_of_it():
    said = "Back this choice with careful checks on unseen mushrooms [A9]."
    assert attributed(said, [SMALL, LORA]) == "Back this choice with careful checks on unseen mushrooms."
