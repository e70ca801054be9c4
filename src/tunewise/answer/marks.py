"""Citation marks in a text: `[A3]`, `[A3][A7]`, `[A3, A7]`, in the brackets of any script."""

from __future__ import annotations

import re
from collections.abc import Collection

_ID = r"[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*"
_NUMBER = r"\d{1,3}"
_BETWEEN = r"\s*[,;\u3001\uff0c\uff1b&]\s*"
_IDS = rf"(?:{_ID}|{_NUMBER})(?:{_BETWEEN}(?:{_ID}|{_NUMBER}))*"
MARK = re.compile(rf"[ \t]*[\[\uff3b\u3010]\s*({_IDS})\s*[\]\uff3d\u3011]", re.ASCII)
_SEPARATOR = re.compile(_BETWEEN)


def cited_ids(text: str) -> list[str]:
    """Ids in the citation marks of a text, in order, each once."""
    ids = [id_ for match in MARK.finditer(text) for id_ in ids_of(match)]
    return list(dict.fromkeys(ids))


def without_marks(text: str) -> str:
    """The text without its citation marks, tidied."""
    return tidy(MARK.sub(lambda match: "" if ids_of(match) else match.group(), text))


def keep_marks(text: str, ids: Collection[str]) -> str:
    """The text with only the marks of these passages."""

    def kept(match: re.Match[str]) -> str:
        marks = [f"[{id_}]" for id_ in ids_of(match) if id_ in ids]
        return match.group() if not ids_of(match) else " " + "".join(marks) if marks else ""

    return tidy(MARK.sub(kept, text))


def tidy(text: str) -> str:
    """Remove what a deleted mark leaves behind: doubled blanks, blanks before punctuation, empty brackets."""
    text = re.sub(r"\(\s*\)|\uff08\s*\uff09|\[\s*\]", "", text)
    text = re.sub(r"(\[[A-Za-z][\w-]*\])[ \t]+(?=\[[A-Za-z][\w-]*\])", r"\1", text)
    text = re.sub(r"[ \t]+([.,\u3002\uff0c\uff1b\u3001)\uff09](?!\w))", r"\1", text)
    text = re.sub(r"([,\uff0c\u3001])\s*([.\u3002])", r"\2", text)
    text = re.sub(r"(?<![.])\.\.(?![.])", ".", text)
    text = re.sub(r"(?<=\S)[ \t]{2,}", " ", text)
    text = re.sub(r"([\u3002\uff0c\uff01\uff1f\uff1b])[ \t]+(?=[\[\u3400-\u9fff])", r"\1", text)
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE).strip()


def ids_of(match: re.Match[str]) -> list[str]:
    """Ids of a mark; none if the bracket holds ordinary words such as "[sic]"."""
    ids = _SEPARATOR.split(match.group(1))
    return ids if all(re.search(r"\d", id_) for id_ in ids) else []
