"""Which kind of script and which checkpoint fit a record: for a measured one those that were measured."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tunewise.errors import RecipeError, WeightsMissingError
from tunewise.framework.words import suggestion
from tunewise.measure.records import TIMM_FOLDER
from tunewise.recipe.records import Checkpoint, RecipeOptions, checkpoints, kinds, tasks
from tunewise.types import Situation

BY_MODALITY = {"text": "text", "image": "image", "audio": "audio", "tabular": "tabular", "features": "tabular"}
WRITES = {"text": "causal"}  # the kind for a model that writes
CLASSIFIES_TOO = {"embedding": "text"}  # the kind for the same checkpoints where there are classes
NO_CHECKPOINT = "scikit-learn"  # the "model" of a kind that loads none
FROM_TIMM = ("image",)  # kinds that load their checkpoints from timm: an id of the Hub's other models is none there
MAX_NAME = 500
ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*[\d-][\w.-]*")  # org/name of the Hub; no "BERT/RoBERTa"
Known = tuple[Checkpoint, str]  # a row of the table, and the checkpoint that a name means by it


@dataclass(frozen=True, slots=True)
class Choice:
    """The kind of script, the checkpoint that it loads, and whether the checkpoint was chosen here by a name, or is the
    encoder that was measured."""

    kind: str
    model: str
    is_guess: bool = False
    pad: str = ""
    is_measured: bool = False


def choose(situation: Situation, options: RecipeOptions, messages: Sequence[str] = ()) -> Choice:
    """The kind of script and the checkpoint, where `messages` are what the asker wrote.

    Raises:
        RecipeError: If there is no script for the task, the kind of data or model, or no checkpoint is known for its
            name.
    """
    named, measured = detail_of(situation, "base_model"), is_measured(situation, "base_model")
    known, said = _known(options.model), options.model
    pad = known[0].pad if known else ""  # of the model that was given: the record's may have another tokenizer
    if known is None and not measured:
        known, said = _meant(named, messages), named
    kind = options.kind or _kind(situation, known, said or named, messages)
    if kind not in kinds():
        raise RecipeError(
            f"There is no kind of script {kind!r}.{suggestion(kind, kinds())} Kinds: {', '.join(kinds())}."
        )
    if "torch" not in kinds()[kind].packages:
        return Choice(kind, NO_CHECKPOINT)
    if options.model:
        return Choice(kind, checked_name(options.model, resolves=options.resolves), pad=pad)
    if measured:
        return Choice(kind, _as_measured(named), is_measured=True)
    if known and known[1]:
        return Choice(kind, known[1], is_guess=True, pad=known[0].pad)
    shape = kinds()[kind]
    if named:
        said = f"no checkpoint is known for {named!r}. Name its own with --model ({shape.named})"
    else:
        said = f"the record names no base model. Name a checkpoint with --model, for example {shape.usual}"
    raise RecipeError(f"No script was written: {said}.")


def checked_name(model: str, *, resolves: bool = True) -> str:
    """A checkpoint's name as it was given; a folder of this machine as its whole path, for the script runs in another.

    Raises:
        RecipeError: If it can be neither.
    """
    if not model.strip() or len(model) > MAX_NAME or not model.isprintable():
        raise RecipeError(f"--model {model[:60]!r} is no checkpoint (org/name) and no folder.")
    if not resolves:
        return model
    prefix = TIMM_FOLDER if model.startswith(TIMM_FOLDER) else ""
    folder = Path(model.removeprefix(prefix))
    return f"{prefix}{folder.resolve()}" if folder.is_dir() else model


def _kind(situation: Situation, known: Known | None, named: str, messages: Sequence[str]) -> str:
    if known and known[0].instead:
        raise RecipeError(f"No script is written for {named or 'this model'!r}: {known[0].instead}.")
    modality = detail_of(situation, "modality")
    writes = situation.value("model_type") == "generative" and not is_measured(situation, "modality")
    if known:
        has_classes = "n_classes" in situation.details
        kind = CLASSIFIES_TOO.get(known[0].kind, known[0].kind) if has_classes else known[0].kind
    else:
        kind = (WRITES.get(modality or "text") if writes else BY_MODALITY.get(modality)) or ""
    return _done_by(kind, messages) or _none_for(modality)


def _done_by(kind: str, messages: Sequence[str]) -> str:
    """The kind of script that does the task of the messages; "" where none is known.

    Raises:
        RecipeError: If the task is none that a script of this kind does.
    """
    said = "\n".join(messages).lower()
    for task in tasks():
        concerns = kind in task.unlike or not kind
        if not concerns or not (found := task.pattern.search(said)):
            continue
        if task.kind:
            return task.kind
        other = f" For {kinds()[kind].what} all the same, say --kind {kind}." if kind else ""
        raise RecipeError(f"No script is written for what you call {found.group()!r}: {task.instead}.{other}")
    return kind


def _none_for(modality: str) -> NoReturn:
    of = f"data of the kind {modality!r}" if modality else "a record that does not say what kind of data it is"
    raise RecipeError(f"No script is written for {of}. Choose one with --kind: {', '.join(kinds())}.")


def _meant(named: str, messages: Sequence[str]) -> Known | None:
    """What the record's base model means, read with what stands around it in the messages: "CLIP" ("CLIP ViT-B/32"),
    "xlm-roberta-large" ("FacebookAI/xlm-roberta-large")."""
    bare = _known(named)
    for text in messages if named else ():
        place = text.lower().find(named.lower())
        if place < 0:
            continue
        end = place + len(named)
        begun, more_of_it = re.search(r"(?:[\w.-]+/)?[\w.-]*$", text[:place]), re.match(r"[\w./-]*", text[end:])
        full = (begun.group() if begun else "") + named + (more_of_it.group().rstrip(".-/") if more_of_it else "")
        if _is_id(full):  # of an id that no row meets the name in it says the kind
            stands = _known(full) or (bare and (bare[0], "" if bare[0].kind in FROM_TIMM else full))
            if stands and stands[1]:
                return stands
        words = re.split(r"\s+", text[end:])
        for count in range(min(len(words), 3), -1, -1):
            more = _known((named + " ".join(words[: count + 1])).rstrip(".,;:?!)"))
            if more and more[1]:
                return more
    return bare


def _known(name: str | None) -> Known | None:
    """The row of the table that a name meets and the checkpoint that it means: a full id means itself where the script
    loads it from the Hub, and another name that goes on behind a row's has its kind and no checkpoint ("")."""
    given = (name or "").replace("\\", "/").rstrip("/")[:MAX_NAME]
    whole = _plain(given)
    last = whole.rsplit("/", 1)[-1]
    rows = checkpoints() if last else ()
    if (found := _met(whole)) is not None:  # "ViT-B/16" is no path
        return found
    itself = given if _is_id(given) else ""
    if (found := _met(last)) is not None:
        row, meant = found
        return row, itself if meant and itself and row.kind not in FROM_TIMM else meant
    for row in rows:
        if row.kind and row.begins(last):
            return row, itself if row.kind not in FROM_TIMM or whole.startswith("timm/") else ""
    return None


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _met(name: str) -> Known | None:
    """The first row that a whole plain name meets, and the checkpoint that it means."""
    for row in checkpoints():
        if (meant := row.meant_by(name)) is not None:
            return row, meant
    return None


