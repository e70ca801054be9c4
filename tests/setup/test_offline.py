"""What `offline.seal` leaves of an inherited environment."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.hostile import HOSTILE_ENVIRONMENT as HOSTILE
from tunewise import offline
from tunewise.errors import OfflineError


def test_no_inherited_host_key_or_tracer_survives():
    environ = dict(HOSTILE, PATH="/bin")
    offline.seal(environ)
    assert not [value for value in environ.values() if "192.0.2.1" in value or value == "secret"]
    assert environ["LANGCHAIN_TRACING_V2"] == "false"
    assert environ["GRADIO_SHARE"] == "False"


def test_what_was_removed_or_overridden_is_reported():
    assert offline.seal(dict(HOSTILE)) == tuple(sorted(HOSTILE))


def test_sealing_twice_changes_nothing_more():
    environ = dict(HOSTILE)
    offline.seal(environ)
    sealed = dict(environ)
    assert offline.seal(environ) == ()
    assert environ == sealed


def test_variables_that_are_none_of_our_business_stay():
    environ = {"PATH": "/bin", "HF_HOME": "/data/hub", "GRADIO_TEMP_DIR": "/scratch", "TUNEWISE_HOME": "/data"}
    before = dict(environ)
    offline.seal(environ)
    assert {name: environ[name] for name in before} == before


def test_sealing_loads_no_heavy_library():
    code = (
        "import sys; from tunewise import offline; offline.seal();"
        "print([m for m in ('torch', 'gradio', 'chromadb', 'langchain_core', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_chroma_settings_ignore_the_environment_and_a_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".env").write_text("CHROMA_SERVER_HOST=192.0.2.1\nCHROMA_OTEL_GRANULARITY=all\nALLOW_RESET=true\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHROMA_API_IMPL", HOSTILE["CHROMA_API_IMPL"])
    monkeypatch.setenv("CHROMA_OTEL_COLLECTION_ENDPOINT", HOSTILE["CHROMA_OTEL_COLLECTION_ENDPOINT"])
    settings = offline.chroma_settings(tmp_path / "store")
    assert settings.chroma_api_impl == "chromadb.api.rust.RustBindingsAPI"
    assert settings.chroma_server_host is None
    assert settings.chroma_otel_collection_endpoint == ""
    assert settings.chroma_otel_granularity is None
    assert settings.allow_reset is False
    assert settings.persist_directory == str(tmp_path / "store")


GRADIO_FETCHES = """
import asyncio
from tunewise import offline
offline.seal()
import gradio
from gradio import processing_utils
from tunewise.errors import OfflineError
offline.seal_gradio()
offline.seal_gradio()
refused = 0
for name in ("save_url_to_cache", "ssrf_protected_download", "unsafe_download"):
    try:
        getattr(processing_utils, name)("http://192.0.2.1/a.png", "/nonexistent")
    except OfflineError:
        refused += 1
for name, args in (("async_ssrf_protected_get", ()), ("async_ssrf_protected_download", ("/nonexistent",))):
    try:
        asyncio.run(getattr(processing_utils, name)("http://192.0.2.1/a.png", *args))
    except OfflineError:
        refused += 1
print(refused)
"""


def test_gradio_refuses_to_fetch_a_url_that_a_client_names():
    done = subprocess.run([sys.executable, "-c", GRADIO_FETCHES], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "5"


def test_a_refused_fetch_says_what_to_do_instead():
    with pytest.raises(OfflineError, match="upload it instead"):
        offline._refuse("http://192.0.2.1/")
    with pytest.raises(OfflineError):
        asyncio.run(offline._refuse_later())


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch):
    for name, value in offline.SEALED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert "HF_TOKEN" in offline.seal()
    assert "HF_TOKEN" not in os.environ
