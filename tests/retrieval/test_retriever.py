"""The search as a LangChain retriever."""

from tunewise.retrieval import CorpusRetriever


def test_documents_carry_what_a_citation_needs(searcher):
    found = CorpusRetriever(searcher=searcher, top_k=2).invoke("What does pruning remove?")
    assert len(found) == 2
    document = found[0]
    text = searcher.document_text(document.metadata["document"])
    assert text[document.metadata["start"] : document.metadata["end"]] == document.page_content
    assert document.id == document.metadata["id"]


def test_a_retriever_can_be_limited_to_collections(searcher):
    found = CorpusRetriever(searcher=searcher, collections=("papers",)).invoke("LoRA")
    assert {document.metadata["collection"] for document in found} == {"papers"}
