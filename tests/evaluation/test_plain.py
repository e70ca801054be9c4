"""The plain chain: retrieval, one prompt, the model."""

from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from tests.evaluation.conftest import small_corpus
from tests.fakes.model import ScriptedModel
from tunewise.evaluation.arms import MOST_TOKENS, ask_plainly
from tunewise.record import reply_from_json, reply_to_json


class ArticleRetriever(BaseRetriever):
    """Finds the passages of the small article, whatever is asked."""

    def _get_relevant_documents(self, query, *, run_manager):
        names = ("id", "collection", "document", "section", "start", "end")
        return [
            Document(id=each.id, page_content=each.text, metadata={name: getattr(each, name) for name in names})
            for each in small_corpus().passages[:2]
        ]


def asked(question: str, answer: str):
    model = ScriptedModel().enqueue(answer)
    return ask_plainly(question, ArticleRetriever(), model), model


def test_the_model_gets_the_passages_and_the_question_in_one_prompt():
    _, model = asked("800 images?", "Freeze them.")
    (prompt,) = model.prompts
    assert "[A1] # Small data" in prompt
    assert "[A2] # Speed" in prompt
    assert "Question: 800 images?" in prompt
    assert model.calls[0]["max_tokens"] == MOST_TOKENS


def test_what_the_model_writes_is_the_whole_answer():
    reply, _ = asked("800 images?", "Freeze them [A1], says [Z9].")
    assert (reply.kind, reply.recommendation, reply.verdict) == ("knowledge", None, None)
    assert reply.answer == "".join(sentence.text for sentence in reply.sentences)
    assert [sentence.by for sentence in reply.sentences] == ["model"]
    assert [citation.id for citation in reply.citations] == ["A1"]
    assert reply.timings_s["total"] >= reply.timings_s["model_first_sentence"] >= reply.timings_s["retrieval"]
    assert reply_from_json(reply_to_json(reply, fact_names=())) == reply


def test_an_empty_message_is_not_searched_for():
    _, model = asked("  ", "What do you mean?")
    assert "[A1]" not in model.prompts[0]
