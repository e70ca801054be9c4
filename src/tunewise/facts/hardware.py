"""What the asker computes with: accelerators and their number, cloud machines, memory sizes, money.

One consumer card, a small cloud card, a device at the edge or a small sum of money is limited; several data-centre
cards are ample; what lies between (one 80 GB card, two to four consumer cards) stays unknown, with its reason.
Words such as "laptop", "cluster" or "out of memory" are cues (`corpus/reading/cues.yaml`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from tunewise.facts.claims import NORMAL, STRONG, WEAK, Claim
from tunewise.facts.cues import claim_at
from tunewise.facts.numbers import find_numbers
from tunewise.facts.patterns import pattern
from tunewise.facts.text import Message, MessageSentence
from tunewise.number_words import multiplier, number_words
from tunewise.tables import load_table
from tunewise.types import UNKNOWN


@dataclass(frozen=True, slots=True)
class Device:
    """One kind of machine; `memory_gb` of one card (None: varies), `needs` must also match the sentence."""

    name: str
    pattern: re.Pattern[str]
    memory_gb: float | None
    device_class: str
    needs: re.Pattern[str] | None


@lru_cache(maxsize=1)
def _devices() -> tuple[Device, ...]:
    table = load_table("reading/hardware.yaml")
    return tuple(
        Device(
            row["name"],
            re.compile(rf"(?<![a-z0-9.])(?:{row['pattern']})(?![0-9])"),
            row["memory"],
            row["class"],
            re.compile(row["needs"]) if row.get("needs") else None,
        )
        for row in table["instances"] + table["devices"]
    )


def hardware_claims(message: Message) -> Iterator[Claim]:
    """Claims about compute, hardware and gpu_memory from named machines, memory sizes, numbers of GPUs and money."""
    for sentence in message.sentences:
        named = list(_named(sentence))
        yield from named
        if not named:
            yield from _memory(sentence)
            yield from _numbers_of_gpus(sentence)
        yield from _money(sentence)


def _named(sentence: MessageSentence) -> Iterator[Claim]:
    taken: list[tuple[int, int]] = []
    for device in _devices():
        if device.needs and not device.needs.search(sentence.text):
            continue
        for match in device.pattern.finditer(sentence.text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            if not match.group().strip() or (match.group().strip().isdigit() and not _is_card(sentence.text, match)):
                continue
            taken.append(match.span())
            if not pattern("hardware.foreign").search(sentence.text[max(0, match.start() - 80) : match.start()]):
                yield from _device_claims(sentence, device, match)


def _is_card(text: str, match: re.Match[str]) -> bool:
    """Whether a bare model number ("3090") is a card here and not an amount."""
    before, after = text[: match.start()], text[match.end() : match.end() + 22]
    if pattern("hardware.counted_after").match(after):
        return False
    around = f"{before[-25:]} {after}".rstrip() + " "
    return bool(pattern("hardware.card_near").search(around) or pattern("hardware.card_before").search(before))


def _device_claims(sentence: MessageSentence, device: Device, match: re.Match[str]) -> Iterator[Claim]:
    before = sentence.text[max(0, match.start() - 40) : match.start()]
    count, start = _count(before, sentence.text[match.end() : match.end() + 14], match.start())
    memory = _stated_memory(sentence.text, max(0, match.start() - 20), match.end() + 24) or device.memory_gb
    value, reason = judge(device.device_class, count, memory)
    name = device.name if count == 1 else f"{count} x {device.name}"
    strength = WEAK if device.device_class == "edge" else NORMAL  # where it runs, unless they say where they train
    claims = [
        claim_at(sentence, match, "compute", value, strength, reason=reason),
        claim_at(sentence, match, "hardware", name, amount=float(count)),
    ]
    if memory:
        claims.append(claim_at(sentence, match, "gpu_memory", f"{memory:g} GB", amount=memory, unit="GB"))
    yield from (replace(claim, start=sentence.start + start) for claim in claims)


def _count(before: str, after: str, start: int) -> tuple[int, int]:
    """(number of cards, where the count begins)."""
    match = pattern("hardware.count_before").search(before)
    if match:
        count = int(match["digits"] or _counted(match["words"]))
        if 1 <= count <= 4096:
            return count, start - (match.end() - match.start())
    behind = pattern("hardware.count_after").match(after)
    if behind:
        return int(behind["digits"] or 8), start
    return 1, start


def _counted(words: str) -> float:
    """How many cards words speak of ("a couple of", "huit")."""
    loose: dict[str, float] = load_table("reading/hardware.yaml")["counts"]
    return loose.get(words) or number_words("counting").get(words) or multiplier(words)


def _stated_memory(text: str, start: int, end: int) -> float | None:
    """GB of a card's memory that begins between two places; the computer's own memory ("16 GB of RAM") is none."""
    for match in pattern("hardware.memory").finditer(text[start:end]):
        of_computer = pattern("hardware.main_memory").match(text, start + match.end())
        if not of_computer and 2 <= float(match["size"]) <= 200:
            return float(match["size"])
    return None


def judge(device_class: str, count: int, memory_gb: float | None) -> tuple[str, str | None]:
    """limited, ample or unknown (with the reason) for a number of cards of one class of the table."""
    row = load_table("reading/hardware.yaml")["classes"][device_class]
    if count >= row.get("ample_from", math.inf):
        return "ample", None
    if count <= row.get("limited_to", 0) or (memory_gb or math.inf) <= row.get("limited_memory_gb", 0):
        return "limited", None
    return UNKNOWN, row["between"].format(count=count)


def _memory(sentence: MessageSentence) -> Iterator[Claim]:
    for match in chain(
        pattern("hardware.vram").finditer(sentence.text), pattern("hardware.card_memory").finditer(sentence.text)
    ):
        size = float(next(size for size in match.groupdict().values() if size))
        before = sentence.text[max(0, match.start() - 60) : match.start()]
        if pattern("hardware.foreign").search(before) or pattern("hardware.consumed").search(before):
            continue
        limited = size <= load_table("reading/hardware.yaml")["limits"]["memory_gb"]
        reason = None if limited else f"{size:g} GB of GPU memory lies between limited and ample."
        yield claim_at(sentence, match, "compute", "limited" if limited else UNKNOWN, reason=reason)
        yield claim_at(sentence, match, "gpu_memory", f"{size:g} GB", amount=size, unit="GB")


def _numbers_of_gpus(sentence: MessageSentence) -> Iterator[Claim]:
    for match in pattern("hardware.many_gpus").finditer(sentence.text):
        count = int(match["count"]) if match["count"].isdigit() else 8
        before = sentence.text[max(0, match.start() - 80) : match.start()]
        if count >= 4 and not pattern("hardware.foreign").search(before):
            value, reason = judge("unnamed", count, None)
            yield claim_at(sentence, match, "compute", value, reason=reason)


def _money(sentence: MessageSentence) -> Iterator[Claim]:
    limits = load_table("reading/hardware.yaml")["limits"]
    for match in pattern("hardware.money").finditer(sentence.text):
        around = sentence.text[max(0, match.start() - 45) : match.end() + 25]
        numbers = find_numbers(match["before"] or match["after"])
        if not numbers or not pattern("hardware.budget").search(around) or pattern("hardware.rate").search(around):
            continue
        amount = numbers[0].value
        if amount <= limits["small_budget"]:
            yield claim_at(sentence, match, "compute", "limited", STRONG)
        elif amount >= limits["ample_budget"]:
            yield claim_at(sentence, match, "compute", "ample", STRONG)
