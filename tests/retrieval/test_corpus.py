"""The corpus as shipped, and what happens when it is damaged."""

import json
import shutil
from pathlib import Path

import pytest

from tunewise.errors import CorpusError
from tunewise.retrieval.corpus import corpus_root, load_corpus
from tunewise.retrieval.manifest import front_matter, refresh

RULES = json.loads(Path(__file__).with_name("article_rules.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def corpus():
    return load_corpus()


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(corpus_root(), tmp_path / "corpus"))


def test_every_passage_is_exactly_its_span_of_the_document(corpus):
    for passage in corpus.passages:
        assert corpus.documents[passage.document].text[passage.start : passage.end] == passage.text


def test_passage_ids_are_unique_and_name_their_collection(corpus):
    assert len(corpus.by_id) == len(corpus.passages)
    assert {p.id[0] + p.collection for p in corpus.passages} == {"Aarticle", "Ppapers", "Nnotes", "Ppractice"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_every_normative_sentence_stands_in_exactly_one_passage_of_the_article(corpus, rule):
    assert sum(rule["quote"] in p.text for p in corpus.passages if p.document == "article") == 1


def test_the_passage_of_a_quote_is_found(corpus):
    passage = corpus.passage_of_quote("article", "Pruning involves removing less important connections")
    assert passage is not None
    assert passage.section.endswith("Limited Resources Scenarios / Pruning")


def test_a_quote_that_is_not_there_has_no_passage(corpus):
    assert corpus.passage_of_quote("article", "Pruning is always right") is None


def test_the_article_is_the_text_that_was_supplied(corpus):
    assert corpus.documents["article"].sha256 == "2b75ff177ca4b244a978af594f3546cc86c8eedbe2839a2f66648e69e10bef19"


def test_the_manifest_is_what_refreshing_it_would_write(copy):
    before = (copy / "manifest.json").read_text(encoding="utf-8")
    refresh(copy)
    assert (copy / "manifest.json").read_text(encoding="utf-8") == before


def test_each_paper_says_who_wrote_it_where_it_appeared_and_where_it_stands_in_the_article(corpus):
    for document in corpus.documents.values():
        if document.collection == "papers":
            fields = front_matter(document.text)
            assert {"title", "authors", "year", "venue", "arxiv_id", "licence", "article_location"} <= fields.keys()


def test_every_fact_in_the_notes_names_a_reference_of_its_document(corpus):
    for passage in corpus.passages:
        if passage.collection == "notes":
            named = [ref.split(":")[0] for ref in corpus.documents[passage.document].metadata["references"]]
            assert any(name in passage.text.rsplit("(", 1)[-1] for name in [*named, "our remark"]), passage.id


def test_notes_can_be_left_out(corpus):
    assert {p.collection for p in corpus.only({"article", "papers"}).passages} == {"article", "papers"}


def test_leaving_a_collection_out_gives_another_hash(corpus):
    assert corpus.only({"article"}).hash != corpus.hash


def test_a_changed_document_is_refused_by_name(copy):
    path = copy / "documents" / "papers" / "lora.md"
    path.chmod(0o644)
    path.write_text(path.read_text(encoding="utf-8") + "x", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"lora\.md"):
        load_corpus(copy)


def test_a_missing_document_is_refused_by_name(copy):
    (copy / "documents" / "papers" / "ewc.md").unlink()
    with pytest.raises(CorpusError, match=r"ewc\.md"):
        load_corpus(copy)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"documents": 3}', '{"documents": [1]}'])
def test_a_damaged_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError):
        load_corpus(tmp_path)


def test_a_prefix_that_is_used_twice_is_refused(copy):
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["documents"][1]["prefix"] = "A"
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(CorpusError, match="prefix 'A'"):
        load_corpus(copy)
