"""Searching a corpus, by words and by meaning."""

from concurrent.futures import ThreadPoolExecutor

import chromadb
import numpy as np
import pytest

from tests.fakes.embedder import WORDS
from tunewise.errors import CorpusError
from tunewise.retrieval.search import ARTICLE_PREFERENCE, MEANING_WEIGHT, Legs, merge, open_searcher
from tunewise.settings import Settings

FORGETTING = "How can catastrophic forgetting be prevented by regularization such as dropout and weight decay?"


def ids(hits):
    return [hit.passage.id for hit in hits]


def test_the_passage_that_answers_comes_first(searcher):
    assert searcher.search(FORGETTING)[0].passage.section.endswith(
        "Mitigating Catastrophic Forgetting / Regularization"
    )


def test_hits_are_ordered_by_score_and_carry_the_cosine(searcher):
    hits = searcher.search(FORGETTING, 10)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(-1.001 <= hit.similarity <= 1.001 for hit in hits)


@pytest.mark.parametrize("question", ["", "  \n", "\t"])
def test_an_empty_question_finds_nothing(searcher, question):
    assert searcher.search(question) == []


def test_top_k_limits_the_hits(searcher):
    assert [len(searcher.search("LoRA", count)) for count in (0, 1, 7)] == [0, 1, 7]


def test_a_search_can_be_limited_to_collections(searcher):
    assert {hit.passage.collection for hit in searcher.search("LoRA rank", 10, {"notes"})} == {"notes"}


def test_a_question_can_be_put_where_another_text_lies(searcher):
    place = WORDS.embed_query("LoRA rank")
    by_place = searcher.legs("zebra crossing", None, place)
    assert by_place.dense.tolist() == searcher.legs("LoRA rank").dense.tolist()
    assert not by_place.lexical.any()


def test_without_notes_they_are_searched_only_if_a_search_says_so(home):
    with open_searcher(Settings(home=home, notes=False), embedder=WORDS) as searcher:
        assert "notes" not in {hit.passage.collection for hit in searcher.search("LoRA rank VRAM", 50)}
        assert "notes" not in {passage.collection for passage in searcher.passages}
        assert searcher.search("LoRA rank", 1, {"notes"})


def test_by_words_a_question_that_shares_no_word_finds_nothing(words_only):
    assert words_only.search("zebra crossing") == []


def test_words_can_be_limited_to_collections(words_only):
    assert {hit.passage.collection for hit in words_only.search("LoRA rank", 10, {"notes"})} == {"notes"}


def test_where_meaning_cannot_be_searched_words_answer_and_it_is_said(words_only):
    (hit,) = words_only.search(FORGETTING, 1)
    assert hit.passage.section.endswith("Regularization")
    assert hit.similarity is None
    assert words_only.notice.startswith("Search by meaning is missing")
    assert "tunewise models pull" in words_only.notice


def test_every_question_asks_the_chroma_collection(searcher, monkeypatch):
    asked, query = [], chromadb.Collection.query
    monkeypatch.setattr(chromadb.Collection, "query", lambda *args, **how: asked.append(how) or query(*args, **how))
    assert searcher.search(FORGETTING)
    assert len(asked) == 1


def test_where_chroma_fails_words_answer_and_it_is_said_until_it_works_again(searcher, words_only, monkeypatch):
    def fail(*_args, **_how):
        raise RuntimeError("the store is gone")

    with monkeypatch.context() as patch:
        patch.setattr(chromadb.Collection, "query", fail)
        assert searcher.search(FORGETTING) == words_only.search(FORGETTING)
        assert "the store is gone" in searcher.notice
    assert searcher.search(FORGETTING)[0].similarity is not None
    assert searcher.notice is None


def test_texts_that_are_nowhere_in_the_corpus_are_compared_with_a_question(searcher, words_only):
    same, other = searcher.cosines("low-rank adapters", ["Low-rank adapters.", "The weather in Lisbon."])
    assert abs(same - 1) < 1e-5
    assert other < same
    assert words_only.cosines("low-rank adapters", ["Low-rank adapters.", "The weather in Lisbon."]) == [0.0, 0.0]


def test_many_threads_find_what_one_finds(searcher):
    questions = [passage.text for passage in searcher.passages[:24]]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(searcher.search, questions))
    assert found == [searcher.search(question) for question in questions]


def test_the_same_question_finds_the_same_passages(searcher):
    assert searcher.search(FORGETTING, 20) == searcher.search(FORGETTING, 20)


@pytest.mark.parametrize(
    "question",
    ["a" * 100_000, "LoRA " * 30_000, "\x00\x1b[31m", "<|im_start|>system", "🙂" * 500, "....", "\ud800"],
    ids=["one long word", "many words", "controls", "template", "emoji", "dots", "lone surrogate"],
)
def test_hostile_questions_are_searched_without_an_error(searcher, question):
    searcher.search(question)


def test_a_passage_is_found_by_its_id(searcher):
    assert searcher.passage("P-lora-1").document == "lora"


def test_an_unknown_passage_id_is_refused(searcher):
    with pytest.raises(CorpusError, match="'A999'"):
        searcher.passage("A999")


def test_a_passage_of_a_quote_stands_at_its_offsets_in_the_document(searcher):
    passage = searcher.passage_of_quote(
        "article", "EWC penalizes changes to important weights in the pre-trained model."
    )
    assert searcher.corpus.documents["article"].text[passage.start : passage.end] == passage.text


def legs(lexical, dense=None):
    return Legs(np.array(lexical, np.float32), None if dense is None else np.array(dense, np.float32))


def test_each_leg_is_scaled_by_its_best_score():
    merged = merge(legs([0, 10, 5], [0.8, 0.4, 0]), np.zeros(3, np.bool_))
    assert merged == pytest.approx([MEANING_WEIGHT, MEANING_WEIGHT / 2 + 1 - MEANING_WEIGHT, (1 - MEANING_WEIGHT) / 2])


def test_without_any_shared_word_meaning_alone_decides():
    assert np.argmax(merge(legs([0, 0, 0], [0.1, 0.9, 0.2]), np.zeros(3, np.bool_))) == 1


def test_without_meaning_a_passage_that_shares_no_word_is_not_found():
    assert merge(legs([0, 2, 0]), np.zeros(3, np.bool_)).tolist() == [-np.inf, 1, -np.inf]


def test_the_article_comes_before_a_note_that_says_the_same():
    merged = merge(legs([1, 1], [0.5, 0.5]), np.array([False, True]))
    assert merged[1] - merged[0] == pytest.approx(ARTICLE_PREFERENCE)
