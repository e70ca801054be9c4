"""`tunewise index`: build the index, and the passage states of the local model."""

from __future__ import annotations

import argparse

from tunewise.cli.options import Bar, Commands, command, settings_from


def add_parsers(commands: Commands) -> None:
    """Add `index`."""
    help = "build what answers are found in, and the model's passage states"
    parser = command(commands, "index", run_index, help)
    parser.add_argument("--no-states", action="store_true", help="leave out the passage states of the local model")


def run_index(arguments: argparse.Namespace) -> int:
    """Build what is missing or stale; a second run has nothing to do."""
    from tunewise.retrieval import open_searcher

    settings = settings_from(arguments)
    with Bar() as progress, open_searcher(settings, progress=progress) as searcher:
        passages = searcher.passages
        if problem := searcher.warm_up().exception():
            print(f"Search by meaning is missing: {problem}")
        else:
            print(f"Index: {len(searcher.corpus.passages)} passages in {settings.index_dir}")
        if not (arguments.no_states or settings.is_remote):
            from tunewise.llm.chat import PassageText
            from tunewise.llm.local import LocalChatModel
            from tunewise.llm.prompts import template_text

            given = [PassageText(passage.id, passage.text) for passage in passages]
            model = LocalChatModel.from_settings(settings)
            built = model.build_states(template_text("system").strip(), given, progress)
            model.close()
            print(f"Passage states: {built} computed, in {settings.states_dir}")
    return 0
