"""A cold start up to the first token, for `turns`: `python -m tunewise.benchmark.cold tunewise|bare QUESTION`.

Both load the same file. Tunewise finds passages, loads their states and reads the whole prompt; bare llama.cpp
answers the question alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from tunewise.settings import Settings


def tunewise(question: str, settings: Settings) -> Iterator[str]:
    """Weights load in the background while the index opens and is searched."""
    from tunewise import offline

    offline.seal()
    from tunewise.llm.local import LocalChatModel

    model = LocalChatModel.from_settings(settings)
    model.warm_up()
    from tunewise.benchmark.questions import ASKED
    from tunewise.llm.chat import PassageText, Prompt, to_messages
    from tunewise.llm.prompts import template_text
    from tunewise.retrieval import open_searcher

    hits = open_searcher(settings).search(question, settings.top_k)
    passages = tuple(PassageText(hit.passage.id, hit.passage.text) for hit in hits)
    prompt = Prompt(template_text("system"), passages, f"Question: {question}\n{ASKED['task']}")
    yield from (str(chunk.text) for chunk in model.stream(to_messages(prompt), max_tokens=2))


def bare(question: str, settings: Settings) -> Iterator[str]:
    """llama-cpp-python as its documentation shows."""
    from tunewise.benchmark.systems import open_llama

    messages = [{"role": "user", "content": question}]
    for chunk in open_llama(settings).create_chat_completion(messages, stream=True, max_tokens=2, temperature=0.0):
        yield chunk["choices"][0]["delta"].get("content") or ""


if __name__ == "__main__":
    pieces = {"tunewise": tunewise, "bare": bare}[sys.argv[1]](sys.argv[2], Settings.from_environment())
    print(next(piece for piece in pieces if piece), flush=True)
    os._exit(0)
