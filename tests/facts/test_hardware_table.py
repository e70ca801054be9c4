"""The table of machines (`corpus/reading/hardware.yaml`): what people write, the card named, its memory and class."""

from __future__ import annotations

import re

import pytest

from tunewise.facts import read_message
from tunewise.facts.claims import Claim
from tunewise.facts.hardware import hardware_claims
from tunewise.facts.text import read
from tunewise.framework import Framework
from tunewise.tables import load_table

TABLE = load_table("reading/hardware.yaml")
FIELDS = ("compute", "hardware", "gpu_memory")

NVIDIA = [
    ("We bought an RTX 5090.", "GeForce RTX 5090", 32, "limited"),
    ("a 5090 D v2 from Shenzhen", "GeForce RTX 5090 D v2", 24, "limited"),
    ("RTX 5070 Ti", "GeForce RTX 5070 Ti", 16, "limited"),
    ("a single 5070", "GeForce RTX 5070", 12, "limited"),
    ("RTX4090", "GeForce RTX 4090", 24, "limited"),
    ("2x4090", "2 x GeForce RTX 4090", 24, "unknown"),
    ("one RTX 4070 Ti SUPER", "GeForce RTX 4070 Ti Super", 16, "limited"),
    ("a 4070ti", "GeForce RTX 4070 Ti", 12, "limited"),
    ("my 4060 Ti", "GeForce RTX 4060 Ti", 8, "limited"),
    ("my 4060 Ti 16GB", "GeForce RTX 4060 Ti", 16, "limited"),
    ("RTX-3080", "GeForce RTX 3080", 10, "limited"),
    ("3080 Ti", "GeForce RTX 3080 Ti", 12, "limited"),
    ("RTX 3060 Ti", "GeForce RTX 3060 Ti", 8, "limited"),
    ("geforce 3060", "GeForce RTX 3060", 12, "limited"),
    ("two 2080 Tis", "2 x GeForce RTX 2080 Ti", 11, "unknown"),
    ("an RTX 2080", "GeForce RTX 2080", 8, "limited"),
    ("GTX 1660 Super", "GeForce GTX 1660", 6, "limited"),
    ("a GTX 1650", "GeForce GTX 1650", 4, "limited"),
    ("my old 1080 Ti", "GeForce GTX 1080 Ti", 11, "limited"),
    ("eight 1080 Tis", "8 x GeForce GTX 1080 Ti", 11, "ample"),
    ("GTX1080", "GeForce GTX 1080", 8, "limited"),
    ("GTX 1050 Ti", "GeForce GTX 1050 Ti", 4, "limited"),
    ("a GTX 980 Ti", "GeForce GTX 980 Ti", 6, "limited"),
    ("Titan RTX", "NVIDIA Titan RTX", 24, "limited"),
    ("an old NVIDIA Titan Xp", "NVIDIA Titan", 12, "limited"),
    ("RTX A2000", "NVIDIA RTX A2000", 6, "limited"),
    ("one RTX A4000", "NVIDIA RTX A4000", 16, "limited"),
    ("an A5000", "NVIDIA RTX A5000", 24, "limited"),
    ("4 A6000s", "4 x NVIDIA RTX A6000", 48, "ample"),
    ("RTX 4000 SFF Ada", "NVIDIA RTX 4000 Ada", 20, "limited"),
    ("RTX 6000 Ada", "NVIDIA RTX 6000 Ada", 48, "unknown"),
    ("RTX PRO 6000 Blackwell", "NVIDIA RTX PRO 6000", 96, "unknown"),
    ("Quadro RTX 6000", "Quadro RTX 6000", 24, "limited"),
    ("Quadro P6000", "Quadro P6000", 24, "limited"),
    ("a K80", "NVIDIA K80", 12, "limited"),
    ("Tesla P4", "NVIDIA P4", 8, "limited"),
    ("Tesla P40", "NVIDIA P40", 24, "limited"),
    ("one P100", "NVIDIA P100", 16, "limited"),
    ("Tesla T4", "NVIDIA T4", 16, "limited"),
    ("Tesla V100-SXM2-16GB", "NVIDIA V100", 16, "limited"),
    ("a V100", "NVIDIA V100", None, "unknown"),
    ("an A10", "NVIDIA A10", 24, "limited"),
    ("an A10G", "NVIDIA A10G", 24, "limited"),
    ("4 x A10G", "4 x NVIDIA A10G", 24, "unknown"),
    ("A10G 24GB", "NVIDIA A10G", 24, "limited"),
    ("8xA10G", "8 x NVIDIA A10G", 24, "ample"),
    ("an A16 GPU", "NVIDIA A16", 16, "limited"),
    ("an A40", "NVIDIA A40", 48, "unknown"),
    ("one L4", "NVIDIA L4", 24, "limited"),
    ("an L40S", "NVIDIA L40S", 48, "unknown"),
    ("one A100", "NVIDIA A100", 80, "unknown"),
    ("an A100 40", "NVIDIA A100", 40, "unknown"),
    ("NVIDIA A100-SXM4-40GB", "NVIDIA A100", 40, "unknown"),
    ("an 80GB A100", "NVIDIA A100", 80, "unknown"),
    ("8xH100", "8 x NVIDIA H100", 80, "ample"),
    ("one H100 NVL", "NVIDIA H100 NVL", 94, "unknown"),
    ("an H20 GPU", "NVIDIA H20", 96, "unknown"),
    ("one H200", "NVIDIA H200", 141, "unknown"),
    ("NVIDIA GH200 480GB", "NVIDIA GH200", 96, "unknown"),
    ("one B200", "NVIDIA B200", 180, "unknown"),
    ("four GB200", "4 x NVIDIA GB200", 186, "ample"),
    ("our DGX H100", "8 x NVIDIA H100 (DGX)", 80, "ample"),
    ("a DGX Spark", "DGX Spark", 128, "unknown"),
]
LAPTOPS = [
    ("rtx4090 laptop", "GeForce RTX 4090 Laptop", 16, "limited"),
    ("NVIDIA GeForce RTX 4080 Laptop GPU", "GeForce RTX 4080 Laptop", 12, "limited"),
    ("a laptop with an RTX 3060", "GeForce RTX 3060 Laptop", 6, "limited"),
    ("an RTX 4070 in my gaming laptop", "GeForce RTX 4070 Laptop", 8, "limited"),
    ("a notebook with a 3080 16GB", "GeForce RTX 3080 Laptop", 16, "limited"),
    ("NVIDIA RTX 5000 Ada Generation Laptop GPU", "NVIDIA RTX 5000 Ada Laptop", 16, "limited"),
    ("a Jupyter notebook with a 3090", "GeForce RTX 3090", 24, "limited"),
    ("I code on my laptop and train on a 4090", "GeForce RTX 4090", 24, "limited"),
]
OTHERS = [
    ("RX 7900 XTX", "Radeon RX 7900 XTX", 24, "limited"),
    ("7900xt", "Radeon RX 7900 XT", 20, "limited"),
    ("Radeon RX 6700 XT", "Radeon RX 6700 XT", 12, "limited"),
    ("an RX 580", "Radeon RX 580", 8, "limited"),
    ("RX 9070 XT", "Radeon RX 9070", 16, "limited"),
    ("Radeon PRO W7900", "Radeon PRO W7900", 48, "unknown"),
    ("AMD Instinct MI50", "AMD Instinct MI50", 16, "limited"),
    ("8x MI250", "8 x AMD Instinct MI250", 128, "ample"),
    ("one MI300X", "AMD Instinct MI300X", 192, "unknown"),
    ("two MI325X", "2 x AMD Instinct MI325X", 256, "ample"),
    ("an Arc A770", "Intel Arc A770", 16, "limited"),
    ("an Intel B580", "Intel Arc B580", 12, "limited"),
    ("8 Gaudi2", "8 x Intel Gaudi 2", 96, "ample"),
    ("TPU v3-8", "4 x TPU v3", 32, "unknown"),
    ("a v5e-8", "8 x TPU v5e", 16, "unknown"),
    ("TPU v6e", "TPU v6e", 32, "unknown"),
    ("TPU v3-128", "TPU pod", None, "ample"),
    ("an edge TPU", "Coral", 1, "limited"),
    ("M2 macbook", "Apple M1-M3", 8, "limited"),
    ("MacBook Pro with M3 Max", "Apple M3-M5 Max", 36, "limited"),
    ("an M1 Max with 64 GB", "Apple M1-M2 Max", 64, "limited"),
    ("a Mac Studio M2 Ultra", "Apple M1-M2 Ultra", 64, "limited"),
    ("my MacBook", "Apple silicon", 16, "limited"),
    ("a Jetson Nano", "Jetson Nano", 4, "limited"),
    ("Jetson AGX Orin", "Jetson AGX Orin", 32, "limited"),
    ("Jetson AGX Orin 64GB", "Jetson AGX Orin", 64, "limited"),
    ("a Raspberry Pi 4", "Raspberry Pi", 4, "limited"),
]
CLOUDS = [
    ("g4dn.xlarge", "NVIDIA T4 (AWS g4dn)", 16, "limited"),
    ("g5.xlarge", "NVIDIA A10G (AWS g5)", 24, "limited"),
    ("ml.g5.2xlarge", "NVIDIA A10G (AWS g5)", 24, "limited"),
    ("g5.12xlarge", "4 x NVIDIA A10G (AWS g5)", 24, "unknown"),
    ("4 x g5.xlarge", "4 x NVIDIA A10G (AWS g5)", 24, "unknown"),
    ("g5.48xlarge", "8 x NVIDIA A10G (AWS g5)", 24, "ample"),
    ("g6.xlarge", "NVIDIA L4 (AWS g6)", 24, "limited"),
    ("g6e.xlarge", "NVIDIA L40S (AWS g6e)", 48, "unknown"),
    ("p2.xlarge", "NVIDIA K80 (AWS p2)", 12, "limited"),
    ("p3.2xlarge", "NVIDIA V100 (AWS p3)", 16, "limited"),
    ("p3.8xlarge", "4 x NVIDIA V100 (AWS p3)", 16, "ample"),
    ("p4d.24xlarge", "8 x NVIDIA A100 (AWS p4d)", 40, "ample"),
    ("two p4de.24xlarge", "16 x NVIDIA A100 (AWS p4de)", 80, "ample"),
    ("p5.48xlarge", "8 x NVIDIA H100 (AWS p5)", 80, "ample"),
    ("m5.2xlarge with 32 GB", "AWS CPU instance", None, "limited"),
    ("Standard_NC6s_v3", "NVIDIA V100 (Azure NC)", 16, "limited"),
    ("Standard_NC64as_T4_v3", "4 x NVIDIA T4 (Azure NC)", 16, "unknown"),
    ("NC24ads A100 v4", "NVIDIA A100 (Azure NC)", 80, "unknown"),
    ("Standard_ND96isr_H100_v5", "8 x NVIDIA H100 (Azure ND)", 80, "ample"),
    ("a2-highgpu-1g", "NVIDIA A100 (GCP a2)", 40, "unknown"),
    ("a2-highgpu-8g", "8 x NVIDIA A100 (GCP a2)", 40, "ample"),
    ("a2-ultragpu-2g", "2 x NVIDIA A100 (GCP a2)", 80, "ample"),
    ("a3-highgpu-8g", "8 x NVIDIA H100 (GCP a3)", 80, "ample"),
    ("g2-standard-8", "NVIDIA L4 (GCP g2)", 24, "limited"),
    ("g2-standard-48", "4 x NVIDIA L4 (GCP g2)", 24, "unknown"),
    ("n1-standard-8", "GCP CPU instance", None, "limited"),
]


