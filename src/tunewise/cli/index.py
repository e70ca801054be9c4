"""`tunewise index`: build the index, and the passage states of the local model."""

from __future__ import annotations

import argparse
from typing import Any

from tunewise.cli.options import add_settings_options, settings_from


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `index`."""
    parser = commands.add_parser("index", help="build what answers are found in, and the model's passage states")
    parser.add_argument("--no-states", action="store_true", help="leave out the passage states of the local model")
    parser.set_defaults(func=run_index)
    add_settings_options(parser)


def run_index(arguments: argparse.Namespace) -> int:
    """Build what is missing or stale; a second run has nothing to do."""
    from tunewise.retrieval import open_searcher

    settings = settings_from(arguments)
    with _Bar() as progress, open_searcher(settings, progress=progress) as searcher:
        passages = searcher.passages
        if problem := searcher.warm_up().exception():
            print(f"Search by meaning is missing: {problem}")
        else:
            print(f"Index: {len(passages)} passages in {settings.index_dir}")
        if not (arguments.no_states or settings.is_remote):
            from tunewise.facts.quoting import quoting_prompt
            from tunewise.llm.chat import PassageText
            from tunewise.llm.local import LocalChatModel
            from tunewise.llm.prompts import template_text

            given = [PassageText(passage.id, passage.text) for passage in passages]
            model = LocalChatModel.from_settings(settings)
            built = model.build_states(template_text("system").strip(), given, progress, fixed=[quoting_prompt("")])
            model.close()
            print(f"Passage states: {built} computed, in {settings.states_dir}")
    return 0


class _Bar:
    """A progress bar on standard error for `progress(step, done, total)` calls; one bar per step."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._step = ""

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show how far a step is."""
        from tqdm import tqdm

        if step != self._step:
            self.__exit__()
            self._step, self._bar = step, tqdm(desc=step, total=total)
        self._bar.n = done
        self._bar.refresh()
