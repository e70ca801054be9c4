"""Settings in force: defaults, then environment variables, then what the caller passes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from tunewise.errors import SettingsError

DEFAULT_EMBEDDING = "all-minilm-l6-v2"


def default_home() -> Path:
    """The user's cache folder for Tunewise: $XDG_CACHE_HOME/tunewise, or ~/Library/Caches/tunewise on macOS."""
    from platformdirs import user_cache_path

    return user_cache_path("tunewise", appauthor=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; each can be set by the environment variable TUNEWISE_<NAME>.

    Attributes:
        home: Folder for weights, index, passage states and conversations.
        model: Path of a GGUF file, or the name of a pinned model (`tunewise models list`).
        embedding: What search by meaning uses: a pinned model, the folder of a sentence-transformers model, or
            "org/name" of one that `tunewise models pull` has fetched.
        framework: Name of a shipped framework, or path of a framework file.
        notes: Whether the own-words notes on further literature are searched beside the article and its papers.
        threads: CPU threads for the local model; 0 means one per physical core.
        context_tokens: Size of the model's context window, in tokens.
        max_tokens: Most tokens that an explanation may have.
        deadline_s: Seconds after which an answer is cut off.
        top_k: How many passages are given to the model.
        exact: Compute every prompt in full instead of loading passage states.
        remote_url: Base URL of the server of `remote_model`; "" means the provider's own.
        remote_model: Model on a server that is used instead of the local one, as "provider:name" ("ollama:llama3",
            "openai:gpt-4o"); a plain name means an OpenAI-compatible server. "" means none.
        remote_key: API key for that server.
    """

    home: Path = field(default_factory=default_home)
    model: str = "qwen2.5-coder-1.5b"
    embedding: str = DEFAULT_EMBEDDING
    framework: str = "article"
    notes: bool = True
    threads: int = 0
    context_tokens: int = 4096
    max_tokens: int = 320
    deadline_s: float = 120.0
    top_k: int = 4
    exact: bool = False
    remote_url: str = ""
    remote_model: str = ""
    remote_key: str = field(default="", repr=False)

    @property
    def is_remote(self) -> bool:
        """Whether the model is on a server."""
        return bool(self.remote_url or self.remote_model)

    @property
    def models_dir(self) -> Path:
        """Folder of the weights files."""
        return self.home / "models"

    @property
    def index_dir(self) -> Path:
        """Folder of the search indexes."""
        return self.home / "index"

    @property
    def states_dir(self) -> Path:
        """Folder of the passage states of local models."""
        return self.home / "states"

    @property
    def conversations_path(self) -> Path:
        """File of the conversation store."""
        return self.home / "conversations.sqlite3"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
        """Read TUNEWISE_* variables; `overrides` that are not None win.

        Raises:
            SettingsError: If a value does not parse; the message names the variable.
        """
        values: dict[str, object] = {}
        for setting in fields(cls):
            name = f"TUNEWISE_{setting.name.upper()}"
            if environ.get(name):
                values[setting.name] = _parse(name, environ[name], str(setting.type))
        values.update({key: value for key, value in overrides.items() if value is not None})
        return cls(**values)  # type: ignore[arg-type]


def _parse(name: str, text: str, kind: str) -> object:
    booleans = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        if kind == "bool":
            return booleans[text.strip().lower()]
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
    except (KeyError, ValueError):
        expected = {"bool": "yes or no", "int": "a whole number", "float": "a number"}[kind]
        raise SettingsError(f"{name} is {text!r}; it must be {expected}. Correct or unset it.") from None
    return Path(text).expanduser() if kind == "Path" else text
