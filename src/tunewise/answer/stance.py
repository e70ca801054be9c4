"""How an English sentence speaks of each strategy it names: for it, against it, or neither, and under which condition.

A small reader of cue words, no grammar of the language: a state is carried from left to right ("avoid", "use",
"not"), what is said after a mention ("… is too expensive", "… works best") counts where nothing was said before it,
and a contrast turns round what came before. It errs towards "neither" where no cue is found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tunewise.answer.conditions import supposed_spans
from tunewise.answer.cues import cues, of_advice
from tunewise.framework.naming import Lexicon, Mention

_MASK, _VERB_MASK = "\ue000", "\ue001"  # stand for a mention; the second for an imperative ("freeze …")
_ANY_MASK = "[\ue000\ue001]"
_VERB = re.compile(
    r"(?:fine[ -]?tune|freeze|train|update|unfreeze|quanti[sz]e|prune|evaluate|measure|use|keep|augment|distil"
    r"|test|check|adapt|retrain|monitor|watch|validate)\b",
    re.IGNORECASE,
)
_LIST_GOES_ON = re.compile(rf"\s*(?:[,.);!?]|$|(?:and|or|nor)\b|{_ANY_MASK})")
_LED_TO_BY = re.compile(r"(?:with|from|by|of|when|using|through|for)(?:\s+(?:the|a|your))?\s*$")
_ENDS_THOUGHT = ("stop", "breaks", "comma")
_JOINED = re.compile(r"\s*(?:,|,?\s*(?:and|or|nor|plus|&))\s*", re.IGNORECASE)
_MISHAP = re.compile(r"overfit|forget|catastroph", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A mention with its sign: +1 recommended, -1 advised against, 0 neither.

    `condition` is the text of the condition it stands under, `exception` whether that begins with "unless".
    `antecedent` marks a mention inside a condition ("if you fine-tune everything, …"), `urged` one that is the object
    of a cue ("use X") and not only praised or blamed ("X works well"), `set_aside` one that is only compared with
    ("unlike X") or quoted as the user's wish.
    """

    mention: Mention
    sign: int
    condition: str | None = None
    exception: bool = False
    antecedent: bool = False
    urged: bool = False
    set_aside: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    kind: str
    text: str
    mention: Mention | None = None


@dataclass(slots=True)
class _State:
    """What has been said so far in a thought: `lean` is +2/-2 by a finite cue, +1/-1 by a weak one, 0 neutral."""

    lean: int | None = None
    negated: bool = False
    used: bool = False
    modal_end: int = -1
    start: int = 0

    def turn(self, lean: int) -> None:
        self.lean = -2 if self.negated and lean > 0 else 2 if self.negated and lean < 0 else lean
        self.negated = False
        self.used = False


def read_stances(sentence: str, lexicon: Lexicon, *, advises: bool = False) -> list[Spoken]:
    """Every strategy that a sentence names, with how it is spoken of.

    Args:
        sentence: One sentence.
        lexicon: The names of the strategies.
        advises: The sentence passes on advice or a plan: a strategy of which nothing is said is then part of it, and
            so is one that is put up for judgement ("is it dumb to …?").
    """
    mentions = lexicon.mentions(sentence)
    if not mentions:
        return []
    masked = _mask(sentence, mentions)
    tokens = _tokens(sentence, masked, mentions)
    conditions = _conditions(sentence, tokens)
    leans = _leans(masked, tokens, conditions)
    spoken = [_judge(masked, tokens, mention, leans[mention.start]) for mention in mentions]
    spoken = _compare(masked, spoken)
    spoken = _contrast(masked, tokens, spoken)
    spoken = [_under_condition(masked, one, conditions, mentions, tokens) for one in spoken]
    asked = sentence.rstrip(" \"'”)").endswith("?")
    if advises:
        return _of_advice(sentence, masked, spoken, leans)
    return [replace(one, sign=0) if asked and leans[one.mention.start] != 2 else one for one in spoken]


