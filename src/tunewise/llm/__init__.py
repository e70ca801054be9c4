"""Language models: the local llama.cpp engine, models on servers, what a prompt is, and who waits for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tunewise.settings import Settings

__all__ = ["open_chat_model"]


def open_chat_model(settings: Settings) -> BaseChatModel:
    """The model that the settings name: one on a server if `remote_model` or `remote_url` is set, else local weights.

    Nothing is loaded yet: the local model loads its weights on its first request, or in the background after
    `warm_up()`.

    Raises:
        SettingsError: If the remote settings do not fit together, or the provider's package is not installed.
        WeightsMissingError: If the local weights have not been fetched.
    """
    if settings.is_remote:
        from tunewise.llm.remote import open_remote_model

        return open_remote_model(settings)
    from tunewise.llm.local import LocalChatModel

    return LocalChatModel.from_settings(settings)
