"""Pictures of a measurement: learning curve with its forecast, and confusion matrix, each for light and dark pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunewise.measure.records import Curve, MeasureError, Measurement

MOST_CLASSES = 20  # of a matrix that can be read
MOST_WRITTEN = 12  # classes whose cells hold numbers
LONGEST_NAME = 18


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of a picture."""

    name: str
    paper: str
    ink: str
    faint: str
    line: str
    ahead: str


LOOKS = (
    Look("light", "#ffffff", "#1f2328", "#d0d7de", "#0969da", "#bc4c00"),
    Look("dark", "#0d1117", "#e6edf3", "#30363d", "#58a6ff", "#f0883e"),
)


def draw(found: Measurement, folder: Path) -> tuple[Path, ...]:
    """Write the pictures as PNG and return their paths.

    Raises:
        MeasureError: If the folder cannot be written.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for look in LOOKS:
            if found.curve is not None and len(found.curve.points) > 1:
                written.append(_saved(_curve_figure(found, found.curve, look), folder / f"curve-{look.name}.png"))
            if len(found.scored_classes) <= MOST_CLASSES:
                written.append(_saved(_matrix_figure(found, look), folder / f"confusion-{look.name}.png"))
    except OSError as error:
        raise MeasureError(f"Pictures cannot be written to {str(folder)!r} ({error.strerror}).") from None
    return tuple(written)


def _saved(figure: Any, path: Path) -> Path:
    figure.savefig(path, dpi=130, facecolor=figure.get_facecolor())
    return path


def _canvas(look: Look, width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor=look.paper)
    axes = figure.add_subplot(facecolor=look.paper)
    axes.tick_params(colors=look.ink, which="both")
    for spine in axes.spines.values():
        spine.set_color(look.faint)
    axes.xaxis.label.set_color(look.ink)
    axes.yaxis.label.set_color(look.ink)
    return figure, axes


def _curve_figure(found: Measurement, curve: Curve, look: Look) -> Any:
    from matplotlib.ticker import FuncFormatter, NullFormatter

    figure, axes = _canvas(look, 7, 4)
    rows, scores = [one.rows for one in curve.points], [one.score for one in curve.points]
    axes.errorbar(
        rows, scores, [1.96 * one.error for one in curve.points], fmt="o-", color=look.line, capsize=3, label="measured"
    )
    if curve.forecasts:
        ahead = [rows[-1], *(one.rows for one in curve.forecasts)]
        axes.plot(
            ahead, [scores[-1], *(one.score for one in curve.forecasts)], "o--", color=look.ahead, label="forecast"
        )
        low = [scores[-1], *(one.low for one in curve.forecasts)]
        axes.fill_between(ahead, low, [scores[-1], *(one.high for one in curve.forecasts)], color=look.ahead, alpha=0.2)
        axes.annotate(f"{curve.forecasts[-1].score:.3f}", (ahead[-1], curve.forecasts[-1].score), xytext=(-4, 7),
                      textcoords="offset points", ha="right", color=look.ahead)  # fmt: skip
    if found.target is not None:
        axes.axhline(found.target, color=look.ink, linewidth=0.8, linestyle=":", label=f"target {found.target:g}")
    axes.set_xscale("log")
    ticks = [*rows[:: max(1, len(rows) // 4)], *(one.rows for one in curve.forecasts)]
    axes.set_xticks(ticks)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", rotation=30)
    axes.grid(color=look.faint, linewidth=0.5)
    axes.set(xlabel="rows to learn from", ylabel=curve.metric.replace("_", "-"))
    axes.set_title(f"Linear probe on {found.encoder}: {found.source}", color=look.ink, fontsize=10, loc="left")
    axes.legend(frameon=False, labelcolor=look.ink, loc="best")
    return figure


def _matrix_figure(found: Measurement, look: Look) -> Any:
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap

    size = len(found.scored_classes)
    side = 2.2 + 0.42 * max(size, 4)
    figure, axes = _canvas(look, side + 0.8, side)
    counts = np.array(found.confusion)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    image = axes.imshow(
        shares, cmap=LinearSegmentedColormap.from_list(look.name, [look.paper, look.line]), vmin=0, vmax=1
    )
    names = [name[:LONGEST_NAME] for name in found.scored_classes]
    axes.set_xticks(range(size), names, rotation=45, ha="right")
    axes.set_yticks(range(size), names)
    for row, column in np.argwhere(counts > 0).tolist() if size <= MOST_WRITTEN else ():
        is_strong = shares[row, column] > 0.55
        colour = look.paper if is_strong else look.ink
        axes.text(column, row, f"{counts[row, column]}", ha="center", va="center", color=colour, fontsize=8)
    axes.set(xlabel="predicted", ylabel="true")
    axes.set_title("Confusion of the linear probe", color=look.ink, fontsize=10, loc="left")
    bar = figure.colorbar(image, ax=axes, shrink=0.8, label="share of the true class")
    bar.ax.tick_params(colors=look.ink)
    bar.ax.yaxis.label.set_color(look.ink)
    bar.outline.set_edgecolor(look.faint)
    return figure
