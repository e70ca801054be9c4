"""What the asker computes with: accelerators and their number, cloud machines, memory sizes, money.

One consumer card, a small cloud card, a device at the edge or a small sum of money is limited; several data-centre
cards are ample; what lies between (one 80 GB card, two to four consumer cards) stays unknown, with its reason.
Words such as "laptop", "cluster" or "out of memory" are cues (`corpus/reading/cues.yaml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from tunewise.facts.claims import NORMAL, STRONG, WEAK, Claim
from tunewise.facts.cues import is_counterfactual
from tunewise.facts.numbers import find_numbers
from tunewise.facts.patterns import pattern
from tunewise.facts.text import Message, MessageSentence
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


_COUNT_AFTER = re.compile(
    r"\s?(?:\(?\d+\s?gi?b?\)?\s?)?(?:x|\*|\sx\s)\s?(?P<digits>\d{1,3})(?!\d|\s?gb)|\s?(?:gpus? )?(?:八|8)卡"
)
_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10, "sixteen": 16,
    "a couple of": 2, "a pair of": 2, "dual": 2, "several": 4, "multiple": 4, "many": 8, "a few": 3, "dozens of": 24,
    "deux": 2, "trois": 3, "quatre": 4, "huit": 8, "plusieurs": 4,
    "两": 2, "双": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "十": 10, "几": 4, "多": 4,
}  # fmt: skip
_SMALL_BUDGET = 1_000.0
_AMPLE_BUDGET = 20_000.0


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


def device_memory_gb(name: str) -> float | None:
    """Memory of one card by its name in the table, in GB; None if it varies or is not in the table."""
    return next((device.memory_gb for device in _devices() if device.name == name), None)


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
    after = text[match.end() : match.end() + 22]
    if re.match(
        r"\s?(?:images?|samples|examples|hours|条|张图|张照|件|sentences|rows|steps|epochs|documents|iterations|photos|pictures|videos|[,.]\d|%|步|次|元|,\s?\d{3})",
        after,
    ):
        return False
    around = text[max(0, match.start() - 25) : match.start()] + " " + after
    return bool(
        re.search(
            r"gpu|显|卡|nvidia|vram|\b(?:a|an|one|single|my|our|with|on|x|two|own|dual|une?)\s?x?\s*$|张|块|gb|gtx|rtx|\d\s?x\s?$|台|用|只有",
            around.rstrip() + " ",
        )
    ) or bool(
        re.search(
            r"(?:\b(?:a|an|one|single|my|our|the|on|with|two|four|dual|une|x)|\dx|[张块台用在]|\bgig|\bgb|\bg|vieille|ancienne|old|his|her)\s?$",
            text[: match.start()],
        )
    )


def _device_claims(sentence: MessageSentence, device: Device, match: re.Match[str]) -> Iterator[Claim]:
    before = sentence.text[max(0, match.start() - 40) : match.start()]
    count, start = _count(before, sentence.text[match.end() : match.end() + 14], match.start())
    stated = _stated_memory(sentence.text[max(0, match.start() - 20) : match.end() + 24])
    memory = stated or device.memory_gb
    value, reason = judge(device.device_class, count, memory)
    begin, end = sentence.start + start, sentence.start + match.end()
    supposed = is_counterfactual(sentence, match.start())
    name = device.name if count == 1 else f"{count} x {device.name}"
    strength = WEAK if device.device_class == "edge" else NORMAL  # where it runs, unless they say where they train
    yield Claim("compute", value, begin, end, strength, reason=reason, counterfactual=supposed)
    yield Claim("hardware", name, begin, end, amount=float(count), counterfactual=supposed)
    if memory:
        yield Claim("gpu_memory", f"{memory:g} GB", begin, end, amount=memory, unit="GB", counterfactual=supposed)


def _count(before: str, after: str, start: int) -> tuple[int, int]:
    """(number of cards, where the count begins)."""
    match = pattern("hardware.count_before").search(before)
    if match:
        count = int(match["digits"]) if match["digits"] else _WORDS[match["words"]]
        if 1 <= count <= 4096:
            return count, start - (match.end() - match.start())
    behind = _COUNT_AFTER.match(after)
    if behind:
        return int(behind["digits"] or 8), start
    return 1, start


def _stated_memory(around: str) -> float | None:
    match = re.search(r"(?<![\d.])(\d{1,3})\s?-?(?:gb|gib|g(?![a-z])|go\b)", around)
    return float(match[1]) if match and 2 <= float(match[1]) <= 200 else None


def judge(device_class: str, count: int, memory_gb: float | None) -> tuple[str, str | None]:
    """limited, ample or unknown (with the reason) for a number of cards of one class."""
    if device_class in ("edge", "apple"):
        return "limited", None
    if device_class in ("ample", "pod"):
        return "ample", None
    if device_class == "middle":
        return UNKNOWN, "Between limited and ample: it suffices for some models and not for others."
    if device_class == "workstation" and count < 4:
        return UNKNOWN, f"{count} workstation cards lie between limited and ample."
    if device_class in ("datacentre", "workstation"):
        if count >= 2:
            return "ample", None
        if memory_gb and memory_gb <= 24:
            return "limited", None
        return UNKNOWN, "One data-centre card: enough for some models, too little for full fine-tuning of large ones."
    if count == 1:
        return "limited", None
    return ("ample", None) if count >= 8 else (UNKNOWN, f"{count} cards of this class lie between limited and ample.")


def _memory(sentence: MessageSentence) -> Iterator[Claim]:
    for match in chain(
        pattern("hardware.vram").finditer(sentence.text), pattern("hardware.card_memory").finditer(sentence.text)
    ):
        size = float(next(size for size in match.groupdict().values() if size))
        before = sentence.text[max(0, match.start() - 60) : match.start()]
        if pattern("hardware.foreign").search(before) or pattern("hardware.consumed").search(before):
            continue
        start, end = sentence.start + match.start(), sentence.start + match.end()
        supposed = is_counterfactual(sentence, match.start())
        limited = size <= 24
        reason = None if limited else f"{size:g} GB of GPU memory lies between limited and ample."
        yield Claim("compute", "limited" if limited else UNKNOWN, start, end, reason=reason, counterfactual=supposed)
        yield Claim("gpu_memory", f"{size:g} GB", start, end, amount=size, unit="GB", counterfactual=supposed)


def _numbers_of_gpus(sentence: MessageSentence) -> Iterator[Claim]:
    for match in pattern("hardware.many_gpus").finditer(sentence.text):
        before = sentence.text[max(0, match.start() - 80) : match.start()]
        numbers = find_numbers(match["count"]) if match["count"].isdigit() else ()
        count = numbers[0].value if numbers else 8
        if count < 4 or pattern("hardware.foreign").search(before):
            continue
        value, reason = ("ample", None) if count >= 8 else (UNKNOWN, f"{count:g} GPUs of an unnamed kind.")
        start, end = sentence.start + match.start(), sentence.start + match.end()
        yield Claim(
            "compute", value, start, end, reason=reason, counterfactual=is_counterfactual(sentence, match.start())
        )


def _money(sentence: MessageSentence) -> Iterator[Claim]:
    for match in pattern("hardware.money").finditer(sentence.text):
        around = sentence.text[max(0, match.start() - 45) : match.end() + 25]
        numbers = find_numbers(match["before"] or match["after"])
        if (
            not numbers
            or not pattern("hardware.budget").search(around)
            or re.search(r"\b(?:per|a|each|every) (?:month|request|call|1k|1000|token|image)", around)
        ):
            continue
        amount = numbers[0].value
        if _SMALL_BUDGET < amount < _AMPLE_BUDGET:
            continue
        start, end = sentence.start + match.start(), sentence.start + match.end()
        value = "limited" if amount <= _SMALL_BUDGET else "ample"
        yield Claim("compute", value, start, end, STRONG, counterfactual=is_counterfactual(sentence, match.start()))
