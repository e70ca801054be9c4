"""How much of a text another one says already: by first letters of words, and by pairs of Chinese characters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from tunewise.answer.marks import without_marks

_CJK = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_]+")
_LONG_WORD = re.compile(r"[a-zà-ÿ]{3,}|\d+", re.IGNORECASE)


def repeats(plain: str, before: Iterable[str], *, share: float = 0.8, stem: int = 6) -> bool:
    """Does a sentence say hardly anything (1 - `share` of its words) that one of the earlier ones did not say?

    Words are alike if their first `stem` letters are.
    """
    words = content(plain, stem)
    if len(words) < 4:
        return any(words == content(other, stem) for other in before)
    return any(len(words & content(other, stem)) >= share * len(words) for other in before)


def content(text: str, stem: int) -> frozenset[str]:
    """Words by their first letters, and pairs of Chinese characters."""
    plain = without_marks(text).lower()
    characters = "".join(_CJK.findall(plain))
    pairs = {characters[place : place + 2] for place in range(len(characters) - 1)}
    words = {word[:stem] for word in _LONG_WORD.findall(_CJK.sub(" ", plain)) if len(word) > 3 or word.isdigit()}
    return frozenset(pairs | words)


def features(text: str) -> set[str]:
    """What overlap is counted in: words, their first five letters, pairs of words, pairs of Chinese characters."""
    lowered = text.lower()
    words = [word for word in _WORD.findall(_CJK.sub(" ", lowered)) if len(word) > 2 or word.isdigit()]
    pairs = {f"{left} {right}" for left, right in pairwise(words)}
    characters = _CJK.findall(lowered)
    bigrams = {left + right for left, right in pairwise(characters)}
    return set(words) | {f"{word[:5]}~" for word in words if len(word) > 5} | pairs | bigrams
