"""Searching an index."""

import pytest

from tests.fakes.embedder import WordEmbedder
from tunewise.errors import CorpusError, IndexUnavailableError
from tunewise.retrieval.search import MAX_SENTENCES, Searcher, queries_of

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


def test_what_the_searcher_was_opened_for_is_searched_unless_a_search_says_otherwise(index, corpus):
    searcher = Searcher(index, corpus, WordEmbedder(), collections={"article", "papers"})
    assert "notes" not in {hit.passage.collection for hit in searcher.search("LoRA rank VRAM", 50)}
    assert "notes" not in {passage.collection for passage in searcher.passages}
    assert searcher.search("LoRA rank", 1, {"notes"})


def test_without_an_embedder_words_alone_are_compared(words_only):
    assert not words_only.dense
    hits = words_only.search(FORGETTING)
    assert hits[0].passage.section.endswith("Regularization")
    assert hits[0].similarity is None


def test_without_an_embedder_a_question_that_shares_no_word_finds_nothing(words_only):
    assert words_only.search("zebra crossing") == []


def test_the_same_question_finds_the_same_passages(searcher):
    assert searcher.search(FORGETTING, 20) == searcher.search(FORGETTING, 20)


@pytest.mark.parametrize(
    "question",
    ["a" * 100_000, "LoRA " * 30_000, "\x00\x1b[31m", "<|im_start|>system", "🙂" * 500, "....", "\ud800"],
    ids=["one long word", "many words", "controls", "template", "emoji", "dots", "lone surrogate"],
)
def test_hostile_questions_are_searched_without_an_error(searcher, question):
    searcher.search(question)


def test_a_long_question_is_compared_sentence_by_sentence():
    question = "I have photos. They show flowers. Which layers do I freeze?"
    assert queries_of(question) == [question, "I have photos.", "They show flowers.", "Which layers do I freeze?"]
    assert len(queries_of("Short one. " * 100)) == MAX_SENTENCES + 1


def test_coverage_is_high_for_what_the_sources_speak_of(searcher):
    assert searcher.coverage("Does dropout help against catastrophic forgetting?") > 0.9


def test_coverage_is_low_for_what_they_do_not_speak_of(searcher):
    assert searcher.coverage("Bake sourdough bread tonight") < 0.2


def test_coverage_of_hits_counts_only_what_these_passages_say(searcher):
    hits = searcher.search("dropout", 1)
    assert searcher.coverage("dropout", hits) == 1.0
    assert searcher.coverage("Wav2Vec accents", hits) < 0.5


def test_a_question_without_content_words_has_no_coverage(searcher):
    assert searcher.coverage("what about it?") == 0.0


def test_a_passage_is_found_by_its_id(searcher):
    assert searcher.passage("P-lora-1").document == "lora"


def test_an_unknown_passage_id_is_refused(searcher):
    with pytest.raises(CorpusError, match="'A999'"):
        searcher.passage("A999")


def test_an_unknown_document_is_refused(searcher):
    with pytest.raises(CorpusError, match="'nowhere'"):
        searcher.document_text("nowhere")


def test_a_passage_of_a_quote_stands_at_its_offsets_in_the_document(searcher):
    passage = searcher.passage_of_quote(
        "article", "EWC penalizes changes to important weights in the pre-trained model."
    )
    assert searcher.document_text("article")[passage.start : passage.end] == passage.text


def test_no_vector_store_without_chroma(searcher):
    with pytest.raises(IndexUnavailableError, match="Chroma"):
        searcher.vector_store()
