"""Language models: the local llama.cpp engine, remote OpenAI-compatible servers, and what a prompt is."""

from tunewise.llm.opening import open_chat_model

__all__ = ["open_chat_model"]
