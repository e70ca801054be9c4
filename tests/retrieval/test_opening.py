"""Opening the index: built when needed, reused when it fits, and what happens when it cannot be kept."""

import json
import shutil
from pathlib import Path

import pytest

from tests.fakes.embedder import WORDS
from tunewise.errors import CorpusError, IndexUnavailableError
from tunewise.retrieval import index_state, open_searcher
from tunewise.retrieval.corpus import corpus_root
from tunewise.retrieval.manifest import refresh
from tunewise.retrieval.store import GenerationStore
from tunewise.settings import Settings

QUESTION = "How does pruning reduce the model's size?"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A home with an index of the shipped corpus, made with the word embedder."""
    home = tmp_path_factory.mktemp("home")
    open_searcher(Settings(home=home), embedder=WORDS).close()
    return home


@pytest.fixture
def settings(built, tmp_path):
    return Settings(home=Path(shutil.copytree(built, tmp_path / "home")))


def generation(settings):
    return GenerationStore(settings.index_dir).current_name()


def test_a_second_opening_takes_the_index_as_it_is(settings):
    before = generation(settings)
    with open_searcher(settings, embedder=WORDS) as searcher:
        assert searcher.dense
        assert searcher.notice is None
        assert searcher.search(QUESTION, 1)[0].passage.section.endswith("Pruning")
    assert generation(settings) == before


def test_the_chroma_store_finds_what_exact_search_finds(settings):
    with (
        open_searcher(settings, embedder=WORDS) as exact,
        open_searcher(settings, embedder=WORDS, store="chroma") as ours,
    ):
        assert ours.uses_store
        assert not exact.uses_store
        for passage in exact.passages[::7]:
            found, expected = ([hit.passage.id for hit in each.search(passage.text, 4)] for each in (ours, exact))
            assert found == expected
        assert [hit.passage.id for hit in ours.search("LoRA", 3, {"notes"})] == [
            hit.passage.id for hit in exact.search("LoRA", 3, {"notes"})
        ]


def test_the_store_is_a_langchain_vector_store(settings):
    with open_searcher(settings, embedder=WORDS, store="chroma") as searcher:
        found = searcher.vector_store().similarity_search("Pruning removes less important connections", k=1)
        assert "Pruning" in found[0].page_content


def test_closing_removes_the_private_copy_and_leaves_the_generation_whole(settings):
    searcher = open_searcher(settings, embedder=WORDS, store="chroma")
    searcher.close()
    assert [path.name for path in settings.index_dir.iterdir() if path.name.startswith("run-")] == []
    assert GenerationStore(settings.index_dir).verified(generation(settings)) is not None
    assert searcher.search(QUESTION, 1)


def test_a_changed_corpus_is_indexed_anew_and_only_what_is_new_is_embedded(settings, tmp_path):
    root = Path(shutil.copytree(corpus_root(), tmp_path / "corpus"))
    note = root / "documents" / "notes" / "latency.md"
    note.write_text(note.read_text(encoding="utf-8") + "- Zebra: Zebras run fast (our remark).\n", encoding="utf-8")
    refresh(root)
    before, steps = generation(settings), []
    with open_searcher(
        settings, embedder=WORDS, corpus_root=root, progress=lambda *step: steps.append(step)
    ) as searcher:
        assert searcher.search("zebra", 1)[0].passage.document == "note-latency"
    assert generation(settings) != before
    assert steps == [("index: embedding", 1, 1)]


def test_without_weights_the_search_is_by_words_and_says_so(tmp_path):
    with open_searcher(Settings(home=tmp_path)) as searcher:
        assert not searcher.dense
        assert "tunewise models pull" in searcher.notice
        assert searcher.search(QUESTION, 1)[0].passage.section.endswith("Pruning")


def test_notes_are_left_out_if_the_settings_say_so_without_a_new_index(settings):
    before = generation(settings)
    with open_searcher(Settings(home=settings.home, notes=False), embedder=WORDS) as searcher:
        assert "notes" not in {hit.passage.collection for hit in searcher.search("VRAM for QLoRA", 50)}
    assert generation(settings) == before


def test_where_nothing_can_be_written_the_index_is_kept_in_memory(tmp_path):
    (tmp_path / "index").write_text("a file where the folder should be")
    with open_searcher(Settings(home=tmp_path), embedder=WORDS) as searcher:
        assert "in memory" in searcher.notice
        assert searcher.search(QUESTION, 1)[0].passage.section.endswith("Pruning")


def test_a_damaged_corpus_is_refused(settings, tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(CorpusError):
        open_searcher(settings, embedder=WORDS, corpus_root=tmp_path)


def test_the_state_of_an_index_is_one_line(tmp_path):
    settings = Settings(home=tmp_path)
    with pytest.raises(IndexUnavailableError, match="has not been built"):
        index_state(settings)
    open_searcher(settings).close()
    assert "words alone" in index_state(settings)
    manifest = settings.index_dir / generation(settings) / "manifest.json"
    manifest.write_text(json.dumps({}))
    with pytest.raises(IndexUnavailableError, match="is damaged"):
        index_state(settings)


def test_an_index_of_other_weights_is_said_to_be_stale(settings):
    with pytest.raises(IndexUnavailableError, match="other weights"):
        index_state(settings)
