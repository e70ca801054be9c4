from __future__ import annotations

import pytest

from tunewise.facts import read_message
from tunewise.framework import Framework


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("I have one RTX 4090.", "limited"),
        ("We own 8x A100.", "ample"),
        ("我们有4张V100", "ample"),
        ("I have 2× 3090 at home.", "unknown"),
        ("I have one A100 80GB.", "unknown"),
        ("I rent a p4d.24xlarge.", "ample"),
        ("I run it on an n1-standard-8.", "limited"),
        ("We own two A6000.", "unknown"),
        ("I have 50-100k GPU hours on an HPC system.", "ample"),
        ("My budget is $50.", "limited"),
        ("My budget is 5000 dollars.", "unknown"),
        ("It must run on a Raspberry Pi 4B.", "limited"),
        ("I try things on my laptop and train on our cluster.", "ample"),
        ("Prototypes run on Colab, the training on 8 H100s.", "ample"),
        ("I train on our cluster and deploy on a Jetson Nano.", "ample"),
    ],
)
def test_machines_and_money_are_limited_ample_or_in_between(text: str, value: str, framework: Framework) -> None:
    assert read_message(text, framework=framework).situation.value("compute") == value


@pytest.mark.parametrize("text", ["I have one A100 80GB.", "I have two RTX 3090."])
def test_what_lies_between_is_unknown_with_a_reason_and_a_quote(text: str, framework: Framework) -> None:
    fact = read_message(text, framework=framework).situation.facts["compute"]
    assert fact.status == "unknown"
    assert fact.reason
    assert fact.quote
    assert fact.quote in text


def test_the_cards_are_shown_with_number_and_memory(framework: Framework) -> None:
    details = read_message("We own 4x A100 40GB.", framework=framework).situation.details
    assert details["hardware"].value == "4 x NVIDIA A100"
    assert details["gpu_memory"].amount == 40


@pytest.mark.parametrize(
    "text", ["I have 3090 images.", "My set has 4090 sentences.", "Do I need an A100?", "You used 64 V100s, right?"]
)
def test_a_number_or_somebody_elses_card_is_no_machine_of_the_asker(text: str, framework: Framework) -> None:
    assert read_message(text, framework=framework).situation.value("compute") == "unknown"


@pytest.mark.parametrize(
    ("message", "gigabytes"),
    [
        ("an RTX-3060 and 16GB of RAM", 12),
        ("my 3090 with 64 GB RAM", 24),
        ("32GB RAM and an RTX 3080 with 10GB", 10),
        ("RTX 4090 24GB, 128GB system RAM", 24),
    ],
)
def test_the_memory_of_the_computer_is_not_that_of_the_card(message: str, gigabytes: int, framework: Framework) -> None:
    assert read_message(message, framework=framework).situation.details["gpu_memory"].amount == gigabytes


@pytest.mark.parametrize(
    ("text", "cards"),
    [
        ("We have four nodes of eight A100 80GB.", 32),
        ("It is a cluster of 16 nodes, each with 4 A100.", 64),
        ("We train on two servers with 4x RTX 3090 each.", 8),
        ("I have 3 machines with one RTX 4090 each.", 3),
        ("8 A100 per node, 4 nodes.", 32),
        ("We have two nodes with 16 A100 in total.", 16),
        ("Two servers with 8 A100 (80 GB) altogether.", 8),
        ("Nous avons deux serveurs avec 4 A100 chacun.", 8),
        ("One node of 8 A100.", 8),
        ("We have 2 nodes and a single A100.", 1),
        ("We classify the 5 kinds of nodes of a graph on 2 A100.", 2),
    ],
)
def test_machines_times_the_cards_in_each_are_the_cards(text: str, cards: int, framework: Framework) -> None:
    fact = read_message(text, framework=framework).situation.details["hardware"]
    assert fact.amount == cards
    assert fact.quote in text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("I have a 2021 MacBook Pro M1, 16 GB.", 1),
        ("We own a 2006 MacBook.", 1),
        ("Our centre has 2048 A100.", 2048),
        ("Our centre has 2005 A100.", 2005),
        ("Our centre has 2036 A100.", 2036),
    ],
)
def test_a_year_before_a_machine_is_no_number_of_machines(text: str, number: int, framework: Framework) -> None:
    assert read_message(text, framework=framework).situation.details["hardware"].amount == number
