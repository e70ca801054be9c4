"""Sentences of a text or of a stream, in English, Chinese and French.

A sentence keeps the citation marks that follow its full stop ("… overfit. [A3]"), abbreviations and decimals do not
end one, and a list item is a sentence of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|fig|eq|sec|ref|no|vol|pp|al|dr|mr|mrs|ms|prof|st|incl|max|min|p\.\s?ex"
    r"|c\.-à-d|env|ex|art|m|mm|mme)|\b[A-Za-z])\.$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?:^|\n)[ \t]*(?:\(?\d{1,2}|[a-z])\.$")
_END = re.compile(r"[.!?…]+|[\u3002\uff01\uff1f]+|\n+")
_CLOSERS = "\"'”’»)\uff09\u300d\u300f\u3011*_"
_MARK = re.compile(r"[ \t]*[\[\uff3b\u3010][^\[\]\uff3b\uff3d\u3010\u3011\n]{1,80}[\]\uff3d\u3011]")
_OPEN_MARK = re.compile(r"[ \t]*[\[\uff3b\u3010][^\[\]\uff3b\uff3d\u3010\u3011\n]{0,80}$")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*•·]|\(?\d{1,2}[.)\u3001])[ \t]+")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of every sentence, in order, without the white space around it."""
    spans: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = _first_end(text, start, final=True)
        end = len(text) if end is None else end
        piece = text[start:end]
        if piece.strip():
            spans.append((end - len(piece.lstrip()), start + len(piece.rstrip())))
        start = end
    return spans


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, stripped."""
    return [text[start:end] for start, end in sentence_spans(text)]


def sentences(stream: Iterable[str]) -> Iterator[str]:
    """Sentences of a stream of text pieces, each as soon as it is certain that it has ended.

    "certain" waits for the character after the full stop, because a citation mark may still follow.
    """
    buffer = ""
    for piece in stream:
        buffer += piece
        while (end := _first_end(buffer, 0, final=False)) is not None:
            sentence, buffer = buffer[:end].strip(), buffer[end:]
            if sentence:
                yield sentence
    yield from split_sentences(buffer)


def without_list_mark(sentence: str) -> str:
    """The sentence without a leading dash, bullet or number of a list."""
    return _LIST_ITEM.sub("", sentence, count=1) if _LIST_ITEM.match(sentence) else sentence


def _first_end(text: str, start: int, final: bool) -> int | None:
    """End of the first sentence from `start`; None if there is none, or if more text is needed to tell."""
    for match in _END.finditer(text, start):
        if match.group()[0] == "\n":
            if text[start : match.start()].strip():
                return match.end()
            continue
        if not final and match.end() == len(text):
            return None
        end = _absorb(text, start, match.start(), match.end(), final)
        if end is None:
            return None
        if _ends_here(text, start, match, end, final):
            return end
    return None


def _absorb(text: str, start: int, stop: int, end: int, final: bool) -> int | None:
    """Move `end` past closing quotes and citation marks; None while a mark may still come.

    A sentence that has its mark does not take the next one as well, if that stands before more text: "… [A3]. [A4] As".
    """
    marked = text[:stop].rstrip().endswith(("]", "\uff3d", "\u3011")) or text[start:].lstrip().startswith(
        ("[", "\uff3b", "\u3010")
    )
    while True:
        while end < len(text) and text[end] in _CLOSERS:
            end += 1
        mark = _MARK.match(text, end)
        if not mark:
            break
        follows = text[mark.end() :].lstrip(" \t")[:1]
        if marked and not follows and not final:
            return None
        if marked and text[end : end + 1].isspace() and follows and follows not in ".\u3002[\uff3b\u3010\n":
            return end
        end, marked = mark.end(), True
        if end < len(text) and text[end] in ".\u3002":
            end += 1
    rest = text[end:]
    if not final and (not rest.strip(" \t") or _OPEN_MARK.match(rest)):
        return None
    return end


def _ends_here(text: str, start: int, match: re.Match[str], end: int, final: bool) -> bool:
    if match.group()[0] in "\u3002\uff01\uff1f":
        return True
    before = text[start : match.end()]
    follows = text[end : end + 1]
    if match.group() == ".":
        if _ABBREVIATION.search(before[-12:]) and not (final and not text[end:].strip()):
            return False
        if _ORDINAL.search(text[max(0, match.end() - 6) : match.end()]) and follows in (" ", "\t"):
            return False
    if follows and not follows.isspace() and not "\u3400" <= follows <= "\u9fff":
        return False
    return not text[end:].lstrip(" \t")[:1].islower()
