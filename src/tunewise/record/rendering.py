"""A decision record to read: Markdown, and a self-contained HTML page that prints well.

Both are made from the same sections, so they cannot say different things, and both end with the record's own JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tunewise.record.decision_record import Record
from tunewise.record.page import html_page, html_text, markdown_text
from tunewise.types import Fact

PAGE_ELEMENT = "tunewise-record"
MARKDOWN_FENCE = "```json"

VERDICT_MEANING = {
    "valid": "follows from the facts and the rules",
    "invalid": "contradicts the facts or the rules",
    "satisfiable": "holds only under facts that were not stated",
    "impossible": "the stated facts contradict each other",
    "ambiguous": "a fact can be read in two ways",
    "no_recommendation": "nothing was recommended",
    "not_checked": "could not be checked",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs, quotes, list items and a table, in this order; each part may be empty."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    items: tuple[tuple[str, str], ...] = ()
    table: tuple[tuple[str, ...], ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing but the heading."""
        return not (self.paragraphs or self.quotes or self.items or self.table)


def record_markdown(record: Record) -> str:
    """The record as Markdown."""
    parts = [f"# {markdown_text(record.content.title)}"]
    for section in sections(record):
        parts.append(f"## {section.heading}")
        parts.extend(markdown_text(text) for text in section.paragraphs)
        parts.extend("> " + markdown_text(text).replace("\n", "\n> ") for text in section.quotes)
        if section.items:
            parts.append("\n".join(_markdown_item(*item) for item in section.items))
        if section.table:
            parts.append(_markdown_table(section.table))
    parts.append(f"## Machine-readable record\n\n{MARKDOWN_FENCE}\n{record.to_json(ascii_only=True)}```")
    return "\n\n".join(parts) + "\n"


def record_html(record: Record) -> str:
    """The record as one HTML page that loads nothing."""
    body = "\n".join(_html_section(section) for section in sections(record))
    data = html_text(record.to_json(ascii_only=True))
    body += f'\n<details><summary>Machine-readable record</summary><pre id="{PAGE_ELEMENT}">{data}</pre></details>'
    return html_page(record.content.title, body, record.reply.language)


def sections(record: Record) -> list[Section]:
    """What a reader sees, in order; sections with nothing to say are left out."""
    return [section for section in _sections(record) if not section.empty]


def _sections(record: Record) -> Iterator[Section]:
    reply, content = record.reply, record.content
    chosen, verdict = reply.recommendation, reply.verdict
    yield Section("What was asked", quotes=tuple(content.messages))
    situation = reply.situation
    known = [fact for fact in (*situation.facts.values(), *situation.details.values()) if fact.known]
    unknown = [_words(fact.name) for fact in situation.facts.values() if not fact.known]
    yield Section(
        "Situation",
        (f"Not known: {', '.join(unknown)}.",) if unknown else (),
        table=(("fact", "value", "status", "in the user's words, or why"), *(_fact_row(fact) for fact in known)),
    )
    if chosen is not None:
        yield Section("Recommendation", items=tuple(_recommendation(record)))
    if verdict is not None:
        yield Section(
            "Verdict",
            (f"{_words(verdict.status)}: {VERDICT_MEANING[verdict.status]}.",),
            items=tuple(
                (record.label(each.strategy) if each.strategy else "situation", f"{_words(each.kind)}: {each.message}")
                for each in verdict.findings
            ),
        )
    yield Section("Rules behind it", items=tuple(_rules(record)))
    yield Section("Answer", (reply.answer,) if reply.answer else ())
    yield Section(
        "Sources",
        items=tuple((each.id, f"{each.document}, {each.section}: “{each.quote}”") for each in reply.citations),
    )
    yield Section("Rejected proposals of the model", items=tuple(_rejected(record)))
    if reply.plan is not None:
        yield Section("Plan and starting values", items=tuple((step.title, step.text) for step in reply.plan.steps))
        yield Section("Memory for training", table=_memory(record))
    yield Section("What would change the advice", items=tuple(("", text) for text in content.would_change))
    yield Section("What this rests on", table=_hashes(record))


