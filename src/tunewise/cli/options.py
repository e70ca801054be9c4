"""Options that several commands share, and the settings they make."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tunewise.settings import Settings


def add_settings_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that override settings; each is None unless it was given."""
    group = parser.add_argument_group("settings")
    group.add_argument("--home", type=Path, metavar="DIR", help="folder for weights, index and conversations")
    group.add_argument("--model", metavar="NAME|PATH", help="a pinned model's name, or the path of a GGUF file")
    group.add_argument("--framework", metavar="NAME|PATH", help="a shipped framework's name, or a framework file")
    group.add_argument(
        "--no-notes", dest="notes", action="store_const", const=False, help="search article and papers only"
    )
    group.add_argument("--exact", action="store_const", const=True, help="compute every prompt in full")


def settings_from(arguments: argparse.Namespace) -> Settings:
    """Settings from the environment, overridden by the options that were given."""
    names = ("home", "model", "framework", "notes", "exact")
    return Settings.from_environment(os.environ, **{name: getattr(arguments, name, None) for name in names})
