"""Makes a model trainable by one method: what is frozen, in how many bits, and adapters; owns peft."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tunewise.errors import ResourcesError
from tunewise.extras import needs_extra
from tunewise.resources.sources import training_table

if TYPE_CHECKING:
    from tunewise.resources.records import Method

SMALLEST_BLOCK = 0.1  # of the parameters of the largest


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model ready for one step; `adapted` are parameters of matrices with adapters, `largest` those of one matrix."""

    model: Any
    adapted: int = 0
    largest: int = 0


def prepare(model: Any, method: Method, *, mixed: bool) -> Prepared:
    """Freeze, adapt and store the parameters as the method says.

    Raises:
        ResourcesError: If the model has nothing that the method could train.
    """
    if method.trains == "all":
        return Prepared(model)
    if method.trains == "low_rank":
        return _adapted(model, method, mixed)
    names = _head(model) | (_last_blocks(model, method.share) if method.trains == "last_blocks" else set())
    trained = [parameter for name, parameter in model.named_parameters() if _within(name, names)]
    if not trained:
        raise ResourcesError(f"No part of {type(model).__name__!r} is known as its head. Train it in another way.")
    model.requires_grad_(False)
    for parameter in trained:
        parameter.requires_grad_(True)
    if mixed:
        _store_frozen_in_16_bit(model)
    return Prepared(model)


def _adapted(model: Any, method: Method, mixed: bool) -> Prepared:
    with needs_extra("memory", "Adapting a model with LoRA"):
        peft = import_module("peft")
    import torch

    heads = _head(model) | {"lm_head"}
    linear = [
        name
        for name, module in model.named_modules()
        if (isinstance(module, torch.nn.Linear) or type(module).__name__ == "Conv1D") and not _within(name, heads)
    ]
    if not linear:
        raise ResourcesError(f"{type(model).__name__!r} has no linear layers besides its head: nothing to adapt.")
    model.requires_grad_(False)
    if mixed:
        _store_frozen_in_16_bit(model)
    weights = [model.get_submodule(name).weight for name in linear]
    sizes = {id(weight): weight.numel() for weight in weights}
    adapted = peft.get_peft_model(model, peft.LoraConfig(r=method.rank, target_modules=linear))
    for name, parameter in adapted.named_parameters():
        if _within(name.removeprefix("base_model.model."), _head(model)):
            parameter.requires_grad_(True)
            parameter.data = parameter.data.float()
    return Prepared(adapted, sum(sizes.values()), max(sizes.values()))


def _store_frozen_in_16_bit(model: Any) -> None:
    """Batch norms stay in 32 bit: their running statistics are."""
    import torch

    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            continue
        for parameter in module.parameters(recurse=False):
            if not parameter.requires_grad:
                parameter.data = parameter.data.to(torch.bfloat16)


def _head(model: Any) -> set[str]:
    """Names of the modules that are the model's head; of a model of timm those of its classifier."""
    if hasattr(model, "get_classifier"):
        classifier = model.get_classifier()
        return {name for name, module in model.named_modules() if module is classifier}
    return {name for name, _ in model.named_children() if name in training_table()["head_names"]}


def _last_blocks(model: Any, share: float) -> set[str]:
    """Names of the last blocks, of all that the model repeats; what is small beside the largest of them is no block."""
    found = _blocks(model, "")
    sizes = {name: sum(each.numel() for each in model.get_submodule(name).parameters()) for name in found}
    blocks = [name for name in found if sizes[name] >= SMALLEST_BLOCK * max(sizes.values())]
    if not blocks:
        raise ResourcesError(f"{type(model).__name__!r} repeats no block. Train it in another way.")
    return set(blocks[-math.ceil(share * len(blocks)) :])


def _blocks(module: Any, name: str) -> list[str]:
    """Names of what stands in lists of modules of one class with weights, in order, without what is inside them."""
    import torch

    within = [(f"{name}.{child}".lstrip("."), part) for child, part in module.named_children()]
    alike = len({type(part) for _, part in within}) == 1 and len(within) > 1
    if alike and isinstance(module, torch.nn.ModuleList | torch.nn.Sequential) and _is_block(within[0][1]):
        return [child for child, _ in within]
    return [block for child, part in within for block in _blocks(part, child)]


def _is_block(module: Any) -> bool:
    """Whether it is made of several parts with weights itself; a stage of stages is none."""
    weighty = [part for part in module.modules() if next(part.parameters(recurse=False), None) is not None]
    return len(weighty) > 1 and not _blocks(module, "")


def _within(name: str, parents: set[str]) -> bool:
    return any(name == parent or name.startswith(f"{parent}.") for parent in parents)
