"""Walks one step of training through a model that has no weights, and says what it would hold; owns torch's modes.

Every tensor is fake: shapes and sizes are real, numbers are not, so that a model of 70 billion parameters takes no
memory. Tensors stand on the CPU, because torch's CPU build can follow no other: what kernels of a GPU do differently
(casts of norms and losses to 32 bit under CUDA's autocast, workspaces) is not seen.
"""

from __future__ import annotations

import gc
import warnings
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tunewise.resources.building import build, explained, inputs_for, loss_of
from tunewise.resources.methods import Prepared, prepare
from tunewise.resources.records import Need

if TYPE_CHECKING:
    from tunewise.resources.records import Method, Source, Workload


def walk(source: Source, method: Method, workload: Workload) -> Need:
    """What one step of training holds at its peak, once the optimizer has its moments; nothing is packed yet.

    Raises:
        ResourcesError: If the model cannot be built or the method has nothing to train in it.
        SettingsError: If peft or timm is not installed.
    """
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode

    with warnings.catch_warnings(), explained(source):
        warnings.simplefilter("ignore")
        with torch.device("meta"):
            prepared = prepared_model(source, method, workload)
        with FakeTensorMode(allow_non_fake_inputs=True):
            _replace_tensors(prepared.model)
            return measure(prepared, workload)


def measure(prepared: Prepared, workload: Workload) -> Need:
    """What a step of a prepared model holds; outside a fake mode the step is really computed."""
    from tunewise.resources.meter import Meter

    optimizer, inputs = optimizer_and_inputs(prepared.model, workload)
    meter = Meter(_shared(prepared.model) if workload.mixed else ())
    for tensor in standing(prepared.model, optimizer, inputs):
        meter.hold(tensor)
    trained = [parameter for parameter in prepared.model.parameters() if parameter.requires_grad]
    hooks = [parameter.register_post_accumulate_grad_hook(meter.count_gradient) for parameter in trained]
    with meter:
        take_step(prepared.model, optimizer, inputs, mixed=workload.mixed)
    for hook in hooks:
        hook.remove()
    need = _need(prepared, optimizer, meter, trained)
    gc.collect()  # modules and hooks of fake tensors hold each other
    return need


def prepared_model(source: Source, method: Method, workload: Workload) -> Prepared:
    """A model in training mode, made trainable by the method."""
    model = build(source, workload, probed=method.trains == "head").train()
    if workload.recomputed:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    return prepare(model, method, mixed=workload.mixed)


def _replace_tensors(model: Any) -> None:
    """Parameters and buffers on the meta device become fake ones on the CPU; what is shared stays shared."""
    import torch

    replaced: dict[int, Any] = {}
    for module in model.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None and id(parameter) not in replaced:
                fresh = torch.empty(parameter.shape, dtype=parameter.dtype)
                replaced[id(parameter)] = torch.nn.Parameter(fresh, requires_grad=parameter.requires_grad)
            module._parameters[name] = None if parameter is None else replaced[id(parameter)]
        for name, buffer in module._buffers.items():
            module._buffers[name] = None if buffer is None else torch.empty(buffer.shape, dtype=buffer.dtype)


def optimizer_and_inputs(model: Any, workload: Workload) -> tuple[Any, dict[str, Any]]:
    """AdamW that has its moments already, and one batch."""
    import torch

    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-5, fused=True)
    for parameter in trained:
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    optimizer.zero_grad()
    return optimizer, inputs_for(model, workload)


def take_step(model: Any, optimizer: Any, inputs: dict[str, Any], *, mixed: bool) -> None:
    """Forward, backward, AdamW (fused, as the Trainer of transformers has it); gradients are dropped at the end."""
    import torch

    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mixed):
        loss = loss_of(model(**inputs))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()


def _shared(model: Any) -> set[Any]:
    """Shapes of parameters that the model has in more than one place (tied embeddings)."""
    places = Counter(id(each) for _, each in model.named_parameters(remove_duplicate=False))
    return {each.shape for each in model.parameters() if places[id(each)] > 1}


def standing(model: Any, optimizer: Any, inputs: dict[str, Any]) -> list[Any]:
    """Tensors that exist before a step begins: parameters, buffers, moments, the batch."""
    moments = [moment for state in optimizer.state.values() for moment in state.values()]
    return [*model.parameters(), *model.buffers(), *moments, *inputs.values()]


def _need(prepared: Prepared, optimizer: Any, meter: Any, trained: list[Any]) -> Need:
    held = [*prepared.model.parameters(), *prepared.model.buffers()]
    weights = sum({each.untyped_storage()._cdata: each.untyped_storage().nbytes() for each in held}.values())
    moments = sum(each.nbytes for state in optimizer.state.values() for each in state.values())
    return Need(
        parameters=sum(each.numel() for each in prepared.model.parameters()),
        trainable=sum(each.numel() for each in trained),
        weights=weights,
        optimizer=moments,
        gradients=meter.gradients_at_peak,
        activations=meter.peak - weights - moments - meter.gradients_at_peak,
        all_gradients=sum(each.nbytes for each in trained),
        operations=float(meter.operations),
        adapted=prepared.adapted,
        largest=prepared.largest,
    )


def packed(need: Need, method: Method, *, mixed: bool) -> Need:
    """A need with the matrices under adapters packed into the method's bits, which no CPU does: counted, not walked.

    One matrix at a time is unpacked, for as long as it multiplies.
    """
    stored = 2 if mixed else 4
    if method.frozen_bits >= 8 * stored:
        return need
    small = round(need.adapted * (method.frozen_bits + method.constant_bits) / 8)
    weights = need.weights - need.adapted * stored + small
    return replace(need, weights=weights, activations=need.activations + need.largest * stored)
