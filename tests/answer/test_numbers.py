import pytest

from tunewise.answer.numbers import known_numbers, numbers_in, unknown_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000", {1000}),
        ("1 000 images", {1000}),
        ("1\u202f000 images", {1000}),
        ("1k", {1000}),
        ("one thousand", {1000}),
        ("eight hundred images", {800}),
        ("1.5 billion", {1.5e9}),
        ("2M rows", {2000000}),
        ("1e-4", {0.0001}),
        ("10^-4", {0.0001}),
        ("2 × 10⁻⁵", {2e-05}),
        ("two reasons", set()),
        ("30 %", {30}),
        ("an RTX 3090 with 24 GB", {3090, 24}),
        ("8-bit", {8}),
        ("[A12] and [P-lora-1]", set()),
        ("1. Freeze it.\n2) Train it.", set()),
        ("10^400", set()),
    ],
)
def test_numbers_are_read_however_they_are_written(text, expected):
    assert sorted(numbers_in(text)) == pytest.approx(sorted(expected))


def test_a_number_may_be_repeated_in_any_notation():
    known = known_numbers(["I have 12k rows and a 3090", "32-bit to 8-bit"], [7e9])
    assert unknown_numbers("Your 12,000 rows, 7 B parameters, 8 bits, the 3090", known) == []
    assert unknown_numbers("13,000 rows and 7.5 B", known) == [13000, 7.5e9]
