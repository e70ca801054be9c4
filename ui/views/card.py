"""The recommendation card: what to do, how sure the rules are, what is open, and how to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tunewise.types import Finding, MemoryEstimate, Plan, Proposal, Question, Recommendation, Reply, Verdict
from tunewise.ui.views import labels
from tunewise.ui.views.html import button, empty_state, escape, joined, prose, tag
from tunewise.ui.views.icons import icon

EMPTY = empty_state(
    "No recommendation yet",
    "Describe your model, data and hardware in the chat, or set the facts by hand under Situation. "
    "The recommendation appears here before the model has written a word.",
)


# What the card is called when there is no primary strategy to name.
UNSETTLED = {"impossible": "First settle a contradiction", "ambiguous": "First settle what was meant"}


def card_html(reply: Reply | None, *, busy: bool = False, edited: bool = False) -> str:
    """The whole card for a reply.

    Args:
        reply: The last reply that recommends something (or asks, or clashes); None before the first one.
        busy: The model is still working; the card shows the rules' decision meanwhile.
        edited: The user's own edits were decided after the last answer was written.
    """
    if reply is None or (reply.recommendation is None and reply.verdict is None):
        return EMPTY
    sections = (
        headline_html(reply.recommendation, reply.verdict),
        freshness_html(busy, edited),
        clashes_html(reply),
        overruled_html(reply.recommendation, reply.proposals),
        questions_html(reply.questions, reply.recommendation.primary if reply.recommendation else None),
        strategies_html(reply.recommendation),
        conditional_html(reply.recommendation),
        assumptions_html(reply.recommendation),
        plan_html(reply.plan),
        memory_html(reply.plan.memory if reply.plan else ()),
        findings_html(reply.verdict),
    )
    return tag("div", "".join(sections), class_="tw-card")


def badge_html(verdict: Verdict) -> str:
    """The verdict as a word with an icon."""
    label = labels.VERDICTS[verdict.status]
    return (
        f'<span class="tw-badge tw-{label.tone}" '
        f'data-verdict="{verdict.status}">{icon(label.icon)}{escape(label.word)}</span>'
    )


def headline_html(recommendation: Recommendation | None, verdict: Verdict | None) -> str:
    """Primary strategy, what it means, the verdict and its meaning, and where the recommendation comes from."""
    primary = recommendation.primary if recommendation else None
    trained = labels.WHAT_IS_TRAINED.get(primary or "", "")
    if primary:
        head = f'<p class="tw-eyebrow">Recommended</p><h2 id="card-title">{escape(labels.strategy(primary))}</h2>'
    else:
        title = UNSETTLED.get(verdict.status if verdict else "no_recommendation", "No recommendation")
        head = f'<h2 id="card-title">{title}</h2>'
    if trained:
        head += f'<p class="tw-lead">{escape(trained)}</p>'
    if verdict is not None:
        label = labels.VERDICTS[verdict.status]
        head += f'<div class="tw-verdict">{badge_html(verdict)}<p>{escape(label.meaning)}</p></div>'
    if recommendation is not None and primary:
        head += f'<p class="tw-origin">{escape(labels.ORIGINS[recommendation.origin])}</p>'
    return tag("section", head, class_="tw-headline", aria_labelledby="card-title")


def freshness_html(busy: bool, edited: bool) -> str:
    """Says when the card is ahead of the text in the chat."""
    if busy:
        return '<p class="tw-fresh">This is the rules’ decision. The model is still working on the explanation.</p>'
    if edited:
        return (
            '<p class="tw-fresh">Decided again from your edits, without the model. '
            "The text in the chat describes the situation before.</p>"
        )
    return ""


def clashes_html(reply: Reply) -> str:
    """Facts that contradict each other or can be read two ways, with a button for each reading."""
    blocks = []
    for clash in reply.situation.clashes:
        name = labels.fact(clash.fact)
        rows = "".join(
            f"<li><q>{escape(quote)}</q> means <strong>{escape(labels.value(clash.fact, value))}</strong> "
            + button(f"Use {escape(labels.value(clash.fact, value))}", "edit", {"changes": {clash.fact: value}})
            + "</li>"
            for value, quote in clash.readings
        )
        blocks.append(f"<h3>{escape(name)}: which one holds?</h3><ul class='tw-readings'>{rows}</ul>")
    return tag("section", "".join(blocks), class_="tw-box tw-warn-box") if blocks else ""


def overruled_html(recommendation: Recommendation | None, proposals: Sequence[Proposal]) -> str:
    """What the model had proposed and why it was stopped; nothing if its first proposal stands."""
    stopped = [each for each in proposals if each.verdict.status in ("invalid", "not_checked")]
    if recommendation is None or not stopped:
        return ""
    stands = recommendation.origin == "rules"
    title = (
        "The model was overruled: the rules’ own recommendation stands"
        if stands
        else "The model’s first proposal was stopped"
    )
    rows = []
    for proposal in stopped:
        reasons = [each for each in proposal.verdict.findings if each.kind in ("invalid", "not_checked", "impossible")]
        why = "".join(f"<li>{escape(each.message)}{rules_html(each.rules)}</li>" for each in reasons)
        names = joined([labels.strategy(id_) for id_ in (proposal.primary, *proposal.supporting) if id_])
        rows.append(f"<p>It had proposed <strong>{escape(names or 'nothing usable')}</strong>.</p><ul>{why}</ul>")
    body = f"<h3>{icon('cross')}{escape(title)}</h3>{''.join(rows)}"
    return tag("section", body, class_="tw-box tw-overruled")


def questions_html(questions: Sequence[Question], primary: str | None = None) -> str:
    """Open questions; each answer is one click and names what it would lead to from `primary`."""
    if not questions:
        return ""
    items = []
    for question in questions:
        answers = "".join(
            button(
                f'<span><span class="tw-hidden">{escape(labels.fact(question.fact))}: </span>'
                f"{escape(labels.value(question.fact, value))}</span>"
                f"<small>{_outcome(outcome, primary)}</small>",
                "edit",
                {"changes": {question.fact: value}},
                class_="tw-choice",
            )
            for value, outcome in question.outcomes.items()
        )
        items.append(f'<li><p>{escape(question.text)}</p><div class="tw-choices">{answers}</div></li>')
    changes = any(outcome != primary for question in questions for outcome in question.outcomes.values())
    title = "Answers that could change this" if changes else "Answers that could add to this"
    return tag("section", f"<h3>{title}</h3><ul class='tw-questions'>{''.join(items)}</ul>", class_="tw-box tw-ask")


def _outcome(outcome: str, primary: str | None) -> str:
    if primary is not None and outcome == primary:
        return "main strategy stays"
    return f'<span class="tw-hidden">leads to </span>{escape(labels.strategy(outcome))}'


def strategies_html(recommendation: Recommendation | None) -> str:
    """Supporting strategies and those to avoid, side by side."""
    if recommendation is None or not (recommendation.supporting or recommendation.avoid):
        return ""
    columns = []
    if recommendation.supporting:
        columns.append(_list("Together with", recommendation.supporting, "plus", "good"))
    if recommendation.avoid:
        columns.append(_list("Avoid", recommendation.avoid, "cross", "bad"))
    return tag("section", "".join(columns), class_="tw-columns")


def _list(title: str, ids: Sequence[str], mark: str, tone: str) -> str:
    rows = "".join(f"<li>{icon(mark)}<span>{escape(labels.strategy(id_))}</span></li>" for id_ in ids)
    return f'<div><h3>{title}</h3><ul class="tw-strategies tw-{tone}-list">{rows}</ul></div>'


def conditional_html(recommendation: Recommendation | None) -> str:
    """What is recommended instead once an open fact is known."""
    if recommendation is None or not recommendation.conditional:
        return ""
    rows = []
    for each in recommendation.conditional:
        when = joined(
            [f"{labels.fact(name).rstrip('?')}: {labels.value(name, value)}" for name, value in each.when.items()]
        )
        extra = f" with {joined([labels.strategy(id_) for id_ in each.supporting])}" if each.supporting else ""
        then = f"<strong>{escape(labels.strategy(each.primary))}</strong>{escape(extra)}"
        rows.append(
            f"<li><span>{escape(when)}</span>{icon('arrow')}<span class='tw-hidden'>leads to</span>"
            f"<span>{then}</span></li>"
        )
    return tag("section", f"<h3>Unless</h3><ul class='tw-flips'>{''.join(rows)}</ul>", class_="tw-plain")


def assumptions_html(recommendation: Recommendation | None) -> str:
    """What was taken for granted; each can be corrected in the fact sheet."""
    if recommendation is None or not recommendation.assumptions:
        return ""
    rows = "".join(f"<li>{escape(each)}</li>" for each in recommendation.assumptions)
    link = tag("button", "Correct it", type="button", class_="tw-link", data_tab="facts")
    return tag("section", f"<h3>Assumed</h3><ul>{rows}</ul>{link}", class_="tw-plain")


def plan_html(plan: Plan | None) -> str:
    """Numbered next steps, each with the rule, parameter or passage it rests on."""
    if plan is None or not plan.steps:
        return ""
    rows = "".join(
        f"<li><strong>{escape(step.title)}</strong>{prose(step.text)}"
        + (f'<span class="tw-ref">{escape(step.source)}</span>' if step.source else "")
        + "</li>"
        for step in plan.steps
    )
    return tag("section", f"<h3>How to begin</h3><ol class='tw-plan'>{rows}</ol>", class_="tw-plain")


def memory_html(estimates: Sequence[MemoryEstimate]) -> str:
    """Training memory by method, with the formula and whether the user's hardware holds it."""
    if not estimates:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(each.method)}</th><td class="tw-number">{_gigabytes(each.gigabytes)}</td>'
        f"<td>{_fits(each.fits)}</td><td><small>{escape(each.formula)} <span "
        f"class='tw-ref'>{escape(each.source)}</span></small></td></tr>"
        for each in estimates
    )
    head = (
        '<tr><th scope="col">Method</th><th scope="col">Memory</th><th scope="col">Your hardware</th>'
        '<th scope="col">Rule of thumb</th></tr>'
    )
    table = f'<table class="tw-table"><thead>{head}</thead><tbody>{rows}</tbody></table>'
    return tag(
        "section",
        '<h3>Memory for training</h3><div class="tw-scroll" tabindex="0" role="region" '
        f'aria-label="Memory for training">{table}</div>',
        class_="tw-plain",
    )


