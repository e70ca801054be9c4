"""Languages as data: what Tunewise writes in each of them, and how it tells them apart (`corpus/languages`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from tunewise.errors import CorpusError
from tunewise.tables import LOADER
from tunewise.types import Citation

ENGLISH = "en"
FOLDER = Path(str(files("tunewise").joinpath("corpus/languages")))
# What a language may leave out in part; its other keys describe the language itself and have no fall-back.
_TEXTS = (
    "punctuation",
    "notices",
    "advice",
    "proposed",
    "follow_up",
    "elsewhere",
    "small_talk",
    "knowledge",
    "hardware",
    "amount",
    "plan",
)
_ENOUGH_SCRIPT = 0.15  # of the letters; a message in Chinese names its models in Latin letters
_LAST_LATIN = "\u024f"
_WORD = re.compile(r"[^\W\d_]+")
_NO_WORD = " \n\t.,;:!?¡¿…-"  # what may stand before a greeting


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IntoEnglish(_Record):
    """Terms of the field and examples, each with its English, for whoever puts this language into English."""

    terms: Mapping[str, str] = {}
    examples: Mapping[str, str] = {}


class LanguageTexts(_Record):
    """One language; a text that its file leaves out is the English one.

    `written` says whether its file holds advice: only then are answers in this language. `common` are small words and
    letters by which it is recognised, `script` is a pattern for its characters. `elision` is a pattern and what
    becomes of it; an answer that says that the sources leave something out matches one of `admits_nothing`. `called` is
    what it is called in each language; `courtesies` are patterns for a "greeting", "thanks" and a "goodbye".
    """

    code: str
    name: str
    written: bool
    common: Annotated[frozenset[str], BeforeValidator(lambda text: frozenset(text.split()))] = frozenset()
    script: re.Pattern[str] | None = None
    elision: tuple[str, str] | None = None
    called: Mapping[str, tuple[str, ...]] = {}
    courtesies: Mapping[str, str] = {}
    admits_nothing: tuple[str, ...] = ()
    into_english: IntoEnglish = IntoEnglish()
    punctuation: Mapping[str, str]
    notices: Mapping[str, str]
    advice: Mapping[str, str]
    proposed: Mapping[str, str]
    follow_up: Mapping[str, str]
    elsewhere: Mapping[str, str]
    small_talk: Mapping[str, str]
    knowledge: Mapping[str, str]
    hardware: Mapping[str, str]
    amount: Mapping[str, str]
    plan: Mapping[str, Mapping[str, str]]

    def say(self, group: str, key: str, **parts: str) -> str:
        """A text of a group ("advice", "proposed", "knowledge", …), filled in; `Noun` is `noun` with a capital."""
        capitals = {name.capitalize(): capitalised(value) for name, value in parts.items()}
        filled: str = getattr(self, group)[key].format(**capitals | parts)
        return re.sub(*self.elision, filled) if self.elision else filled

    def called_in(self, code: str) -> str:
        """What it is called in another language; its English name where that is not known."""
        return self.called.get(code, (self.name,))[0]

    def listed(self, items: Sequence[str]) -> str:
        """ "a, b and c"."""
        *head, last = items or [""]
        return self.punctuation["and"].join([self.punctuation["comma"].join(head), last] if head else [last])

    def quoted(self, text: str) -> str:
        """Text in this language's quotation marks."""
        return f"{self.punctuation['open_quote']}{text}{self.punctuation['close_quote']}"

    def mark(self, citation: Citation | None) -> str:
        """The citation mark with the blank that this language puts before it; "" without a citation."""
        return f"{self.punctuation['before_mark']}[{citation.id}]" if citation else ""

    def marked(self, text: str, citation: Citation) -> str:
        """A text with its citation mark before the last full stop."""
        stop = self.punctuation["stop"]
        return f"{text.removesuffix(stop)}{self.mark(citation)}{stop}"

    def joined(self, sentences: Sequence[str]) -> str:
        """Sentences as one paragraph."""
        return self.punctuation["between_sentences"].join(filter(None, sentences))

    def number(self, value: float) -> str:
        """ "100,000", "1.5"; from 10 on without decimals."""
        shown = f"{value:,.0f}" if value >= 10 else f"{value:g}"
        return shown.replace(",", self.punctuation["thousands"])


def language(code: str) -> LanguageTexts:
    """The language with this code; English where there is no file for it.

    Raises:
        CorpusError: If its file, or the English one, is not as it should be.
    """
    known = languages()
    return known.get(code, known[ENGLISH])


