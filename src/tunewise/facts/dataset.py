"""How much labelled data the asker has: amounts that are their own training data, and what those amounts mean.

An amount counts as the asker's unless its surroundings say otherwise: what a model was pre-trained on, what a paper
used, what would be needed, test sets, unlabelled text, what is only supposed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from tunewise.facts.claims import NORMAL, WEAK, Claim
from tunewise.facts.cues import compiled, is_counterfactual
from tunewise.facts.numbers import Number, find_numbers
from tunewise.facts.quantities import Quantity, UnitKind, count_classes, counts_other, find_quantities
from tunewise.facts.text import Message, Sentence
from tunewise.types import UNKNOWN

Cutoffs = Callable[[str], tuple[float, float]]

_FOREIGN_BEFORE = (
    r"\b(?:pre-?train\w*|pre-trained|originally trained|initially trained) (?:\w+ ){0,6}?(?:on|with|using|over|from)? ?(?:\w+ ){0,3}$"
    r"|\b(?:was|were|been|is|are|which|that)(?: \w+)? trained (?:on|with|using|from|over) (?:\w+ ){0,4}$"
    r"|\b(?:you|your|the paper|the authors?|the article|paper|tutorials?|they|their|people|others|somebody|someone|everyone|everybody|google|openai|meta|the blog|the docs|the readme) "
    r"(?:(?!\b(?:i|we|my|our)\b)[\w'-]+[ ,]){0,9}?$"
    r"|(?:^|[^a-z])(?:imagenet|coco|librispeech|wikipedia|common voice|fleurs|audioset|the pile|c4|laion\S*|openwebtext|squad|mnist|cifar\S*) (?:has|have|had|contains?|includes?|comprises?|with|consists of|offers) (?:\w+ ){0,3}$"
    r"|(?:预训练|作者|论文|别人|官方|原模型|教程|文章|你们)[^,。;]{0,16}$"
    r"|\b(?:pre-?entrain\w+|entrainee?s? (?:sur|avec)) (?:\w+ ){0,4}$"
)
_TESTED = (
    r"\b(?:test|testing|validation|val|eval|evaluation|dev|held-?out|hold-?out|benchmark)[ -](?:set|data|dataset|split|images|samples|examples|portion)?s?"
    r"(?: \w+){0,4}? ?[(:]?(?:\w+ ){0,2}$"
)
_NEEDED_BEFORE = (
    r"\b(?:needs?|needed|require[sd]?|requiring|recommend\w*|suggest\w*|minimum(?: of)?|necessary|would take|should (?:i |we |one |it )?(?:have|use|collect|label|be)|how many|aim (?:for|at)|takes)"
    r" (?:(?!\b(?:have|got|only)\b)[\w'-]+ ){0,6}$|(?:需要|要求|至少要?|起码|多少|建议)[^,。;]{0,8}$|\b(?:faut(?:-il)?|besoin|necessaires?|combien) (?:\w+ ){0,4}$"
)
_NEEDED_AFTER = r"^[^.;,]{0,25}\b(?:(?:are|is|be|really|actually) (?:\w+ ){0,2}?(?:needed|required|necessary|recommended)|recommended|required|to be expected|are advised)\b|^[^,。;]{0,6}(?:才够|才行)"
_UNLABELLED = r"\b(?:unlabell?ed|un-?annotated|raw|unsupervised|non annotees?|synthetic)\b|无标注|未标注|没标注"
_SERVING = r"\b(?:serve|serving|handle|process|inference on|predict|requests?|classify|per day|a day|daily|per month|a month|each day|every day|users)\b"
_TESTED_AFTER = r"^ ?(?:for|in|as) (?:the |my |our )?(?:test|testing|validation|val|eval|evaluation|dev)\b"
_OWN_NEAR = r"\b(?:my|our|i|we|i've|we've|i'd|only|just|have|got|with|mine|j'ai|nous|notre|mes|mon|dataset|data set|training set|corpus)\b|我|我们|手|只有|数据"
_DATA_NUMBER = re.compile(
    r"(?:\b(?:data ?sets?|training data|train(?:ing)? sets?|trainset|corpus|collection|samples?|examples?|images?|photos?|pictures?|sentences?|recordings?|pairs|documents?|labels|annotations|data|"
    r"set of [a-z]+|jeu de donnees|donnees|corpus|exemples|phrases)|数据集?量?|样本量?|语料|训练集|图片|标注)"
    r"(?:[ (:,~=<>'-]|\b(?:is|are|was|were|of|has|have|contains?|counts?|count|numbers?|size|sized|about|around|only|just|roughly|approximately|approx|some|over|under|nearly|almost|up to|"
    r"in total|at|to|the|comprises?|totals?|consists?|includes?|reach(?:es)?|less than|fewer than|more than|not even|below|above|amounts?|exactly|currently|now|so far|that|which|i|we|made up|"
    r"compte|contient|fait|taille|environ|est|de|moins|plus|que|a peine|seulement)\b|量|大概|大约|约|有|是|只|就|为|共|一共|总共|差不多|左右|才|不到|将近|接近){0,9}$"
)
_OPEN_BEFORE = re.compile(
    r"\b(?:have|has|had|'ve|got|collected|labell?ed|annotated|gathered|scraped|recorded|prepared|ended up with|there (?:are|were)|wrote|drew|took|made|transcribed|coded|fed (?:\w+ ){0,3}|managed|obtained|own|possess|only|just|(?:train(?:ed|ing)?|fine-?tun(?:e|ed|ing)|tuned?|tuning) (?:\w+ ){0,3}?(?:on|with|using)|set of|dataset of|data set of|corpus of|categories,|classes,)"
    r" (?:about |around |roughly |some |only |just |approximately |nearly |almost |over |the |my |our |a |like |maybe |perhaps |circa |~)*$"
)
_OPEN_NOUN = re.compile(
    r" (?:[a-z-]+ ){0,3}?(?!(?:this|is|was|has|less|plus|thus|across|always|yes|us|its|his|as|does|various|previous|bus|gas|epochs)\b)[a-z-]{2,}[a-rt-z]s\b"
)
_AMOUNT_OF = re.compile(
    r"\b(?:number|amount|count|quantity|total) of (?!(?:\w+ ){0,2}(?:class|param|epoch|layer|gpu|token|step|head|weight|feature|categor|speaker))(?:[a-z'-]+ ){1,9}?(?:is|are|=|:|amounts to|reaches|was|comes to) (?:about |around |only |just |roughly |some |approximately |nearly |at )*$"
)
_TRAIN_NUMBER = re.compile(
    r"\b(?:train(?:ed|ing)?|fine-?tun(?:e|ed|ing)|tune[d]?|tuning|learn(?:ed|t)?) (?:\w+ ){0,3}?(?:on|with|using|from) (?:about |around |only |just |roughly |some |the |my |our |a |all |these )*$"
)
_BARE_TAIL = re.compile(
    r"(?:\s?[),.;!?。]|\s?$|\s(?:in total|total|overall|so far|or so|only|for|to|and|but|which|per|at|after|by|now|right now|until|each|every|左右|examples)\b|左右|吧|[^a-z0-9%\s.])"
)


def dataset_claims(message: Message, cutoffs: Cutoffs) -> Iterator[Claim]:
    """Claims about dataset_size, n_examples and n_classes from the numbers of a message."""
    amounts = [item for sentence in message.sentences for item in _own_amounts(sentence)]
    classes = _classes(message)
    if classes:
        yield Claim("n_classes", str(classes[0]), classes[1], classes[2], amount=float(classes[0]), unit="classes")
    for quantity, counterfactual, weak in _most_specific(amounts):
        resolved = _times_classes(quantity, classes[0] if classes else None)
        yield _size_claim(resolved, cutoffs, counterfactual, weak)
        count = resolved.kind == "examples"
        if count or resolved.kind in ("hours", "per_class", "gigabytes", "tokens"):
            unit = resolved.noun if count else resolved.kind.replace("_", " ")
            text = f"{resolved.amount:,.10g} {unit}"
            yield Claim(
                "n_examples", text, resolved.start, resolved.end, WEAK if weak else NORMAL,
                amount=resolved.amount, unit=unit, counterfactual=counterfactual,
            )  # fmt: skip


def classify(amount: float, kind: str, cutoffs: Cutoffs) -> tuple[str, str | None]:
    """small, large or unknown for an amount, and the reason where it lies between the cut-offs.

    The lower cut-off itself still counts as small for hours and examples per class (10 h, 100 per class).
    """
    small_below, large_from = cutoffs(kind)
    if amount < small_below or (amount == small_below and kind in ("hours", "per_class")):
        return "small", None
    if amount >= large_from:
        return "large", None
    unit = {"per_class": "examples per class", "hours": "hours", "tokens": "tokens", "gigabytes": "GB"}.get(
        kind, "examples"
    )
    return (
        UNKNOWN,
        f"{amount:,.10g} {unit} lies between small (below {small_below:,.10g}) and large ({large_from:,.10g} and more).",
    )


def _size_claim(quantity: Quantity, cutoffs: Cutoffs, counterfactual: bool, weak: bool) -> Claim:
    value, reason = classify(quantity.amount, quantity.kind, cutoffs)
    unit = quantity.noun if quantity.kind == "examples" else quantity.kind
    strength = WEAK if weak else NORMAL
    return Claim(
        "dataset_size", value, quantity.start, quantity.end, strength,
        reason=reason, amount=quantity.amount, unit=unit, counterfactual=counterfactual,
    )  # fmt: skip


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


def _own_amounts(sentence: Sentence) -> Iterator[tuple[Quantity, bool, bool]]:
    """(amount with offsets into the message, only supposed?, weak?) for each amount that is the asker's."""
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
        if _is_foreign(before, after, text[item.start : item.end]):
            continue
        weak = bool(compiled(_UNLABELLED).search(before[-25:] + text[item.start : item.end] + after[:25])) or item.loose
        moved = replace(item, start=item.start + sentence.start, end=item.end + sentence.start)
        yield moved, is_counterfactual(sentence, item.start), weak