def _is_id(name: str) -> bool:
    """Whether a name is an owner and what is owned, and not two names of models ("RoBERTa/BERT-base")."""
    owner = name.split("/")[0]
    owners = {row.checkpoint.split("/")[0] for row in checkpoints()}
    return ID.fullmatch(name) is not None and (owner in owners or _met(_plain(owner)) is None)


def is_measured(situation: Situation, name: str) -> bool:
    """Whether a detail is known because it was measured."""
    fact = situation.details.get(name)
    return fact is not None and fact.known and fact.status == "measured"


def measured_column(situation: Situation, kind: str, name: str) -> str | None:
    """The column that was measured as `text_column` or `label_column`; None where the script reads other data.

    Raises:
        RecipeError: If several columns were measured as one.
    """
    fact = situation.details.get(name)
    if fact is None or kind != BY_MODALITY.get(detail_of(situation, "modality")):
        return None
    if not fact.known:
        raise RecipeError(
            f"The script reads one column of text, but {fact.reason}. Join them in the data, and name it with --text."
        )
    return fact.value


def _as_measured(name: str) -> str:
    """The checkpoint that was measured: its folder on this machine, else what its name means.

    Raises:
        RecipeError: If it was a folder, and is gone.
    """
    from tunewise.settings import Settings
    from tunewise.weights import locate_embedding

    folder = Path(name.removeprefix(TIMM_FOLDER))
    if folder.is_absolute():
        if not folder.is_dir():
            raise RecipeError(f"The encoder that was measured, {str(folder)!r}, is not here. Name one with --model.")
        return name
    try:
        return str(locate_embedding(name, Settings.from_environment()))
    except WeightsMissingError:
        known = _known(name)
        return known[1] if known and known[1].lower().endswith(f"/{name}") else name


def detail_of(situation: Situation, name: str) -> str:
    """What is known of a detail; "" where nothing is."""
    fact = situation.details.get(name)
    return fact.value if fact and fact.known else ""
