"""Whether what a text advises agrees with the rules under given facts; notes are asked before they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from tunewise.framework.check import AGAINST, finding_on, verdict_on
from tunewise.framework.decide import decide
from tunewise.framework.requests import situation_of
from tunewise.types import Stance

if TYPE_CHECKING:
    from tunewise.framework.model import Framework
    from tunewise.retrieval.practice import Advised, Note
    from tunewise.types import Finding


class Agreement:
    """What the rules make of advice under known facts; they are asked once for any number of texts."""

    def __init__(self, framework: Framework, values: Mapping[str, str]) -> None:
        self._framework = framework
        self._decision = decide(framework, values)
        self._ours = self._decision.recommendation()
        self._situation = situation_of(framework, values)

    def denied(self, says: Mapping[str, Advised]) -> tuple[str, ...]:
        """Strategies of which a text says what the rules deny, whatever the open facts are.

        Advice for a strategy is denied where a rule speaks against it and it can hold up nowhere; advice against one,
        where the rules recommend it. What no rule speaks of is not denied.

        Args:
            says: Strategy → what the text advises.
        """
        return tuple(strategy for strategy, advice in says.items() if self._is_denied(strategy, advice))

    def _is_denied(self, strategy: str, advice: Advised) -> bool:
        recommended = strategy in self._ours.strategies
        if advice == "avoid" or recommended:
            return advice == "avoid" and recommended
        if not any(rule.effects.get(strategy) in AGAINST for rule in self._decision.trace):
            return False
        return self._finding(strategy).kind == "invalid"

    def stances(self, says: Mapping[str, Advised], sentence: int) -> tuple[Stance, ...]:
        """What a note advises, in its order, with the checker's verdicts; `not_checked` where no rule speaks of it.

        Strategies of other frameworks are left out.

        Args:
            says: Strategy → what the note advises.
            sentence: Place of the note's first sentence in the answer.
        """
        judged = []
        for strategy in says if self._ours.primary else ():
            if strategy not in self._framework.strategies:
                continue
            stance: Literal["for", "against"] = "against" if says[strategy] == "avoid" else "for"
            finding = self._finding(strategy)
            verdict = verdict_on(finding, stance, recommended=strategy in self._ours.strategies)
            if verdict == "invalid" and not self._is_denied(strategy, says[strategy]):
                verdict = "not_checked"
            judged.append(Stance(sentence, "note", strategy, stance, verdict, finding.rules))
        return tuple(judged)

    def _finding(self, strategy: str) -> Finding:
        return finding_on(self._framework, self._situation, self._ours, strategy)


def unproved(framework: Framework, notes: Iterable[Note]) -> dict[str, str]:
    """Notes that cannot stand, with the reason: an unknown fact, value or strategy, or advice that the rules deny under
    the note's own facts."""
    return {note.id: problem for note in notes if (problem := _problem(framework, note))}


def _problem(framework: Framework, note: Note) -> str:
    unknown = [strategy for strategy in note.says if strategy not in framework.strategies]
    unknown += [f"{name}: {value}" for name, value in note.when.items() if not _is_value(framework, name, value)]
    if unknown:
        return f"the framework has no {', '.join(unknown)}"
    denied = Agreement(framework, note.when).denied(note.says)
    return f"the rules deny what it says of {', '.join(denied)}" if denied else ""


def _is_value(framework: Framework, name: str, value: str) -> bool:
    return name in framework.facts and value in framework.facts[name].values