def _is_foreign(before: str, after: str, words: str) -> bool:
    own = compiled(_OWN_NEAR)
    for pattern in (_FOREIGN_BEFORE, _TESTED, _NEEDED_BEFORE):
        match = compiled(pattern).search(before)
        if match and not (
            pattern is _FOREIGN_BEFORE and re.search(r"\b(?:my|our|i|we)\b", before[max(0, match.start() - 25) :])
        ):
            return True
    if compiled(_NEEDED_AFTER).search(after) or compiled(_TESTED_AFTER).search(after):
        return True
    if re.search(r"\b(?:test|validation|eval|evaluation|dev)\b", words):
        return True
    if re.match(r"\s?(?:a|per|each|every|par|an|/)\s?(?:hour|day|week|second|sec|s|minute|jour|semaine|seconde|heure)\b", after):
        return True
    return bool(compiled(_SERVING).search(before[-30:] + after[:30])) and not own.search(before[-60:])


def _bare_amounts(text: str) -> Iterator[Quantity]:
    """Numbers without a noun that stand right behind a word for data: "dataset size is ~700", "train on 1,200"."""
    for number in find_numbers(text):
        if number.value < 10 or (1900 <= number.value <= 2035 and "," not in text[number.start : number.end]):
            continue
        before, after = text[max(0, number.start - 70) : number.start], text[number.end : number.end + 15]
        if re.search(r"[a-z]-?$|\d[x.]\s?$", before):
            continue
        if not _BARE_TAIL.match(after):
            yield from _open_noun(text, number, before)
            continue
        if _DATA_NUMBER.search(before) or _TRAIN_NUMBER.search(before) or _AMOUNT_OF.search(before):
            yield Quantity(number.value, "examples", "examples", number.start, number.end)


