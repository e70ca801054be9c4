"""The article's framework, and an advisor that answers from a script."""

from tests.ui.conftest import advisor, framework

__all__ = ["advisor", "framework"]
