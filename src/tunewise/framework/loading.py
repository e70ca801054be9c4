"""Framework files to a `Framework`: extension, cross-checks, and errors that name file, rule and key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tunewise.errors import FrameworkError
from tunewise.framework.assembly import GROUPS, assemble
from tunewise.framework.files import parse_yaml, read_text
from tunewise.framework.model import Framework, FrameworkFile, json_schema
from tunewise.framework.words import explained, suggestion

SHIPPED = {
    "article": "article-advised.yaml",
    "article-pure": "article.yaml",
    "cs231n": "cs231n.yaml",
    "ng-letter-2025": "ng-letter-2025.yaml",
    "prompt-retrieve-tune": "prompt-retrieve-tune.yaml",
}


def frameworks_dir() -> Path:
    """Folder of the shipped framework files."""
    return Path(str(resources.files("tunewise"))) / "corpus" / "frameworks"


def shipped_frameworks() -> tuple[str, ...]:
    """Names that `load_framework` knows without a path."""
    return tuple(SHIPPED)


def load_framework(name_or_path: str | Path = "article") -> Framework:
    """Load a shipped framework by name, or one of your own by path.

    "article" is the article with our interpretations where it is silent; "article-pure" is the article alone.

    Raises:
        FrameworkError: If a file cannot be read or is not sound; nothing is half-loaded.
    """
    text = str(name_or_path)
    if text in SHIPPED:
        return _load(frameworks_dir() / SHIPPED[text])
    path = Path(name_or_path).expanduser()
    if path.suffix not in (".yaml", ".yml", ".json"):
        raise FrameworkError(
            f"No framework {text!r}.{suggestion(text, SHIPPED)} Shipped: {', '.join(SHIPPED)}; or a path."
        )
    return build_framework(path)


@lru_cache(maxsize=8)
def _load(path: Path) -> Framework:
    return build_framework(path)


def build_framework(path: Path) -> Framework:
    """Load a framework file and everything that it extends."""
    files: list[tuple[str, FrameworkFile]] = []
    digest = hashlib.sha256()
    seen: list[Path] = []
    following: Path | None = path
    while following is not None:
        resolved = following.resolve()
        if resolved in seen:
            chain = " → ".join(step.name for step in [*seen, resolved])
            raise FrameworkError(f"{path.name}: cyclic extension {chain}. Remove one 'extends'.")
        seen.append(resolved)
        text = read_text(following)
        raw = parse_yaml(text, following.name)
        for part in (text, *_fill_in(raw, following)):
            digest.update(part.encode())
        file = _validated(raw, following.name)
        files.insert(0, (following.name, file))
        following = _parent(following, file.extends)
    return assemble(files, digest.hexdigest())


def _fill_in(raw: dict[str, Any], path: Path) -> Iterator[str]:
    """Put parts that stand in files of their own (examples of facts, what was measured) in their place; their texts."""
    facts, parameters = raw.get("facts"), raw.get("parameters")
    holders = [(fact, "examples") for fact in (facts.values() if isinstance(facts, dict) else facts or ())]
    for holder, key in (*holders, (parameters, "measured")):
        if isinstance(holder, dict) and isinstance(name := holder.get(key), str):
            text = read_text(_beside(path, name))
            holder[key] = parse_yaml(text, name)
            yield text


def _beside(path: Path, name: str) -> Path:
    """A file that a framework names: beside it, else as the shipped ones have it, so that a copy of these loads."""
    own, shipped = path.parent / name, frameworks_dir() / name
    return shipped if shipped.exists() and not own.exists() else own


def _parent(path: Path, extends: str | None) -> Path | None:
    if extends is None:
        return None
    sibling = path.with_name(f"{extends}.yaml")
    if sibling.exists():
        return sibling
    shipped = frameworks_dir() / SHIPPED.get(extends, f"{extends}.yaml")
    if shipped.exists():
        return shipped
    known = sorted({*SHIPPED, *(file.stem for file in frameworks_dir().glob("*.yaml"))})
    raise FrameworkError(f"{path.name}, extends: no framework {extends!r}.{suggestion(extends, known)}")


def _validated(raw: dict[str, Any], where: str) -> FrameworkFile:
    try:
        return FrameworkFile.model_validate(raw)
    except ValidationError as error:
        schema = json_schema()
        known = {key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", ())}
        raise FrameworkError(f"{where}{explained(error, known, GROUPS)}") from None