def _of_advice(sentence: str, masked: str, spoken: Sequence[Spoken], leans: Mapping[int, int | None]) -> list[Spoken]:
    """The mentions as parts of advice or of a plan; a question takes no stance but where it asks for a judgement."""
    if of_advice("asking").match(sentence) or sentence.rstrip(" \"'”)").endswith("?"):
        judged = of_advice("judging").search(sentence) is not None
        return [replace(one, sign=_put_up(masked, one) if judged else 0) for one in spoken]
    taken = [_advised(masked, one, leans[one.mention.start]) for one in spoken]
    for place in range(len(taken) - 2, -1, -1):
        here, following = taken[place], taken[place + 1]
        between = masked[here.mention.end : following.mention.start]
        if here.sign != spoken[place].sign and _JOINED.fullmatch(between):
            taken[place] = replace(here, sign=following.sign)
        elif here.sign and not following.urged and cues().than.fullmatch(between.strip()):
            taken[place + 1] = replace(following, sign=-here.sign)
    return taken


def _put_up(masked: str, one: Spoken) -> int:
    """ "Is it dumb to do X?" puts X up, "is it dumb not to do X?" the opposite."""
    before = masked[: one.mention.start].split()[-3:]
    return -1 if cues().negations.search(" ".join(before)) else 1


def _advised(masked: str, one: Spoken, lean: int | None) -> Spoken:
    """What nothing is said of is advised, unless it is described or reported."""
    if one.antecedent or one.set_aside:
        return one
    before, after = masked[: one.mention.start], masked[one.mention.end :]
    if lean is None and (
        of_advice("before").search(before) or of_advice("behind").match(re.split(_ANY_MASK, after)[0])
    ):
        return replace(one, sign=-1)
    if one.sign or of_advice("reports").search(before):
        return one
    return one if lean is None and of_advice("described").match(after) else replace(one, sign=1)


def _mask(sentence: str, mentions: Sequence[Mention]) -> str:
    masked = sentence
    for mention in mentions:
        mask = _VERB_MASK if _VERB.match(sentence[mention.start : mention.end]) else _MASK
        masked = masked[: mention.start] + mask * (mention.end - mention.start) + masked[mention.end :]
    return masked


def _tokens(sentence: str, masked: str, mentions: Sequence[Mention]) -> list[_Token]:
    found = [_Token(m.start, m.end, "mention", sentence[m.start : m.end], m) for m in mentions]
    for match in cues().scanner.finditer(masked):
        kind = match.lastgroup or ""
        found.append(_Token(match.start(), match.end(), kind, match.group().lower()))
    return sorted(found, key=lambda token: (token.start, token.end))


def _conditions(sentence: str, tokens: Sequence[_Token]) -> list[_Token]:
    """Spans of conditions: from their first word to the next comma, break or full stop; and "with a large dataset"."""
    spans = [_Token(start, end, "conditions", sentence[start:end]) for start, end in supposed_spans(sentence)]
    for place, token in enumerate(tokens):
        if token.kind in ("conditions", "unless"):
            ends = (t.start for t in tokens[place + 1 :] if t.kind in ("comma", "stop", "breaks"))
            end = next(ends, len(sentence))
            spans.append(replace(token, end=end, text=sentence[token.start : end]))
    return spans


def _leans(masked: str, tokens: Sequence[_Token], conditions: Sequence[_Token]) -> dict[int, int | None]:
    """What was said before each mention, by the mention's start."""
    state = _State()
    leans: dict[int, int | None] = {}
    previous: _Token | None = None
    for token in tokens:
        if token.mention is not None:
            inside = any(span.start < token.start < span.end for span in conditions)
            lean = 0 if inside else _lean_at(masked, state, token, previous, leans)
            leans[token.start] = lean
            state.used = True
            previous = token
        else:
            _step(masked, state, token)
    return leans


