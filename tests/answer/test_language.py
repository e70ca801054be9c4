import pytest

from tunewise.answer.language import is_in_language


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Freeze the early layers of the model.", "en", True),
        ("Gelez les premières couches et entraînez les autres avec vos données.", "en", False),
        ("冻结前面的层，只训练后面的层。", "en", False),
        ("使用 LoRA 和 EWC。", "zh", True),
        ("You should use LoRA with the data that you have.", "zh", False),
        ("LoRA。", "zh", True),
        ("Gelez les premières couches.", "fr", True),
        ("L'article dit : “When dealing with limited data, the augmentation is invaluable to you.”", "fr", True),
        ("You should freeze the layers and train the head.", "fr", False),
        ("You have “冻结前面的层” in your message.", "en", True),
    ],
)
def test_only_a_sentence_clearly_in_another_language_is_refused(text, language, expected):
    assert is_in_language(text, language) is expected