def _gigabytes(amount: float) -> str:
    return f"{amount:.1f} GB" if amount < 10 else f"{amount:.0f} GB"


def _fits(fits: bool | None) -> str:
    if fits is None:
        return '<span class="tw-muted">not known</span>'
    return (
        f'<span class="tw-fits tw-good">{icon("check")}fits</span>'
        if fits
        else f'<span class="tw-fits tw-bad">{icon("cross")}too large</span>'
    )


def findings_html(verdict: Verdict | None) -> str:
    """Every finding of the checker, folded."""
    if verdict is None or not verdict.findings:
        return ""
    rows = "".join(_finding_html(each) for each in verdict.findings)
    count = len(verdict.findings)
    title = f"What the checker found ({count})"
    return f'<details class="tw-findings" data-key="findings"><summary>{title}</summary><ul>{rows}</ul></details>'


def _finding_html(finding: Finding) -> str:
    label = labels.VERDICTS[finding.kind]
    about = f"<strong>{escape(labels.strategy(finding.strategy))}</strong>: " if finding.strategy else ""
    return (
        f'<li class="tw-finding"><span class="tw-badge tw-{label.tone}">{icon(label.icon)}{escape(label.word)}</span>'
        f"<div>{about}{escape(finding.message)}{rules_html(finding.rules)}{_completions(finding)}{_repair(finding)}</div></li>"
    )


