"""Embeds texts by any sentence-transformers model on PyTorch, opened through LangChain; nothing is fetched here.

Importing torch and sentence-transformers takes seconds (about 5 on two cores), for much of which Python's lock is
held, so the model is loaded with its first text, and not before what is urgent has been shown.
"""

from __future__ import annotations

import hashlib
import json
import threading
from abc import abstractmethod
from functools import cached_property
from pathlib import Path

from langchain_core.embeddings import Embeddings

from tunewise.settings import Settings


class Embedder(Embeddings):
    """A LangChain embedding model that can tell whether an index was made by it."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Changes when the same text may get another vector."""


class LocalEmbeddings(Embedder):
    """The model in a folder. Loaded at first use; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Remember where the model is.

        Args:
            folder: A sentence-transformers model with safetensors weights.
        """
        self.folder = folder.absolute()
        self._guard = threading.Lock()  # over loading, and over the tokenizer, which takes one caller at a time
        self._model: Embeddings | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the folder's files; another one where the same text may get another vector. Reads all of them."""
        whole = hashlib.sha256()
        for path in sorted(path for path in self.folder.rglob("*") if path.is_file()):
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            whole.update(f"{path.relative_to(self.folder).as_posix()}\0{digest}\n".encode())
        return whole.hexdigest()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of length 1, one a text, each as wide as the model; a text is cut where the model's reading ends.

        Raises:
            OSError, ValueError: If the folder holds no model, or none with safetensors weights.
        """
        with self._guard:
            return self._loaded().embed_documents([_readable(text) for text in texts])

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question; see `embed_documents`."""
        with self._guard:
            return self._loaded().embed_query(_readable(text))

    def _loaded(self) -> Embeddings:
        if self._model is None:
            from langchain.embeddings import init_embeddings
            from transformers.utils.logging import disable_progress_bar

            disable_progress_bar()  # type: ignore[no-untyped-call]
            self._model = init_embeddings(
                f"huggingface:{self.folder}",
                model_kwargs={
                    "device": "cpu",
                    "local_files_only": True,
                    "trust_remote_code": False,
                    "model_kwargs": {"use_safetensors": True},  # pickled weights can run code
                },
                encode_kwargs={"normalize_embeddings": True},
                query_encode_kwargs={"normalize_embeddings": True, **_query_prompt(self.folder)},
            )
        return self._model


def open_embeddings(settings: Settings, name: str | None = None) -> LocalEmbeddings:
    """The embedding model of these settings, or another one by its name; not loaded yet.

    Raises:
        WeightsMissingError: If it has not been fetched; the message says how to.
        WeightsMismatchError: If pinned weights are not those that were pinned.
    """
    from tunewise.weights import locate_embedding

    return LocalEmbeddings(locate_embedding(name or settings.embedding, settings))


def _query_prompt(folder: Path) -> dict[str, str]:
    """Models that tell questions from passages say so in their configuration (E5, BGE)."""
    try:
        prompts = json.loads((folder / "config_sentence_transformers.json").read_text("utf-8")).get("prompts", {})
    except (OSError, ValueError):
        return {}
    return {"prompt_name": "query"} if prompts.get("query") else {}


def _readable(text: str) -> str:
    """The text without what no UTF-8 has: a lone surrogate makes the tokenizer fail."""
    return text.encode("utf-8", "replace").decode("utf-8")
