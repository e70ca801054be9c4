"""What this machine has to train with."""

from __future__ import annotations

from tunewise.desk.hardware import Gpu, Machine, read_gpus, read_machine
from tunewise.facts import edit
from tunewise.framework import Framework
from tunewise.types import Situation


def test_cards_are_read_from_the_driver_s_listing() -> None:
    assert read_gpus("NVIDIA GeForce RTX 4090, 24564\nTesla, T4, 15360\nbroken line\n") == (
        Gpu("NVIDIA GeForce RTX 4090", 24.0),
        Gpu("Tesla, T4", 15.0),
    )


def test_a_machine_without_a_driver_has_no_card() -> None:
    machine = read_machine(lambda command: "")

    assert machine.cores >= 1
    assert machine.memory_gb > 0
    assert machine.gpus == ()


def test_a_card_and_its_memory_become_facts() -> None:
    machine = Machine("CPU", 8, 64.0, (Gpu("NVIDIA GeForce RTX 4090", 24.0),))

    assert machine.as_facts() == {"hardware": "1 x NVIDIA GeForce RTX 4090 (24 GB)", "gpu_memory": "24"}


def test_shared_memory_is_said() -> None:
    assert Machine("Apple M3", 8, 36.0, shares_memory=True).describe() == "Apple M3, 36 GB shared memory"


def test_compute_follows_from_the_hardware(framework: Framework) -> None:
    for machine, expected in (
        (Machine("CPU", 2, 8.0), "limited"),
        (Machine("CPU", 8, 64.0, (Gpu("NVIDIA GeForce RTX 3060", 12.0),)), "limited"),
        (Machine("CPU", 64, 1000.0, (Gpu("NVIDIA A100-SXM4-80GB", 80.0),) * 8), "ample"),
    ):
        assert edit(Situation(), framework, machine.as_facts()).value("compute") == expected