def rules_html(ids: Sequence[str]) -> str:
    """Rule ids as links into the Why panel."""
    if not ids:
        return ""
    links = "".join(
        f'<a class="tw-ref" href="#rule-{escape(id_)}" data-rule="{escape(id_)}">{escape(id_)}</a>' for id_ in ids
    )
    return f' <span class="tw-refs"><span class="tw-hidden">Rules </span>{links}</span>'


def _completions(finding: Finding) -> str:
    parts = []
    for title, completion in (("Holds if", finding.holds), ("Fails if", finding.fails)):
        if completion:
            parts.append(f"{title} {escape(_facts(completion))}.")
    return f"<br><small>{' '.join(parts)}</small>" if parts else ""


def _repair(finding: Finding) -> str:
    if not finding.repair:
        return ""
    words = {"remove": "leave out", "add": "add", "primary": "make the main strategy"}
    steps = [
        f"{words.get(key, key)} "
        f"{joined([labels.strategy(str(id_)) for id_ in (value if isinstance(value, (list, tuple)) else [value])])}"
        for key, value in finding.repair.items()
    ]
    return f"<br><small>Smallest repair: {escape('; '.join(steps))}.</small>"


def _facts(values: Mapping[str, str]) -> str:
    return joined([labels.stated(name, value) for name, value in values.items()])
