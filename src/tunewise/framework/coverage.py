"""How a framework covers its source, and whether it quotes it literally."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from tunewise.framework.model import Framework, Source


@dataclass(frozen=True, slots=True)
class Property:
    """A property that a framework must have; `detail` names a witness where it does not hold."""

    name: str
    holds: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Sentences of the source by what they became."""

    rules: int
    explanations: int
    examples: int
    no_rule: int
    interpretations: int
    tensions: int

    @property
    def sentences(self) -> int:
        """All sentences of the source that were dealt with."""
        return self.rules + self.explanations + self.examples + self.no_rule


def coverage_of(framework: Framework) -> Coverage:
    """Count what each sentence of the source became."""
    without = [sentence for sentence in framework.sentences.values() if not sentence.about]
    return Coverage(
        rules=sum(rule.source is not None for rule in framework.rules.values()),
        explanations=len(framework.sentences) - len(without),
        examples=len(framework.examples),
        no_rule=len(without),
        interpretations=sum(rule.is_interpretation for rule in framework.rules.values()),
        tensions=len(framework.tensions),
    )


def quoted(framework: Framework) -> list[tuple[str, Source]]:
    """Every id that quotes, with what it quotes."""
    found = [(rule.id, rule.source) for rule in framework.rules.values() if rule.source]
    found += [(sentence.id, sentence.source) for sentence in framework.sentences.values()]
    return found + [(example.id, example.source) for example in framework.examples.values()]


def documents_dir() -> Path:
    """Folder of the shipped documents."""
    return Path(str(resources.files("tunewise"))) / "corpus" / "documents"


def misquotes(framework: Framework, documents: Path | None = None) -> Property:
    """Whether every quote stands literally in its document, and every section is one of its headings."""
    folder = documents or documents_dir()
    texts: dict[str, str | None] = {}
    wrong: list[str] = []
    sources = quoted(framework)
    for id_, source in sources:
        if source.document not in texts:
            path = folder / f"{source.document}.md"
            texts[source.document] = path.read_text(encoding="utf-8") if path.is_file() else None
        problem = _problem(texts[source.document], source)
        if problem:
            wrong.append(f"{id_}: {problem}")
    detail = "; ".join(wrong[:5]) or f"{len(sources)} quotes"
    return Property("every quote is literal", not wrong, detail)


def _problem(text: str | None, source: Source) -> str | None:
    if text is None:
        return f"no document {source.document!r}"
    if source.quote not in text:
        return f"not in {source.document!r}: {source.quote[:60]!r}"
    headings = {line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")}
    missing = [part for part in source.section.split(" / ") if part not in headings]
    return f"no heading {missing[0]!r} in {source.document!r}" if missing else None
