"""What the stories share: the commands as a user types them, each in a process of its own, and small models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tunewise

ENVIRONMENT = {
    "PYTHONPATH": str(Path(tunewise.__file__).parent.parent), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
}  # fmt: skip
LONGEST_S = 500


def run(*words: object, folder: Path) -> str:
    """Run Python with these words in a folder; what it wrote, which stands in the message if it failed."""
    done = subprocess.run(
        [sys.executable, *map(str, words)], cwd=folder, env={**os.environ, **ENVIRONMENT}, capture_output=True,
        text=True, timeout=LONGEST_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{words}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., str]:
    """`tunewise WORDS` in the story's folder."""
    return lambda *words: run("-m", "tunewise.cli.main", *words, folder=tmp_path)


@pytest.fixture
def train(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """`python train.py --data DATA` in the recipe's folder; gives its result.json, and how many rows it trained on."""

    def trained(data: Path) -> dict[str, Any]:
        said = run("train.py", "--data", data, folder=tmp_path / "recipe")
        result: dict[str, Any] = json.loads((tmp_path / "recipe" / "out" / "result.json").read_text("utf-8"))
        return result | {"train_rows": int(said.split(" rows to train on")[0])}

    return trained


@pytest.fixture
def tiny_chat_model(tmp_path: Path) -> Path:
    """A Llama of two small layers that nothing has trained, with a tokenizer of whole words."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    from tests.stories.data import CHAT_WORDS

    torch.manual_seed(0)
    folder = tmp_path / "chat-model"
    words = ["[PAD]", "[UNK]", "[EOS]", *CHAT_WORDS]
    model = Tokenizer(WordLevel({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    model.pre_tokenizer = Whitespace()
    tokens = {"pad_token": "[PAD]", "unk_token": "[UNK]", "eos_token": "[EOS]"}
    PreTrainedTokenizerFast(tokenizer_object=model, model_max_length=64, **tokens).save_pretrained(folder)
    size = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
    special = {"bos_token_id": 2, "eos_token_id": 2, "pad_token_id": 0}
    config = LlamaConfig(vocab_size=len(words), max_position_embeddings=256, **size, **special)
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_image_model(tmp_path: Path) -> Path:
    """A small convolutional network that nothing has trained, as timm saves it; only its batch statistics are set, for
    with those of no picture at all its features are off by orders of magnitude."""
    import timm
    import torch
    from timm.models import save_for_hf

    torch.manual_seed(0)
    folder = tmp_path / "image-model"
    small = {"pretrained_cfg_overlay": {"input_size": (3, 96, 96)}}
    model = timm.create_model("test_resnet", pretrained=False, num_classes=3, **small)
    for part in model.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.momentum = 1  # the statistics of the one batch that follows
    with torch.no_grad():
        model.train()(torch.nn.functional.interpolate(torch.randn(64, 3, 12, 12), size=(96, 96)))
    save_for_hf(model, folder, safe_serialization=True)
    return folder
