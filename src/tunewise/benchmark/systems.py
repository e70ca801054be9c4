"""The systems that are compared. Each answers {"op": ...} requests in a process of its own (see `child`)."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from tunewise.settings import Settings

Json = dict[str, Any]
CONTEXT = 4096


class System(Protocol):
    """Answers requests of the benchmark."""

    def answer(self, request: Json) -> Json:
        """Do what `request["op"]` names and return what was measured."""
        ...


class Timed:
    """First piece, end and text of a stream."""

    def __init__(self, pieces: Callable[[], Iterator[str]]) -> None:
        started = time.perf_counter()
        self.first_s = 0.0
        texts: list[str] = []
        for piece in pieces():
            if piece and not self.first_s:
                self.first_s = time.perf_counter() - started
            texts.append(piece)
        self.total_s = time.perf_counter() - started
        self.text = "".join(texts)

    def to_json(self) -> Json:
        """For the benchmark's details."""
        return {"first_token_s": self.first_s, "total_s": self.total_s, "text": self.text}


def open_llama(settings: Settings) -> Any:
    """llama-cpp-python's own object, as its documentation shows."""
    from llama_cpp import Llama

    from tunewise.llm.backend import physical_cores
    from tunewise.weights import locate

    path, threads = str(locate(settings.model, settings)), settings.threads or physical_cores()
    return Llama(model_path=path, n_ctx=CONTEXT, n_threads=threads, verbose=False)


class TunewiseModel:
    """The local model as the advisor uses it: through LangChain, with stored states."""

    def __init__(self, settings: Settings) -> None:
        from tunewise.llm.local import LocalChatModel

        self._model = LocalChatModel.from_settings(settings)

    def answer(self, request: Json) -> Json:
        """`states` builds the states of passages; `write` answers a prompt; both take `system` and `passages`."""
        from tunewise.llm.chat import PassageText, Prompt, to_messages

        passages = tuple(PassageText(*passage) for passage in request["passages"])
        if request["op"] == "states":
            return {"built": self._model.build_states(request["system"], passages)}
        prompt = Prompt(request["system"], passages, request["tail"])
        options = {"max_tokens": request["max_tokens"], "exact": bool(request.get("exact"))}
        options["drafting"] = bool(request.get("drafting", True))
        timed = Timed(lambda: (str(chunk.text) for chunk in self._model.stream(to_messages(prompt), **options)))
        stats = self._model.stats
        assert stats is not None
        tokens = self._model.prompt_tokens(prompt)
        return timed.to_json() | {
            "tokens": stats.tokens,
            "decode_s": stats.decode_s,
            "drafted": stats.drafted,
            "accepted": stats.accepted,
            "computed": stats.computed,
            "prompt": tokens.all,
            "tail": list(tokens.tail),
        }


class PlainChain:
    """A LangChain chain on llama-cpp-python's own chat completion, as its documentation shows."""

    def __init__(self, settings: Settings) -> None:
        from langchain_core.output_parsers import StrOutputParser
        from langchain_core.prompts import ChatPromptTemplate

        llama = open_llama(settings)

        def complete(prompts: Iterator[Any]) -> Iterator[str]:
            roles = {"system": "system", "human": "user"}
            for prompt in prompts:
                messages = [{"role": roles[m.type], "content": m.content} for m in prompt.to_messages()]
                options = {"max_tokens": self._max_tokens, "temperature": 0.0, "stream": True}
                for chunk in llama.create_chat_completion(messages, **options):
                    yield chunk["choices"][0]["delta"].get("content") or ""

        self._max_tokens = 1
        template = ChatPromptTemplate([("system", "{system}"), ("human", "Passages:\n{context}{question}")])
        self._chain = template | complete | StrOutputParser()

    def answer(self, request: Json) -> Json:
        """`write` answers a prompt."""
        self._max_tokens = request["max_tokens"]
        context = "".join(f"[{id_}] {text}\n\n" for id_, text in request["passages"])
        values = {"system": request["system"], "context": context, "question": request["tail"]}
        return Timed(lambda: self._chain.stream(values)).to_json()


class BareLlama:
    """llama.cpp's own functions and nothing else: decode a prompt, then one token after the other, greedily."""

    def __init__(self, settings: Settings) -> None:
        from llama_cpp import llama_cpp as lib

        from tunewise.llm.backend import physical_cores
        from tunewise.weights import locate

        self._lib = lib
        self._silence = lib.llama_log_callback(lambda *_: None)
        lib.llama_log_set(self._silence, ctypes.c_void_p(0))
        lib.llama_backend_init()
        path = str(locate(settings.model, settings)).encode()
        self._model = lib.llama_model_load_from_file(path, lib.llama_model_default_params())
        params = lib.llama_context_default_params()
        params.n_ctx, params.n_batch = CONTEXT, CONTEXT
        params.n_threads = params.n_threads_batch = settings.threads or physical_cores()
        self._context = lib.llama_init_from_model(self._model, params)
        self._vocab = lib.llama_model_get_vocab(self._model)
        self._sampler = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        lib.llama_sampler_chain_add(self._sampler, lib.llama_sampler_init_greedy())

    def answer(self, request: Json) -> Json:
        """`write` computes `tokens` and writes up to `max_tokens`; with one token it is the floor."""
        self._lib.llama_memory_clear(self._lib.llama_get_memory(self._context), True)
        started = time.perf_counter()
        token = self._step(request["tokens"])
        first_s = time.perf_counter() - started
        written = 1
        while written < request["max_tokens"] and not self._lib.llama_vocab_is_eog(self._vocab, token):
            token = self._step([token])
            written += 1
        return {"first_token_s": first_s, "decode_s": time.perf_counter() - started - first_s, "tokens": written}

    def _step(self, tokens: list[int]) -> int:
        array = (self._lib.llama_token * len(tokens))(*tokens)
        if self._lib.llama_decode(self._context, self._lib.llama_batch_get_one(array, len(tokens))) != 0:
            raise RuntimeError("llama_decode failed")
        return int(self._lib.llama_sampler_sample(self._sampler, self._context, -1))


class WholeAdvisor:
    """The advisor, opened once; times each event of a turn."""

    def __init__(self, settings: Settings) -> None:
        from tunewise.advisor import Advisor

        self._advisor = Advisor.open(settings)

    def answer(self, request: Json) -> Json:
        """`turn` answers `question`, up to the event that `until` names; `search` finds passages."""
        if request["op"] == "search":
            hits = self._advisor.searcher.search(request["question"], request["top_k"])
            return {"passages": [[hit.passage.id, hit.passage.text] for hit in hits]}
        import threading

        cancel = threading.Event()
        seconds: Json = {}
        started = time.perf_counter()
        events = self._advisor.stream(request["question"], cancel=cancel)
        for event in events:
            name = type(event).__name__
            seconds.setdefault(name, time.perf_counter() - started)
            if name == "Finished":
                seconds["timings_s"] = dict(event.reply.timings_s)  # type: ignore[union-attr]
            if name == request.get("until"):
                break
        cancel.set()
        events.close()  # type: ignore[attr-defined]
        return seconds


SYSTEMS: dict[str, Callable[[Settings], System]] = {
    "tunewise": TunewiseModel,
    "chain": PlainChain,
    "bare": BareLlama,
    "advisor": WholeAdvisor,
}
