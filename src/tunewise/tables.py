"""Tables of words and patterns that stand as data in the corpus folder, read once per process."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

import yaml


@lru_cache(maxsize=64)
def load_table(name: str) -> Any:
    """A YAML file below `corpus/` ("reading/cues.yaml"), parsed; callers know its shape and must not change it."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    source = resources.files("tunewise").joinpath("corpus", name).read_text(encoding="utf-8")
    return yaml.load(source, Loader=loader)  # safe loaders only
