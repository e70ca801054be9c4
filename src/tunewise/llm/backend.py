"""llama.cpp through its C interface: one model, one context, several sequences that share key/value cells.

Only this module knows llama_cpp. Not thread-safe: one thread owns a `Backend` (see `worker`).
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tunewise.errors import ModelError, WeightsMissingError

if TYPE_CHECKING:
    from types import ModuleType

_LOG = logging.getLogger(__name__)

SEQUENCES = 6
MAX_BATCH = 512
_FLASH_ATTENTION = 1
# How long a llama.cpp thread spins before it sleeps where the next operation waits for the other threads. The default,
# about 7 ms, costs nothing on an idle machine, but where a browser wants the cores as well a step took 100 to 900 ms
# instead of 70 (measured with 135 M weights); with 3000 an idle machine is as fast (36 to 38 ms with 1.5 B weights).
_SPIN_COUNT = "3000"
_log_callback: Any = None
_log_tail: list[str] = []


class Backend:
    """A loaded GGUF file with its context; tokens in, logits out, key/value states in and out.

    Attributes:
        n_vocab: Number of tokens in the vocabulary.
        n_context: Number of key/value cells, shared by all sequences.
        can_splice: Whether states of text can be moved to other positions (not with sliding-window attention).
        identity: Short hash of everything that stored states depend on: weights, llama.cpp version, cache layout.
    """

    def __init__(self, path: Path, *, n_context: int, threads: int = 0) -> None:
        """Load weights and make the context.

        Raises:
            WeightsMissingError: If there is no file at `path`.
            ModelError: If llama.cpp cannot load the file (whose header `weights.locate` checks), or memory is short.
        """
        if not path.is_file():
            raise WeightsMissingError(
                f"No weights at {str(path)!r}. Run 'tunewise models pull', or set TUNEWISE_MODEL to a .gguf file."
            )
        self._lib = lib = _library()
        self._model = lib.llama_model_load_from_file(os.fsencode(path), lib.llama_model_default_params())
        if not self._model:
            raise ModelError(
                f"llama.cpp cannot load {str(path)!r}: {_reason()} Fetch it again with 'tunewise models pull'."
            )
        self._vocab = lib.llama_model_get_vocab(self._model)
        self._context = lib.llama_init_from_model(self._model, _context_params(lib, n_context, threads))
        if not self._context:
            lib.llama_model_free(self._model)
            raise ModelError(
                f"No room for a context of {n_context} tokens: {_reason()} Set TUNEWISE_CONTEXT_TOKENS lower."
            )
        self._memory = lib.llama_get_memory(self._context)
        self.n_vocab = int(lib.llama_vocab_n_tokens(self._vocab))
        self.n_context = int(lib.llama_n_ctx(self._context))
        self.can_splice = bool(lib.llama_memory_can_shift(self._memory)) and not lib.llama_model_n_swa(self._model)
        self.identity = _identity(path, lib)
        self._batch = _Batch(lib)
        self._pieces: dict[int, bytes] = {}
        self._piece_buffer = ctypes.create_string_buffer(512)

    def close(self) -> None:
        """Free context and weights; the object cannot be used afterwards."""
        if self._context:
            self._lib.llama_free(self._context)
            self._lib.llama_model_free(self._model)
            self._context = self._model = None

    @property
    def bos(self) -> list[int]:
        """The token that opens every prompt, if this vocabulary wants one."""
        wanted = self._lib.llama_vocab_get_add_bos(self._vocab)
        return [int(self._lib.llama_vocab_bos(self._vocab))] if wanted else []

    def metadata(self, key: str) -> str:
        """A text value of the file's metadata, "" if it has none."""
        buffer = ctypes.create_string_buffer(65536)
        length = self._lib.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if length > 0 else ""

    def tokenize(self, text: str, *, control: bool = False) -> list[int]:
        """Tokens of a text; only with `control` are words such as `<|im_start|>` read as control tokens."""
        raw = text.encode("utf-8", "replace")
        tokens = (ctypes.c_int32 * (len(raw) + 8))()
        count = self._lib.llama_tokenize(self._vocab, raw, len(raw), tokens, len(tokens), False, control)
        if count < 0:
            raise ModelError(f"A text of {len(raw)} bytes could not be tokenised.")
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        """The bytes of a token as they appear in text; control tokens have none."""
        if (known := self._pieces.get(token)) is None:
            length = self._lib.llama_token_to_piece(self._vocab, token, self._piece_buffer, 512, 0, False)
            known = self._pieces[token] = self._piece_buffer.raw[: max(length, 0)]
        return known

    def is_end(self, token: int) -> bool:
        """Whether a token ends the answer."""
        return bool(self._lib.llama_vocab_is_eog(self._vocab, token))

    def decode(self, tokens: Sequence[int], position: int, sequence: int = 0, *, outputs: int = 1) -> None:
        """Run tokens at `position`.. of a sequence.

        Args:
            tokens: At most MAX_BATCH tokens.
            position: Position of the first token.
            sequence: Sequence that the tokens join.
            outputs: For how many of the last tokens logits are wanted.

        Raises:
            ModelError: If the cells are used up or the computation failed.
        """
        self._batch.fill(tokens, position, sequence, outputs)
        self._run()

    def _run(self) -> None:
        code = self._lib.llama_decode(self._context, self._batch.struct)
        if code == 1:
            raise ModelError(
                f"The prompt does not fit into {self.n_context} tokens. Set TUNEWISE_CONTEXT_TOKENS higher."
            )
        if code != 0:
            raise ModelError(f"llama.cpp could not run a batch of {self._batch.struct.n_tokens} tokens (code {code}).")

    def logits(self, index: int = -1) -> npt.NDArray[np.float32]:
        """Logits behind a token of the last batch; a view, gone with the next batch.

        Args:
            index: Place of the token in the batch; negative counts back from the last token that had an output.
        """
        pointer = self._lib.llama_get_logits_ith(self._context, index)
        return np.ctypeslib.as_array(pointer, (self.n_vocab,))

    def copy(self, source: int, target: int, start: int = -1, end: int = -1) -> None:
        """Let `target` share the cells of `source` at positions start..end (-1: all)."""
        self._lib.llama_memory_seq_cp(self._memory, source, target, start, end)

    def remove(self, sequence: int, start: int = -1, end: int = -1) -> None:
        """Take positions start..end (-1: open) out of a sequence."""
        self._lib.llama_memory_seq_rm(self._memory, sequence, start, end)

    def shift(self, sequence: int, by: int) -> None:
        """Move a whole sequence by `by` positions; llama.cpp turns the keys with the next batch."""
        self._lib.llama_memory_seq_add(self._memory, sequence, -1, -1, by)

    def clear(self) -> None:
        """Forget every sequence."""
        self._lib.llama_memory_clear(self._memory, False)

    def save_state(self, sequence: int) -> npt.NDArray[np.uint8]:
        """Keys and values of a sequence as bytes."""
        size = self._lib.llama_state_seq_get_size(self._context, sequence)
        state = np.empty(size, np.uint8)
        pointer = state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        written = self._lib.llama_state_seq_get_data(self._context, pointer, size, sequence)
        if written != size:
            raise ModelError("llama.cpp could not save the state of a passage.")
        return state

    def load_state(self, sequence: int, state: npt.NDArray[np.uint8]) -> bool:
        """Give a sequence the keys and values of `state`; False if llama.cpp refuses them."""
        pointer = state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        return bool(self._lib.llama_state_seq_set_data(self._context, pointer, state.size, sequence) == state.size)


