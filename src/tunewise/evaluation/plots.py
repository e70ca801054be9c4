"""Pictures of the results: scores by arm, and the time of each arm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunewise.evaluation.report import ROWS
from tunewise.evaluation.runner import Evaluation
from tunewise.extras import needs_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {"full": "#1b6ca8", "model_alone": "#d1812a", "rules_only": "#6a9c4b"}
TIMES = {"to_decision": "decision", "to_first_token": "first word", "total": "whole reply"}


def write_plots(evaluation: Evaluation, folder: Path) -> list[str]:
    """Write scores.png and seconds.png into `folder`; returns the names of those written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, figure in (("scores.png", scores_figure(evaluation)), ("seconds.png", seconds_figure(evaluation))):
        figure.savefig(folder / name, dpi=130, bbox_inches="tight")
        written.append(name)
    return written


def scores_figure(evaluation: Evaluation) -> Figure:
    """Horizontal bars, one group a score, one bar an arm; a tick marks the aim."""
    figure, axes = _figure(8.5, 7.0)
    rows = [row for row in reversed(ROWS) if row.unit == "%"]
    arms = {arm: evaluation.scores(arm) for arm in evaluation.lines}
    height = 0.8 / max(len(arms), 1)
    for index, (arm, scores) in enumerate(arms.items()):
        places = [place + 0.4 - height * (index + 0.5) for place in range(len(rows))]
        values = [scores[row.key] or 0.0 for row in rows]
        axes.barh(places, values, height, label=arm, color=COLOURS.get(arm))
    for place, row in enumerate(rows):
        if row.target is not None:
            axes.plot([row.target, row.target], [place - 0.42, place + 0.42], color="black", linewidth=1.2)
    axes.set_yticks(range(len(rows)), [row.label + ("" if row.more_is_better else " (less is better)") for row in rows])
    axes.set_xlim(0, 1.02)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_title(f"Scores on {len(evaluation.cases)} cases; the black tick is the aim")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, -0.14), ncols=3, frameon=False)
    return figure


def seconds_figure(evaluation: Evaluation) -> Figure:
    """Each reply a dot: seconds to the decision, the first word and the end, by arm, on a logarithmic axis."""
    figure, axes = _figure(8.5, 4.0)
    labels, place = [], 0
    for arm, lines in evaluation.lines.items():
        for key, said in TIMES.items():
            taken = [line["scores"]["seconds"][key] for line in lines]
            shown = [max(seconds, 1e-4) for seconds in taken if seconds is not None]
            if not shown:
                continue
            spread = [place + 0.25 * ((index % 7) / 6 - 0.5) for index in range(len(shown))]
            axes.scatter(shown, spread, s=14, alpha=0.6, color=COLOURS.get(arm), linewidths=0)
            labels.append(f"{arm}: {said}")
            place += 1
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    if labels:
        axes.set_xscale("log")
    axes.set_xlabel("seconds after the message")
    axes.grid(axis="x", alpha=0.3)
    return figure


def _figure(width: float, height: float) -> tuple[Figure, Any]:
    with needs_extra("eval", "The picture"):
        from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    return figure, figure.add_subplot()
