"""The systems that are compared. Each opens as a function that takes a request and returns what it measured.

A system runs in a process of its own (`started`): memory is its own, and runs can take turns. `python -m
tunewise.benchmark.systems tunewise|bare QUESTION` is a cold start up to the first token: both load the same file;
Tunewise finds passages, loads their states and reads the whole prompt, bare llama.cpp answers the question alone.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from typing import Any

from tunewise.errors import TunewiseError
from tunewise.settings import Settings

Json = dict[str, Any]
Answer = Callable[[Json], Json]
Ask = Callable[..., Json]
CONTEXT = 4096


class BenchmarkError(TunewiseError):
    """A part of the benchmark could not be run."""


@contextmanager
def started(name: str, settings: Settings) -> Iterator[Ask]:
    """A system in another process, which loads what it needs with the first request and ends with the block.

    Yields:
        What asks it: keyword arguments are the request; it gives what the system measured, and `peak_mb`, the most
        memory that its process has had. It raises `BenchmarkError` if the process ended (its own message stands on
        standard error), and what the system raises if it cannot be opened.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:

        def ask(**request: object) -> Json:
            try:
                return pool.submit(_answer, name, settings, request).result()
            except BrokenProcessPool:
                raise BenchmarkError(f"The system {name!r} of the benchmark ended early; see its message.") from None

        yield ask


def tunewise_model(settings: Settings) -> Answer:
    """The local model as the advisor uses it: through LangChain, with stored states.

    A request with `states` builds the states of its passages; any other is a prompt to answer.
    """
    from tunewise.llm.chat import PassageText, Prompt, to_messages
    from tunewise.llm.local import LocalChatModel

    model = LocalChatModel.from_settings(settings)
    model.warm_up()

    def answer(request: Json) -> Json:
        passages = tuple(PassageText(*passage) for passage in request["passages"])
        if request.get("states"):
            return {"built": model.build_states(request["system"], passages)}
        prompt = Prompt(request["system"], passages, request["tail"])
        options = {key: request[key] for key in ("max_tokens", "exact", "drafting") if key in request}
        timed = _timed(str(chunk.text) for chunk in model.stream(to_messages(prompt), **options))
        stats, tokens = model.stats, model.prompt_tokens(prompt)
        counts = {key: getattr(stats, key) for key in ("tokens", "decode_s", "drafted", "accepted")}
        return {**timed, **counts, "prompt": tokens.all, "tail": list(tokens.tail)}

    return answer


def plain_chain(settings: Settings) -> Answer:
    """A LangChain chain on llama-cpp-python's own chat completion, as its documentation shows."""
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    llama, roles = _llama(settings), {"system": "system", "human": "user"}
    template = ChatPromptTemplate([("system", "{system}"), ("human", "Passages:\n{context}{question}")])

    def answer(request: Json) -> Json:
        def complete(prompts: Iterator[Any]) -> Iterator[str]:
            for prompt in prompts:
                messages = [{"role": roles[each.type], "content": each.content} for each in prompt.to_messages()]
                yield from _completed(llama, messages, request["max_tokens"])

        context = "".join(f"[{id_}] {text}\n\n" for id_, text in request["passages"])
        values = {"system": request["system"], "context": context, "question": request["tail"]}
        return _timed((template | complete | StrOutputParser()).stream(values))

    return answer


def bare_llama(settings: Settings) -> Answer:
    """llama.cpp's own functions and nothing else: decode a prompt, then one token after the other, greedily.

    A request has the prompt's `tokens` and how many to write at most; with one token it is the floor.
    """
    from llama_cpp import llama_cpp as lib

    llama = _llama(settings, batch=CONTEXT)
    vocab = lib.llama_model_get_vocab(llama.model)
    sampler = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    lib.llama_sampler_chain_add(sampler, lib.llama_sampler_init_greedy())

    def step(tokens: list[int]) -> int:
        array = (lib.llama_token * len(tokens))(*tokens)
        if lib.llama_decode(llama.ctx, lib.llama_batch_get_one(array, len(tokens))) != 0:
            raise RuntimeError("llama_decode failed")
        return int(lib.llama_sampler_sample(sampler, llama.ctx, -1))

    def answer(request: Json) -> Json:
        lib.llama_memory_clear(lib.llama_get_memory(llama.ctx), True)
        begun = time.perf_counter()
        token, written = step(request["tokens"]), 1
        first_s = time.perf_counter() - begun
        while written < request["max_tokens"] and not lib.llama_vocab_is_eog(vocab, token):
            token, written = step([token]), written + 1
        return {"first_token_s": first_s, "decode_s": time.perf_counter() - begun - first_s, "tokens": written}

    return answer


