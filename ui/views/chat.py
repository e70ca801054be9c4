"""The conversation: what was asked, what was answered, and the buttons beside each answer."""

from __future__ import annotations

from collections.abc import Sequence

from tunewise.types import Citation, Reply
from tunewise.ui.state import ChatTurn, PageState
from tunewise.ui.views import labels
from tunewise.ui.views.html import button, escape, plain_text, prose, tag
from tunewise.ui.views.icons import icon

EXAMPLES = (
    (
        "800 flower photos",
        "I have 800 labelled photos of flowers and a ResNet-50 trained on ImageNet. One laptop GPU. "
        "Should I fine-tune it?",
    ),
    (
        "Support tickets in Dutch",
        "We want a 7B chat model to answer support tickets in Dutch. About 3,000 question-answer pairs "
        "and a single RTX 4090. "
        "It must not forget its English.",
    ),
    (
        "Speech with a strong accent",
        "Wav2Vec 2.0 makes too many errors on our regional accent. We have 900 hours of transcribed "
        "speech and a cluster of A100s.",
    ),
    ("What is EWC?", "What is elastic weight consolidation and when does it help?"),
)


def citation_numbers(citations: Sequence[Citation]) -> dict[str, int]:
    """Passage id → number shown, from 1 in the order of the citations; a passage cited twice keeps its number."""
    numbers: dict[str, int] = {}
    for citation in citations:
        numbers.setdefault(citation.id, len(numbers) + 1)
    return numbers


def chat_html(state: PageState) -> str:
    """All turns, oldest first; an invitation with examples when there are none."""
    if not state.turns:
        body = welcome_html()
    else:
        last = len(state.turns)
        body = "".join(turn_html(turn, at, at == last, state.busy) for at, turn in enumerate(state.turns, start=1))
    return tag("div", body, class_="tw-turns", data_conversation=state.conversation or "", data_turns=len(state.turns))


def welcome_html() -> str:
    """The first thing a visitor reads."""
    cards = "".join(
        button(
            f'<span class="tw-example-title">{escape(title)}</span><span class="tw-example-text">{escape(text)}</span>',
            "send",
            {"text": text},
            class_="tw-example",
        )
        for title, text in EXAMPLES
    )
    return (
        '<section class="tw-welcome"><h2>Should you fine-tune this model, and how?</h2>'
        "<p>Describe the model, your data, your hardware and what must not break. Rules decide, the model explains, "
        "and every claim links to its source. Nothing you write leaves this machine.</p>"
        f'<h3>Try a situation</h3><div class="tw-examples">{cards}</div></section>'
    )


def turn_html(turn: ChatTurn, number: int, is_last: bool, busy: bool) -> str:
    """One question with its answer, or as much of it as there is."""
    question = _question_html(turn, number, is_last and not busy)
    live = is_last and busy
    body = (
        _summary_html(turn.reply)
        + _answer_html(turn, number, live)
        + _problem_html(turn)
        + _notices_html(turn)
        + ("" if live else _actions_html(turn, number, is_last))
    )
    answer = tag("article", body, class_="tw-answer", aria_label=f"Answer {number}", id=f"answer-{number}")
    return tag("div", question + answer, class_="tw-turn")


def _question_html(turn: ChatTurn, number: int, may_edit: bool) -> str:
    edit = (
        tag(
            "button",
            icon("edit") + '<span class="tw-hidden">Edit and send again</span>',
            type="button",
            class_="tw-ghost tw-edit",
            data_edit=turn.question,
            title="Edit and send again",
        )
        if may_edit
        else ""
    )
    return tag(
        "article",
        f'<div class="tw-bubble" dir="auto">{plain_text(turn.question)}</div>{edit}',
        class_="tw-question",
        aria_label=f"Your message {number}",
    )


def _summary_html(reply: Reply | None) -> str:
    """One line with the recommendation and its verdict, so that the chat alone already tells the outcome."""
    if reply is None or reply.recommendation is None or reply.verdict is None or not reply.recommendation.primary:
        return ""
    verdict = labels.VERDICTS[reply.verdict.status]
    return tag(
        "button",
        f'<span class="tw-summary-name">{escape(labels.strategy(reply.recommendation.primary))}</span>'
        f'<span class="tw-badge tw-{verdict.tone}">{icon(verdict.icon)}{escape(verdict.word)}</span>'
        f'<span class="tw-summary-more">Details{icon("arrow")}</span>',
        type="button",
        class_="tw-summary",
        data_tab="advice",
    )


