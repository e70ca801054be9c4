"""Tables that stand as data, in the corpus folder or beside the module that uses them, read once per process."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # safe loaders only


@lru_cache(maxsize=64)
def load_table(name: str, package: str | None = None) -> Any:
    """A YAML file, parsed; callers know its shape and must not change it.

    Args:
        name: Its name below `corpus/` ("reading/cues.yaml"), or in the package.
        package: The package that it lies in (the caller's `__package__`), if not in the corpus.
    """
    folder = resources.files(package) if package else resources.files("tunewise").joinpath("corpus")
    return yaml.load(folder.joinpath(name).read_text(encoding="utf-8"), Loader=LOADER)