def _recommendation(record: Record) -> Iterator[tuple[str, str]]:
    chosen = record.reply.recommendation
    if chosen is None:
        return
    yield "primary", record.label(chosen.primary)
    for strategy in chosen.supporting:
        yield "supporting", record.label(strategy)
    for strategy in chosen.avoid:
        yield "avoid", record.label(strategy)
    for assumption in chosen.assumptions:
        yield "assumed", assumption
    for other in chosen.conditional:
        when = " and ".join(f"{_words(name)} is {value}" for name, value in other.when.items())
        yield f"if {when}", ", ".join(record.label(each) for each in (other.primary, *other.supporting))
    yield "origin", "the model's proposal, checked" if chosen.origin == "model" else "the rules"


def _rules(record: Record) -> Iterator[tuple[str, str]]:
    for id_, rule in record.content.rules.items():
        if rule.quote:
            yield id_, f"{rule.because} “{rule.quote}” ({rule.document}, {rule.section}; {rule.strength})"
        else:
            yield id_, f"{rule.because} Interpretation: {rule.interpretation} ({rule.strength})"


def _rejected(record: Record) -> Iterator[tuple[str, str]]:
    for proposal in record.reply.proposals:
        if proposal.verdict.status in ("invalid", "impossible", "not_checked"):
            named = ", ".join(record.label(each) for each in (proposal.primary, *proposal.supporting) if each)
            why = " ".join(each.message for each in proposal.verdict.findings if each.kind != "valid")
            yield named or "nothing", f"{_words(proposal.verdict.status)}. {why}"


def _memory(record: Record) -> tuple[tuple[str, ...], ...]:
    estimates = record.reply.plan.memory if record.reply.plan else ()
    fits = {True: "yes", False: "no", None: "not known"}
    rows = [(each.method, f"{each.gigabytes:.1f} GB", fits[each.fits], each.formula, each.source) for each in estimates]
    return (("method", "memory", "fits", "formula", "source"), *rows) if rows else ()


def _hashes(record: Record) -> tuple[tuple[str, ...], ...]:
    content, hashes = record.content, record.content.hashes
    return (
        ("what", "identity"),
        ("made", content.created_at),
        ("Tunewise", content.tunewise),
        (f"framework {hashes.framework_name}", hashes.framework),
        ("corpus", hashes.corpus),
        *((f"weights {name}", value) for name, value in hashes.weights.items()),
        ("this record", content.checksum),
    )


def _fact_row(fact: Fact) -> tuple[str, ...]:
    amount = f"{fact.amount:g} {fact.unit or ''}".strip() if fact.amount is not None else ""
    value = f"{fact.value} ({amount})" if amount and fact.value not in amount else amount or fact.value
    words = " – ".join(each for each in (f"“{fact.quote}”" if fact.quote else "", fact.reason) if each)
    return _words(fact.name), value, fact.status, words


def _markdown_item(name: str, text: str) -> str:
    flat = markdown_text(text).replace("\n", " ")
    return f"- **{markdown_text(name)}**: {flat}" if name else f"- {flat}"


def _markdown_table(rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(markdown_text(cell).replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _html_section(section: Section) -> str:
    parts = [f"<section><h2>{html_text(section.heading)}</h2>"]
    parts += [f'<p class="answer">{html_text(text)}</p>' for text in section.paragraphs]
    parts += [f'<blockquote class="said">{html_text(text)}</blockquote>' for text in section.quotes]
    if section.items:
        parts.append("<ul>" + "".join(_html_item(*item) for item in section.items) + "</ul>")
    if section.table:
        head, *rows = section.table
        cells = "".join(f'<th scope="col">{html_text(cell)}</th>' for cell in head)
        body = "".join("<tr>" + "".join(f"<td>{html_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        parts.append(f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>")
    return "".join(parts) + "</section>"


def _html_item(name: str, text: str) -> str:
    return f"<li><b>{html_text(name)}</b>: {html_text(text)}</li>" if name else f"<li>{html_text(text)}</li>"


def _words(name: str) -> str:
    return name.replace("_", " ")
