"""Loading of the tables in `facts/data`, once per process."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any


@lru_cache(maxsize=32)
def load_table(name: str) -> Any:
    """A YAML table of this package, parsed; callers know its shape and must not change it."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(load_text(name), Loader=loader)  # safe loaders only


def load_text(name: str) -> str:
    """A data file of this package as text."""
    return (resources.files("tunewise.facts.data") / name).read_text(encoding="utf-8")
