"""`tunewise index`: build the index, and the passage states of the local model."""

from __future__ import annotations

import argparse

from tunewise.cli.options import add_settings_options, settings_from


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `index`."""
    parser = commands.add_parser("index", help="build what answers are found in, and the model's passage states")
    parser.add_argument("--no-states", action="store_true", help="leave out the passage states of the local model")
    parser.set_defaults(func=run_index)
    add_settings_options(parser)


def run_index(arguments: argparse.Namespace) -> int:
    """Build what is missing or stale; a second run has nothing to do."""
    from tunewise.advisor import build_states
    from tunewise.retrieval import open_searcher

    settings = settings_from(arguments)
    searcher = open_searcher(settings)
    print(f"Index: {len(searcher.passages)} passages in {settings.index_dir}")
    if not arguments.no_states:
        print(f"Passage states: {build_states(settings, searcher)} in {settings.states_dir}")
    return 0
