"""The training script of what is recommended: the files that `tunewise recipe` writes, in one zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tunewise.desk.dataset import DatasetSummary
from tunewise.desk.exporting import ExportError, File, stem_of

if TYPE_CHECKING:
    from tunewise.desk.history import History
    from tunewise.desk.state import State
    from tunewise.framework import Framework
    from tunewise.types import Situation

WITH_COLUMNS = ("text", "tabular")  # what the columns of a table are read as


def script_kinds() -> dict[str, str]:
    """What there are scripts for: the name of each kind, and what it is for."""
    from tunewise.recipe.records import kinds

    return {name: kind.what for name, kind in kinds().items()}


def make_script(history: History, framework: Framework, state: State, *, model: str = "", kind: str = "") -> File:
    """The script for the last recommendation of the open conversation, with what belongs to it, in one folder.

    Args:
        history: Where the conversation is kept.
        framework: The framework that decided.
        state: The open conversation; columns of a dataset that was read, and is what the facts speak of, are used.
        model: The checkpoint; "" for the one that the base model's name means.
        kind: A name of `script_kinds`; "" for the one that fits model and data.

    Raises:
        ExportError: If nothing is recommended yet.
        RecipeError: If no script is written for this case.
    """
    from tunewise.recipe import RecipeOptions, make_recipe

    if state.conversation is None or state.advice is None:
        raise ExportError("There is nothing to write a script for yet. Describe your situation first.")
    record = history.decision(state.conversation)
    # A path on the visitor's machine means nothing here: the script is told where the data are when it is run.
    columns = _columns(state.reading, record.reply.situation)
    options = RecipeOptions(
        model or None, None, columns.get("text"), columns.get("label"), kind or None, resolves=False
    )
    recipe = make_recipe(record, options, framework=framework)
    name = f"tunewise-recipe-{stem_of(state)}"
    return File(f"{name}.zip", "application/zip", zipped(name, recipe.files))


def zipped(folder: str, files: Mapping[str, str]) -> bytes:
    """Texts as files of one folder in a zip; the same texts give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}")  # its date is always the same
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _columns(reading: object, situation: Situation) -> dict[str, str]:
    """Names of the text and the label of the table that was read, if the decision is about its classes."""
    if not isinstance(reading, DatasetSummary) or len(reading.classes) < 2 or "n_classes" not in situation.details:
        return {}
    modality = situation.details.get("modality")
    if reading.modality not in WITH_COLUMNS or modality is None or modality.value != reading.modality:
        return {}
    named = {"text": reading.text_column, "label": reading.label}
    return {name: column for name, column in named.items() if column}
