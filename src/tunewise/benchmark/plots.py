"""Pictures of a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tunewise.benchmark.figures import Benchmark
from tunewise.extras import needs_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture

_BARS = {
    "first_token": (
        "Time to first token, s",
        {
            "first_token_chain_s": "plain LangChain chain",
            "first_token_exact_s": "Tunewise, computed in full",
            "first_token_tunewise_s": "Tunewise, stored states",
            "first_token_floor_s": "question alone (floor)",
        },
    ),
    "decoding": (
        "Writing speed, tokens/s",
        {"decode_bare_per_s": "bare llama.cpp", "decode_tunewise_per_s": "Tunewise"},
    ),
    "search": (
        "Search without embedding the question, p95, ms",
        {f"retrieval_{size}_p95_ms": f"{size} passages" for size in ("100", "10k", "100k")},
    ),
    "cold": (
        "From process start, s",
        {
            "cold_rules_only_s": "decision, rules only",
            "cold_first_token_s": "first token, Tunewise",
            "cold_first_token_bare_s": "first token, bare llama.cpp",
        },
    ),
}


def write_plots(benchmark: Benchmark, folder: Path) -> list[Path]:
    """Write one PNG for each group of figures that was measured; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, (title, bars) in _BARS.items():
        if present := {key: label for key, label in bars.items() if key in benchmark.figures}:
            paths.append(folder / f"{name}.png")
            _bars(benchmark, title, present).savefig(paths[-1], dpi=150)
    return paths


def _bars(benchmark: Benchmark, title: str, bars: dict[str, str]) -> Picture:
    with needs_extra("eval", "The picture"):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=(7, 0.6 * len(bars) + 1.2), layout="constrained")
    FigureCanvasAgg(picture)
    axes = picture.subplots()
    figures = [benchmark.figures[key] for key in bars]
    spread = [[f.median - f.min for f in figures], [f.max - f.median for f in figures]]
    drawn = axes.barh(list(bars.values()), [f.median for f in figures], xerr=spread, capsize=3, color="#4c72b0")
    axes.bar_label(drawn, labels=[f" {f.median:.3g}" for f in figures], padding=4)
    axes.invert_yaxis()
    axes.set_title(f"{title} (median, least to greatest)", fontsize=10, loc="left")
    axes.margins(x=0.15)
    return picture