def _step(masked: str, state: _State, token: _Token) -> None:
    kind = token.kind
    if kind in ("stop", "breaks", "conditions", "unless") or (kind == "comma" and not _is_list(masked, token.end)):
        state.lean, state.negated, state.used, state.modal_end, state.start = None, False, False, -1, token.end
    elif kind == "negations":
        state.negated = token.text in ("neither", "nor") or not state.negated
    elif kind == "idioms_for":
        state.turn(2)
    elif kind in ("idioms_against", "against"):
        state.turn(-2)
    elif kind == "for":
        _recommend(masked, state, token)
    elif kind == "weak_for" and state.lean is None:
        state.turn(1)
    elif kind == "neutral":
        state.lean, state.negated, state.used = 0, False, False
    elif kind == "modals":
        state.modal_end = token.end


def _recommend(masked: str, state: _State, token: _Token) -> None:
    infinitive = re.search(r"\bto\s+$", masked[: token.start]) is not None
    if state.lean is None or (state.used and not infinitive):
        state.turn(2)
    elif state.negated and not state.used and not infinitive:
        state.lean, state.negated = -state.lean, False


def _lean_at(
    masked: str, state: _State, token: _Token, previous: _Token | None, leans: dict[int, int | None]
) -> int | None:
    lean = state.lean
    text = masked[state.start : token.start]
    if state.negated:
        return -lean if lean else (-2 if lean is None else 0)
    if lean is not None:
        return lean
    if previous is not None and previous.start >= state.start:
        between = masked[previous.end : token.start].strip(" ,").lower()
        if between in ("", "and", "or", "and then", "then"):
            return leans[previous.start]
    verb = _VERB.match(token.text)
    near = token.start - state.modal_end <= 14 and masked[state.modal_end : token.start].count(" ") <= 3
    if verb and state.modal_end >= 0 and near:
        return 2
    if verb and len(text.strip(' "“-*')) <= 8 and not text.strip().endswith("to"):
        return 2
    return None


def _is_list(masked: str, end: int) -> bool:
    """After a comma: does a list of mentions go on, with nothing said of the next one?"""
    match = re.match(rf"\s*(?:and|or|nor)?\s*(?:the|a)?\s*({_MASK}+)", masked[end:])
    return bool(match and _LIST_GOES_ON.match(masked[end + match.end() :]))


def _judge(masked: str, tokens: Sequence[_Token], mention: Mention, lean: int | None) -> Spoken:
    if lean == 0 or (lean is not None and abs(lean) == 2):
        return Spoken(mention, (lean > 0) - (lean < 0), urged=lean != 0, set_aside=lean == 0)
    sign = _predicate(_window(masked, tokens, mention), mention)
    if sign is None:
        sign = _said_before(masked, mention)
    if sign is None:
        sign = lean or 0
    return Spoken(mention, sign)


def _window(masked: str, tokens: Sequence[_Token], mention: Mention) -> str:
    """The words after a mention, up to the next one, a break or a comma (but over "X, however, is …")."""
    stops = [t for t in tokens if t.start >= mention.end and t.kind in ("mention", "stop", "breaks", "comma")]
    if not stops:
        return masked[mention.end :]
    first, *rest = stops
    kinds = [token.kind for token in rest[:2]]
    bracket = first.kind == "stop" and first.text.startswith("(")
    aside = first.kind == "comma" and (kinds[:1] == ["comma"] or kinds == ["breaks", "comma"])
    if rest and (bracket or (aside and len(masked[first.end : rest[0].end].split()) <= 5)):
        for place, token in enumerate(rest):
            if token.kind in ("comma", "stop"):
                end = next((t.start for t in rest[place + 1 :] if t.start >= token.end), len(masked))
                return masked[token.end : end]
    return masked[mention.end : first.start]


