"""The gate: which finished sentences of the model may be shown. It reads English; no other language passes it.

A sentence is shown only if it cites what it was given, speaks of no strategy against the recommendation, claims
nothing of the user's situation that is known to be otherwise, holds no number from elsewhere and nothing that is not
plain text, and says something new, in English: neither the answer so far nor the message again. Every refusal carries
its reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.answer.conditions import claims_about_user, supposed_spans
from tunewise.answer.cues import any_of, supposing
from tunewise.answer.marks import cited_ids, without_marks
from tunewise.answer.numbers import known_numbers, unknown_numbers
from tunewise.answer.overlap import content, repeats
from tunewise.answer.sentences import split_sentences
from tunewise.answer.stance import Spoken, read_stances
from tunewise.answer.stand import Stand
from tunewise.framework.naming import Mention, lexicon_for
from tunewise.languages import ENGLISH, languages
from tunewise.types import Passage, Recommendation, Situation

if TYPE_CHECKING:
    from tunewise.framework import Framework
    from tunewise.reading.reader import Reader

_NOT_TEXT = re.compile(
    r"https?://|www\.\w|\bftp://|!\[|\]\(|</?[a-zA-Z!][^>]*>|<\|[^|]*\|?>?|\|>|```|data:\w+/|javascript:|&[a-z]+;"
    r"|[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|\[[^\]]*\]")
_FIRST_FOREIGN = "\u0400"  # behind the Latin and Greek letters


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a sentence may be shown, and if not, why. A `quiet` refusal is no error, only nothing new."""

    shown: bool
    reason: str | None = None
    quiet: bool = False


_SHOWN = Judgement(True)
WHOLE = 0.7  # of a sentence; a smaller part may say the opposite of the whole


class Gate:
    """Judges sentences against one recommendation.

    Args:
        framework: Gives names, families and roles of the strategies.
        recommendation: What was decided.
        facts: The user's situation; its numbers and quotes may be repeated, its values not be contradicted.
        passages: The passages that the model was given.
        message: The user's own words; their numbers may be repeated, their sentences are not the advisor's.
        reader: Has learned to read stances on strategies that are not called by a name; None reads names alone.
    """

    def __init__(
        self,
        framework: Framework,
        recommendation: Recommendation,
        facts: Situation,
        passages: Sequence[Passage],
        *,
        message: str = "",
        reader: Reader | None = None,
    ) -> None:
        self.passages = tuple(passages)
        self._framework, self._reader = framework, reader
        self._values = facts.values()
        self._passages = {passage.id.lower(): passage for passage in passages}
        known = [one for passage in passages for one in split_sentences(passage.text)]
        known += [rule.because[ENGLISH] for rule in framework.rules.values()]
        self._known = [(content(text, 5), _negations(text)) for text in known]
        self._known_words = [_words(text) for text in known]
        self._asked = split_sentences(message)
        self._lexicon = lexicon_for(framework)
        self._stand = Stand(framework, recommendation, self._values)
        self._numbers = known_numbers(_texts(framework, facts, passages, message), _amounts(framework, facts))

    def judge(self, sentence: str, before: Sequence[str] = ()) -> Judgement:
        """May this finished sentence be shown, after those `before` it?"""
        text = sentence.strip()
        plain = without_marks(text)
        if not re.search(r"\w", plain):
            return Judgement(False, "nothing is said", quiet=True)
        for check in (self._form, self._citations, self._claims, self._strategies, self._turned_round, self._figures):
            if reason := check(text, plain):
                return Judgement(False, reason)
        if not is_english(plain):
            return Judgement(False, "not in English, the language of the answer")
        if repeats(plain, self._asked):
            return Judgement(False, "only says what you wrote")
        if repeats(plain, before):
            return Judgement(False, "repeats what was said", quiet=True)
        return _SHOWN

    def _form(self, text: str, plain: str) -> str | None:
        if found := _NOT_TEXT.search(plain):
            return f"holds {found.group()!r}, which is not plain text"
        if (found := any_of("certainty").search(plain)) and not any_of("denied_guarantee").search(plain):
            return f"claims a certainty that is not the model's to give ({found.group()!r})"
        if found := any_of("about_the_task").search(plain):
            return f"speaks of the task instead of the advice ({found.group()!r})"
        return None

    def _citations(self, text: str, plain: str) -> str | None:
        unknown = [id_ for id_ in cited_ids(text) if id_.lower() not in self._passages]
        return f"cites {', '.join(unknown)}, which was not given" if unknown else None

    def _claims(self, text: str, plain: str) -> str | None:
        claims = claims_about_user(plain)
        if wrong := sorted(fact for fact, value in claims.items() if self._values.get(fact, value) != value):
            fact = wrong[0]
            return f"says that {fact} is {claims[fact]}; you said {self._values[fact]}"
        unknown = sorted(fact for fact in claims if fact not in self._values)
        return f"claims {unknown[0]} = {claims[unknown[0]]}, which is not known" if unknown else None

    def _strategies(self, text: str, plain: str) -> str | None:
        spoken = read_stances(plain, self._lexicon)
        spoken += self._unnamed(plain, {id_ for one in spoken for id_ in one.mention.ids})
        literal, cited = self._is_literal(plain), bool(cited_ids(text))
        opposed = {id_ for one in spoken if one.sign < 0 for id_ in one.mention.ids}
        for one in spoken:
            if one.sign == 0 and opposed.issuperset(one.mention.ids):
                continue
            if reason := self._stand.objection(one, cited=cited, literal=literal):
                return reason
        return None

    def _unnamed(self, plain: str, named: set[str]) -> list[Spoken]:
        """Stances on strategies that are called by no name of theirs, where the sentence supposes and asks nothing."""
        if self._reader is None or supposed_spans(plain) or supposing().search(plain) or plain.endswith("?"):
            return []
        return [
            Spoken(
                Mention(0, len(plain), (one.strategy,), "strategy", protects=False), 1 if one.stance == "for" else -1
            )
            for one in self._reader.advice(plain)
            if one.taken and one.strategy in self._framework.strategies and one.strategy not in named
        ]

    def _turned_round(self, text: str, plain: str) -> str | None:
        """A sentence in a source's words with a "not" more or less says the opposite of it."""
        words, negations = content(plain, 5), _negations(plain)
        if len(words) < 4:
            return None
        alike = [n for known, n in self._known if len(words & known) >= 0.75 * max(len(words), len(known))]
        return "turns round what a source says" if alike and all(n != negations for n in alike) else None

    def _figures(self, text: str, plain: str) -> str | None:
        unknown = unknown_numbers(text, self._numbers)
        return f"holds the number {unknown[0]:g}, which no source gives" if unknown else None

    def _is_literal(self, plain: str) -> bool:
        """Is it, word for word, most of a sentence of a given passage, or of a rule's reason?"""
        said = _words(plain)
        return any(said in known and len(said) >= WHOLE * len(known) for known in self._known_words)


