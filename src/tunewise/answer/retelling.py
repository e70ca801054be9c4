"""The advice told again: in short, as what was said, by its sources, as steps, by what it costs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunewise import languages
from tunewise.answer.citations import Composed
from tunewise.answer.composed import words_in
from tunewise.answer.follow_ups import brief, grounds, quoted_facts
from tunewise.answer.hardware import basis, estimated
from tunewise.answer.plan import make_plan
from tunewise.answer.sentences import split_sentences
from tunewise.framework.memory import memory_estimates
from tunewise.framework.words import text_in
from tunewise.types import Citation, Fact

if TYPE_CHECKING:
    from tunewise.answer.composed import Composer
    from tunewise.answer.follow_ups import Talk
    from tunewise.framework.model import StrategySpec

MAX_SOURCES = 4
MAX_QUOTE = 160
MAX_STEP_WORDS = 90
_PARENTHESES = re.compile(r"\s*[(\uff08][^()\uff08\uff09]*[)\uff09]$")


def summarise(talk: Talk) -> Composed:
    """The advice in short, most important first, so that any number of its sentences holds."""
    composer, facts = talk.composer, quoted_facts(talk.composer)
    primary = composer.framework.strategies[composer.advice.primary or ""]
    said = [
        composer.instruction("follow_up", "summary" if facts else "summary_nothing", facts=facts),
        *grounds(composer),
        composer.say("follow_up", "summary_cost", cost=_cost(composer, primary)),
    ]
    return brief(composer, [*_language_unknown(talk), *said[: talk.request.sentences or len(said)]])


def recall(talk: Talk) -> Composed:
    """The fact sheet in plain words, and what was advised on it."""
    composer, phrases = talk.composer, talk.composer.phrases
    separator = phrases.texts.punctuation["semicolon"]
    facts = [fact for fact in composer.situation.facts.values() if fact.known]
    given = _told(composer, [fact for fact in facts if fact.status != "assumed"])
    assumed = [_fact(composer, fact) for fact in facts if fact.status == "assumed"]
    said = [composer.say("follow_up", "recall" if given else "recall_nothing", facts=separator.join(given))]
    if assumed:
        said.append(composer.say("follow_up", "recall_assumed", facts=separator.join(assumed)))
    if missing := _missing(composer):
        said.append(composer.say("follow_up", "recall_open", facts=separator.join(missing)))
    if talk.advised and given:
        said.append(_advised(composer))
    return brief(composer, said)


def source(talk: Talk) -> Composed:
    """Where the last reply comes from: what it cites first of each passage, with document and section."""
    composer, texts = talk.composer, talk.composer.phrases.texts
    first: dict[str, Citation] = {}
    for one in talk.last.citations if talk.last else ():
        first.setdefault(one.id, one)
    cited = list(first.values())[:MAX_SOURCES]
    if not cited:
        rules = composer.rules(composer.advice.primary or "")
        because = composer.because(rules[0]) if rules else composer.phrases.action(composer.advice.primary or "")
        return composer.say("follow_up", "sources_none", rules[0] if rules else None, because=because)
    lines = [texts.say("follow_up", "sources"), *(_source(talk, one) for one in cited)]
    return Composed("\n".join(lines), tuple(cited))


def steps(talk: Talk) -> Composed:
    """The plan of the first choice, one line a step."""
    composer, texts = talk.composer, talk.composer.phrases.texts
    plan = make_plan(composer.framework, composer.situation, composer.advice, composer.phrases.language)
    shown = [(step.title, next(iter(split_sentences(step.text)), "")) for step in plan.steps]
    if not shown:
        return composer.instruction("follow_up", "stands")
    if words_in(" ".join(text for _, text in shown)) > MAX_STEP_WORDS:
        shown = [(title, _first_clause(text, texts)) for title, text in shown]
    lines = [
        texts.say("follow_up", "step", number=str(place), title=title, text=text)
        for place, (title, text) in enumerate(shown, 1)
    ]
    return Composed("\n".join([texts.say("follow_up", "steps"), *lines]))


def time_cost(talk: Talk) -> Composed:
    """What the first choice costs by the framework, the memory where the model's size is known, and what is open."""
    composer, phrases = talk.composer, talk.composer.phrases
    strategy = composer.framework.strategies[composer.advice.primary or ""]
    memory = memory_estimates(
        composer.framework, composer.situation, phrases.language, trains=strategy.trains, advised=strategy.id
    )
    heaviest = composer.framework.heaviest
    own = [one for id_ in (strategy.id, heaviest) for one in memory if _is_for(composer, one.method, id_)][:1]
    cost = _cost(composer, strategy, in_bytes=not any(one.step for one in own))
    said = [composer.say("follow_up", "cost", noun=phrases.noun(strategy.id), cost=cost)]
    if own:
        shown = phrases.texts.listed([estimated(one, phrases.texts) for one in own])
        said.append(composer.say("follow_up", "cost_memory", estimates=shown, basis=basis(own, phrases.texts)))
    return brief(composer, [*said, composer.say("follow_up", "cost_open")])


