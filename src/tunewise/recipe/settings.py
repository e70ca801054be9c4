"""The settings of a script, each with a comment that says where it comes from."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tunewise.errors import RecipeError
from tunewise.framework.check import AGAINST
from tunewise.framework.model import Framework, StartingPoint, StrategySpec
from tunewise.framework.words import text_in
from tunewise.recipe.choosing import is_measured
from tunewise.recipe.records import HEADED, WRITING, Kind
from tunewise.record import Record

WIDTH = 110  # as in the ruff.toml of a recipe
VARIED = {"image": ("rotation", "shift", "copies"), "audio": ("noise_db", "copies")}
ENDINGS = {
    "text": (".txt", ".md", ".html", ".xml"),
    "image": (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm"),
    "audio": (".wav", ".npy"),
}
OPENED = {
    "last_layers": ("top_share",), "low_rank": ("rank", "alpha", "dropout"), "bottleneck": ("trained_share",),
    "gradual": ("groups", "rate_divisor"),
}  # fmt: skip
ONLY_TO_TRAIN = {"dropout"}
MEASURED = {"causal": ("shots", "context", "measured"), "seq2seq": ("measured",), "speech": ("measured",)}
WHOLE = ("gradual", "all")
REPLACED = {"causal": ("max_length",), "seq2seq": ("answers",)}  # where nothing is trained: by CONTEXT, by MEASURED
TABULAR = {
    "head": ("folds",),
    "last_layers": ("head_learning_rate", "weight_decay", "batch_size", "patience", "head_epochs", "hidden"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A constant of a script: its name, its value as Python, and the reason that stands above it."""

    name: str
    value: str
    reason: str

    @property
    def text(self) -> str:
        """The lines that stand in the script."""
        return f"{comment(self.reason)}\n{self.name} = {self.value}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a recipe is made for."""

    record: Record
    framework: Framework
    primary: StrategySpec
    kind: str
    shape: Kind

    @property
    def trains(self) -> str:
        """What the primary strategy trains."""
        return self.primary.recipe.trains or ""

    @property
    def varies(self) -> bool:
        """Whether the examples are varied in training: where that is advised, and wherever pictures train a body."""
        usual = self.kind == "image" and self.trains != "head"
        return self.trains != "nothing" and self.shape.augments and ("augmentation" in self.adds or usual)

    @property
    def supporting(self) -> tuple[StrategySpec, ...]:
        """The supporting strategies of the record."""
        chosen = self.record.reply.recommendation
        return tuple(self.framework.strategies[id_] for id_ in (chosen.supporting if chosen else ()))

    @property
    def adds(self) -> dict[str, StrategySpec]:
        """What the supporting strategies add to a script."""
        return {one.recipe.adds: one for one in self.supporting if one.recipe.adds}


