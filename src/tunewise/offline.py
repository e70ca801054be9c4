"""Nothing leaves the machine: every switch that keeps the libraries under us from calling out.

`seal` is called first by every entry point (command line, advisor, page); it touches only the environment and costs
microseconds. `seal_gradio` and `chroma_settings` need the library itself, so they are called where it is first used.
What each switch stops was found by tracing system calls with the defaults and again with the switch
(`tests/reliability/test_egress.py` repeats it).
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, NoReturn

from tunewise.errors import OfflineError

if TYPE_CHECKING:
    from pathlib import Path

    from chromadb.config import Settings as ChromaSettings

# Families of variables that name a host, a key or a tracer for a library we embed. They are removed as a whole: a
# library version may read a new one tomorrow. Harmless members are kept by name.
FOREIGN_PREFIXES = (
    "CHROMA_",
    "GRADIO_",
    "HF_",
    "HUGGING",
    "LANGCHAIN_",
    "LANGGRAPH_",
    "LANGSMITH_",
    "OTEL_",
    "POSTHOG_",
)
KEPT = frozenset({"GRADIO_TEMP_DIR", "HF_HOME", "HF_HUB_CACHE"})

SEALED = {
    # Gradio: usage statistics, version check, public tunnel, stored runs, extra servers.
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SHARE": "False",
    "GRADIO_RUN_HISTORY": "False",
    "GRADIO_MCP_SERVER": "False",
    "GRADIO_SSR_MODE": "False",
    # Hugging Face Hub and what is built on it: no look-ups, no statistics, no token sent along.
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    # LangSmith reads four spellings; the keys and endpoints go with their prefixes above.
    "LANGCHAIN_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    # Chroma's usage statistics and OpenTelemetry exporters.
    "ANONYMIZED_TELEMETRY": "False",
    "OTEL_SDK_DISABLED": "true",
    # ONNX Runtime from 1.29 on uploads usage events from a native thread, by default; two spellings over its versions.
    "ORT_DISABLE_TELEMETRY": "1",
    "ORT_TELEMETRY_DISABLED": "1",
    "DO_NOT_TRACK": "1",
}


def seal(environ: MutableMapping[str, str] = os.environ) -> tuple[str, ...]:
    """Put the offline settings in force; call it before any heavy import. Calling it again changes nothing.

    Returns:
        Names of the inherited variables that were removed or overridden, sorted (`tunewise doctor` shows them).
    """
    foreign = [name for name in environ if name.startswith(FOREIGN_PREFIXES) and name not in KEPT]
    changed = [name for name in {*foreign, *SEALED} if name in environ and environ[name] != SEALED.get(name)]
    for name in foreign:
        del environ[name]
    environ.update(SEALED)
    return tuple(sorted(changed))


def chroma_settings(persist_directory: Path) -> ChromaSettings:
    """Settings for an embedded Chroma store that neither the environment nor a `./.env` file can redirect.

    Without them Chroma takes API implementation, server host and exporter from both (measured on 1.5.9) and talks to
    that host. Pass vectors yourself and `embedding_function=None`: Chroma's own embedding is fetched from the web.
    """
    from chromadb.config import Settings as ChromaSettings

    class SealedSettings(ChromaSettings):
        @classmethod
        def settings_customise_sources(  # type: ignore[override]
            cls, *_sources: Any, init_settings: Any, **_others: Any
        ) -> tuple[Any, ...]:
            return (init_settings,)

    return SealedSettings(
        chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
        chroma_otel_collection_endpoint="",
        anonymized_telemetry=False,
        is_persistent=True,
        persist_directory=str(persist_directory),
    )


def seal_gradio() -> None:
    """Replace Gradio's helpers that fetch a URL named by a client, open a tunnel or look for a new version.

    Without this any visitor can make the server request a public URL through an event's file argument. Call it once
    Gradio is imported, before `launch`; calling it again changes nothing.
    """
    import safehttpx  # type: ignore[import-untyped]
    from gradio import analytics, networking, processing_utils

    for name in ("ssrf_protected_download", "save_url_to_cache", "unsafe_download"):
        setattr(processing_utils, name, _refuse)
    for name in ("async_ssrf_protected_get", "async_ssrf_protected_download"):
        setattr(processing_utils, name, _refuse_later)
    safehttpx.get = _refuse_later
    networking.setup_tunnel = _refuse
    analytics.version_check = _nothing


def _refuse(*_args: object, **_options: object) -> NoReturn:
    raise OfflineError("Tunewise does not fetch URLs. Save the file on this machine and upload it instead.")


async def _refuse_later(*_args: object, **_options: object) -> NoReturn:
    _refuse()


def _nothing() -> None:
    """Stands in for a call that would only look something up."""
