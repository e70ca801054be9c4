"""How a framework covers its source, and whether it quotes it literally."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from tunewise.framework.model import Framework, Source


@dataclass(frozen=True, slots=True)
class Property:
    """A property that a framework must have; `detail` names a witness where it does not hold."""

    name: str
    holds: bool
    detail: str


def coverage_of(framework: Framework) -> dict[str, int]:
    """What the sentences of the source became (rules, explanations, examples, no_rule), and what was added to them."""
    explaining = sum(bool(sentence.about) for sentence in framework.sentences.values())
    return {
        "rules": sum(rule.source is not None for rule in framework.rules.values()),
        "explanations": explaining,
        "examples": len(framework.examples),
        "no_rule": len(framework.sentences) - explaining,
        "interpretations": sum(rule.is_interpretation for rule in framework.rules.values()),
        "tensions": len(framework.tensions),
    }


def quoted(framework: Framework) -> list[tuple[str, Source]]:
    """Every id that quotes, with what it quotes."""
    groups = (framework.rules, framework.sentences, framework.examples)
    return [(id_, part.source) for group in groups for id_, part in group.items() if part.source]


def documents_dir() -> Path:
    """Folder of the shipped documents."""
    return Path(str(resources.files("tunewise"))) / "corpus" / "documents"


def misquotes(framework: Framework) -> Property:
    """Whether every quote stands literally in its document, and every section is one of its headings."""
    sources = quoted(framework)
    wrong = [f"{id_}: {problem}" for id_, source in sources if (problem := _problem(source))]
    return Property("every quote is literal", not wrong, "; ".join(wrong[:5]) or f"{len(sources)} quotes")


@cache
def _text(document: str) -> str | None:
    path = documents_dir() / f"{document}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _problem(source: Source) -> str | None:
    text = _text(source.document)
    if text is None:
        return f"no document {source.document!r}"
    if source.quote not in text:
        return f"not in {source.document!r}: {source.quote[:60]!r}"
    headings = {line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")}
    missing = [part for part in source.section.split(" / ") if part not in headings]
    return f"no heading {missing[0]!r} in {source.document!r}" if missing else None
