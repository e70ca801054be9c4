"""Words of a text as the lexical search sees them: lower case, without stop words, stemmed; and their near synonyms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

# "fine-tune", "fine tune" and "finetune" are one word; so are "pre-train" and "pretrain".
_JOINED = (("fine-tun", "finetun"), ("fine tun", "finetun"), ("pre-train", "pretrain"), ("pre train", "pretrain"))
_WORD = re.compile(r"[^\W_]+(?:(?<=\d)\.\d+)?")
STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being below but by can could
    did do does doing each few for from had has have having he her him his how i if in into is it its just me more most
    my no nor not now of off on once only or other our out over own same she should so some such t than that the their
    them then there these they this those to too up very was we were what when where which while who whom why will with
    would you your
    actually explain get gets got know let make makes made please really sense tell think want wants""".split()
)
# Everyday words of questions and the terms that documents on machine learning use for them. A question's word brings in
# the other words of its group, at less weight.
_SYNONYMS = """
fine-tune tune train adapt
freeze frozen fix untouched
forget forgot lose lost erase unlearn
preserve keep retain protect
small smaller few fewer tiny little less limited scarce handful
large larger big bigger huge many lots million massive
compute computational hardware gpu vram resource memory
memory footprint vram ram
similar close alike resemble same
different dissimilar unlike distant shift
latency slow slower fast faster speed millisecond inference
test evaluate measure validate check try baseline
head classifier top
all entire whole every full
expensive cost cheap cheaper price budget
layer weight parameter
data dataset example sample
peft lora adapter parameter-efficient
distill distillation teacher student mimic
regularization dropout decay
augmentation synthetic transformation
bit precision quantization quantize
prune pruning remove
knowledge fact
domain field area
label labelled labeled annotate
cluster ample
speech audio voice
accuracy performance quality
"""


def words(text: str) -> list[str]:
    """Stems of the content words of a text, in order, repetitions kept."""
    text = text.lower().replace("’", "'")
    for variant, joined in _JOINED:
        text = text.replace(variant, joined)
    return _stems([word for word in _WORD.findall(text) if word not in STOP_WORDS])


def near_synonyms(stems: Iterable[str]) -> set[str]:
    """The other words of the groups that any of `stems` belongs to."""
    stems, groups = set(stems), _groups()
    return {synonym for stem in stems for synonym in groups.get(stem, ())} - stems


@lru_cache(maxsize=1)
def _groups() -> Mapping[str, frozenset[str]]:
    """Stem → stems of all its groups."""
    groups: dict[str, frozenset[str]] = {}
    for line in _SYNONYMS.strip().splitlines():
        group = frozenset(words(line))
        # Stop words ("all", "few", "same") are no search terms by themselves, so they drop out of their group.
        for stem in group:
            groups[stem] = groups.get(stem, frozenset()) | group
    return groups


def _stems(found: list[str]) -> list[str]:
    return list(_stemmer().stemWords(found))


@lru_cache(maxsize=1)
def _stemmer():  # type: ignore[no-untyped-def]
    import Stemmer

    return Stemmer.Stemmer("english")
