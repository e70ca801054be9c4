"""One step walked through without weights holds what a real one does."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest

from scripts.confirm_memory import TINY_BERT, TINY_LLAMA, compare
from tunewise.errors import ResourcesError
from tunewise.resources.deep import need_of
from tunewise.resources.records import Source, Workload
from tunewise.resources.sources import architectures, methods
from tunewise.resources.walk import optimizer_and_inputs, packed, prepared_model, take_step, walk

FULL, LORA, QLORA, LAST, PROBE = methods()
STEP = Workload(4, 32)

pytestmark = pytest.mark.filterwarnings("ignore")  # of torch and transformers about their own parts


@pytest.mark.parametrize("method", [FULL, LORA], ids=lambda method: method.name)
def test_a_walked_step_is_within_five_percent_of_a_real_one(method):
    found = compare(TINY_BERT, method, STEP)
    assert found.walked == pytest.approx(found.real, rel=0.05)


@pytest.mark.parametrize("mixed", [True, False])
def test_gradients_of_tied_embeddings_are_added_up_as_they_really_are(mixed):
    tied = {"tie_word_embeddings": True, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4}
    source = Source("tied", config={**TINY_LLAMA.config, **tied, "num_hidden_layers": 2, "vocab_size": 30_000})
    found = compare(source, FULL, Workload(1, 8, mixed))
    assert found.walked == pytest.approx(found.real, rel=0.02)


def test_the_meter_counts_what_torchs_own_tracker_and_counter_do():
    import torch
    from torch.distributed._tools.mem_tracker import MemTracker
    from torch.utils.flop_counter import FlopCounterMode

    from tunewise.resources.meter import Meter

    def peak(mode):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.GELU(), torch.nn.Linear(256, 8))
        optimizer = torch.optim.AdamW(model.parameters(), fused=True)
        given = torch.zeros(16, 64)
        if isinstance(mode, MemTracker):
            mode.track_external(model, optimizer, given)
        else:
            for tensor in (*model.parameters(), given):
                mode.hold(tensor)
        with mode, FlopCounterMode(display=False) as counter:
            model(given).sum().backward()
        return counter.get_total_flops()

    tracker, meter = MemTracker(), Meter()
    operations = peak(tracker), peak(meter)
    device = torch.device("cpu")
    assert meter.peak == tracker.get_tracker_snapshot("peak")[device]["Total"]
    assert operations == (meter.operations, meter.operations)


def test_full_training_keeps_weights_moments_and_gradients_in_32_bit():
    need = walk(TINY_BERT, FULL, Workload(1, 8, mixed=False))
    assert need.trainable == need.parameters
    assert need.all_gradients == 4 * need.parameters
    assert need.optimizer == pytest.approx(8 * need.parameters, rel=0.001)
    assert need.peak >= 16 * need.parameters


def test_methods_that_train_less_hold_less():
    peaks = [need_of(TINY_LLAMA, method, STEP).peak for method in (FULL, LORA, QLORA)]
    assert peaks == sorted(peaks, reverse=True)
    assert need_of(TINY_BERT, PROBE, STEP).peak < need_of(TINY_BERT, LAST, STEP).peak < peaks[0]


def test_a_packed_base_takes_four_bits_and_its_constants_for_each_parameter():
    need = walk(TINY_LLAMA, LORA, STEP)
    small = packed(need, QLORA, mixed=True)
    assert need.weights - small.weights == pytest.approx(need.adapted * (2 - 4.127 / 8), abs=1)
    assert small.activations - need.activations == 2 * need.largest
    assert packed(need, LORA, mixed=True) == need


def test_blocks_that_are_computed_again_are_not_kept():
    again = replace(Workload(8, 128), recomputed=True)
    kept = walk(TINY_LLAMA, LORA, Workload(8, 128))
    assert walk(TINY_LLAMA, LORA, again).peak < kept.peak
    assert walk(TINY_LLAMA, LORA, again).operations > kept.operations


@pytest.mark.parametrize("method", [FULL, LAST], ids=lambda method: method.name)
def test_a_deep_stack_is_extended_to_what_walking_all_of_it_finds(method):
    deep = Source("deep", config={**TINY_LLAMA.config, "num_hidden_layers": 24, "hidden_size": 64})
    extended, whole = need_of(deep, method, STEP), walk(deep, method, STEP)
    assert extended.peak == pytest.approx(whole.peak, rel=0.02)
    assert extended.operations == pytest.approx(whole.operations, rel=1e-6)
    assert (extended.parameters, extended.trainable) == (whole.parameters, whole.trainable)


def test_a_model_of_convolutions_has_nothing_for_lora():
    with pytest.raises(ResourcesError, match="nothing to adapt"):
        walk(architectures()["resnet50"].source, LORA, Workload(1, 64))


def test_a_real_step_leaves_no_gradients_behind():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = prepared_model(TINY_BERT, PROBE, STEP).model
    optimizer, inputs = optimizer_and_inputs(model, STEP)
    take_step(model, optimizer, inputs, mixed=True)
    assert all(parameter.grad is None for parameter in model.parameters())
