"""Reading YAML strictly: no duplicate keys, no anchors, no tags, limited size and depth; every scalar stays text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tunewise.errors import FrameworkError

MAX_BYTES = 1_000_000
MAX_DEPTH = 16
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp")}


def read_text(path: Path) -> str:
    """Text of a framework file of at most `MAX_BYTES`."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FrameworkError(f"{path} has {size:,} bytes; a framework file may have at most {MAX_BYTES:,}.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise FrameworkError(f"Cannot read the framework file {str(path)!r}: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise FrameworkError(f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from None


def parse_yaml(text: str, where: str) -> dict[str, Any]:
    """The mapping in a YAML text; `where` names it in errors. What a scalar means is left to the record it is for."""
    try:
        node: Any = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise FrameworkError(f"{where}{line}: not valid YAML ({problem}).") from None
    except RecursionError:
        raise FrameworkError(f"{where}: nested too deeply; at most {MAX_DEPTH} levels.") from None
    if node is None or node.id != "mapping":
        raise FrameworkError(f"{where}: must be a mapping with 'name', 'title' and 'rules'.")
    built: dict[str, Any] = _built(node, where, set(), 1)
    return built


def _built(node: Any, where: str, seen: set[int], depth: int) -> Any:
    def refuse(node: Any, problem: str) -> FrameworkError:
        return FrameworkError(f"{where}, line {node.start_mark.line + 1}: {problem}.")

    if node.id == "scalar":
        if node.tag not in _PLAIN_TAGS:
            raise refuse(node, f"tag {node.tag!r} is not allowed")
        return None if node.style is None and node.value in ("", "~", "null") else node.value
    if depth > MAX_DEPTH:
        raise refuse(node, f"nested too deeply; at most {MAX_DEPTH} levels")
    if id(node) in seen:
        raise refuse(node, "anchors and aliases are not allowed; write the part out")
    seen.add(id(node))
    if node.id == "sequence":
        return [_built(child, where, seen, depth + 1) for child in node.value]
    built: dict[str, Any] = {}
    for key, value in node.value:
        if key.id != "scalar":
            raise refuse(key, "a key must be a word")
        if key.value in built:
            raise refuse(key, f"duplicate key {key.value!r}; remove one of the two")
        built[key.value] = _built(value, where, seen, depth + 1)
    return built
