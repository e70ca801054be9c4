"""What this machine has to train with: processor, memory, and a GPU if there is one."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

TIMEOUT_S = 4.0
GIB = 1024**3
CARDS = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
Run = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Gpu:
    """One graphics card; memory in GB."""

    name: str
    memory_gb: float


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that this process runs on; memory in GB. On Apple silicon the GPU shares the main memory."""

    processor: str
    cores: int
    memory_gb: float
    gpus: tuple[Gpu, ...] = ()
    shares_memory: bool = False

    def describe(self) -> str:
        """One line, as a person would write it: `1 x NVIDIA GeForce RTX 4090 (24 GB)`."""
        if self.gpus:
            return f"{len(self.gpus)} x {self.gpus[0].name} ({self.gpus[0].memory_gb:.0f} GB)"
        if self.shares_memory:
            return f"{self.processor}, {self.memory_gb:.0f} GB shared memory"
        return f"CPU only: {self.cores} cores, {self.memory_gb:.0f} GB memory, no GPU"

    def as_facts(self) -> dict[str, str]:
        """The machine as edits of facts; what a graphics card means for compute is derived there."""
        changes = {"hardware": self.describe()}
        if self.gpus:
            changes["gpu_memory"] = f"{max(gpu.memory_gb for gpu in self.gpus):.0f}"
        elif not self.shares_memory:
            changes["compute"] = "limited"
        return changes


def read_machine(run: Run | None = None) -> Machine:
    """Look at this machine; what cannot be found out is left out."""
    psutil: Any = import_module("psutil")  # untyped
    run = run or _run
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    is_apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    gpus = () if is_apple else read_gpus(run(CARDS))
    return Machine(_processor(run), cores, round(psutil.virtual_memory().total / GIB, 1), gpus, is_apple)


def read_gpus(listing: str) -> tuple[Gpu, ...]:
    """Graphics cards from the lines `NAME, MEMORY IN MIB` that nvidia-smi prints."""
    pairs = (line.rpartition(",") for line in listing.splitlines())
    return tuple(
        Gpu(name.strip(), round(int(memory) / 1024, 1))
        for name, _, memory in pairs
        if name.strip() and memory.strip().isdigit()
    )


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
