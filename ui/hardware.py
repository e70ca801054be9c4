"""What this machine has to train with: processor, memory, and a GPU if there is one."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 4.0
GIB = 1024**3
Run = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Gpu:
    """One graphics card; memory in GB."""

    name: str
    memory_gb: float


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that the page is served from; memory in GB. On Apple silicon the GPU shares the main memory."""

    processor: str
    cores: int
    memory_gb: float
    gpus: tuple[Gpu, ...] = ()
    shares_memory: bool = False


def read_machine(run: Run | None = None) -> Machine:
    """Look at this machine; what cannot be found out is left out."""
    from typing import Any

    import psutil as untyped

    psutil: Any = untyped

    run = run or _run
    memory_gb = psutil.virtual_memory().total / GIB
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    processor = _processor(run)
    is_apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    gpus = (
        ()
        if is_apple
        else read_gpus(run(("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")))
    )
    return Machine(processor, cores, round(memory_gb, 1), gpus, is_apple)


def read_gpus(listing: str) -> tuple[Gpu, ...]:
    """Graphics cards from the lines `NAME, MEMORY IN MIB` that nvidia-smi prints."""
    gpus = []
    for line in listing.splitlines():
        name, _, memory = line.rpartition(",")
        if name.strip() and memory.strip().isdigit():
            gpus.append(Gpu(name.strip(), round(int(memory) / 1024, 1)))
    return tuple(gpus)


def describe(machine: Machine) -> str:
    """One line, as a person would write it: `1 x NVIDIA GeForce RTX 4090 (24 GB)`."""
    if machine.gpus:
        first, count = machine.gpus[0], len(machine.gpus)
        return f"{count} x {first.name} ({first.memory_gb:.0f} GB)"
    if machine.shares_memory:
        return f"{machine.processor}, {machine.memory_gb:.0f} GB shared memory"
    return f"CPU only: {machine.cores} cores, {machine.memory_gb:.0f} GB memory, no GPU"


def as_facts(machine: Machine) -> dict[str, str]:
    """The machine as changes for the fact sheet; what a graphics card means for compute is derived there."""
    changes = {"hardware": describe(machine)}
    if not machine.gpus and not machine.shares_memory:
        changes["compute"] = "limited"
    if machine.gpus:
        changes["gpu_memory"] = f"{max(gpu.memory_gb for gpu in machine.gpus):.0f}"
    return changes


def _processor(run: Run) -> str:
    if platform.system() == "Darwin":
        return run(("sysctl", "-n", "machdep.cpu.brand_string")).strip() or "Apple"
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _run(command: Sequence[str]) -> str:
    """Output of a program, "" if it is missing, fails or takes too long."""
    path = shutil.which(command[0])
    if path is None:
        return ""
    try:
        done = subprocess.run([path, *command[1:]], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