def is_english(sentence: str) -> bool:
    """False for letters of other scripts, and for a sentence clearly in another language; quotations do not count.

    Letters of other scripts count in quotations too: what they say there is not read.
    """
    if any(char.isalpha() and char >= _FIRST_FOREIGN for char in sentence):
        return False
    words = _LETTERS.findall(_QUOTED.sub(" ", sentence.lower()))
    counts = {code: sum(word in known.common for word in words) for code, known in languages().items()}
    english = counts.pop(ENGLISH)
    most = max(counts.values(), default=0)
    return most < 3 or most <= 2 * english


def _negations(text: str) -> int:
    """0 or 1: whether the number of negations is odd."""
    return len(any_of("turning").findall(text)) % 2


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", without_marks(text).lower()))


def _texts(framework: Framework, facts: Situation, passages: Sequence[Passage], message: str) -> list[str]:
    quotes = [fact.quote for fact in (*facts.facts.values(), *facts.details.values()) if fact.quote]
    details = [fact.value for fact in facts.details.values() if fact.known]
    starts = [start.value["en"] for strategy in framework.strategies.values() for start in strategy.start]
    return [message, *quotes, *details, *starts, *(passage.text for passage in passages)]


def _amounts(framework: Framework, facts: Situation) -> list[float]:
    stated = [fact.amount for fact in (*facts.facts.values(), *facts.details.values()) if fact.amount is not None]
    parameters = framework.parameters
    cutoffs = [limit for size in parameters.sizes.values() for limit in (size.small_below, size.large_from)]
    memory = [rule.bytes_per_parameter for rule in parameters.memory]
    large = [parameters.large_model.parameters_from] if parameters.large_model else []
    return [*stated, *cutoffs, *memory, *large]
