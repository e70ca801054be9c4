"""The corpus as shipped: its documents, verified against the manifest, and their passages.

The article, abstracts and notes on literature are Markdown, cut at paragraphs; practice notes are YAML, cut at answers.

Reads nothing but the manifest and the documents; no index, no model. Passage ids are stable across runs: the
document's prefix and a running number ("A12", "P-lora-1", "N-memory-3").
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tunewise.errors import CorpusError
from tunewise.retrieval.chunking import CHUNKER_VERSION, chunk_markdown
from tunewise.retrieval.practice import Note, read_notes
from tunewise.types import PRACTICE, Passage

ARTICLE, PAPERS, NOTES = "article", "papers", "notes"


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the corpus. `text` is the file as shipped; passages give offsets into it.

    `metadata` holds what the manifest says besides (authors, year, venue, arxiv_id, licence, article_location, …).
    """

    id: str
    collection: str
    prefix: str
    title: str
    sha256: str
    text: str
    metadata: Mapping[str, object]


@dataclass(frozen=True)
class Corpus:
    """Documents in the order of the manifest, and the passages of all of them."""

    documents: Mapping[str, Document]
    passages: tuple[Passage, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Passage]:
        """Passages by their id."""
        return {passage.id: passage for passage in self.passages}

    @cached_property
    def notes(self) -> Mapping[str, Note]:
        """Practice notes by their id, which is that of their passage."""
        practice = (doc for doc in self.documents.values() if doc.collection == PRACTICE)
        return {note.id: note for doc in practice for note in read_notes(doc.text, doc.id)}

    @cached_property
    def hash(self) -> str:
        """Hash of everything that an index is built from: the documents and how they are cut."""
        parts = [
            f"{doc.id}\0{doc.collection}\0{doc.prefix}\0{doc.title}\0{doc.sha256}" for doc in self.documents.values()
        ]
        return hashlib.sha256("\n".join([f"chunker {CHUNKER_VERSION}", *parts]).encode()).hexdigest()

    def only(self, collections: Collection[str]) -> Corpus:
        """This corpus without the documents of other collections."""
        documents = {id_: doc for id_, doc in self.documents.items() if doc.collection in collections}
        return Corpus(documents, tuple(p for p in self.passages if p.collection in collections))

    def passage_of_quote(self, document: str, quote: str) -> Passage | None:
        """The passage of `document` that contains `quote` literally; None if there is none."""
        return next((p for p in self.passages if p.document == document and quote in p.text), None)


def corpus_root() -> Path:
    """Folder of the corpus that ships with the package."""
    from importlib.resources import files

    return Path(str(files("tunewise").joinpath("corpus")))


def load_corpus(root: Path | None = None) -> Corpus:
    """Load and verify the corpus.

    Args:
        root: Folder with `manifest.json`; the shipped corpus if None.

    Raises:
        CorpusError: If the manifest or a document is missing, damaged, or differs from its hash.
    """
    root = root or corpus_root()
    documents = [_load_document(root, entry) for entry in read_manifest(root)["documents"]]
    _refuse_doubles(root, documents)
    return Corpus({doc.id: doc for doc in documents}, tuple(p for doc in documents for p in cut(doc)))


def cut(document: Document) -> Iterable[Passage]:
    """The passages of one document, numbered from 1; practice notes have ids of their own."""
    if document.collection == PRACTICE:
        yield from _answers(document)
        return
    separator = "" if document.prefix == "A" else "-"
    for number, chunk in enumerate(chunk_markdown(document.text), start=1):
        yield Passage(
            id=f"{document.prefix}{separator}{number}",
            collection=document.collection,
            document=document.id,
            title=document.title,
            section=chunk.section,
            start=chunk.start,
            end=chunk.end,
            text=chunk.text,
        )


def _answers(document: Document) -> Iterable[Passage]:
    for note in read_notes(document.text, document.id):
        yield Passage(
            id=note.id,
            collection=document.collection,
            document=document.id,
            title=document.title,
            section=note.asks[0],
            start=note.answer.start,
            end=note.answer.end,
            text=note.answer.text,
            asks=note.asks,
            heard=note.heard,
        )


def read_manifest(root: Path) -> dict[str, Any]:
    """The manifest as JSON.

    Raises:
        CorpusError: If it is missing or no JSON object with a list of "documents".
    """
    path = root / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorpusError(f"The corpus manifest {str(path)!r} cannot be read ({error}). Reinstall Tunewise.") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("documents"), list):
        raise CorpusError(f"The corpus manifest {str(path)!r} has no list of 'documents'. Reinstall Tunewise.")
    return manifest


def _load_document(root: Path, entry: Mapping[str, object]) -> Document:
    try:
        path = root / str(entry["path"])
        content = path.read_bytes()
        own = {field: str(entry[field]) for field in ("id", "collection", "prefix", "title", "sha256")}
        metadata = {key: value for key, value in entry.items() if key not in {"id", "path", "prefix", "sha256"}}
        document = Document(**own, text=content.decode("utf-8"), metadata=metadata)
    except (OSError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise CorpusError(f"{root}: document {entry!r} cannot be read ({error!r}). Reinstall Tunewise.") from error
    found = hashlib.sha256(content).hexdigest()
    if found != document.sha256:
        raise CorpusError(
            f"{str(path)!r} is not the document of the manifest (sha256 {found[:12]}, not {document.sha256[:12]}). "
            "Restore it, or run 'python -m tunewise.retrieval.manifest' if the change is meant."
        )
    return document


def _refuse_doubles(root: Path, documents: list[Document]) -> None:
    for field in ("id", "prefix"):
        values = [getattr(document, field) for document in documents]
        doubles = sorted({value for value in values if values.count(value) > 1})
        if doubles:
            raise CorpusError(f"{root / 'manifest.json'}: {field} {doubles[0]!r} is used twice. Rename one.")
