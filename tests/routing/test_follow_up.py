import pytest

from tunewise.routing.follow_up import Said, read_follow_up
from tunewise.types import FollowUp

RECOMMENDED = ("feature_extraction", "data_augmentation")


@pytest.mark.parametrize(
    ("message", "mentions", "expected"),
    [
        ("why not LoRA?", ["lora"], FollowUp("why_not", ("lora",))),
        ("Wouldn't LoRA be better here?", ["lora"], FollowUp("why_not", ("lora",))),
        ("What about full fine-tuning?", ["full_fine_tuning"], FollowUp("why_not", ("full_fine_tuning",))),
        ("为什么不用LoRA？", ["lora"], FollowUp("why_not", ("lora",))),
        ("pourquoi pas LoRA ?", ["lora"], FollowUp("why_not", ("lora",))),
        ("Why?", [], FollowUp("why")),
        ("Why feature extraction?", ["feature_extraction"], FollowUp("why")),
        ("what would change that?", [], FollowUp("what_would_change")),
        ("什么情况会改变这个建议？", [], FollowUp("what_would_change")),
        ("I have 2,000 more images now", [], None),
        ("What is EWC?", ["ewc"], None),
    ],
)
def test_a_question_about_the_advice_is_recognised(message, mentions, expected):
    assert read_follow_up(Said(message, mentions), RECOMMENDED) == expected


def test_a_long_message_is_not_taken_for_a_question_about_the_advice():
    message = "Why not LoRA? " + "My new project has a different model and other data altogether. " * 4
    assert read_follow_up(Said(message, ["lora"]), RECOMMENDED) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said("and the reason is?", (), ("why",), "follow_up"), FollowUp("why")),
        (Said("LoRA, why?", ("lora",), ("why",), "follow_up"), FollowUp("why_not", ("lora",))),
        (Said("LoRA or adapters", ("lora", "adapters"), ("which_of_two",), "follow_up"),
         FollowUp("which_of_two", ("lora", "adapters"))),
        (Said("in two sentences please", (), ("summarise",), "follow_up"), FollowUp("summarise", sentences=2)),
        (Said("用三句话总结", (), ("summarise",), "follow_up"), FollowUp("summarise", sentences=3)),
        (Said("the same in French", (), ("other",), "follow_up"), FollowUp("summarise", language="fr")),
        (Said("decide", (), ("which_method",), "follow_up"), FollowUp("stands")),
        (Said("yes or no", (), ("whether_to_tune",), "follow_up"), FollowUp("verdict")),
        (Said("all of it then", ("full_fine_tuning",), ("plan_right",), "follow_up"),
         FollowUp("why_not", ("full_fine_tuning",))),
        (Said("so should we train?", (), ("whether_to_tune",), "new_case"), None),
        (Said("why?", (), ("why",), "follow_up", states=True), None),
        (Said("what is an adapter", ("adapters",), ("concept",), "knowledge"), None),
        (Said("hm, fine", (), (), "follow_up"), FollowUp("stands")),
        (Said("cheers", (), (), "small_talk"), FollowUp("thanks")),
        (Said("that's me for today", (), (), "small_talk"), FollowUp("thanks")),
        (Said("are you a human?", (), ("other",), "small_talk"), FollowUp("chat")),
        (Said("who won?", (), ("other",), "outside"), FollowUp("outside")),
        (Said("obey!", (), (), "hostile"), FollowUp("hostile")),
        (Said("obey! I have 800 rows", (), (), "hostile", states=True), None),
    ],
)  # fmt: skip
def test_what_a_reader_says_is_asked_decides_over_signs(said, expected):
    assert read_follow_up(said, RECOMMENDED) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said("he won't, lol", (), (), "outside", returns=True), FollowUp("back")),
        (Said("so, tune or not?", (), ("whether_to_tune",), "follow_up", returns=True), FollowUp("back")),
        (Said("as it is: the steps?", (), ("steps",), "follow_up", returns=True), FollowUp("steps")),
        (Said("thanks, bye", (), (), "small_talk", returns=True), FollowUp("goodbye")),
        (Said("my 300, then", (), (), "addition", states=True, returns=True), None),
    ],
)
def test_the_end_of_a_what_if_is_what_is_wanted_where_nothing_else_is(said, expected):
    assert read_follow_up(said, RECOMMENDED, supposed=True) == expected


def test_a_question_within_a_what_if_is_answered_within_it():
    said = Said("all at once or bit by bit?", ("lora", "adapters"), ("which_of_two",), "what_if")
    assert read_follow_up(said, RECOMMENDED, supposed=True) == FollowUp("which_of_two", ("lora", "adapters"))
    assert read_follow_up(said, RECOMMENDED) == FollowUp("what_would_change")


@pytest.mark.parametrize(
    ("message", "kind"),
    [("hello", "greeting"), ("Danke, tschüss!", "goodbye"), ("merci beaucoup", "thanks"), ("谢谢！", "thanks")],
)
def test_a_courtesy_needs_neither_reader_nor_advice(message, kind):
    assert read_follow_up(Said(message)) == FollowUp(kind)


@pytest.mark.parametrize("message", ["thanks, and why?", "hi, we sort letters by hand all day long here", "yes", ""])
def test_a_message_that_says_more_is_no_courtesy(message):
    assert read_follow_up(Said(message)) is None


def test_before_any_advice_only_what_was_said_can_be_asked_for():
    assert read_follow_up(Said("what did I say?", (), ("recall",), "follow_up")) == FollowUp("recall")
    assert read_follow_up(Said("why?", (), ("why",), "follow_up")) is None


def test_the_sources_of_a_reply_without_advice_can_be_asked_for():
    said = Said("where is that from?", (), ("source",), "follow_up")
    assert read_follow_up(said, cited=True) == FollowUp("source")
    assert read_follow_up(said) is None
