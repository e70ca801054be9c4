"""Is a sentence in the language that was asked for? Names and quotations do not count."""

from __future__ import annotations

import re

_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ÿ]+")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|「[^」]*」|\[[^\]]*\]")
_COMMON = {
    "en": frozenset(
        "the and is are to of with for that this your you it can not will on in be as from have has should use when if "
        "by while which more than an at its only".split()
    ),
    "fr": frozenset(
        "le la les et est sont de des du avec pour que qui cette ce votre vous il elle peut ne pas sur dans être par "
        "une un au aux si plus mais donc car sans ces vos".split()
    ),
}
_ELIDED = re.compile(r"\b(?:l|d|qu|n|s|c|j|m)['’]", re.IGNORECASE)


def is_in_language(sentence: str, language: str) -> bool:
    """False only if the sentence is clearly in another language than `language` ("en", "zh" or "fr")."""
    text = _QUOTED.sub(" ", sentence)
    characters = len(_CJK.findall(text))
    words = [word.lower() for word in _LATIN_WORD.findall(text)]
    if language == "zh":
        english = sum(word in _COMMON["en"] or word in _COMMON["fr"] for word in words)
        return characters >= 4 or (english < 3 and len(words) < 8)
    if characters > max(3, len(words)):
        return False
    scores = {name: sum(word in common for word in words) for name, common in _COMMON.items()}
    scores["fr"] += len(_ELIDED.findall(text))
    other = "fr" if language == "en" else "en"
    return not (scores[other] >= 3 and scores[other] > 2 * scores[language])
