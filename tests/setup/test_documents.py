"""The documents say what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tunewise.cli.main import build_parser
from tunewise.settings import Settings
from tunewise.weights import PINNED

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "corpus/README.md")


def rows(heading: str) -> list[list[str]]:
    """The table below a heading of the README, without its head."""
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_readme_is_short():
    assert len(README.splitlines()) < 200


def test_the_table_of_settings_is_the_settings_in_their_order():
    expected = [f"`TUNEWISE_{setting.name.upper()}`" for setting in fields(Settings)]
    assert [row[0] for row in rows("Settings")] == expected


def test_every_default_in_the_table_is_the_default():
    default = Settings()
    shown = {row[0].strip("`"): row[1] for row in rows("Settings")}
    for setting in fields(Settings):
        value = getattr(default, setting.name)
        if setting.name == "home":
            continue
        assert shown[f"TUNEWISE_{setting.name.upper()}"] == (f"`{value}`" if value != "" else "none")


def test_the_table_of_commands_is_the_commands():
    listed = {name for row in rows("On the command line") for name in re.findall(r"`(\w+)", row[0])}
    parser = build_parser()
    actions = [action for action in parser._actions if hasattr(action, "choices") and isinstance(action.choices, dict)]
    assert listed == set(actions[0].choices)


def test_the_table_of_weights_is_the_pinned_weights():
    section = README.split("Weights are pinned")[1]
    for weights in PINNED.values():
        assert f"`{weights.name}`" in section
        assert f"{weights.size / 1e6:,.0f} MB" in section


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_local_link_of_a_document_leads_somewhere(name):
    folder = (ROOT / name).parent
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text("utf-8"))
    assert [link for link in links if not (folder / link).exists()] == []


def named_paths(text: str) -> list[str]:
    return re.findall(r"`([\w./-]+(?:/|\.(?:py|yaml|txt|toml|md)))`", text)


def test_every_place_to_edit_exists():
    table = [line for line in (ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines() if line.startswith("|")]
    paths = [path for line in table for path in named_paths(line)]
    assert len(paths) > 20
    assert [path for path in paths if not any((top / path).exists() for top in (ROOT, ROOT / "src/tunewise"))] == []


def test_every_path_that_contributors_are_sent_to_exists():
    paths = named_paths((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert [path for path in paths if not (ROOT / path).exists()] == []
