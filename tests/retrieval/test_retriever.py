"""The search as a LangChain retriever."""

from langchain_core.runnables import RunnableLambda

from tunewise.retrieval import CorpusRetriever, hits_of

QUESTION = "What does pruning remove?"


def test_documents_carry_what_a_citation_needs(searcher):
    found = CorpusRetriever(searcher=searcher, top_k=2).invoke(QUESTION)
    assert len(found) == 2
    document = found[0]
    text = searcher.corpus.documents[document.metadata["document"]].text
    assert text[document.metadata["start"] : document.metadata["end"]] == document.page_content
    assert document.id == document.metadata["id"]


def test_documents_become_the_hits_again_that_they_were(searcher):
    assert hits_of(searcher.as_retriever(3).invoke(QUESTION)) == searcher.search(QUESTION, 3)


def test_a_retriever_can_be_limited_to_collections(searcher):
    found = searcher.as_retriever(collections={"papers"}).invoke("LoRA")
    assert {document.metadata["collection"] for document in found} == {"papers"}


def test_a_retriever_stands_in_other_peoples_chains(searcher):
    chain = searcher.as_retriever(1) | RunnableLambda(lambda found: found[0].metadata["section"])
    assert chain.invoke(QUESTION).endswith("Pruning")
