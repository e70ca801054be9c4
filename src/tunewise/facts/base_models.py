"""The pre-trained model a message names: what it is, how large, and what it learned from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tunewise.facts.claims import NORMAL, WEAK, WEAKEST, Claim
from tunewise.facts.patterns import pattern
from tunewise.facts.text import Message
from tunewise.number_words import multiplier
from tunewise.tables import load_table
from tunewise.types import UNKNOWN

if TYPE_CHECKING:
    from tunewise.framework.model import Framework


@dataclass(frozen=True, slots=True)
class ModelKind:
    """One row of the table; `parameters` and `sizes` are in millions, `generic` means a kind rather than a model,
    `architecture` is the measured family that trains alike."""

    name: str
    pattern: re.Pattern[str]
    modality: str
    parameters: float | None
    sizes: dict[str, float]
    trained_on: str | None
    languages: str | None
    generative: bool
    generic: bool
    needs: re.Pattern[str] | None
    architecture: str | None


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model as the message names it; `parameters` in millions, None if the name does not tell."""

    kind: ModelKind
    start: int
    end: int
    parameters: float | None


DECODER = "llama"  # the measured family of language models that are one decoder
_OF_ANOTHER = re.compile(r"\b(?:with|on|using|over|for|by|from|and)\b")
_SIZE_BEFORE = re.compile(r"\b(?P<number>\d{1,4}(?:\.\d{1,2})?)\s?(?P<unit>b)[\s-](?:code[\s-])?$")
_NAME_SIZE = re.compile(r"(?<!\dx)(?<![\d.])(?P<number>\d{1,4}(?:\.\d{1,2})?)(?P<unit>[bm])(?![a-z])")


@lru_cache(maxsize=1)
def _kinds() -> tuple[ModelKind, ...]:
    return tuple(
        ModelKind(
            name=row["name"],
            pattern=re.compile(rf"(?<![a-z0-9_])(?:{row['pattern'].replace(chr(92) + 'S', '[a-z0-9._+/-]')})(?![a-z])"),
            modality=row["modality"],
            parameters=row["parameters"],
            sizes=row.get("sizes") or {},
            trained_on=row.get("trained_on"),
            languages=row.get("languages"),
            generative=row.get("generative", False),
            generic=row.get("generic", False),
            needs=re.compile(row["needs"]) if row.get("needs") else None,
            architecture=row.get("architecture"),
        )
        for row in load_table("reading/base_models.yaml")["models"]
    )


def find_models(message: Message) -> tuple[NamedModel, ...]:
    """All models the message names, in order; overlapping names count once, for the first row of the table."""
    found: list[NamedModel] = []
    for kind in _kinds():
        if kind.needs and not kind.needs.search(message.folded):
            continue
        for match in kind.pattern.finditer(message.folded):
            end = match.start() + len(match.group().rstrip(".,-/"))
            if end > match.start() and not any(model.start < end and match.start() < model.end for model in found):
                found.append(
                    NamedModel(kind, match.start(), end, _parameters(kind, message.folded, match.start(), end))
                )
    slashes = {(model.kind.name, model.start - 1) for model in found}  # "google-bert/bert-large": of whom, and which
    named = (
        model
        for model in found
        if not _is_owner(message.folded, model, slashes) and not _advises(message.folded, model)
    )
    return tuple(sorted(named, key=lambda model: model.start))


def _advises(folded: str, model: NamedModel) -> bool:
    """Whether it is a chatbot whose advice is reported ("Claude says LoRA"), and not the model to be trained."""
    behind = pattern("base_models.advises").match(folded, model.end)
    return model.kind.generative and bool(behind or pattern("base_models.asked").search(folded[: model.start]))


def _is_owner(folded: str, model: NamedModel, before: set[tuple[str, int]]) -> bool:
    """Whether a slash and a name of the same kind (its place is in `before`) follow: "meta-llama/Llama-3.2-3B"."""
    return folded[model.end : model.end + 1] == "/" and (model.kind.name, model.end) in before


