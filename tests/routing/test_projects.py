import pytest

from tunewise.facts import read_message
from tunewise.framework import load_framework
from tunewise.routing.follow_up import Said
from tunewise.routing.projects import Cases, case_of, describes_another_kind

TWO = Cases({1: ["We sort 2,300 invoices."], 2: ["Birdsong, 40 hours of recordings.", "Now 60 hours, with owls."]}, 2)
FIELD = frozenset({"recor", "hours"})


@pytest.mark.parametrize(
    ("said", "case"),
    [
        (Said("back to the invoices please", (), (), "follow_up"), 1),
        (Said("enough birdsong, what of the invoices?", (), ("recall",), "follow_up"), 1),
        (Said("for the first project, same question", (), ("hardware_enough",), "follow_up"), 1),
        (Said("the owls are rare", (), (), "addition"), 2),
        (Said("the recordings are short", (), ("data_enough",), "follow_up"), 2),
        (Said("why?", (), ("why",), "follow_up"), 2),
        (Said("Tractor cabs, 7 hours. What to do?", (), ("which_method",), "new_case", states=True), 3),
        (Said("60 hours of birdsong now. What to do?", (), ("which_method",), "new_case", states=True), 2),
        (Said("another project, birdsong too: 7 hours", states=True), 3),
        (Said("so, what to do?", (), ("which_method",), "new_case"), 2),
        (Said("Other desk: 900 tractor photos, a ViT.", (), (), "addition", states=True, another_kind=True), 3),
        (Said("A ViT on 900 birdsong pictures.", (), (), "addition", states=True, another_kind=True), 2),
        (Said("and my sister's alpacas?", (), (), "addition", project="new"), 3),
        (Said("right, where were we with the paper", (), (), "addition", project="back"), 1),
        (Said("so the invoices then", (), (), "addition", states=True, project="back"), 1),
    ],
)
def test_the_words_of_one_case_tell_which_is_meant(said, case):
    assert case_of(said, TWO, FIELD) == case


def test_who_has_one_case_only_comes_back_to_none():
    said = Said("back to it", (), (), "follow_up", project="back")
    assert case_of(said, Cases({1: ["We sort letters."]}, 1), FIELD) == 1


def test_the_first_message_begins_the_first_case():
    assert case_of(Said("We sort letters.", (), ("which_method",), states=True), Cases({}, 1), FIELD) == 1


def test_chinese_cases_are_told_by_pairs_of_characters():
    cases = Cases({1: ["我们要给发票分类"], 2: ["鸟鸣录音四十小时"]}, 2)
    assert case_of(Said("还是说说发票分类吧", (), (), "follow_up"), cases, frozenset()) == 1


@pytest.mark.parametrize(
    ("message", "is_other"),
    [
        ("Whisper, two hours of transcribed audio, my laptop", True),
        ("some audio is transcribed, too", False),
        ("we now have 900 photos for the ResNet-50", False),
    ],
)
def test_a_model_and_an_amount_of_another_kind_of_data_are_another_case(message, is_other):
    framework = load_framework()
    before = read_message("A ResNet-50 on 800 photos of flowers.", framework=framework, turn=1).situation
    now = read_message(message, framework=framework, turn=2, previous=before).situation
    assert describes_another_kind(now, before, 2) is is_other
