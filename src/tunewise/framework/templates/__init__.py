"""Texts and pictures of the framework, as templates."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tunewise.framework.words import in_words

if TYPE_CHECKING:
    from jinja2 import Environment


def rendered(name: str, /, **values: Any) -> str:
    """A template of this folder ("proof.txt"), filled in; pictures are escaped, texts are not."""
    return _environment().get_template(f"{name}.j2").render(values).rstrip("\n")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__name__, ""),
        autoescape=lambda name: "svg" in (name or ""),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["in_words"] = in_words
    return environment