def _parameters(kind: ModelKind, folded: str, start: int, end: int) -> float | None:
    """Size by the name itself ("7b", "-xl"), else by the words right behind it or the one right before it, else the
    usual size of the kind, unless the size is what is asked for."""
    name, behind = folded[start:end], folded[end : end + 14]
    nearby = _OF_ANOTHER.split(re.split("[,;.]", behind[:14])[0])[0]  # "CLIP with 2M pairs": those are no parameters
    match = _NAME_SIZE.search(name) or pattern("base_models.size").search(nearby) or _SIZE_BEFORE.search(folded[:start])
    if match:  # the table knows better than a name that is rounded ("1B" of 1.24 billion)
        rounded = float(match["number"]) * multiplier(match["unit"]) / 1e6
        return kind.sizes.get(f"{match['number']}{match['unit']}", rounded)
    words = re.findall(r"[a-z]+|\d+", name)
    for word in re.findall(r"[a-z]+|\d+", name + re.match(r"[\s-]?[a-z0-9]*", behind).group() if behind else name):  # type: ignore[union-attr]
        if word in kind.sizes:
            return kind.sizes[word]
    if "base" in words and not kind.generative:  # of encoders the usual size is called that
        return kind.parameters
    asked = pattern("base_models.size_asked").search(folded) or pattern("base_models.how_big").search(folded[:start])
    return None if asked else kind.parameters


def base_model(models: tuple[NamedModel, ...]) -> NamedModel | None:
    """The model the message is about: the first that is a model rather than a kind of model."""
    named = [model for model in models if not model.kind.generic]
    return next(iter(named or models), None)


def model_claims(message: Message, models: tuple[NamedModel, ...], framework: Framework) -> Iterator[Claim]:
    """Claims about base_model, architecture, model_parameters, modality, model_type and model_size."""
    model = base_model(models)
    words = pattern("base_models.generative_words").search(message.folded)
    if words:
        reason = "Words that belong to generative language models."
        yield Claim("model_type", "generative", *words.span(), WEAK, reason=reason)
    if model:
        place = model.start, model.end
        if not model.kind.generic:
            yield Claim("base_model", message.quote(*place), *place)
        reason = f"{model.kind.name} works on {model.kind.modality}."
        yield Claim("modality", model.kind.modality, *place, reason=reason)
        yield Claim("model_type", "generative" if model.kind.generative else "other", *place)
        # Said even where it was not measured: an earlier model's family is no longer it.
        yield Claim("architecture", model.kind.architecture or UNKNOWN, *place)
        if model.parameters:
            reason = f"{model.kind.name}, about {model.parameters:,.0f} M parameters."
            yield from _size_claims(framework, model.parameters, place, NORMAL, reason)
        elif not model.kind.generic:  # nor is the size that of an earlier one
            yield Claim("model_parameters", UNKNOWN, *place, WEAKEST)
            yield Claim("model_size", UNKNOWN, *place, WEAKEST)
    for match in pattern("base_models.parameters").finditer(message.folded):
        millions = _millions(match)
        if millions and 1 <= millions <= 2_000_000:
            yield from _size_claims(framework, millions, match.span(), WEAK if model else NORMAL)
            if not model and match["bare"]:
                reason = "Sizes in B are those of language models."
                yield Claim("model_type", "generative", *match.span(), WEAK, reason=reason)
                yield Claim("architecture", DECODER, *match.span(), WEAK, reason=reason)
            break


def _millions(match: re.Match[str]) -> float | None:
    if match["bare"]:
        return float(match["bare"]) * 1000
    number = float(match["number"].replace(",", "."))
    return number * multiplier(match["unit"]) / 1e6 if match["unit"] else None


def _size_claims(
    framework: Framework, millions: float, place: tuple[int, int], strength: int, reason: str | None = None
) -> Iterator[Claim]:
    text = f"{millions / 1000:g} B" if millions >= 1000 else f"{millions:g} M"
    size = Claim("model_size", model_size(millions * 1e6, framework), *place, strength, reason=reason)
    for claim in (size, replace(size, fact="model_parameters", value=text)):
        yield replace(claim, amount=millions * 1e6, unit="parameters")


def model_size(parameters: float, framework: Framework) -> str:
    """small or large by the framework's number; unknown where it gives none."""
    large = framework.parameters.large_model
    if large is None:
        return UNKNOWN
    return "large" if parameters >= large.parameters_from else "small"
