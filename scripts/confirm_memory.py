"""Real steps on this CPU, their peak read from torch's profiler, beside the walk and bytes for each parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tunewise.framework import load_framework
from tunewise.resources.records import Method, Source, Workload
from tunewise.resources.sources import architectures, methods
from tunewise.resources.walk import optimizer_and_inputs, packed, prepared_model, standing, take_step, walk

TINY_LLAMA = Source(
    "tiny llama",
    config={
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 256, "num_hidden_layers": 6,
        "intermediate_size": 688, "num_attention_heads": 8, "num_key_value_heads": 4, "vocab_size": 8000,
    },
)  # fmt: skip
TINY_BERT = Source(
    "tiny BERT",
    config={
        "model_type": "bert", "architectures": ["BertForSequenceClassification"], "hidden_size": 128,
        "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 512, "vocab_size": 4000,
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """Bytes at the peak of one step: really, by the walk, and by the framework's bytes for each parameter."""

    name: str
    method: Method
    workload: Workload
    real: int
    walked: int
    by_rule: float | None


def cases() -> Iterator[tuple[Source, Method, Workload]]:
    """What is small enough to be really trained here for one step."""
    full, lora, _, last, probe = methods()
    known = {name: each.source for name, each in architectures().items()}
    for method in (full, lora, last, probe):
        yield TINY_BERT, method, Workload(8, 64)
        yield TINY_LLAMA, method, Workload(4, 128)
    for name, batch, length in (("resnet50", 4, 224), ("vit_base", 2, 224), ("bert_base", 4, 128), ("gpt2", 1, 256),
                                ("t5_base", 1, 64), ("convnext_tiny", 4, 224), ("wav2vec2_base", 1, 2)):  # fmt: skip
        yield known[name], full, Workload(batch, length)
    yield TINY_BERT, full, Workload(8, 64, mixed=False)
    yield known["resnet50"], full, Workload(4, 224, mixed=False)
    yield known["bert_base"], full, Workload(4, 128, mixed=False)
    yield known["bert_base"], lora, Workload(4, 128)
    yield known["bert_base"], probe, Workload(4, 128)
    yield known["resnet50"], last, Workload(4, 224)
    yield TINY_LLAMA, lora, Workload(4, 128, recomputed=True)


def compare(source: Source, method: Method, workload: Workload) -> Compared:
    """One real step and one walked one."""
    need = packed(walk(source, method, workload), method, mixed=workload.mixed)
    real = real_peak(source, method, workload)
    return Compared(source.name, method, workload, real, need.peak, _by_rule(method, need.parameters))


def real_peak(source: Source, method: Method, workload: Workload) -> int:
    """Bytes of what stands before a step and the most that torch's allocator adds to it while it is computed."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    model = prepared_model(source, method, workload).model
    optimizer, inputs = optimizer_and_inputs(model, workload)
    before = {
        each.untyped_storage()._cdata: each.untyped_storage().nbytes() for each in standing(model, optimizer, inputs)
    }
    torch.manual_seed(0)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        take_step(model, optimizer, inputs, mixed=workload.mixed)
    events = [event for event in profiler.profiler.kineto_results.events() if event.name() == "[memory]"]
    held, most = 0, 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return int(sum(before.values()) + most)


def _by_rule(method: Method, parameters: int) -> float | None:
    rule = next((rule for rule in load_framework().parameters.memory if rule.measured == method.name), None)
    return rule.bytes_in_all * parameters if rule else None


def confirm() -> None:
    """Print the table of errors."""
    print(
        f"{'model':14} {'method':13} {'step':>10}  {'precision':9} {'real':>9} {'walk':>9} {'off':>6}  {'rule off':>8}"
    )
    errors = []
    for source, method, workload in cases():
        found = compare(source, method, workload)
        errors.append(abs(found.walked / found.real - 1))
        step = f"{workload.batch}x{workload.length}{'r' if workload.recomputed else ''}"
        rule = f"{found.by_rule / found.real - 1:+.0%}" if found.by_rule else ""
        print(
            f"{found.name:14} {method.name:13} {step:>10}  {'bf16' if workload.mixed else 'fp32':9} "
            f"{found.real / 1e6:6.0f} MB {found.walked / 1e6:6.0f} MB {found.walked / found.real - 1:+6.1%}  {rule:>8}",
            flush=True,
        )
    print(f"off by {sum(errors) / len(errors):.1%} on average, {max(errors):.1%} at most")
