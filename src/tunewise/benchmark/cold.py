"""A cold start up to the first token, for `turn_figures`: `python -m tunewise.benchmark.cold tunewise|bare QUESTION`.

Both load the same file. Tunewise finds passages, loads their states and reads the whole prompt; bare llama.cpp
answers the question alone.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from tunewise.settings import Settings


def tunewise(question: str, settings: Settings) -> None:
    """Weights load in the background while the index opens and is searched."""
    from tunewise import offline

    offline.seal()
    from tunewise.llm.local import LocalChatModel

    model = LocalChatModel.from_settings(settings)
    model.warm_up()
    from tunewise.benchmark.questions import TASK
    from tunewise.llm.chat import PassageText, Prompt, to_messages
    from tunewise.llm.prompts import template_text
    from tunewise.retrieval import open_searcher

    hits = open_searcher(settings).search(question, settings.top_k)
    passages = tuple(PassageText(hit.passage.id, hit.passage.text) for hit in hits)
    prompt = Prompt(template_text("system"), passages, f"Question: {question}\n{TASK}")
    for chunk in model.stream(to_messages(prompt), max_tokens=2):
        if chunk.text:
            print(chunk.text, flush=True)
            break


def bare(question: str, settings: Settings) -> None:
    """llama-cpp-python as its documentation shows."""
    from llama_cpp import Llama

    from tunewise.llm.backend import physical_cores
    from tunewise.weights import locate

    llama: Any = Llama(
        model_path=str(locate(settings.model, settings)),
        n_ctx=4096,
        n_threads=settings.threads or physical_cores(),
        verbose=False,
    )
    messages = [{"role": "user", "content": question}]
    for chunk in llama.create_chat_completion(messages, stream=True, max_tokens=2, temperature=0.0):
        if text := chunk["choices"][0]["delta"].get("content"):
            print(text, flush=True)
            break


if __name__ == "__main__":
    {"tunewise": tunewise, "bare": bare}[sys.argv[1]](sys.argv[2], Settings.from_environment())
    sys.stdout.flush()
    os._exit(0)
