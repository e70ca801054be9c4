"""Packages that only some people need: `pip install 'tunewise[NAME]'`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tunewise.errors import SettingsError


@contextmanager
def needs_extra(name: str, purpose: str) -> Iterator[None]:
    """Import packages of an extra in this block.

    Args:
        name: Name of the extra in pyproject.toml.
        purpose: What wants it, as the beginning of a sentence.

    Raises:
        SettingsError: If a package is not installed.
    """
    try:
        yield
    except ImportError as error:
        raise SettingsError(f"{purpose} needs more: {error}. Run: pip install 'tunewise[{name}]'") from error


def require_pictures(name: str) -> None:
    """Find out before anything is measured whether pictures can be drawn.

    Args:
        name: Name of the extra that brings them.

    Raises:
        SettingsError: If matplotlib is not installed.
    """
    with needs_extra(name, "A picture"):
        import matplotlib  # noqa: F401
