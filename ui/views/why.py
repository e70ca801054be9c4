"""Why: the rules that fired with the sentence they rest on, and what would change the advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunewise.types import Passage
from tunewise.ui.views import labels
from tunewise.ui.views.html import empty_state, escape, joined
from tunewise.ui.views.icons import icon
from tunewise.ui.views.sources import section_text

EMPTY = empty_state(
    "Nothing decided yet",
    "As soon as there is a recommendation, every rule behind it is listed here with the sentence it was taken from.",
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule that fired: on which facts, what it says of which strategies, and its sentence (or our reason)."""

    id: str
    when: Mapping[str, tuple[str, ...]]
    then: Mapping[str, str]
    strength: str
    quote: str = ""
    document: str = ""
    section: str = ""
    interpretation: str = ""
    because: str = ""
    context: Passage | None = None


@dataclass(frozen=True, slots=True)
class FlipRow:
    """One change of one fact that leads to another primary strategy.

    `is_known` says that the fact is known now and would have to be otherwise; `amount` says the value in numbers.
    """

    fact: str
    value: str
    primary: str
    is_known: bool = False
    amount: str = ""

    @property
    def when(self) -> str:
        """`Compute: ample` or `Amount of data: large (about 100,000 examples or more)`."""
        text = f"{labels.fact(self.fact).rstrip('?')}: {labels.value(self.fact, self.value)}"
        return text + (f" ({self.amount})" if self.amount else "")


EFFECTS = {
    "require": ("requires", "plus"),
    "recommend": ("recommends", "plus"),
    "avoid": ("advises against", "cross"),
    "forbid": ("rules out", "cross"),
}


def why_html(rules: Sequence[RuleRow], flips: Sequence[FlipRow], primary: str | None) -> str:
    """Rules about the primary strategy first, then the others; flip points above them."""
    if not rules and not flips:
        return EMPTY
    about = [rule for rule in rules if primary and primary in rule.then]
    others = [rule for rule in rules if rule not in about]
    parts = [flips_html(flips)]
    if about:
        parts.append(_rules_section(f"About {labels.strategy(primary)}", about))
    if others:
        parts.append(_rules_section("About everything else" if about else "Rules that fired", others))
    return "".join(parts)


def flips_html(flips: Sequence[FlipRow]) -> str:
    """What would change this."""
    if not flips:
        return (
            '<section class="tw-plain"><h3>What would change this</h3>'
            "<p>No single change of one fact leads to another main strategy.</p></section>"
        )
    open_rows = [flip for flip in flips if not flip.is_known]
    known_rows = [flip for flip in flips if flip.is_known]
    parts = [_flip_list("Still open", open_rows), _flip_list("If it were otherwise", known_rows)]
    return f'<section class="tw-box"><h3>What would change this</h3>{"".join(parts)}</section>'


def _flip_list(title: str, flips: Sequence[FlipRow]) -> str:
    if not flips:
        return ""
    rows = "".join(
        f"<li><span>{escape(flip.when)}</span>{icon('arrow')}<span class='tw-hidden'>leads to</span>"
        f"<strong>{escape(labels.strategy(flip.primary))}</strong></li>"
        for flip in flips
    )
    return f'<h4>{escape(title)}</h4><ul class="tw-flips">{rows}</ul>'


def _rules_section(title: str, rules: Sequence[RuleRow]) -> str:
    rows = "".join(rule_html(rule) for rule in rules)
    return f'<section class="tw-plain"><h3>{escape(title)}</h3><ul class="tw-rules">{rows}</ul></section>'


def rule_html(rule: RuleRow) -> str:
    """A rule with its sentence; an interpretation is marked and gives its reason."""
    when = condition_text(rule.when) or "always"
    effects = "".join(_effect(strategy, effect) for strategy, effect in rule.then.items())
    head = f'<span class="tw-ref">{escape(rule.id)}</span><span class="tw-when">{escape(when)}</span>'
    if rule.interpretation:
        source = f'<p class="tw-interpretation"><strong>Our reading.</strong> {escape(rule.interpretation)}</p>'
    else:
        source = f"<blockquote>{escape(rule.quote)}</blockquote>{_where(rule)}"
    source += f'<p class="tw-note">{escape(rule.because)}</p>' if rule.because else ""
    return (
        f'<li class="tw-rule" id="rule-{escape(rule.id)}" tabindex="-1"><div class="tw-rule-head">{head}</div>'
        f"<p>{effects}</p>{source}</li>"
    )


def condition_text(when: Mapping[str, tuple[str, ...]]) -> str:
    """`amount of data: small and compute: limited or ample`."""
    return joined(
        [
            f"{labels.fact(name).rstrip('?').lower()}: {joined([labels.value(name, value) for value in values], 'or')}"
            for name, values in when.items()
        ]
    )


def _effect(strategy: str, effect: str) -> str:
    word, mark = EFFECTS.get(effect, (effect, "dash"))
    tone = "bad" if mark == "cross" else "good"
    return f'<span class="tw-effect tw-{tone}">{icon(mark)}{escape(word)} {escape(labels.strategy(strategy))}</span>'


def _where(rule: RuleRow) -> str:
    """Where the sentence stands, and the passage around it with the sentence marked."""
    section = f": {section_text(rule.section)}" if rule.section else ""
    place = f'<p class="tw-where">{escape(rule.document + section)}</p>'
    if rule.context is None:
        return place
    before, found, after = rule.context.text.partition(rule.quote)
    marked = f"{escape(before)}<mark>{escape(rule.quote)}</mark>{escape(after)}" if found else escape(rule.context.text)
    return (
        f'{place}<details data-key="context-{escape(rule.id)}">'
        f"<summary>In context ({escape(rule.context.id)})</summary>"
        f'<div class="tw-passage">{marked}</div></details>'
    )