def whole_advisor(settings: Settings) -> Answer:
    """The advisor, opened once: seconds from a `question` to each event of its turn, up to the one named by `until`,
    and to the first sentence of the model that was judged (`ModelSentence`)."""
    from threading import Event

    from tunewise.advisor import Advisor
    from tunewise.events import Finished

    advisor = Advisor.open(settings)

    def answer(request: Json) -> Json:
        cancel, begun = Event(), time.perf_counter()
        seconds: Json = {}
        events = advisor.stream(request["question"], cancel=cancel)
        for event in events:
            name = type(event).__name__
            seconds.setdefault(name, time.perf_counter() - begun)
            if isinstance(event, Finished) and (written := event.reply.timings_s.get("model_first_sentence")):
                seconds["ModelSentence"] = written
            if name == request.get("until"):
                break
        judged = [seconds[name] for name in ("ModelSentence", "WithheldSentence") if name in seconds]
        seconds |= {"ModelSentence": min(judged)} if judged else {}
        cancel.set()
        events.close()  # type: ignore[attr-defined]
        return seconds

    return answer


def data_measured(settings: Settings) -> Answer:
    """`measure` on a table: a request names the `file`; the answer has seconds, rows of the table and rows scored."""
    from tunewise.measure import measure

    def answer(request: Json) -> Json:
        begun = time.perf_counter()
        found = measure(request["file"], text=["text"], label="label", settings=settings)
        return {"seconds": time.perf_counter() - begun, "rows": found.rows, "used": found.used}

    return answer


SYSTEMS: dict[str, Callable[[Settings], Answer]] = {
    "tunewise": tunewise_model,
    "chain": plain_chain,
    "bare": bare_llama,
    "advisor": whole_advisor,
    "measure": data_measured,
}


def _llama(settings: Settings, batch: int = 512) -> Any:
    """llama-cpp-python's own object, as its documentation shows."""
    from llama_cpp import Llama

    from tunewise.llm.backend import physical_cores
    from tunewise.weights import locate

    path, threads = str(locate(settings.model, settings)), settings.threads or physical_cores()
    return Llama(path, n_ctx=CONTEXT, n_threads=threads, n_threads_batch=threads, n_batch=batch, verbose=False)


def _completed(llama: Any, messages: list[Json], max_tokens: int) -> Iterator[str]:
    """The likeliest answer to chat messages, piece by piece, by llama-cpp-python's own chat completion."""
    for chunk in llama.create_chat_completion(messages, max_tokens=max_tokens, temperature=0.0, stream=True):
        yield chunk["choices"][0]["delta"].get("content") or ""


def _timed(pieces: Iterable[str]) -> Json:
    """Seconds to the first piece that is not empty and to the end of a stream, and its text."""
    begun, first_s, texts = time.perf_counter(), 0.0, []
    for piece in pieces:
        if piece and not first_s:
            first_s = time.perf_counter() - begun
        texts.append(piece)
    return {"first_token_s": first_s, "total_s": time.perf_counter() - begun, "text": "".join(texts)}


def _answer(name: str, settings: Settings, request: Json) -> Json:
    answer = _opened(name, settings)(request)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return answer | {"peak_mb": peak / (1 << 20) if sys.platform == "darwin" else peak / 1024}


@cache
def _opened(name: str, settings: Settings) -> Answer:
    from tunewise import offline

    offline.seal()
    return SYSTEMS[name](settings)


def _cold(name: str, question: str, settings: Settings) -> str:
    """The first token of an answer."""
    if name == "bare":
        return next(filter(None, _completed(_llama(settings), [{"role": "user", "content": question}], max_tokens=2)))
    model = _opened("tunewise", settings)  # loads its weights while the index opens and is searched
    from tunewise.benchmark.figures import prompt_of
    from tunewise.retrieval import open_searcher

    hits = open_searcher(settings).search(question, settings.top_k)
    return str(model({**prompt_of(question, hits), "max_tokens": 1})["text"])


if __name__ == "__main__":
    print(_cold(sys.argv[1], sys.argv[2], Settings.from_environment()), flush=True)
    os._exit(0)
