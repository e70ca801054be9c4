"""Values from spans that a model copied out of the message as stating a fact.

The span is evidence of *where*, code still has to read *what*: with the ordinary patterns first, then with looser ones
that are only safe because somebody already said which fact the words are about. Nothing is read from a span that is
not in the message, or about a fact that the patterns have read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tunewise.facts.claims import WEAK, Claim
from tunewise.facts.cues import is_counterfactual
from tunewise.facts.dataset import Cutoffs, classify
from tunewise.facts.numbers import find_numbers
from tunewise.facts.quantities import find_quantities
from tunewise.facts.text import Message

_LOOSE: dict[str, tuple[tuple[str, str], ...]] = {
    "dataset_size": (
        (
            "small",
            r"\b(?:small\w*|few\w*|tiny|little|limited|scarce|handful|not (?:much|many)|dozens?|peu|petit)\b|少|小|不多|不够|有限",
        ),
        ("large", r"\b(?:large|huge|massive|big|millions|lots|plenty|enorme|grand)\b|大量|海量|很多|充足"),
    ),
    "similarity": (
        ("low", r"\b(?:different|unlike|never|not|new|another|other|unseen|unknown|far|differente?)\b|不同|没|新|差异"),
        ("high", r"\b(?:same|similar|identical|alike|close|subset|already|meme|similaire)\b|相似|相同|一样|已有"),
    ),
    "compute": (
        (
            "limited",
            r"\b(?:limited|single|one|laptop|cpu|colab|memory|budget|cheap|small|old|no gpu|desktop|phone)\b|显存|单卡|不够|有限",
        ),
        ("ample", r"\b(?:cluster|hpc|unlimited|plenty|many gpus|nodes|no problem|supercomputer|dgx)\b|集群|充足|不缺"),
    ),
    "forgetting_concern": (
        ("no", r"\b(?:don't care|not needed|irrelevant|doesn't matter|not important|no concern)\b|无所谓|不在乎"),
        (
            "yes",
            r"\b(?:forget\w*|forgot\w*|los[et]\w*|keep\w*|preserv\w*|retain\w*|gone|worse|destroy\w*|broken?|oubli\w*)\b|忘|丢|保留|下降",
        ),
    ),
    "latency_critical": (
        (
            "no",
            r"\b(?:not (?:important|critical|needed)|doesn't matter|overnight|offline|batch|no concern)\b|不重要|离线",
        ),
        (
            "yes",
            r"\b(?:real[- ]?time|fast\w*|latency|slow\w*|quick\w*|ms|seconds?|live|instant\w*|rapide|temps reel)\b|实时|延迟|慢|快",
        ),
    ),
}
_COMPILED = {name: tuple((value, re.compile(pattern)) for value, pattern in rows) for name, rows in _LOOSE.items()}


def quoted_claims(message: Message, quotes: Mapping[str, str], known: list[Claim], cutoffs: Cutoffs) -> Iterator[Claim]:
    """Weak claims from copied spans about facts on which the patterns said nothing."""
    already = {claim.fact for claim in known}
    for name, span in sorted(quotes.items()):
        start = message.raw.find(span) if span.strip() else -1
        if start < 0 or name in already:
            continue
        end = start + len(span)
        supposed = is_counterfactual(message.sentence_at(start), start - message.sentence_at(start).start)
        amount = _amount(message.folded[start:end], cutoffs) if name == "dataset_size" else None
        if amount:
            value, reason, number = amount
            yield Claim(
                name, value, start, end, WEAK, reason=reason, amount=number, unit="examples", counterfactual=supposed
            )
            continue
        values = [value for value, pattern in _COMPILED.get(name, ()) if pattern.search(message.folded[start:end])]
        if values and (len(values) == 1 or values[0] == "no"):
            yield Claim(name, values[0], start, end, WEAK, counterfactual=supposed)


def _amount(span: str, cutoffs: Cutoffs) -> tuple[str, str | None, float] | None:
    quantities = find_quantities(span)
    if quantities:
        value, reason = classify(quantities[0].amount, quantities[0].kind, cutoffs)
        return value, reason, quantities[0].amount
    numbers = [number for number in find_numbers(span) if number.value >= 10]
    if len(numbers) != 1 or re.search(r"epoch|layer|class|gpu|gb|pixel|step|%", span):
        return None
    value, reason = classify(numbers[0].value, "examples", cutoffs)
    return value, reason, numbers[0].value
