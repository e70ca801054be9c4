import pytest

from tunewise.routing.follow_up import FollowUp, read_follow_up

RECOMMENDED = ("feature_extraction", "data_augmentation")


@pytest.mark.parametrize(
    ("message", "mentions", "expected"),
    [
        ("why not LoRA?", ["lora"], FollowUp("why_not", "lora")),
        ("Wouldn't LoRA be better here?", ["lora"], FollowUp("why_not", "lora")),
        ("What about full fine-tuning?", ["full_fine_tuning"], FollowUp("why_not", "full_fine_tuning")),
        ("为什么不用LoRA？", ["lora"], FollowUp("why_not", "lora")),
        ("pourquoi pas LoRA ?", ["lora"], FollowUp("why_not", "lora")),
        ("Why?", [], FollowUp("why")),
        ("Why feature extraction?", ["feature_extraction"], FollowUp("why")),
        ("what would change that?", [], FollowUp("change")),
        ("什么情况会改变这个建议？", [], FollowUp("change")),
        ("I have 2,000 more images now", [], None),
        ("What is EWC?", ["ewc"], None),
    ],
)
def test_a_question_about_the_advice_is_recognised(message, mentions, expected):
    assert read_follow_up(message, mentions, RECOMMENDED) == expected


def test_a_long_message_is_not_taken_for_a_question_about_the_advice():
    message = "Why not LoRA? " + "My new project has a different model and other data altogether. " * 4
    assert read_follow_up(message, ["lora"], RECOMMENDED) is None
