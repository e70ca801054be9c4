"""What may know what: steps of a turn never import each other, the framework knows nobody, doors know the desk."""

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "tunewise"
STEPS = {"facts", "routing", "retrieval", "answer"}
PURE = {"framework", "types", "errors"}  # what the framework may import


def imports_of(package: str) -> set[str]:
    """Top-level parts of tunewise that a package imports, also for type checking only."""
    found = set()
    for path in (SOURCE / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name.split(".")[1] for name in names if name.startswith("tunewise.")}
    return found


@pytest.mark.parametrize("step", sorted(STEPS))
def test_steps_do_not_import_each_other(step):
    assert imports_of(step) & STEPS <= {step}


def test_the_framework_knows_neither_model_nor_text():
    assert imports_of("framework") <= PURE


def test_the_model_knows_no_step():
    assert not imports_of("llm") & (STEPS | {"framework"})


def test_doors_reach_conversations_and_what_a_turn_does_through_the_desk():
    behind_the_desk = {"conversation", "answer", "routing"}
    assert not imports_of("ui") & {*behind_the_desk, "facts", "llm", "record", "cli"}
    assert not imports_of("cli") & behind_the_desk


@pytest.mark.parametrize("folder", [SOURCE, SOURCE.parent.parent / "ui"], ids=["src", "ui"])
def test_words_of_other_scripts_stand_in_tables(folder):
    files = list(folder.rglob("*.py"))
    assert files
    assert not [path for path in files if re.search("[\u4e00-\u9fff]", path.read_text(encoding="utf-8"))]
