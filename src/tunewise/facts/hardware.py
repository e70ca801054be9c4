"""What the asker computes with: accelerators and their number, cloud machines, memory sizes, money.

One consumer card, a small cloud card, a device at the edge or a small sum of money is limited; several data-centre
cards are ample; what lies between (one 80 GB card, two to four consumer cards) stays unknown, with its reason.
Words such as "laptop", "cluster" or "out of memory" are cues (`corpus/reading/cues.yaml`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from tunewise.facts.claims import NORMAL, STRONG, WEAK, Claim
from tunewise.facts.cues import claim_at
from tunewise.facts.numbers import find_numbers
from tunewise.facts.patterns import pattern
from tunewise.facts.text import Message, MessageSentence
from tunewise.number_words import multiplier, number_words
from tunewise.tables import load_table
from tunewise.types import UNKNOWN

# No name begins within a word or a number: "8xH100" begins one, "640x3090" and "0x3090" do not.
_START = r"(?<![a-wyz0-9.])(?<![a-z.]x)(?<!\d{3}x)(?<!\D0x)(?<!^0x)"
MOST_MACHINES, MOST_CARDS = 512, 4096
YEARS = range(2006, 2036)  # before a machine no count ("a 2021 MacBook")
# Letters before a size that make it part of a name; "8x80GB" is a size.
_LETTERS = frozenset("abcdefghijklmnopqrstuvwyz")


@dataclass(frozen=True, slots=True)
class Device:
    """One kind of machine: `memory_gb` of one card (None: varies, 0: no card), `laptop_gb` of the card in a laptop.

    `needs` must also match the sentence. `cards` is how many are in it, unless a group `cards` of the pattern tells.
    `tflops` is the dense 16-bit peak of one card on a desk or in a rack, in 10^12 operations a second.
    """

    name: str
    pattern: re.Pattern[str]
    memory_gb: float | None
    device_class: str
    needs: re.Pattern[str] | None
    laptop_gb: float | None
    cards: int
    tflops: float | None


@lru_cache(maxsize=1)
def _devices() -> tuple[Device, ...]:
    return tuple(
        Device(
            row["name"],
            _name(row["pattern"]),
            row["memory"],
            row["class"],
            re.compile(row["needs"]) if row.get("needs") else None,
            row.get("laptop"),
            row.get("cards", 1),
            row.get("tflops"),
        )
        for row in _rows()
    )


def peak_tflops(name: str) -> float | None:
    """Dense 16-bit peak of one card by the name that it is shown under; None where the table gives none."""
    return next((device.tflops for device in _devices() if device.name == name and device.tflops), None)


def _rows() -> list[dict[str, Any]]:
    table = load_table("reading/hardware.yaml")
    rows: list[dict[str, Any]] = table["instances"] + table["devices"]
    return rows


@lru_cache(maxsize=1)
def _any_device() -> re.Pattern[str]:
    """All rows in one pattern: a sentence without a match needs no look at each of them."""
    return _name("|".join(row["pattern"].replace("(?P<cards>", "(?:") for row in _rows()))


def _name(written: str) -> re.Pattern[str]:
    """A pattern of the table with its `<part>`s put in; `(?P<cards>` is a group, not a part."""
    parts = load_table("reading/hardware.yaml")["parts"]
    whole = re.sub(r"(?<!P)<([a-z]+)>", lambda part: f"(?:{parts[part[1]]})", written)
    return re.compile(rf"{_START}(?:{whole})(?![0-9])")


@cache
def _table_pattern(key: str) -> re.Pattern[str]:
    """A pattern that stands at a key of the table."""
    return re.compile(load_table("reading/hardware.yaml")[key])


def hardware_claims(message: Message) -> Iterator[Claim]:
    """Claims about compute, hardware and gpu_memory from named machines, memory sizes, numbers of GPUs and money."""
    for sentence in message.sentences:
        named = list(_named(sentence))
        yield from named
        if not named:
            yield from _memory(sentence)
            yield from _numbers_of_gpus(sentence)
        yield from _money(sentence)


def within_machine(message: Message) -> Callable[[int], bool]:
    """Tells whether a place in a message lies in what names a machine, its number, memory or price ("one 4090"), so
    that a number there is no amount of data."""
    spans = [(claim.start, claim.end) for claim in hardware_claims(message)]
    return lambda place: any(start <= place < end for start, end in spans)


def _named(sentence: MessageSentence) -> Iterator[Claim]:
    if not _any_device().search(sentence.text):
        return
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
    machines, start = _machines(sentence.text, start, match.end())
    count *= machines
    count *= int(match["cards"]) if "cards" in device.pattern.groupindex else device.cards
    is_mobile = device.laptop_gb is not None and _is_mobile(sentence.text, match)
    memory = device.laptop_gb if is_mobile else device.memory_gb
    if memory != 0:
        memory = _stated_memory(sentence.text, match) or memory
    value, reason = judge(device.device_class, count, memory)
    name = f"{device.name} Laptop" if is_mobile else device.name
    name = name if count == 1 else f"{count} x {name}"
    strength = WEAK if device.device_class == "edge" else NORMAL  # where it runs, unless they say where they train
    claims = [
        claim_at(sentence, match, "compute", value, strength, reason=reason),
        claim_at(sentence, match, "hardware", name, amount=float(count)),
    ]
    if memory:
        claims.append(claim_at(sentence, match, "gpu_memory", f"{memory:g} GB", amount=memory, unit="GB"))
    yield from (replace(claim, start=sentence.start + start) for claim in claims)


def _is_mobile(text: str, match: re.Match[str]) -> bool:
    """Whether the card is the one of a laptop ("4090 laptop", "a notebook with a 3060")."""
    before, after = text[max(0, match.start() - 60) : match.start()], text[match.end() : match.end() + 60]
    return bool(_table_pattern("laptop_after").match(after) or _table_pattern("laptop_before").search(before))


def _count(before: str, after: str, start: int) -> tuple[int, int]:
    """(number of cards, where the count begins)."""
    match = pattern("hardware.count_before").search(before)
    if match:
        count = int(match["digits"] or _counted(match["words"]))
        if 1 <= count <= MOST_CARDS and count not in YEARS:
            return count, start - (match.end() - match.start())
    behind = pattern("hardware.count_after").match(after)
    if behind:
        return int(behind["digits"] or 8), start
    return 1, start


def _machines(text: str, start: int, end: int) -> tuple[int, int]:
    """(number of machines that each hold what stands from start to end, where the words about it begin)."""
    before = pattern("hardware.nodes_before").search(text[max(0, start - 60) : start])
    found = before or pattern("hardware.nodes_after").match(text[end : end + 60])
    if not found or pattern("hardware.in_total").match(text, end):
        return 1, start
    count = int(found["count"]) if found["count"].isdigit() else int(_counted(found["count"]))
    first = start - (before.end() - before.start()) if before else start
    return (count, first) if 1 <= count <= MOST_MACHINES else (1, start)


def _counted(words: str) -> float:
    """How many cards words speak of ("a couple of", "huit")."""
    loose: dict[str, float] = load_table("reading/hardware.yaml")["counts"]
    return loose.get(words) or number_words("counting").get(words) or multiplier(words)


def _stated_memory(text: str, card: re.Match[str]) -> float | None:
    """GB of a card's memory that stands right behind its name, or else near it.

    The computer's own memory ("16 GB of RAM") is none, nor is a size of something else ("a 10 GB download"), nor what
    another card's name or a comma separates from this one, nor the "10G" in the name of an A10G; "8x80GB" is.
    """
    near = []
    for match in pattern("hardware.memory").finditer(text, max(0, card.start() - 20), card.end() + 24):
        in_a_name = match.start() > 0 and text[match.start() - 1] in _LETTERS
        in_this_name = card.start() < match.end() and match.start() < card.end()
        of_computer = pattern("hardware.main_memory").match(text, match.end())
        of_other = _table_pattern("other_sizes").match(text, match.end())
        if in_a_name or in_this_name or of_computer or of_other or not 2 <= float(match["size"]) <= 200:
            continue
        is_before = match.end() <= card.start()
        between = (match.end(), card.start()) if is_before else (card.end(), match.start())
        apart = text[slice(*between)]
        if _any_device().search(text, *between) or (is_before and _table_pattern("separators").search(apart)):
            continue
        near.append((is_before or bool(apart.strip(" (-")), float(match["size"])))
    return min(near, key=lambda found: found[0])[1] if near else None


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
