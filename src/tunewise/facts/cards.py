"""One card by what somebody calls it, read as it is read in a message."""

from __future__ import annotations

from dataclasses import dataclass

from tunewise.facts.hardware import hardware_claims, peak_tflops
from tunewise.facts.text import read


@dataclass(frozen=True, slots=True)
class Card:
    """One card: memory in GB (None: it varies), dense 16-bit peak in 10^12 operations a second (None: not known)."""

    name: str
    memory_gb: float | None
    tflops: float | None


def find_card(text: str) -> Card | None:
    """The first card that a text names ("RTX 3060", "a100 40gb", "4090 laptop"); None if it names none."""
    claims = list(hardware_claims(read(f"gpu: {text}")))
    named = next((claim for claim in claims if claim.fact == "hardware"), None)
    if named is None:
        return None
    memory = next((claim.amount for claim in claims if claim.fact == "gpu_memory"), None)
    name = named.value.partition(" x ")[2] or named.value
    return Card(name, memory, peak_tflops(name))
