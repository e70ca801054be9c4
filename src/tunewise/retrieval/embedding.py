"""Embeds texts with all-MiniLM-L6-v2: quantised on ONNX Runtime for daily use, sentence-transformers as the reference.

A question must not wait for torch, so the weights are compiled once (`minilm`) and kept beside them, named by the
SHA-256 of what they were made from. `reference_embeddings` gives the same model through sentence-transformers as a
LangChain `Embeddings`; the tests hold both against each other.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from tunewise.errors import WeightsMismatchError
from tunewise.retrieval.minilm import COMPILER_VERSION
from tunewise.settings import Settings

if TYPE_CHECKING:
    from langchain_huggingface import HuggingFaceEmbeddings

Vectors = npt.NDArray[np.float32]
WIDTH = 384
MAX_TOKENS = 256  # the model's own limit (sentence_bert_config.json)
BATCH = 8  # measured fastest on two cores; larger batches pad more and share one activation scale among more texts


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their similarity."""

    @property
    def fingerprint(self) -> str:
        """Changes when the same text would get another vector."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, one row per text, shape (len(texts), width)."""


class OnnxEmbedder:
    """all-MiniLM-L6-v2, compiled and quantised; loaded at first use or by `warm_up`. Thread-safe."""

    def __init__(self, compiled: Path, tokenizer: Path, fingerprint: str, threads: int = 0) -> None:
        """Remember where the model is.

        Args:
            compiled: What `compiled_model` returned.
            tokenizer: `tokenizer.json` of the weights.
            fingerprint: SHA-256 that `compiled` was verified with.
            threads: CPU threads; 0 means one per physical core.
        """
        self.fingerprint = f"minilm-int8-{fingerprint[:16]}"
        self._compiled, self._tokenizer_path, self._threads = compiled, tokenizer, threads
        self._loading = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def warm_up(self) -> None:
        """Load the model in the background; not a daemon, as ending inside onnxruntime would abort the process."""
        threading.Thread(target=self._load, name="embedder").start()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, shape (len(texts), 384); a text is cut at 256 word pieces."""
        session, tokenizer = self._load()
        tokens = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
        vectors = np.empty((len(tokens), WIDTH), np.float32)
        for rows in _by_length(tokens):
            width = len(tokens[rows[0]])
            ids, mask = np.zeros((len(rows), width), np.int32), np.zeros((len(rows), width), np.int32)
            for row, index in enumerate(rows):
                ids[row, : len(tokens[index])] = tokens[index]
                mask[row, : len(tokens[index])] = 1
            vectors[rows] = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors

    def _load(self) -> tuple[Any, Any]:
        with self._loading:
            if self._loaded is None:
                import onnxruntime
                from tokenizers import Tokenizer

                options = onnxruntime.SessionOptions()  # type: ignore[attr-defined]
                options.intra_op_num_threads = self._threads
                options.log_severity_level = 3
                tokenizer = Tokenizer.from_file(str(self._tokenizer_path))
                tokenizer.enable_truncation(MAX_TOKENS)
                tokenizer.no_padding()
                providers = ["CPUExecutionProvider"]
                session = onnxruntime.InferenceSession(  # type: ignore[attr-defined]
                    str(self._compiled), options, providers=providers
                )
                self._loaded = session, tokenizer
            return self._loaded


def open_embedder(settings: Settings) -> OnnxEmbedder:
    """The embedding model of the settings' home folder; its first use compiles it (about a second).

    Raises:
        WeightsMissingError: If the weights have not been fetched.
        WeightsMismatchError: If they are not the pinned ones.
    """
    from tunewise import weights

    source = weights.locate(weights.EMBEDDING, settings)
    compiled, fingerprint = compiled_model(source, settings.models_dir / f"{source.name}-int8")
    return OnnxEmbedder(compiled, source / "tokenizer.json", fingerprint, settings.threads)


def compiled_model(source: Path, folder: Path) -> tuple[Path, str]:
    """Path and SHA-256 of the compiled graph of the weights in `source`; compiled into `folder` if it is not there.

    The folder's `compiled.json` records from which files (size, time) and by which version it was made, and its hash;
    a graph that differs from its hash is compiled again.
    """
    target, record_path = folder / "model.onnx", folder / "compiled.json"
    made_from = _made_from(source)
    try:
        record = json.loads(record_path.read_text(encoding="utf-8"))
        if record["made_from"] == made_from and _sha256(target) == record["sha256"]:
            return target, str(record["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not there, or damaged: compiled anew below
    return target, _compile(source, folder, made_from)


def reference_embeddings(settings: Settings) -> HuggingFaceEmbeddings:
    """The same weights through sentence-transformers in 32-bit floats, as a LangChain `Embeddings`. Imports torch.

    Raises:
        WeightsMissingError: If the weights have not been fetched.
    """
    from langchain_huggingface import HuggingFaceEmbeddings

    from tunewise import weights

    source = weights.locate(weights.EMBEDDING, settings)
    return HuggingFaceEmbeddings(
        model_name=str(source),
        model_kwargs={"device": "cpu", "local_files_only": True, "trust_remote_code": False},
        encode_kwargs={"normalize_embeddings": True},
    )


def _compile(source: Path, folder: Path, made_from: dict[str, Any]) -> str:
    from tunewise.retrieval.minilm import build_graph

    try:
        content = build_graph(source).SerializeToString()
    except (ValueError, KeyError) as error:
        raise WeightsMismatchError(
            f"The embedding weights in {str(source)!r} cannot be compiled ({error}). Run 'tunewise models pull'."
        ) from error
    record = {"made_from": made_from, "sha256": hashlib.sha256(content).hexdigest()}
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "model.onnx", content)
    _write(folder / "compiled.json", json.dumps(record, indent=1).encode())
    return str(record["sha256"])


def _made_from(source: Path) -> dict[str, Any]:
    files = {name: (source / name).stat() for name in ("config.json", "model.safetensors", "tokenizer.json")}
    stamps = {name: [stat.st_size, stat.st_mtime_ns] for name, stat in files.items()}
    return {"compiler": COMPILER_VERSION, "files": stamps}


def _by_length(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Positions of the texts in batches of like length, longest first."""
    order = sorted(range(len(tokens)), key=lambda index: -len(tokens[index]))
    for start in range(0, len(order), BATCH):
        yield order[start : start + BATCH]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(f".{os.getpid()}.part")
    partial.write_bytes(content)
    partial.replace(path)
