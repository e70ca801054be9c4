"""Pictures of a benchmark."""

from __future__ import annotations

from pathlib import Path

from tunewise.benchmark.figures import Benchmark
from tunewise.evaluation.measuring import Bar, draw_bars

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
    """Write one PNG for each group of figures that was measured; returns their paths.

    Raises:
        SettingsError: If matplotlib is not installed.
    """
    paths = []
    for name, (title, bars) in _BARS.items():
        if shown := {label: benchmark.figures[key] for key, label in bars.items() if key in benchmark.figures}:
            paths.append(folder / f"{name}.png")
            drawn = {"": [Bar(figure.median, figure.min, figure.max) for figure in shown.values()]}
            draw_bars(paths[-1], f"{title} (median, least to greatest)", list(shown), drawn)
    return paths
