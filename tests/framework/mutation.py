"""Mutation testing of decide and check: how many small faults planted in the code do the tests notice?

    python -m tests.framework.mutation [compiled|decide|check ...]

Not part of the suite (it takes several minutes). Each mutant runs in a forked process against the tests of decide and
check, survivors once more against all framework tests. Not mutated: docstrings, annotations, decorators, imports, the
wording of messages (f-strings), and lines that only bound or fill a cache (marked `# cache`), where a fault changes
speed and nothing else.
"""

from __future__ import annotations

import ast
import copy
import importlib.abc
import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "tunewise" / "framework"
HERE = Path(__file__).resolve().parent
FAST = [str(HERE / f"test_{name}.py") for name in ("golden", "order", "check", "decide", "naive")]
REST = [str(HERE / f"test_{name}.py") for name in ("properties", "whatif", "prove", "compare")]
TIMEOUT_S = 60
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift, ast.BitXor: ast.BitOr, ast.Mult: ast.Add,
}  # fmt: skip
NAMES = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list"}


def mutations(node: ast.AST) -> Iterator[Callable[[ast.AST], ast.AST]]:
    """Ways to change one node into a faulty one."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        yield lambda n: _set(n, ops=[COMPARISONS[type(n.ops[0])](), *n.ops[1:]])  # type: ignore[attr-defined]
    if isinstance(node, ast.BoolOp):
        yield lambda n: _set(n, op=ast.Or() if isinstance(n.op, ast.And) else ast.And())  # type: ignore[attr-defined]
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        yield lambda n: _set(n, op=OPERATORS[type(n.op)]())  # type: ignore[attr-defined]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        yield lambda n: n.operand  # type: ignore[attr-defined]
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, str)):
        yield lambda n: ast.Constant(_other(n.value))  # type: ignore[attr-defined]
    if isinstance(node, ast.Return) and node.value is not None:
        yield lambda n: ast.Return(ast.Constant(None))
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        yield lambda n: _set(n, test=ast.UnaryOp(ast.Not(), n.test))  # type: ignore[attr-defined]
    if isinstance(node, ast.comprehension) and node.ifs:
        yield lambda n: _set(n, ifs=[])
    if isinstance(node, ast.Name) and node.id in NAMES and isinstance(node.ctx, ast.Load):
        yield lambda n: _set(n, id=NAMES[n.id])  # type: ignore[attr-defined]
    if isinstance(node, (ast.AugAssign, ast.Expr, ast.Raise)):
        yield lambda n: ast.Pass()


def _other(value: bool | int | str) -> bool | int | str:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}_"


def _set(node: ast.AST, **fields: object) -> ast.AST:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def mutants(source: str) -> Iterator[tuple[int, str, ast.Module]]:
    """(line, what was changed, mutated module) for every mutant of a source text."""
    tree = ast.parse(source)
    lines = source.splitlines()
    for path, node in _mutable(tree):
        line = getattr(node, "lineno", 0)
        if line and "# cache" in lines[line - 1]:
            continue
        for place, mutate in enumerate(mutations(node)):
            fresh = copy.deepcopy(tree)
            parent, field, index = _at(fresh, path)
            before = getattr(parent, field) if index is None else getattr(parent, field)[index]
            shown = ast.unparse(before)[:70]
            after = mutate(before)
            if index is None:
                setattr(parent, field, after)
            else:
                getattr(parent, field)[index] = after
            yield (
                line,
                f"{shown!r} #{place}: {type(node).__name__} → {type(after).__name__}",
                ast.fix_missing_locations(fresh),
            )


Path_ = list[tuple[str, int | None]]


def _mutable(node: ast.AST, path: Path_ | None = None) -> Iterator[tuple[Path_, ast.AST]]:
    path = path or []
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "keywords" if isinstance(node, ast.ClassDef) else ""):
            continue
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST) or isinstance(child, (ast.Import, ast.ImportFrom, ast.JoinedStr)):
                continue
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if docstring or (isinstance(child, ast.Assign) and "Literal" in ast.unparse(child.value)):
                continue
            here = [*path, (field, index)]
            yield here, child
            yield from _mutable(child, here)


def _at(tree: ast.AST, path: Path_) -> tuple[ast.AST, str, int | None]:
    node = tree
    for field, index in path[:-1]:
        node = getattr(node, field) if index is None else getattr(node, field)[index]
    return node, *path[-1]


class _Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a mutated syntax tree."""

    def __init__(self, name: str, tree: ast.Module, path: Path) -> None:
        self.name, self.tree, self.path = name, tree, path

    def find_spec(self, name: str, path: object = None, target: object = None):  # type: ignore[no-untyped-def]
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def exec_module(self, module) -> None:  # type: ignore[no-untyped-def]
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def killed(name: str, tree: ast.Module, path: Path, tests: list[str]) -> bool:
    """Whether the tests notice a mutant; a hang counts as noticed."""
    child = os.fork()
    if child == 0:
        signal.alarm(TIMEOUT_S)
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        sys.meta_path.insert(0, _Planted(name, tree, path))
        code = 1
        try:
            code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *tests]))
        finally:
            os._exit(0 if code == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def main(names: list[str]) -> None:
    """Run all mutants of the named modules and print survivors and the share that was killed."""
    total = dead = 0
    for module in names:
        path = PACKAGE / f"{module}.py"
        whole = ast.parse(path.read_text(encoding="utf-8"))
        if killed(f"tunewise.framework.{module}", whole, path, [*FAST, *REST]):
            sys.exit(f"{module}: the tests fail without any mutation")
        for line, what, tree in mutants(path.read_text(encoding="utf-8")):
            name = f"tunewise.framework.{module}"
            total += 1
            found = killed(name, tree, path, FAST) or killed(name, tree, path, REST)
            dead += found
            if not found:
                print(f"survived: {module}.py:{line} {what}", flush=True)
    print(f"{dead} of {total} mutants killed ({100 * dead / total:.1f} %)", flush=True)


if __name__ == "__main__":
    import pydantic
    import yaml  # warm in the parent, so that every child starts fast

    del pydantic, yaml
    main(sys.argv[1:] or ["compiled", "decide", "check"])
