"""Words of a text as the lexical search sees them: lower case, without stop words, stemmed; and their near synonyms.

Stop words and synonyms stand in words.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from tunewise.tables import load_table

# "fine-tune", "fine tune" and "finetune" are one word; so are "pre-train" and "pretrain".
_JOINED = (("fine-tun", "finetun"), ("fine tun", "finetun"), ("pre-train", "pretrain"), ("pre train", "pretrain"))
_WORD = re.compile(r"[^\W_]+(?:(?<=\d)\.\d+)?")


def words(text: str) -> list[str]:
    """Stems of the content words of a text, in order, repetitions kept."""
    stop_words, _ = _table()
    text = text.lower().replace("’", "'")
    for variant, joined in _JOINED:
        text = text.replace(variant, joined)
    return list(_stemmer().stemWords([word for word in _WORD.findall(text) if word not in stop_words]))


def near_synonyms(stems: Iterable[str]) -> set[str]:
    """The other words of the groups that any of `stems` belongs to."""
    stems, groups = set(stems), _groups()
    return {synonym for stem in stems for synonym in groups.get(stem, ())} - stems


@cache
def _groups() -> Mapping[str, frozenset[str]]:
    """Stem → stems of all its groups."""
    groups: dict[str, frozenset[str]] = {}
    for line in _table()[1]:
        group = frozenset(words(line))
        # Stop words ("all", "few", "same") are no search terms by themselves, so they drop out of their group.
        for stem in group:
            groups[stem] = groups.get(stem, frozenset()) | group
    return groups


@cache
def _table() -> tuple[frozenset[str], list[str]]:
    """Stop words, and groups of near synonyms."""
    known = load_table("words.yaml", __package__)
    return frozenset(known["stop_words"].split()), known["near_synonyms"]


@cache
def _stemmer():  # type: ignore[no-untyped-def]
    import Stemmer

    return Stemmer.Stemmer("english")