def _open_noun(text: str, number: Number, before: str) -> Iterator[Quantity]:
    """A plural noun that no table has, behind a verb of having or training: "I fine-tuned on 500 cats"."""
    some = re.match(r" of (?:them|these|those|it|my|our)\b(?: \w+)?", text[number.end : number.end + 30])
    if some:
        yield Quantity(number.value, "examples", "examples", number.start, number.end + some.end(), loose=True)
        return
    noun = _OPEN_NOUN.match(text[number.end : number.end + 60])
    if noun and _OPEN_BEFORE.search(before) and not counts_other(noun.group()):
        yield Quantity(
            number.value, "examples", noun.group().strip(), number.start, number.end + noun.end(), loose=True
        )


def _most_specific(amounts: list[tuple[Quantity, bool, bool]]) -> list[tuple[Quantity, bool, bool]]:
    """Of several amounts, keep those in the unit that counts labelled examples most directly.

    Hours of audio beat counts of files; amounts of the same kind are all kept, so that contradictions show.
    """
    firm = [entry for entry in amounts if not entry[2]] or amounts
    order: tuple[UnitKind, ...] = ("hours", "per_class", "examples", "gigabytes", "tokens")
    kinds = {entry[0].kind for entry in firm}
    leading = next((kind for kind in order if kind in kinds), None)
    return [entry for entry in firm if entry[0].kind == leading]
