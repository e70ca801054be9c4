"""Which words of a message that passes on advice are the asker's own."""

import pytest

from tunewise.facts import own_words


@pytest.mark.parametrize(
    ("message", "own"),
    [
        ("We have 900 pairs. ChatGPT says 50,000 are needed.", "We have 900 pairs."),
        ('It wrote "with fewer than 5,000 images train all layers". Ours are 70 scans.', "Ours are 70 scans."),
        ("My colleague says we should tune it all, we have 70 scans", "we have 70 scans"),
        ("The bot's advice, pasted:\nUse 5,000 images.\n\nI have one GPU.", "I have one GPU."),
        ("A bot says:\n1) collect 50k pairs\n2) full tuning\n\nI have one GPU.", "I have one GPU."),
        ("I have 70 scans and one GPU.", "I have 70 scans and one GPU."),
        ("", ""),
    ],
)
def test_what_others_say_is_blanked_and_offsets_stay(message, own):
    kept = own_words(message)
    assert len(kept) == len(message)
    assert " ".join(kept.split()).strip(" .,") == own.strip(" .,")
