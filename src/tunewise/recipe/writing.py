"""A recipe as files in a folder: written aside, then renamed, so that nothing is left half-written."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tunewise.errors import RecipeError
from tunewise.recipe.records import Recipe


def write_recipe(recipe: Recipe, folder: Path, *, force: bool = False) -> None:
    """Write the files of a recipe into a new or empty folder; with `force`, replace its own files in any folder.

    Raises:
        RecipeError: If the folder holds something, is a file or cannot be written.
    """
    try:
        if folder.is_dir() and any(folder.iterdir()):
            if not force:
                raise RecipeError(
                    f"{str(folder)!r} is not empty. Choose another folder, or replace files with --force."
                )
            _replace(recipe, folder)
        elif folder.exists() and not folder.is_dir():
            raise RecipeError(f"{str(folder)!r} is a file. Choose a folder.")
        else:
            _create(recipe, folder)
    except OSError as problem:
        raise RecipeError(f"Cannot write {str(folder)!r}: {problem.strerror}.") from None


def _create(recipe: Recipe, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(recipe, folder.parent)
    try:
        if folder.exists():  # empty
            folder.rmdir()
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _replace(recipe: Recipe, folder: Path) -> None:
    aside = _aside(recipe, folder)
    try:
        for name in recipe.files:
            (aside / name).replace(folder / name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _aside(recipe: Recipe, parent: Path) -> Path:
    """The files in a new folder beside where they belong."""
    aside = Path(tempfile.mkdtemp(prefix=".recipe-", dir=parent))
    try:
        for name, text in recipe.files.items():
            (aside / name).write_text(text, encoding="utf-8")
        aside.chmod(0o755)
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return aside