class _Batch:
    """A llama_batch over arrays that are filled at once; every token has one sequence."""

    def __init__(self, lib: ModuleType) -> None:
        self._token = np.zeros(MAX_BATCH, np.int32)
        self._position = np.zeros(MAX_BATCH, np.int32)
        self._n_sequences = np.ones(MAX_BATCH, np.int32)
        self._output = np.zeros(MAX_BATCH, np.int8)
        self._sequence = np.zeros(MAX_BATCH, np.int32)
        self._sequence_address = self._sequence.ctypes.data + np.arange(MAX_BATCH, dtype=np.uint64) * 4
        self.struct = lib.llama_batch()
        for name, array in (
            ("token", self._token),
            ("pos", self._position),
            ("n_seq_id", self._n_sequences),
            ("seq_id", self._sequence_address),
            ("logits", self._output),
        ):
            kind = dict(lib.llama_batch._fields_)[name]
            setattr(self.struct, name, ctypes.cast(array.ctypes.data, kind))

    def fill(self, tokens: Sequence[int], position: int, sequence: int, outputs: int) -> None:
        count = len(tokens)
        self._token[:count] = tokens
        self._position[:count] = np.arange(position, position + count)
        self._sequence[:count] = sequence
        self._output[:count] = 0
        self._output[count - outputs : count] = 1
        self.struct.n_tokens = count


def _identity(path: Path, lib: ModuleType) -> str:
    """Hash of the file's size and samples of its content (reading 1 GB at every start would take a second)."""
    from importlib.metadata import version

    size = path.stat().st_size
    digest = hashlib.sha256(f"{size} {version('llama-cpp-python')} f16 flash {_FLASH_ATTENTION}".encode())
    with path.open("rb") as stream:
        digest.update(stream.read(1 << 20))
        for step in range(1, 33):
            stream.seek(size * step // 33)
            digest.update(stream.read(4096))
    return digest.hexdigest()[:16]


def _context_params(lib: ModuleType, n_context: int, threads: int) -> Any:
    params = lib.llama_context_default_params()
    params.n_ctx, params.n_batch, params.n_ubatch = n_context, MAX_BATCH, MAX_BATCH
    params.n_threads = params.n_threads_batch = threads or physical_cores()
    params.n_seq_max, params.kv_unified = SEQUENCES, True
    params.flash_attn_type = _FLASH_ATTENTION
    params.no_perf = True
    return params


def physical_cores() -> int:
    """Cores that this process may use; two threads on one core slow each other down."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    physical: int | None = psutil.cpu_count(logical=False)  # type: ignore[no-untyped-call]
    return max(1, min(physical or allowed, allowed))


def _library() -> ModuleType:
    """llama_cpp's bindings, with its log going to ours."""
    global _log_callback
    os.environ.setdefault("GOMP_SPINCOUNT", _SPIN_COUNT)
    from llama_cpp import llama_cpp as lib

    if _log_callback is None:
        _log_callback = lib.llama_log_callback(_take_log)
        lib.llama_log_set(_log_callback, ctypes.c_void_p(0))
        lib.llama_backend_init()
    return lib


def _take_log(level: int, text: bytes, _: object) -> None:
    line = text.decode("utf-8", "replace").strip()
    if level >= 3 and line.strip("."):
        _log_tail[:] = [*_log_tail[-4:], line]
        _LOG.debug("llama.cpp: %s", line)


def _reason() -> str:
    known = "; ".join(line for line in _log_tail if "fail" in line or "error" in line or "invalid" in line)
    return (known or "it gave no reason") + "."