def _answer_html(turn: ChatTurn, number: int, live: bool) -> str:
    if not turn.answer:
        return '<div class="tw-typing" aria-hidden="true"><i></i><i></i><i></i></div>' if live else ""
    reply = turn.reply
    numbers = citation_numbers(reply.citations) if reply else {}
    seen: dict[str, int] = {}

    def cite(id_: str) -> str:
        seen[id_] = seen.get(id_, 0) + 1
        return cite_link(id_, numbers.get(id_), number, seen[id_])

    language = reply.language if reply else None
    caret = '<span class="tw-caret" aria-hidden="true"></span>' if live else ""
    return tag("div", prose(turn.answer, cite) + caret, class_="tw-prose", lang=language, dir="auto")


def cite_link(id_: str, shown: int | None, turn: int, occurrence: int) -> str:
    """A citation mark as a link to its source; a mark that resolves to no citation shows the passage id only."""
    if shown is None:
        return f'<span class="tw-cite tw-cite-open" title="Passage {escape(id_)}">{escape(id_)}</span>'
    return tag(
        "a",
        escape(shown),
        class_="tw-cite",
        href=f"#source-{id_}",
        id=f"cite-{turn}-{id_}-{occurrence}",
        data_source=id_,
        data_turn=turn,
        aria_label=f"Source {shown}, passage {id_}",
    )


def _problem_html(turn: ChatTurn) -> str:
    if turn.problem:
        return f'<div class="tw-problem" role="alert">{icon("clash")}<p>{escape(turn.problem)}</p></div>'
    if turn.stopped:
        return '<p class="tw-note">Stopped. What the rules decided stands.</p>'
    return ""


def _notices_html(turn: ChatTurn) -> str:
    if turn.reply is None:
        return ""
    notes = "".join(f'<p class="tw-note">{escape(notice)}</p>' for notice in turn.reply.notices)
    withheld = turn.reply.withheld
    if withheld:
        rows = "".join(
            f"<li><q>{escape(each.sentence)}</q><br><small>{escape(each.reason)}</small></li>" for each in withheld
        )
        count = f"{len(withheld)} sentence{'s' if len(withheld) > 1 else ''} of the model withheld"
        notes += (
            f'<details class="tw-withheld" data-key="withheld-{turn.reply.turn}"><summary>{count}</summary>'
            f"<ul>{rows}</ul></details>"
        )
    return notes


def _actions_html(turn: ChatTurn, number: int, is_last: bool) -> str:
    parts = []
    if is_last:
        parts.append(button(f"{icon('retry')}Try again", "retry", class_="tw-ghost"))
    if turn.reply is not None:
        parts.append(_thumb("up", "Good answer", number, turn.feedback))
        parts.append(_thumb("down", "Bad answer", number, turn.feedback))
        parts.append(_took(turn.reply))
    comment = ""
    if turn.feedback in ("up", "down"):
        comment = (
            f'<form class="tw-comment" data-form="feedback" data-turn="{number}">'
            f'<label class="tw-hidden" for="comment-{number}">Comment on answer {number}</label>'
            f'<input id="comment-{number}" name="comment" maxlength="2000" placeholder="What was good or '
            'wrong? (kept on this machine)">'
            '<button class="tw-button" type="submit">Save</button></form>'
        )
    return tag("div", "".join(parts), class_="tw-actions") + comment if parts else ""


def _thumb(direction: str, name: str, number: int, given: str | None) -> str:
    return button(
        icon(direction) + f'<span class="tw-hidden">{name}</span>',
        "feedback",
        {"turn": number, "thumb": direction},
        class_="tw-ghost",
        title=name,
        aria_pressed="true" if given == direction else "false",
    )


def _took(reply: Reply) -> str:
    total = reply.timings_s.get("total")
    return f'<span class="tw-took">{total:.1f} s</span>' if total is not None else ""
