"""Languages are data: one file makes a language, and what it leaves out is English."""

from pathlib import Path

import pytest

from tests.answer.material import article_framework, passage_of_rule, situation
from tunewise import languages
from tunewise.answer.composed import Composer
from tunewise.answer.plan import make_plan
from tunewise.errors import CorpusError
from tunewise.framework import decide
from tunewise.languages import answer_language, language, language_of

SHIPPED = Path(languages.FOLDER)
SPANISH = """
name: Spanish
common: ¿ ¡ ñ el los una para con tengo debo cómo qué
punctuation: {open_quote: "«", close_quote: "»"}
advice:
  opening_known: "Como {conditions}: {do}{mark}."
  assumed: "He supuesto que {conditions}."
plan:
  measure: {title: Medir primero}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with only the English file in it, used instead of the shipped one."""
    (tmp_path / "en.yaml").write_text((SHIPPED / "en.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    return tmp_path


def test_one_partial_file_makes_a_language_that_advice_is_given_in(folder):
    (folder / "es.yaml").write_text(SPANISH, encoding="utf-8")
    facts = situation(dataset_size=("small", "800 imágenes"), compute=("limited", "una RTX 3060"))
    code = answer_language("¿Cómo debo ajustar el modelo? Tengo 800 imágenes y una RTX 3060.")
    decision = decide(article_framework(), facts.values())
    text = Composer(article_framework(), facts, decision, code, passage_of_rule).compose().text
    assert text.startswith("Como tiene pocos datos («800 imágenes»)")
    assert "freeze the early layers" in text
    assert "Leave full fine-tuning aside" in text
    first = make_plan(article_framework(), facts, decision.recommendation(), code).steps[0]
    assert (first.title, first.text[:23]) == ("Medir primero", "Run the untouched model")


def test_a_language_whose_file_holds_no_advice_is_told_but_answered_in_english():
    assert language_of("Wie viele Daten brauche ich für das Modell?") == "de"
    assert answer_language("Wie viele Daten brauche ich für das Modell?") == "en"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("How do I tune BERT?", "en"),
        ("BERT 怎么微调？", "zh"),
        ("請教一下這個模型", "zh"),
        ("Comment affiner un modèle pour mes données ?", "fr"),
        ("Как дообучить модель?", ""),
        ("Inference takes 3 seconds per request, that's too long.", "en"),
        ("Que veut dire « dégel progressif » ?", "fr"),
        ("", "en"),
        ("😀😀", "en"),
    ],
)
def test_a_language_is_told_by_script_and_small_words(message, code):
    assert language_of(message) == code


def test_a_code_without_a_file_means_english():
    assert language("xx") == language("en")


@pytest.mark.parametrize("code", sorted(path.stem for path in SHIPPED.glob("*.yaml")))
def test_every_shipped_language_has_a_name_and_a_way_to_tell_it(code):
    known = language(code)
    assert known.name
    assert known.common or known.script


@pytest.mark.parametrize("code", ["zh", "fr"])
def test_chinese_and_french_leave_no_text_to_english(code):
    english, own = language("en"), language(code)
    for group in ("notices", "advice", "proposed", "knowledge", "follow_up", "elsewhere"):
        same = [key for key, text in getattr(english, group).items() if getattr(own, group)[key] == text]
        assert all("{" in getattr(english, group)[key] for key in same)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: X\nadvise: {}", "advise: Extra inputs are not permitted"),
        ("name: X\nadvice: {reason: '{becuase}.'}", r"\{becuase\} is not in the English text"),
        ("common: a b", "name: Field required"),
        ("- a", "must be 'key: value' lines"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused_with_its_place(folder, text, message):
    (folder / "xx.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        language("xx")


def test_numbers_and_lists_are_written_as_each_language_does():
    assert language("fr").number(100_000) == "100\u202f000"
    assert language("en").number(1.5) == "1.5"
    assert language("zh").listed(["a", "b", "c"]) == "a、b和c"
    assert language("en").listed([]) == ""


@pytest.mark.parametrize("code", ["zh", "fr", "de", "es"])
def test_what_a_message_seems_to_state_is_confirmed_in_its_language(code):
    own, framework = language(code).proposed, article_framework()
    assert not {"seems", "yes", "other", "leave"} & {key for key in own if own[key] == language("en").proposed[key]}
    assert all(code in claim for spec in framework.facts.values() for claim in spec.conditions.values())


def test_french_elides_before_a_pronoun_and_an_article():
    say = language("fr").say
    assert say("proposed", "seems", claim="il s'agit d'un encodeur", quote="« x »").startswith(
        "Vous semblez dire qu'il s'agit"
    )
    assert "et qu'une sonde" in say("proposed", "changes", condition="une sonde suffit", noun="LoRA")
    assert say("follow_up", "becomes", condition="ils comptent").endswith("s'ils comptent.")
