"""Counts the bytes and floating-point operations of whatever torch does inside it, on real and on fake tensors.

The same count as `torch.distributed._tools.MemTracker` (a test compares them) without its look at every living tensor
at every operation, which takes minutes for a model of 80 blocks.
"""

from __future__ import annotations

import weakref
from collections.abc import Collection
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter
from torch.utils.flop_counter import flop_registry, sdpa_backward_flop_count, sdpa_flop_count


class Meter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """What is held now, and at the peak, with the gradients among it.

    Args:
        shared: Shapes of parameters whose gradients, from several places, are added up in place. Autograd does so with
            real tensors under autocast (each gradient is a cast of its own; in 32 bit one is a view, and is kept), but
            with fake ones, which are a subclass, never.
    """

    def __init__(self, shared: Collection[torch.Size] = ()) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held, self.peak, self.gradients, self.gradients_at_peak = 0, 0, 0, 0
        self.operations = 0.0
        self._storages: dict[int, int] = {}
        self._shared = shared

    def hold(self, tensor: torch.Tensor) -> None:
        """Count a tensor's storage, once, until it is freed."""
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._storages:
            return
        self._storages[key] = storage.nbytes()
        self.held += storage.nbytes()
        weakref.finalize(storage, self._release, key).atexit = False

    def count_gradient(self, parameter: torch.Tensor) -> None:
        """Call when a gradient is complete."""
        if parameter.grad is not None:
            self.gradients += parameter.grad.untyped_storage().nbytes()

    def _adds_gradients(self, first: Any, second: Any) -> bool:
        shapes = {getattr(first, "shape", None), getattr(second, "shape", None)}
        return not torch.is_grad_enabled() and len(shapes) == 1 and shapes <= {*self._shared}

    def _release(self, key: int) -> None:
        self.held -= self._storages.pop(key)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten._local_scalar_dense.default and isinstance(args[0], FakeTensor):
            return True  # "is all of it finite?" has no answer without numbers
        if func is torch.ops.aten.add.Tensor and self._adds_gradients(*args):
            func = torch.ops.aten.add_.Tensor
        result = func(*args, **(kwargs or {}))
        for leaf in tree_iter(result):
            if isinstance(leaf, torch.Tensor):
                self.hold(leaf)
        if self.held > self.peak:
            self.peak, self.gradients_at_peak = self.held, self.gradients
        formula = _FORMULAS.get(func._overloadpacket)
        if formula:
            self.operations += formula(*args, **(kwargs or {}), out_val=result)
        return result


def _attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> Any:
    return sdpa_flop_count(query.shape, key.shape, value.shape)  # type: ignore[no-untyped-call]


def _attention_backwards(gradient: Any, query: Any, key: Any, value: Any, *_: Any, **__: Any) -> Any:
    shapes = (each.shape for each in (gradient, query, key, value))
    return sdpa_backward_flop_count(*shapes)  # type: ignore[no-untyped-call]


# The fused attention of the CPU is missing from torch's own table.
_FORMULAS = {
    **flop_registry,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward: _attention_backwards,
}