def claims_of(text: str) -> list[Claim]:
    return list(hardware_claims(read(text)))


@pytest.mark.parametrize(("text", "name", "gigabytes", "compute"), [*NVIDIA, *LAPTOPS, *OTHERS, *CLOUDS])
def test_a_name_gives_one_machine_with_its_memory_and_class(
    text: str, name: str, gigabytes: float | None, compute: str
) -> None:
    found = {fact: [claim for claim in claims_of(text) if claim.fact == fact] for fact in FIELDS}
    assert [claim.value for claim in found["hardware"]] == [name]
    assert [claim.amount for claim in found["gpu_memory"]] == ([] if gigabytes is None else [gigabytes])
    assert [claim.value for claim in found["compute"]] == [compute]


@pytest.mark.parametrize(
    "text",
    [
        "a 10 GB download",
        "3090 images",
        "I ran it 2080 times.",
        "My set has 4090 documents.",
        "3070 tiles",
        "crops of 640x3090",
        "the address is 0x3090",
        "videos in 1080p",
        "plots drawn with p5.js",
        "see figure p4.2",
        "We embed with BGE-M3, max length 8192.",
        "bge-m3 max 8192 tokens on this machine",
        "My machine translation model M2, it fails.",
        "the A16 Bionic GPU of my phone",
        "photographs of Gaudi in Barcelona",
    ],
)
def test_what_only_looks_like_a_machine_is_none(text: str) -> None:
    assert claims_of(text) == []


