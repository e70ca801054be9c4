"""How much labelled data the asker has: amounts that are their own training data, and what those amounts mean.

An amount counts as the asker's unless its surroundings say otherwise: what a model was pre-trained on, what a paper
used, what would be needed, test sets, unlabelled text, what is only supposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tunewise.facts.claims import NORMAL, WEAK, WEAKEST, Claim
from tunewise.facts.cues import is_counterfactual
from tunewise.facts.numbers import Number, find_numbers
from tunewise.facts.patterns import pattern
from tunewise.facts.quantities import Quantity, UnitKind, count_classes, counts_other, find_quantities
from tunewise.facts.text import Message, MessageSentence
from tunewise.types import MEDIUM, UNKNOWN

if TYPE_CHECKING:
    from tunewise.framework.model import Framework
    from tunewise.types import Situation

SIZE = "dataset_size"
BEFORE, BEHIND = 60, 45  # characters around an amount, where it is said when it comes


def dataset_claims(message: Message, framework: Framework) -> Iterator[Claim]:
    """Claims about dataset_size, n_examples and n_classes from the numbers of a message."""
    amounts = [item for sentence in message.sentences for item in _own_amounts(sentence)]
    classes = _classes(message)
    if classes:
        yield Claim("n_classes", str(classes[0]), classes[1], classes[2], amount=float(classes[0]), unit="classes")
    for quantity, counterfactual in _most_specific(amounts):
        resolved = _times_classes(quantity, classes[0] if classes else None)
        value, reason = classify(resolved.amount, resolved.kind, framework)
        if value == MEDIUM and _may_be_small(message, resolved, framework):
            value = UNKNOWN
        strength = WEAKEST if reason else WEAK if quantity.loose else NORMAL
        for claim in size_claims(resolved, value, resolved.start, resolved.end, strength, reason):
            yield replace(claim, counterfactual=counterfactual)


def _may_be_small(message: Message, quantity: Quantity, framework: Framework) -> bool:
    """Whether an amount in words, of which only the order of magnitude counts, may lie below the lower cut-off."""
    in_words = not re.search(r"\d", message.folded[quantity.start : quantity.end])
    return in_words and classify(quantity.amount / 2, quantity.kind, framework)[0] == "small"


def size_claims(
    quantity: Quantity, value: str, start: int, end: int, strength: int, reason: str | None = None
) -> Iterator[Claim]:
    """An amount of data as the fact dataset_size and as the detail n_examples; offsets are into the message."""
    unit = quantity.unit.replace("_", " ")
    size = Claim(SIZE, value, start, end, strength, reason=reason, amount=quantity.amount, unit=quantity.unit)
    yield size
    yield replace(size, fact="n_examples", value=f"{quantity.amount:,.10g} {unit}", reason=None, unit=unit)


def classify(amount: float, kind: UnitKind, framework: Framework) -> tuple[str, str | None]:
    """small, medium or large for an amount, and the reason where it lies between the cut-offs.

    Unknown where the framework has no cut-offs for the unit, or no value between them. The lower cut-off itself still
    counts as small for hours and examples per class (10 h, 100 per class).
    """
    try:
        small_below, large_from = framework.size_cutoffs(kind)
    except KeyError:
        return UNKNOWN, None
    if amount < small_below or (amount == small_below and kind in ("hours", "per_class")):
        return "small", None
    if amount >= large_from:
        return "large", None
    names = {"per_class": "examples per class", "hours": "hours", "tokens": "tokens", "gigabytes": "GB"}
    span = f"small (below {small_below:,.10g}) and large ({large_from:,.10g} and more)"
    reason = f"{amount:,.10g} {names.get(kind, 'examples')} lies between {span}."
    return framework.size_class(amount, kind) or UNKNOWN, reason


def _times_classes(quantity: Quantity, n_classes: int | None) -> Quantity:
    """Examples per class times the number of classes, unless either already decides."""
    if quantity.kind == "per_class" and n_classes and quantity.amount > 100:
        return replace(quantity, amount=quantity.amount * n_classes, kind="examples")
    return quantity


def _classes(message: Message) -> tuple[int, int, int] | None:
    for sentence in message.sentences:
        found = count_classes(sentence.text)
        if found:
            return found[0], sentence.start + found[1], sentence.start + found[2]
    return None


def _own_amounts(sentence: MessageSentence) -> Iterator[tuple[Quantity, bool]]:
    """(amount with offsets into the message, only supposed?) for each amount that is the asker's.

    What is synthetic or raw is a loose amount; what has no labels is none.
    """
    text = sentence.text
    found = find_quantities(text)
    taken = [(item.start, item.end) for item in found]
    found += [
        item
        for item in _bare_amounts(text)
        if not any(s <= item.start < e or item.start <= s < item.end for s, e in taken)
    ]
    for item in found:
        before, after = text[max(0, item.start - 90) : item.start], text[item.end : item.end + 60]
        words = text[item.start : item.end]
        if _is_foreign(before, after, words) or is_unlabelled(text, item.start, item.end):
            continue
        doubtful = bool(pattern("dataset.doubtful").search(before[-25:] + words + after[:25]))
        start, end = item.start + sentence.start, item.end + sentence.start
        moved = replace(item, start=start, end=end, loose=item.loose or doubtful)
        yield moved, is_counterfactual(sentence, item.start)


def is_unlabelled(text: str, start: int, end: int) -> bool:
    """Whether the amount that stands there in the text is one of what has no labels ("20k unlabelled ones")."""
    return bool(pattern("dataset.without_labels").search(text[max(0, start - 25) : end + 25]))


def present(claims: list[Claim], message: Message, previous: Situation | None) -> list[Claim]:
    """The claims without amounts that are only to come, where an amount is known already ("from March on we'd get
    150k"): those are no correction of what the asker has."""
    if previous is None or previous.value(SIZE) == UNKNOWN:
        return claims
    return [each for each in claims if each.fact not in (SIZE, "n_examples") or not _is_to_come(message, each)]


def _is_to_come(message: Message, claim: Claim) -> bool:
    around = message.folded[max(0, claim.start - BEFORE) : claim.end + BEHIND]
    return claim.status == "stated" and not claim.counterfactual and bool(pattern("dataset.to_come").search(around))


def _is_foreign(before: str, after: str, words: str) -> bool:
    foreign = pattern("dataset.foreign_before").search(before)
    if foreign and not pattern("dataset.own_training").search(before[max(0, foreign.start() - 25) :]):
        return True
    if pattern("dataset.tested").search(before) or pattern("dataset.needed_before").search(before):
        return True
    if pattern("dataset.needed_after").search(after) or pattern("dataset.tested_after").search(after):
        return True
    if pattern("dataset.test_words").search(words) or pattern("dataset.rate").match(after):
        return True
    serving = pattern("dataset.serving").search(before[-30:] + after[:30])
    return bool(serving) and not pattern("dataset.own_near").search(before[-60:])


def _bare_amounts(text: str) -> Iterator[Quantity]:
    """Numbers without a noun that stand right behind a word for data: "dataset size is ~700", "train on 1,200"."""
    for number in find_numbers(text):
        if number.value < 10 or (1900 <= number.value <= 2035 and "," not in text[number.start : number.end]):
            continue
        before, after = text[max(0, number.start - 70) : number.start], text[number.end : number.end + 15]
        if re.search(r"[a-z]-?$|\d[x.]\s?$", before):
            continue
        if not pattern("dataset.bare_tail").match(after):
            yield from _open_noun(text, number, before)
            continue
        if any(pattern(f"dataset.{name}").search(before) for name in ("data_number", "train_number", "amount_of")):
            yield Quantity(number.value, "examples", "examples", number.start, number.end)


def _open_noun(text: str, number: Number, before: str) -> Iterator[Quantity]:
    """A plural noun that no table has, behind a verb of having or training: "I fine-tuned on 500 cats"."""
    some = pattern("dataset.some_of").match(text, number.end, number.end + 30)
    if some:
        yield Quantity(number.value, "examples", "examples", number.start, some.end(), loose=True)
        return
    rest = text[number.end : number.end + 60]
    noun = pattern("dataset.open_noun").match(rest)
    if not noun or counts_other(noun.group()):
        return
    word, end = noun.group().strip(), number.end + noun.end()
    each = pattern("quantities.per_class_after").match(rest[noun.end() :])
    if each:  # "30 stamps of each issue"
        yield Quantity(number.value, "per_class", word, number.start, end + each.end(), loose=True)
    elif pattern("dataset.open_before").search(before):
        yield Quantity(number.value, "examples", word, number.start, end, loose=True)


def _most_specific(amounts: list[tuple[Quantity, bool]]) -> list[tuple[Quantity, bool]]:
    """Of several amounts, keep those in the unit that counts labelled examples most directly.

    Hours of audio beat counts of files; amounts of the same kind are all kept, so that contradictions show.
    """
    firm = [entry for entry in amounts if not entry[0].loose] or amounts
    order: tuple[UnitKind, ...] = ("hours", "per_class", "examples", "gigabytes", "tokens")
    kinds = {entry[0].kind for entry in firm}
    leading = next((kind for kind in order if kind in kinds), None)
    return [entry for entry in firm if entry[0].kind == leading]
