"""The index of meaning: built when needed, reused when it fits, and what happens when it cannot be kept."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.embedder import WORDS, WordEmbedder
from tunewise.errors import BusyError, CorpusError, IndexUnavailableError, WeightsError
from tunewise.retrieval import index_state, open_searcher
from tunewise.retrieval.corpus import corpus_root, load_corpus
from tunewise.retrieval.index import _built_aside, _own_folder, build_index, index_key, is_whole, open_chroma
from tunewise.retrieval.lexical import units_of
from tunewise.retrieval.manifest import refresh
from tunewise.settings import Settings

QUESTION = "How does pruning reduce the model's size?"


class OtherEmbedder(WordEmbedder):
    fingerprint = "other words"


@pytest.fixture
def settings(home, tmp_path):
    copy = shutil.copytree(home, tmp_path / "home", ignore=shutil.ignore_patterns("run-*"))
    return Settings(home=Path(copy))


def indexes(settings):
    return sorted(path.name for path in settings.index_dir.iterdir() if is_whole(path))


def modified(settings):
    (name,) = indexes(settings)
    return (settings.index_dir / name).stat().st_mtime_ns


def vectors(folder, copy):
    """The vectors in an index by text; read from a copy, as Chroma writes."""
    store = open_chroma(Path(shutil.copytree(folder, copy)) / "chroma", None)
    held = store.get(include=["documents", "embeddings"])
    store._client.close()
    return dict(zip(held["documents"], held["embeddings"], strict=True))


def finds(searcher):
    return searcher.search(QUESTION, 1)[0].passage.section.endswith("Pruning")


def test_a_second_opening_takes_the_index_as_it_is(settings):
    before = modified(settings)
    with open_searcher(settings, embedder=WORDS) as searcher:
        assert finds(searcher)
        assert searcher.notice is None
    assert modified(settings) == before


def test_the_store_finds_what_exact_search_finds(searcher, corpus):
    units = units_of(corpus.passages)
    vectors = np.array(WORDS.embed_documents([unit.text for unit in units]))
    store = searcher.warm_up().result()
    for passage in corpus.passages[::7]:
        cosines = vectors @ np.array(WORDS.embed_query(passage.text))
        found = store.search(passage.text, 10)
        assert [cosine for _, cosine in found] == pytest.approx(np.sort(cosines)[::-1][:10], abs=1e-3)
        assert found[0][0] == corpus.passages[units[int(np.argmax(cosines))].owner].id


def test_the_store_is_a_langchain_vector_store(searcher):
    store = searcher.warm_up().result().store
    (found,) = store.similarity_search("Pruning removes less important connections", k=1)
    assert "Pruning" in found.page_content
    assert found.metadata.keys() == {"passage", "collection", "document", "section"}


def test_closing_removes_the_private_copy_and_leaves_the_index_whole(settings):
    before = indexes(settings)
    searcher = open_searcher(settings, embedder=WORDS)
    assert finds(searcher)
    searcher.close()
    assert not list(settings.index_dir.glob("run-*"))
    assert indexes(settings) == before


def test_closing_while_it_opens_removes_the_private_copy_too(settings):
    searcher = open_searcher(settings, embedder=WORDS)
    opening = searcher.warm_up()
    searcher.close()
    opening.exception()
    searcher.close()
    assert not list(settings.index_dir.glob("run-*"))


@pytest.fixture
def changed_root(tmp_path):
    """The folder of a corpus with one sentence more."""
    root = Path(shutil.copytree(corpus_root(), tmp_path / "corpus"))
    note = root / "documents" / "notes" / "latency.md"
    note.write_text(note.read_text(encoding="utf-8") + "- Zebra: Zebras run fast (our remark).\n", encoding="utf-8")
    refresh(root)
    return root


@pytest.fixture
def changed(changed_root):
    return load_corpus(changed_root)


def test_a_changed_corpus_gets_an_index_of_its_own_and_the_old_one_goes(settings, changed_root):
    before, steps = indexes(settings), []
    with open_searcher(
        settings, embedder=WORDS, corpus_root=changed_root, progress=lambda *step: steps.append(step)
    ) as other:
        assert other.search("zebra", 1)[0].passage.document == "note-latency"
    assert len(indexes(settings)) == 1
    assert indexes(settings) != before
    assert steps[-1][0] == "index: embedding"
    assert steps[-1][1] == steps[-1][2]


def test_a_changed_corpus_has_only_its_new_sentences_embedded(settings, changed, tmp_path):
    embedder = WordEmbedder()
    folder = build_index(settings.index_dir, changed, embedder)
    assert embedder.embedded
    assert all("Zebra" in text for text in embedder.embedded)
    from_nothing = build_index(tmp_path / "new", changed, WORDS)
    kept, made = vectors(folder, tmp_path / "kept"), vectors(from_nothing, tmp_path / "made")
    assert kept.keys() == made.keys()
    assert np.allclose([kept[text] for text in made], list(made.values()), atol=1e-6)


def test_an_index_that_is_wanted_anew_is_embedded_anew(settings, corpus):
    embedder = WordEmbedder()
    build_index(settings.index_dir, corpus, embedder)
    assert len(embedder.embedded) == len(units_of(corpus.passages))


@pytest.mark.parametrize("damage", ["maker", "chroma/chroma.sqlite3", "manifest.json"])
def test_an_index_that_cannot_be_read_lends_nothing_and_goes(settings, changed, damage):
    (name,) = indexes(settings)
    (settings.index_dir / name / damage).write_bytes(b"\xff\x00 damaged")
    embedder = WordEmbedder()
    build_index(settings.index_dir, changed, embedder)
    assert len(embedder.embedded) == len(units_of(changed.passages))
    assert name not in indexes(settings)
    assert len(indexes(settings)) == 1


def test_the_copy_of_a_process_neither_lends_nor_goes_though_its_name_is_as_long_as_a_key(settings, changed):
    (name,) = indexes(settings)
    copy = settings.index_dir / f"run-{os.getpid()}-".ljust(16, "0")
    shutil.copytree(settings.index_dir / name, copy)
    shutil.rmtree(settings.index_dir / name)
    embedder = WordEmbedder()
    build_index(settings.index_dir, changed, embedder)
    assert len(embedder.embedded) == len(units_of(changed.passages))
    assert copy.is_dir()


def test_another_embedding_model_gets_an_index_of_its_own(settings):
    before = indexes(settings)
    with open_searcher(settings, embedder=(embedder := OtherEmbedder())) as searcher:
        assert finds(searcher)
        assert searcher.notice is None
        assert len(embedder.embedded) >= len(units_of(searcher.corpus.passages))
    assert len(indexes(settings)) == 1
    assert indexes(settings) != before


def test_what_the_first_edition_left_is_removed_by_the_next_build(settings, corpus):
    (settings.index_dir / "gen-0123456789abcdef").mkdir()
    (settings.index_dir / "CURRENT").write_text("gen-0123456789abcdef\n")
    build_index(settings.index_dir, corpus, WORDS)
    assert {path.name for path in settings.index_dir.iterdir()} == {*indexes(settings), "writer.lock"}


def test_without_weights_the_search_is_by_words_and_says_so(tmp_path):
    with open_searcher(Settings(home=tmp_path)) as searcher:
        assert finds(searcher)
        assert "tunewise models pull" in searcher.notice


def test_where_nothing_can_be_written_words_answer_and_it_is_said(tmp_path):
    (tmp_path / "index").write_text("a file where the folder should be")
    with open_searcher(Settings(home=tmp_path), embedder=WORDS) as searcher:
        assert finds(searcher)
        assert "Make room or set TUNEWISE_HOME" in searcher.notice


def test_a_damaged_corpus_is_refused(settings, tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(CorpusError):
        open_searcher(settings, embedder=WORDS, corpus_root=tmp_path)


def test_a_second_writer_is_refused_with_the_pid(tmp_path, corpus):
    with _built_aside(tmp_path), pytest.raises(BusyError, match=str(os.getpid())):
        build_index(tmp_path, corpus, WORDS)
    build_index(tmp_path, corpus, WORDS)


def test_what_a_dead_process_left_is_swept_and_what_a_live_one_uses_is_not(tmp_path):
    dead, alive = tmp_path / "build-4194303999-aa", tmp_path / f"run-{os.getpid()}-aa"
    for folder in (dead, alive):
        folder.mkdir()
    _own_folder(tmp_path, "run")
    assert not dead.exists()
    assert alive.exists()


def test_a_file_that_is_a_link_elsewhere_is_damage(settings, tmp_path):
    (index,) = (settings.index_dir / name for name in indexes(settings))
    database = index / "chroma" / "chroma.sqlite3"
    database.rename(tmp_path / "elsewhere")
    database.symlink_to(tmp_path / "elsewhere")
    assert not is_whole(index)


def test_the_state_of_an_index_is_one_line(tmp_path, corpus):
    model = tmp_path / "model"
    model.mkdir()
    (model / "modules.json").write_text("[]")
    settings = Settings(home=tmp_path, embedding=str(model))
    with pytest.raises(IndexUnavailableError, match="has not been built"):
        index_state(settings)

    class Stand(WordEmbedder):
        from tunewise.retrieval.embedding import LocalEmbeddings

        fingerprint = LocalEmbeddings(model).fingerprint

    built = build_index(settings.index_dir, corpus, Stand())
    assert built.name == index_key(corpus, Stand.fingerprint)
    assert f"{len(corpus.passages)} passages, searched by meaning" in index_state(settings)
    (built / "manifest.json").write_text("{}")
    with pytest.raises(IndexUnavailableError, match="is damaged"):
        index_state(settings)


def test_without_an_embedding_model_the_state_says_what_is_missing(tmp_path):
    with pytest.raises(WeightsError, match="tunewise models pull"):
        index_state(Settings(home=tmp_path))
