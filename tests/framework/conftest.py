"""Shared by the tests of the framework: the shipped frameworks, and small ones written in the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tunewise.framework import Framework, check, load_framework
from tunewise.types import Recommendation, Situation

SMALL = """
name: small
title: A small framework
facts:
  size:
    {factor: data, label: {en: size}, question: {en: Size}, why: {en: w}, values: {little: {en: l}, much: {en: m}}}
  money:
    {factor: compute, label: {en: money}, question: {en: Money}, why: {en: w}, values: {none: {en: n}, some: {en: s}}}
  tested:
    {kind: report, factor: data, label: {en: t}, question: {en: T}, why: {en: w}, values: {good: {en: g}, bad: {en: b}}}
strategies:
  nothing: {roles: [primary], label: {en: nothing}, description: {en: d}, cost: none}
  part: {roles: [primary], label: {en: part}, description: {en: d}, cost: some}
  all: {roles: [primary], label: {en: all}, description: {en: d}, cost: much}
  helper: {roles: [supporting], label: {en: helper}, description: {en: d}, cost: none}
  guard: {roles: [supporting], label: {en: guard}, description: {en: d}, cost: none}
families: {training: [part, all]}
precedence: {factors: [data, compute], ranking: [nothing, part, all, helper, guard], max_supporting: 2}
rules:
"""
DEFAULT_RULE = "  - {id: R0, then: {nothing: recommend}, strength: may, because: {en: b}, interpretation: by default}\n"


def rule(id_: str, when: str, then: str, strength: str = "should", rest: str = "") -> str:
    tail = f", {rest}" if rest else ""
    return (
        f"  - {{id: {id_}, when: {{{when}}}, then: {{{then}}}, strength: {strength}, "
        f"because: {{en: b}}, interpretation: why{tail}}}\n"
    )


@pytest.fixture(scope="session")
def article() -> Framework:
    return load_framework("article")


@pytest.fixture(scope="session")
def pure() -> Framework:
    return load_framework("article-pure")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a framework file and give its path."""

    def write_file(text: str, name: str = "own.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def small(write: Callable[[str], Path]) -> Callable[..., Framework]:
    """A small framework with the given rules."""
    return lambda *rules: load_framework(write(SMALL + DEFAULT_RULE + "".join(rules)))


def followed(framework: Framework, stated: Situation, advice: Recommendation) -> Recommendation:
    """The recommendation after every repair that its verdicts name, one check after the other."""
    for _ in range(4):
        repairs = [finding.repair for finding in check(framework, stated, advice).findings if finding.repair]
        if not repairs:
            return advice
        primary = next((repair["primary"] for repair in repairs if "primary" in repair), advice.primary)
        removed, added = ([id_ for repair in repairs for id_ in repair.get(key, ())] for key in ("remove", "add"))
        kept = tuple(id_ for id_ in advice.supporting if id_ not in (*removed, primary))
        supporting = (*dict.fromkeys(added), *kept)
        advice = Recommendation(primary, supporting, tuple(id_ for id_ in advice.avoid if id_ not in supporting))
    raise AssertionError(f"not repaired: {advice}")
