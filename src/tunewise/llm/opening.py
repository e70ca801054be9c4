"""Which chat model the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tunewise.settings import Settings


def open_chat_model(settings: Settings) -> BaseChatModel:
    """The model that the settings name: a remote server if `remote_url` is set, else the local weights.

    Nothing is loaded yet: the local model loads its weights on its first request, or in the background after
    `warm_up()`.

    Raises:
        SettingsError: If `remote_url` is set without `remote_model`, or is not an http(s) address.
        WeightsMissingError: If the local weights have not been fetched.
    """
    if settings.remote_url:
        from tunewise.llm.remote import open_remote_model

        return open_remote_model(settings)
    from tunewise.llm.local import LocalChatModel

    return LocalChatModel.from_settings(settings)