@pytest.mark.parametrize(
    ("text", "memories"),
    [
        ("A 10 GB download on a 3090", [24]),
        ("my 3090 and 200 GB of data", [24]),
        ("T4, A10G or an A100", [16, 24, 80]),
        ("RTX 3060 12GB, RTX 4060 Ti 16GB, RTX 3090 24GB", [12, 16, 24]),
        ("an A10G instead of an A100 40GB", [24]),
        ("64 GB, RTX 3090", [24]),
        ("128 GB DDR5 and an RTX 3090", [24]),
        ("a 16gb T4", [16]),
        ("2080 Ti with 22GB", [22]),
        ("RTX 4060 Ti (16 GB)", [16]),
    ],
)
def test_a_memory_beside_the_card_wins_and_that_of_another_thing_does_not(text: str, memories: list[float]) -> None:
    stated = sorted((claim for claim in claims_of(text) if claim.fact == "gpu_memory"), key=lambda claim: claim.start)
    assert [claim.amount for claim in stated] == memories


def test_a_card_of_a_paper_is_read_as_before(framework: Framework) -> None:
    situation = read_message("H100 was used in the paper.", framework=framework).situation
    assert situation.value("compute") == "unknown"
    assert claims_of("The authors used an H100.") == []


@pytest.mark.parametrize(
    ("text", "compute"),
    [("I use the free Colab.", "limited"), ("I'm using Kaggle notebooks.", "limited"), ("2x T4 on Kaggle", "limited")],
)
def test_free_notebooks_are_limited(text: str, compute: str, framework: Framework) -> None:
    assert read_message(text, framework=framework).situation.value("compute") == compute


# Names that say what the row stands for and are no name that people write.
DESCRIPTIVE = re.compile(r"-|/|^(Quadro T|TPU pod|Intel Arc Pro A|Radeon RX|Coral)$")


@pytest.mark.parametrize("row", [row for row in TABLE["devices"] if not DESCRIPTIVE.search(row["name"])], ids=str)
def test_no_row_stands_behind_one_that_takes_its_name(row: dict[str, object]) -> None:
    name = str(row["name"])
    found = [claim.value for claim in claims_of(f"We have one {name} GPU.") if claim.fact == "hardware"]
    assert found == [name]


@pytest.mark.parametrize("row", [*TABLE["instances"], *TABLE["devices"]], ids=lambda row: row["name"])
def test_every_row_has_a_class_and_a_plausible_memory(row: dict[str, object]) -> None:
    assert row["class"] in TABLE["classes"]
    for memory in (row["memory"], row.get("laptop")):
        assert memory is None or 0 <= float(str(memory)) <= 288
    assert set(row) <= {"name", "pattern", "memory", "class", "needs", "laptop", "cards", "tflops"}
