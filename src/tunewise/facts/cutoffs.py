"""What counts as small and large where the framework does not say."""

from __future__ import annotations

from collections.abc import Callable

# (small below, large from); examples, hours and examples per class as the case format words them, text volumes at
# about 500 tokens, or 2 KB, to an example.
DEFAULT_CUTOFFS: dict[str, tuple[float, float]] = {
    "examples": (5_000, 100_000),
    "per_class": (100, 10_000),
    "hours": (10, 500),
    "tokens": (2_500_000, 50_000_000),
    "gigabytes": (0.01, 0.2),
}


def cutoffs_of(framework: object) -> Callable[[str], tuple[float, float]]:
    """The framework's own `size_cutoffs`, or the defaults where it has none (or none for a unit)."""
    own = getattr(framework, "size_cutoffs", None)

    def look_up(unit_kind: str) -> tuple[float, float]:
        if own is not None:
            try:
                return own(unit_kind)  # type: ignore[no-any-return]
            except (KeyError, ValueError):
                pass
        return DEFAULT_CUTOFFS[unit_kind]

    return look_up
