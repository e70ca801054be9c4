"""The line that says what is happening, how long it takes, and who is ahead."""

from __future__ import annotations

from tunewise.ui.state import PageState
from tunewise.ui.views import labels
from tunewise.ui.views.html import escape, tag

ORDER = ("facts", "decision", "explanation")


def stage_html(state: PageState) -> str:
    """The stage line; empty (but present, for screen readers) while nothing runs. The browser counts the seconds."""
    if state.stage is None:
        return tag(
            "div",
            f'<p class="tw-hidden" role="status">{escape(finished_text(state))}</p>',
            class_="tw-stage",
            data_busy="no",
        )
    name = labels.STAGES.get(state.stage.stage, state.stage.stage)
    if state.stage.stage == "queue":
        name = queue_text(state.stage.ahead, state.stage.wait_s)
    done = ORDER.index(state.stage.stage) if state.stage.stage in ORDER else ORDER.index("explanation")
    dots = "".join(
        f'<i class="{"done" if at < done else "now" if at == done else ""}"></i>' for at in range(len(ORDER))
    )
    return tag(
        "div",
        f'<span class="tw-dots" aria-hidden="true">{dots}</span><span role="status">{escape(name)}</span>'
        '<span class="tw-clock" aria-hidden="true"></span>',
        class_="tw-stage tw-stage-on",
        data_busy="yes",
    )


def queue_text(ahead: int, wait_s: float) -> str:
    """`Waiting for the model: 2 requests ahead, about 20 s`."""
    who = "you are next" if ahead <= 0 else "1 request ahead" if ahead == 1 else f"{ahead} requests ahead"
    when = f", about {wait_s:.0f} s" if wait_s >= 1 else ""
    return f"Waiting for the model: {who}{when}. The rules' decision is already shown."


def finished_text(state: PageState) -> str:
    """What a screen reader hears when a turn is over."""
    if not state.turns:
        return ""
    turn = state.turns[-1]
    if turn.problem:
        return turn.problem
    reply = turn.reply
    if reply is None:
        return "Stopped." if turn.stopped else ""
    if reply.recommendation is None or reply.verdict is None:
        return "The answer is finished."
    verdict = labels.VERDICTS[reply.verdict.status]
    return f"The answer is finished. Recommended: {labels.strategy(reply.recommendation.primary)}. {verdict.word}."
