"""What the benchmark asks (`questions.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

ASKED: Mapping[str, Any] = yaml.safe_load(files("tunewise.benchmark").joinpath("questions.yaml").read_text("utf-8"))
