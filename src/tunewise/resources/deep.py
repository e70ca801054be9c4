"""Deep stacks of one block: walked with few blocks and extended, because every further block holds as much again."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from tunewise.resources.records import Need
from tunewise.resources.walk import packed, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tunewise.resources.records import Method, Source, Workload

# What configurations call the number of blocks; of an encoder and a decoder both.
NAMES = (("encoder_layers", "decoder_layers"), ("num_hidden_layers",))
DEPTHS, DEPTHS_OF_SHARES = (2, 4), (4, 8)  # a quarter of either of the latter is whole
DEEP_FROM = 20


def need_of(source: Source, method: Method, workload: Workload) -> Need:
    """What one step of training holds at its peak.

    Raises:
        ResourcesError: If the model cannot be walked through, or the method has nothing to train in it.
        SettingsError: If peft or timm is not installed.
    """
    return packed(unpacked_need(source, method, workload), method, mixed=workload.mixed)


def unpacked_need(source: Source, method: Method, workload: Workload) -> Need:
    """The same before a base is packed into 4 bits: that of LoRA and of QLoRA is one walk."""
    depth = _depth(source)
    if depth is None:
        return walk(source, method, workload)
    depths = DEPTHS_OF_SHARES if method.share else DEPTHS
    shallow, deeper = (walk(_with_depth(source, blocks), method, workload) for blocks in depths)
    return _extended(shallow, deeper, (depth - depths[1]) / (depths[1] - depths[0]))


def _depth(source: Source) -> int | None:
    """How many blocks there are, where they are many and nothing in the configuration tells one from another."""
    config = source.config or {}
    depths = {config.get(name) for name in _names(config)}
    depth = depths.pop() if len(depths) == 1 else None
    if not isinstance(depth, int) or isinstance(depth, bool) or depth < DEEP_FROM:
        return None
    alike = not any(isinstance(value, list) and len(value) == depth for value in config.values())
    return depth if alike and not any("expert" in key or "dense" in key for key in config) else None


def _names(config: Mapping[str, Any]) -> tuple[str, ...]:
    return next((names for names in NAMES if names[0] in config), NAMES[-1])


def _with_depth(source: Source, depth: int) -> Source:
    config = source.config or {}
    return replace(source, config={**config, **dict.fromkeys((*_names(config), *NAMES[-1]), depth)})


def _extended(shallow: Need, deeper: Need, steps: float) -> Need:
    """Every number goes so many steps further; the peak is never below what stands when all gradients do."""
    numbers = {}
    for field in fields(Need):
        before, after = getattr(shallow, field.name), getattr(deeper, field.name)
        value = after + steps * (after - before)
        numbers[field.name] = value if field.name == "operations" else round(value)
    need = Need(**{**numbers, "largest": deeper.largest})
    moving = max(need.gradients + need.activations, need.all_gradients)
    gradients = min(max(need.gradients, 0), moving)
    return replace(need, gradients=gradients, activations=moving - gradients)