def _cost(composer: Composer, strategy: StrategySpec, *, in_bytes: bool = True) -> str:
    """The effort, and the bytes of a parameter by rule of thumb where no measured sum of them follows."""
    texts = (strategy.cost, strategy.memory_cost if in_bytes else None)
    shown = [text_in(text, composer.phrases.language) for text in texts if text]
    return composer.phrases.texts.punctuation["semicolon"].join(shown)


def _first_clause(text: str, texts: languages.LanguageTexts) -> str:
    return text.split(texts.punctuation["semicolon"])[0].rstrip(".\u3002") + texts.punctuation["stop"]


def _told(composer: Composer, facts: Sequence[Fact]) -> list[str]:
    """The user's words, each once, with the facts that they gave; edits by the facts alone."""
    by_quote: dict[str, list[str]] = {}
    for fact in facts:
        by_quote.setdefault((fact.quote or "").strip() or f"\n{fact.name}", []).append(_fact(composer, fact))
    texts = composer.phrases.texts
    return [
        texts.listed(shown)
        if quote.startswith("\n")
        else texts.say("follow_up", "recall_fact", quote=texts.quoted(quote), facts=texts.listed(shown))
        for quote, shown in by_quote.items()
    ]


def _fact(composer: Composer, fact: Fact) -> str:
    """ "data size: small", without what its label says in parentheses."""
    return _PARENTHESES.sub("", composer.phrases.fact(fact.name, fact.value))


def _missing(composer: Composer) -> list[str]:
    """The main facts that are not known, by their headings."""
    code = composer.phrases.language
    specs = [one for one in composer.framework.facts.values() if one.kind == "situation"]
    known = composer.situation.values()
    return [text_in(one.short, code).rstrip("?\uff1f\xa0 ") for one in specs if one.name not in known]


def _advised(composer: Composer) -> Composed:
    phrases = composer.phrases
    nouns = phrases.texts.listed([phrases.noun(id_) for id_ in composer.advice.supporting])
    key = "recall_advice" if nouns else "recall_advice_alone"
    return composer.say("follow_up", key, noun=phrases.noun(composer.advice.primary), nouns=nouns)


def _source(talk: Talk, cited: Citation) -> str:
    quote = cited.quote if len(cited.quote) <= MAX_QUOTE else cited.quote[:MAX_QUOTE].rsplit(" ", 1)[0] + " …"
    texts = talk.composer.phrases.texts
    parts = {
        "quote": " ".join(quote.split()),
        "document": talk.titles(cited),
        "section": cited.section.split(" / ")[-1],
    }
    return texts.say("follow_up", "source", mark=texts.mark(cited), **parts)


def _is_for(composer: Composer, method: str, strategy: str | None) -> bool:
    rules = composer.framework.parameters.memory
    named = [rule.strategy for rule in rules if text_in(rule.method, composer.phrases.language) == method]
    return strategy in named


def _language_unknown(talk: Talk) -> list[Composed]:
    """That an answer was wanted in a language that is read and not written."""
    wanted, texts = (
        languages.language(talk.request.language or talk.composer.phrases.language),
        talk.composer.phrases.texts,
    )
    if wanted.written:
        return []
    named = [known.called_in(texts.code) for known in languages.languages().values() if known.written]
    parts = {"language": wanted.called_in(texts.code), "languages": texts.listed(named)}
    return [talk.composer.say("follow_up", "language_unknown", None, **parts)]
