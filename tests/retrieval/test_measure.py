"""The figures are computed as they are named."""

import json
from pathlib import Path

import pytest

from tunewise.retrieval.measure import Asked, format_table, questions_from, recall_table

HERE = Path(__file__).parent


def asked(name, corpus):
    return questions_from(json.loads((HERE / f"{name}.json").read_text(encoding="utf-8")), corpus)


def test_a_passage_that_is_found_first_counts_in_every_column(searcher):
    first = searcher.search("What does pruning remove?")[0].passage.id
    merged = recall_table(searcher, [Asked("What does pruning remove?", frozenset({first}))])[-1]
    assert (merged.at_1, merged.at_3, merged.at_5, merged.mrr) == (1, 1, 1, 1)


def test_every_leg_has_a_row(searcher, words_only, corpus):
    questions = asked("article_rules", corpus)[:5]
    assert [row.leg for row in recall_table(searcher, questions)] == ["meaning", "words", "merged"]
    assert [row.leg for row in recall_table(words_only, questions)] == ["words"]


def test_the_table_is_markdown(searcher):
    table = format_table(recall_table(searcher, [Asked("LoRA", frozenset({"A24"}))]))
    assert table.splitlines()[0] == "| search by | recall@1 | recall@3 | recall@5 | MRR |"
    assert len(table.splitlines()) == 5


@pytest.mark.parametrize(
    "row", [{"question": "x", "quote": "xyzzy stands nowhere"}, {"question": "x", "passages": ["A999"]}]
)
def test_a_question_whose_passage_is_not_there_is_refused(corpus, row):
    with pytest.raises(ValueError, match="No passage"):
        questions_from([row], corpus)


def test_words_alone_find_the_articles_sentences(words_only, corpus):
    assert recall_table(words_only, asked("article_rules", corpus))[-1].at_5 >= 0.85


@pytest.mark.models
def test_the_merged_search_beats_both_legs_on_the_articles_74_sentences(real_searcher, corpus):
    dense, bm25, merged = recall_table(real_searcher, asked("article_rules", corpus))
    assert merged.at_5 >= 0.97
    for leg in (dense, bm25):
        assert (merged.at_1, merged.at_3, merged.at_5, merged.mrr) > (leg.at_1, leg.at_3, leg.at_5, leg.mrr)
        assert merged.at_5 > leg.at_5


@pytest.mark.models
def test_the_merged_search_beats_both_legs_on_questions_in_other_words(real_searcher, corpus):
    dense, bm25, merged = recall_table(real_searcher, asked("paraphrases", corpus))
    assert merged.at_5 >= 0.95
    assert min(merged.at_5 - dense.at_5, merged.at_5 - bm25.at_5) > 0
