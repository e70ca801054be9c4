"""Computing passage states ahead of time, at index time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tunewise.llm.chat import PassageText, Prompt
from tunewise.llm.prompts import template_text

if TYPE_CHECKING:
    from tunewise.settings import Settings

Progress = Callable[[str, int, int], None]


def build_states(
    settings: Settings,
    passages: Sequence[PassageText],
    progress: Progress | None = None,
    *,
    system: str | None = None,
    fixed: Sequence[Prompt] = (),
) -> int:
    """Compute and store the states that are missing; can be stopped at any time and goes on where it was.

    Args:
        settings: Names the weights and the folder of the states.
        passages: Passages as the model reads them, most important first.
        progress: Called with ("passage states", done, all).
        system: System text of the prompts; the answer's own, unless given.
        fixed: Other prompts whose system text is kept, such as the one for quoting facts.

    Returns:
        How many states were computed; 0 with a remote model or in exact mode, which use none.

    Raises:
        WeightsMissingError: If the weights have not been fetched.
        ModelError: If the model fails.
    """
    if settings.remote_url or settings.exact:
        return 0
    from tunewise.llm.local import LocalChatModel

    model = LocalChatModel.from_settings(settings)
    try:
        shared = system if system is not None else template_text("system")
        return model.build_states(shared, passages, progress, fixed=fixed)
    finally:
        model.close()