def plain(text: str) -> str:
    """A text as one line without control characters, so that it stays the comment or the sentence that it is."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def comment(text: str) -> str:
    """A text as the lines of a comment."""
    return "\n".join(f"# {line}" for line in textwrap.wrap(plain(text), WIDTH - 2, break_on_hyphens=False))


def in_docstring(text: str) -> str:
    """A text as lines of a docstring that it cannot end."""
    safe = plain(text).replace("\\", "/").replace('"', "'")
    return "\n".join(textwrap.wrap(safe, WIDTH - 3, break_on_hyphens=False))


def quoted(text: str) -> str:
    """A text as a Python string, in the quotes that ruff would choose."""
    if '"' in text and "'" not in text:
        return repr(text)
    return json.dumps(text, ensure_ascii=False)


def rules_behind(chosen: Chosen, strategy: str) -> str:
    """The rules that speak for a strategy in a record, each with its sentence; not those that speak against it."""
    record, known = chosen.record, chosen.framework.rules
    findings = record.reply.verdict.findings if record.reply.verdict else ()
    named = dict.fromkeys(rule for finding in findings if finding.strategy == strategy for rule in finding.rules)
    against = {name for name in named if name in known and known[name].then.get(strategy) in AGAINST}
    texts = {name: record.content.rules[name] for name in named if name in record.content.rules and name not in against}
    is_english = record.reply.language == "en"  # as a recipe is; another language's sentence is told by the framework
    return " ".join(
        f"{name}: {rule.because if is_english or name not in known else text_in(known[name].because, 'en')}"
        for name, rule in texts.items()
    )


def settings_of(chosen: Chosen, model: str, text: str, label: str) -> tuple[Setting, ...]:
    """Every constant of the script, in the order in which they stand."""
    numbers = dict.fromkeys(_numbers(chosen))
    return (*_texts(chosen, model, text, label), *(_number(chosen, name) for name in numbers))


def measuring_of(chosen: Chosen) -> tuple[Setting, ...]:
    """The constants of how a recipe measures."""
    return _splits(chosen.framework), _number(chosen, "draws")


def number_of(chosen: Chosen, name: str) -> tuple[float, StartingPoint, StrategySpec | None]:
    """The value of a setting, the starting point that gives it, and the strategy that it belongs to.

    What is said of small models comes first, then the primary strategy, those beside it, the framework's own settings,
    and any other strategy.

    Raises:
        RecipeError: If the framework gives it nowhere.
    """
    strategies = (chosen.primary, *chosen.supporting, None, *chosen.framework.strategies.values())
    own = chosen.framework.parameters.training
    points = [(point, strategy) for strategy in strategies for point in (strategy.start if strategy else own)]
    for point, strategy in points if _is_small(chosen) else ():
        given = point.sets.get(name)
        if isinstance(given, Mapping) and f"small_{chosen.kind}" in given:
            return given[f"small_{chosen.kind}"], point, strategy
    for point, strategy in points:
        value = point.setting(name, chosen.kind)
        if value is not None:
            return value, point, strategy
    raise RecipeError(
        f"The framework {chosen.framework.name!r} gives no {name!r} for {chosen.kind!r}, which the script needs. Add "
        "it under 'parameters: training', or extend a shipped framework."
    )


def _is_small(chosen: Chosen) -> bool:
    """Whether all weights of a small model are trained: these bear more than those of a large one."""
    return chosen.record.reply.situation.value("model_size") == "small" and chosen.trains in WHOLE


def _numbers(chosen: Chosen) -> Iterator[str]:
    trains, kind = chosen.trains, chosen.kind
    if trains == "nothing":
        skipped = {*ONLY_TO_TRAIN, *REPLACED.get(kind, ())}
        yield from (name for name in chosen.shape.always if name not in skipped)
        yield from MEASURED.get(kind, ())
        return
    yield from chosen.shape.always
    yield from _training(trains, kind)
    if chosen.varies:
        yield from VARIED.get(kind, ())


def _training(trains: str, kind: str) -> Iterator[str]:
    if kind == "tabular":
        yield from TABULAR[trains]
        return
    yield from ("weight_decay", "patience")
    if kind in WRITING:
        yield "batch_size"
    if kind in HEADED:
        yield from ("head_learning_rate", "head_epochs")
    if kind == "embedding":
        yield "scale"
    if kind == "embedding" and trains == "head":
        yield from ("head_learning_rate", "epochs", "checks", "warmup_share")
    elif kind not in HEADED or trains != "head":
        yield from ("learning_rate", "epochs", "checks", "warmup_share")
    yield from OPENED.get(trains, ())


def _number(chosen: Chosen, name: str) -> Setting:
    value, point, strategy = number_of(chosen, name)
    said = f"{text_in(point.name, 'en').capitalize()}: {text_in(point.value, 'en')}. Source: {point.source}."
    if strategy is not None and strategy.id != chosen.primary.id:
        rules = rules_behind(chosen, strategy.id) if strategy in chosen.supporting else ""
        label = text_in(strategy.label, "en")
        said += f" {label.capitalize()}: " + (rules or "no rule of the record asks for it; this is the usual value.")
    return Setting(name.upper(), repr(int(value) if value == int(value) else value), said)


def _texts(chosen: Chosen, model: str, text: str, label: str) -> Iterable[Setting]:
    facts = chosen.record.reply.situation.details
    said = facts["base_model"].value if "base_model" in facts else ""
    if "torch" in chosen.shape.packages:
        how = ", which was measured" if is_measured(chosen.record.reply.situation, "base_model") else ""
        why = f"The base model of the record{how}: {said}." if said else "The base model that was given with --model."
        yield Setting("MODEL", quoted(model), f"{why} {chosen.shape.named[:1].upper()}{chosen.shape.named[1:]}.")
    where = "a column of the data"
    if chosen.kind == "tabular":
        where = "this array of an .npz file, or every other column of a table"
    yield Setting(chosen.shape.input.upper(), quoted(text), f"What the model reads: {where}.")
    yield Setting(chosen.shape.target.upper(), quoted(label), "What it is to say: a column of the data.")
    if chosen.kind in (*HEADED, "tabular"):
        yield _group(chosen.kind)
    if chosen.kind == "image" and chosen.varies:
        yield _flip(facts["target_domain"].value if "target_domain" in facts else "")
    if chosen.kind == "speech":
        yield Setting("LANGUAGE", "None", 'The spoken language, for example "german"; None lets the model decide.')
    if chosen.kind in ENDINGS:
        endings = ", ".join(map(quoted, ENDINGS[chosen.kind]))
        yield Setting("ENDINGS", f"{{{endings}}}", "Files of a folder that are read.")


def _group(kind: str) -> Setting:
    why = "What belongs together (a patient, a speaker, a machine) stays on one side of the split: "
    if kind == "tabular":
        return Setting("GROUP", '""', f'{why}the name of a column that says it, or "".')
    where = "this column of a table, where it has one, or the folder above that of the class. "
    return Setting("GROUP", '"group"', f'{why}{where}"" where nothing does.')


def _flip(domain: str) -> Setting:
    """Whether pictures may be mirrored: unless the record says that they are of a domain with a left and a right."""
    if not domain:
        why = "Half of the pictures are mirrored; False where left and right differ (letters, traffic signs)."
        return Setting("FLIP", "True", why)
    why = f"Of {domain} a mirrored one may not exist (chest X-rays have a left and a right); True where it may (cells)."
    return Setting("FLIP", "False", why)


def _splits(framework: Framework) -> Setting:
    rows = framework.parameters.splits
    if not rows:
        raise RecipeError(f"The framework {framework.name!r} gives no 'splits', which the script needs.")
    sources = "; ".join(dict.fromkeys(row.source for row in rows))
    lines = [f"    ({_int(row.below)}, {row.one_in}, {row.at_least}, {row.at_most})," for row in rows]
    why = f"Rows to keep for the test: (below so many rows, one in, at least, at most). Source: {sources}."
    return Setting("SPLITS", "\n".join(["[", *lines, "]"]), why)


def _int(number: float | None) -> int | None:
    return None if number is None else int(number)
