"""`tunewise models list|pull|verify`."""

from __future__ import annotations

import argparse
import json
import sys

from tunewise.cli.options import Bar, Commands, actions, command, settings_from
from tunewise.reading import ENCODER
from tunewise.settings import Settings


def add_parsers(commands: Commands) -> None:
    """Add `models list|pull|verify`."""
    named = actions(commands, "models", "list, fetch or verify the weights")
    listing = command(named, "list", list_models, "the pinned weights, their size and whether they are here")
    listing.add_argument("--json", action="store_true", help="print JSON")
    pulling = command(named, "pull", pull_models, "fetch weights; goes on where it stopped")
    pulling.add_argument("names", nargs="*", metavar="NAME", help="default: those in force: chat, search, reading")
    pulling.add_argument("--all", action="store_true", help="every pinned model")
    verifying = command(named, "verify", verify_models, "hash the weights again; a damaged file is no longer loaded")
    verifying.add_argument("names", nargs="*", metavar="NAME", help="default: every pinned model that is here")


def list_models(arguments: argparse.Namespace) -> int:
    """Print the table of pinned weights."""
    from tunewise import weights

    settings = settings_from(arguments)
    rows = []
    for each in weights.PINNED.values():
        present, used = weights.is_present(each.name, settings), each.name in _in_force(settings)
        row = {"name": each.name, "use": each.use, "title": each.title, "bytes": each.size, "licence": each.licence}
        rows.append(row | {"present": present, "in_force": used})
        if not arguments.json:
            here = ("here" if present else "not fetched") + (", in force" if used else "")
            print(f"{each.name:<20} {each.use:<10} {each.size / 1e6:>6,.0f} MB  {here}  ({each.title}; {each.licence})")
    print(json.dumps(rows, indent=2) if arguments.json else f"Folder: {settings.models_dir}")
    return 0


def pull_models(arguments: argparse.Namespace) -> int:
    """Fetch the named weights, or those in force."""
    from tunewise import weights

    settings = settings_from(arguments)
    for name in _names_to_pull(arguments, settings):
        if name in weights.PINNED and not weights.is_present(name, settings):
            print(f"{name}: {weights.PINNED[name].size / 1e6:,.0f} MB to fetch", file=sys.stderr, flush=True)
        with _bar() as bar:
            path = weights.pull(name, settings, bar)
        print(f"{name}: {path}")
    return 0


def verify_models(arguments: argparse.Namespace) -> int:
    """Hash the named weights, or all that are here."""
    from tunewise import weights

    settings = settings_from(arguments)
    names = arguments.names or [name for name in weights.PINNED if weights.is_present(name, settings)]
    if not names:
        print("No weights are here. Run 'tunewise models pull'.")
        return 1
    for name in names:
        with _bar() as bar:
            weights.verify(name, settings, bar)
        print(f"{name}: every file has its pinned SHA-256")
    return 0


def _names_to_pull(arguments: argparse.Namespace, settings: Settings) -> list[str]:
    from tunewise import weights

    if arguments.all:
        return list(weights.PINNED)
    fetchable = [name for name in _in_force(settings) if name in weights.PINNED]
    if weights.is_hub_id(settings.embedding):
        fetchable.append(settings.embedding)
    return arguments.names or fetchable


def _in_force(settings: Settings) -> tuple[str, ...]:
    """Names of what writes, what searches and what reads under these settings."""
    return tuple(dict.fromkeys((settings.model, settings.embedding, ENCODER)))


def _bar() -> Bar:
    """One bar for each file of some size; where nobody looks, a line every ten seconds."""
    return Bar(5_000_000, unit="B", unit_scale=True, mininterval=0.2 if sys.stderr.isatty() else 10.0)