def _predicate(window: str, mention: Mention) -> int | None:
    """Sign of the first thing said in a window, turned round by an odd number of negations before it."""
    for match in cues().predicates.finditer(window):
        if match.lastgroup == "reducers":
            return 1
        mishap = _MISHAP.search(match.group())
        if mishap and (mention.protects or mention.kind == "umbrella"):
            continue
        sign = 1 if match.lastgroup == "good" else -1
        before = window[: match.start()]
        negations = len(cues().negations.findall(before)) + len(re.findall(r"\bless\s+$", before))
        return -sign if negations % 2 else sign
    return None


def _said_before(masked: str, mention: Mention) -> int | None:
    """ "The risk of overfitting with X", "best results with X"."""
    before = re.split(r"[,;:.!?]", masked[: mention.start])[-1]
    if re.search(_ANY_MASK, before) or not _LED_TO_BY.search(before):
        return None
    return _predicate(before, mention)


def _compare(masked: str, spoken: list[Spoken]) -> list[Spoken]:
    """ "X is cheaper than Y" says the opposite of Y."""
    for place in range(1, len(spoken)):
        left, right = spoken[place - 1], spoken[place]
        between = masked[left.mention.end : right.mention.start]
        if len(between) > 80 or re.search(r"[;.!?]", between):
            continue
        if cues().than.search(between) and not re.search(r"\brather than\b", between, re.IGNORECASE):
            sign = _predicate(between, left.mention) or left.sign
            spoken[place - 1], spoken[place] = replace(left, sign=sign), replace(right, sign=-sign)
    return spoken


def _contrast(masked: str, tokens: Sequence[_Token], spoken: list[Spoken]) -> list[Spoken]:
    """ "X is possible, but it would overfit": what comes after the contrast counts for the mention before it."""
    for match in cues().contrasts.finditer(masked):
        thought = max((t.end for t in tokens if t.end <= match.start() and t.kind in _ENDS_THOUGHT), default=0)
        if match.start() - thought <= 2:
            thought = max((t.end for t in tokens if t.end < thought and t.kind in _ENDS_THOUGHT), default=0)
        before = [place for place, one in enumerate(spoken) if thought <= one.mention.start < match.start()]
        if not before:
            continue
        one = spoken[before[0]]
        rest = re.split(r"[.;!?]", masked[match.end() :])[0]
        if re.search(_ANY_MASK, rest) or any(
            t.kind in ("conditions", "unless") and t.start > match.start() for t in tokens
        ):
            continue
        sign = _predicate(rest, one.mention)
        relative = match.group().lower() in ("which",)
        if sign and not (relative and one.sign > 0):
            spoken[before[0]] = replace(one, sign=sign)
    return spoken


def _under_condition(
    masked: str,
    one: Spoken,
    conditions: Sequence[_Token],
    mentions: Sequence[Mention],
    tokens: Sequence[_Token],
) -> Spoken:
    mention = one.mention
    for span in conditions:
        if span.start < mention.start < span.end:
            others = [m for m in mentions if m.start >= span.end]
            sign = 0 if others else _predicate(masked[span.end :], mention) or 0
            return replace(one, sign=sign, antecedent=True)
    governing = [span for span in conditions if _governs(masked, span, mention, mentions, tokens)]
    if not governing:
        return one
    text = "; ".join(span.text for span in governing)
    return replace(one, condition=text, exception=any(span.kind == "unless" for span in governing))


def _governs(
    masked: str, span: _Token, mention: Mention, mentions: Sequence[Mention], tokens: Sequence[_Token]
) -> bool:
    """A condition holds for what follows it up to a contrast; at the end of a thought, for what precedes it."""
    between = masked[span.end : mention.start] if span.end <= mention.start else masked[mention.end : span.start]
    if re.search(r"[;.!?]\s*|\bbut\b|\bhowever\b|\bwhereas\b", between, re.IGNORECASE):
        return False
    if span.end <= mention.start:
        return True
    follows = any(m.start >= span.end for m in mentions)
    nearest = max((m.start for m in mentions if m.end <= span.start), default=-1) == mention.start
    attached = not re.search(r",|\band\b", between)
    return attached or (nearest and not follows)