def languages() -> Mapping[str, LanguageTexts]:
    """Every language that there is a file for, by its code."""
    return _load(FOLDER)


def language_of(text: str) -> str:
    """The code of the language a text is in; "" for a script of no known language, "en" where nothing decides.

    A language with a script is told by it, the others by their small words and letters; of two that have as many,
    English is taken, or else the one that answers are written in.
    """
    words = _WORD.findall(text.lower())
    letters = "".join(words)
    for known in languages().values():
        if known.script and len(known.script.findall(letters)) > _ENOUGH_SCRIPT * max(len(letters), 1):
            return known.code
    if sum(char > _LAST_LATIN for char in letters) > len(letters) / 2:
        return ""
    signs = [*words, *(char for char in text.lower() if not char.isascii())]
    counts = {code: sum(sign in known.common for sign in signs) for code, known in languages().items()}
    return max(counts, key=lambda code: (counts[code], code == ENGLISH, languages()[code].written))


def answer_language(text: str) -> str:
    """The code of the language to answer a text in: its own if it is a written one, else English."""
    known = language(language_of(text))
    return known.code if known.written else ENGLISH


def named_language(text: str) -> str:
    """The code of the first language that a text names ("auf Deutsch bitte"); "" where it names none."""
    lowered = text.lower()
    names = [
        (match.start(), known.code)
        for known in languages().values()
        for name in chain(*known.called.values())
        if (match := re.search(rf"(?<![^\W_]){re.escape(name.lower())}" if name.isascii() else name.lower(), lowered))
    ]
    return min(names)[1] if names else ""


def courtesy(text: str) -> str:
    """ "goodbye", "thanks" or "greeting" where a text holds one in any language, a greeting at its beginning; else "".

    A text with several is the first of these.
    """
    held = {kind for kind, start in _courtesies(text) if kind != "greeting" or not text[:start].strip(_NO_WORD)}
    return next((kind for kind in ("goodbye", "thanks", "greeting") if kind in held), "")


def opens_with_courtesy(text: str) -> bool:
    """Whether a courtesy of any language stands at its beginning."""
    return any(not text[:start].strip(_NO_WORD) for _, start in _courtesies(text))


def _courtesies(text: str) -> Iterator[tuple[str, int]]:
    for known in languages().values():
        for kind, wanted in known.courtesies.items():
            for found in re.finditer(rf"(?<![a-zà-ÿ])(?:{wanted})(?![a-zà-ÿ])", text.lower()):
                yield kind, found.start()


def capitalised(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


@cache
def _load(folder: Path) -> Mapping[str, LanguageTexts]:
    read = {path.stem: _read(path) for path in sorted(folder.glob("*.yaml"))}
    if ENGLISH not in read:
        raise CorpusError(f"{folder / 'en.yaml'} is missing; every language falls back on it. Reinstall Tunewise.")
    return {code: _built(folder / f"{code}.yaml", own, read[ENGLISH]) for code, own in read.items()}


def _read(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CorpusError(f"{path} cannot be read: {error}. Correct or remove it.") from None
    if not isinstance(loaded, dict):
        raise CorpusError(f"{path} must be 'key: value' lines, like en.yaml beside it.")
    return loaded


def _built(path: Path, own: dict[str, Any], english: dict[str, Any]) -> LanguageTexts:
    texts = {group: _over(english[group], own.get(group, {}), f"{path}, {group}") for group in _TEXTS}
    try:
        return LanguageTexts.model_validate({**own, **texts, "code": path.stem, "written": "advice" in own})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise CorpusError(f"{path}, {where}: {first['msg']} ({first['input']!r}). See en.yaml for the keys.") from None


def _over(english: Mapping[str, Any], own: Mapping[str, Any], where: str) -> dict[str, Any]:
    """English texts with a language's own over them.

    Raises:
        CorpusError: If a text asks for a part that the English one does not have, which code would not fill in.
    """
    merged = dict(english)
    for key, text in own.items():
        like = english.get(key, {} if isinstance(text, dict) else text)
        if isinstance(text, dict) and isinstance(like, dict):
            merged[key] = _over(like, text, f"{where}.{key}")
            continue
        if surplus := _parts(text) - _parts(like):
            raise CorpusError(f"{where}.{key}: {{{min(surplus)}}} is not in the English text. Use only its parts.")
        merged[key] = text
    return merged


def _parts(text: object) -> set[str]:
    return {name.lower() for _, name, _, _ in Formatter().parse(str(text)) if name}
