"""Reading YAML strictly: no duplicate keys, no anchors, no tags, limited size and depth; yes/no stay words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tunewise.errors import FrameworkError

MAX_BYTES = 1_000_000
MAX_DEPTH = 16
_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?")
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp")}
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        FrameworkError: If the file is missing, too large or not strict YAML; names file, line and key.
    """
    return parse_yaml(read_text(path), str(path))


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
    """The mapping in a YAML text; `where` names it in errors."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node: Any = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise FrameworkError(f"{where}{line}: not valid YAML ({problem}).") from None
    except RecursionError:
        raise FrameworkError(f"{where}: nested too deeply; at most {MAX_DEPTH} levels.") from None
    if node is None or node.id != "mapping":
        raise FrameworkError(f"{where}: must be a mapping with 'name', 'title' and 'rules'.")
    result = _Builder(where).build(node, 1)
    assert isinstance(result, dict)
    return result


class _Builder:
    def __init__(self, where: str) -> None:
        self.where = where
        self.seen: set[int] = set()

    def build(self, node: Any, depth: int) -> object:
        if node.id == "scalar":
            return self._scalar(node)
        if depth > MAX_DEPTH:
            raise self._error(node, f"nested too deeply; at most {MAX_DEPTH} levels")
        if id(node) in self.seen:
            raise self._error(node, "anchors and aliases are not allowed; write the part out")
        self.seen.add(id(node))
        if node.id == "sequence":
            return [self.build(child, depth + 1) for child in node.value]
        built: dict[str, object] = {}
        for key_node, value_node in node.value:
            if key_node.id != "scalar":
                raise self._error(key_node, "a key must be a word")
            if key_node.value in built:
                raise self._error(key_node, f"duplicate key {key_node.value!r}; remove one of the two")
            built[key_node.value] = self.build(value_node, depth + 1)
        return built

    def _scalar(self, node: Any) -> object:
        if node.tag not in _PLAIN_TAGS:
            raise self._error(node, f"tag {node.tag!r} is not allowed")
        if node.style is not None:  # quoted or block text
            return node.value
        value: str = node.value
        if value in _WORDS:
            return _WORDS[value]
        if _NUMBER.fullmatch(value):
            return float(value) if any(mark in value for mark in ".eE") else int(value[:40])
        return value

    def _error(self, node: Any, problem: str) -> FrameworkError:
        return FrameworkError(f"{self.where}, line {node.start_mark.line + 1}: {problem}.")
