"""Hours, cost and cards."""

import pytest

from tunewise.facts.cards import find_card
from tunewise.resources.duration import duration_of
from tunewise.tables import load_table


@pytest.mark.parametrize(
    ("called", "name", "memory", "tflops"),
    [
        ("A10G", "NVIDIA A10G", 24, 70),
        ("GTX 1080 Ti", "GeForce GTX 1080 Ti", 11, None),
        ("RX 7900 XTX", "Radeon RX 7900 XTX", 24, 123),
        ("GH200", "NVIDIA GH200", 96, 989),
        ("rtx 3060", "GeForce RTX 3060", 12, 25.5),
        ("A100 40GB", "NVIDIA A100", 40, 312),
        ("RTX 4090 laptop", "GeForce RTX 4090 Laptop", 16, None),
        ("2x4090", "GeForce RTX 4090", 24, 165.2),
    ],
)
def test_a_card_is_known_by_what_it_is_called(called, name, memory, tflops):
    card = find_card(called)
    assert (card.name, card.memory_gb, card.tflops) == (name, memory, tflops)


@pytest.mark.parametrize("text", ["", "a toaster", "12"])
def test_what_names_no_card_is_none(text):
    assert find_card(text) is None


def test_at_least_25_cards_have_a_dense_peak():
    rows = [row for row in load_table("reading/hardware.yaml")["devices"] if row.get("tflops")]
    assert len(rows) >= 25
    assert all(25 <= row["tflops"] <= 2500 for row in rows)  # 2,500: a GB200; twice that is "with sparsity"


def test_hours_follow_from_operations_and_the_share_of_the_peak():
    lasting = duration_of(1e15, batch=10, examples=95, epochs=2, tflops=100)
    assert lasting.steps == 20
    assert lasting.operations == 2e16
    assert lasting.fewest_hours == pytest.approx(2e16 / 0.45e14 / 3600)
    assert lasting.most_hours == pytest.approx(2e16 / 0.20e14 / 3600)
    assert lasting.cost(2.0) == pytest.approx((2 * lasting.fewest_hours, 2 * lasting.most_hours))
