"""Tiny models from configurations, tiny data, and records as the framework itself decides them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tunewise.framework import Framework, check, decide, load_framework
from tunewise.record import Record, make_record
from tunewise.types import Fact, Recommendation, Reply, Situation

AT = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
WORDS = ["parcel", "late", "refund", "please", "address", "change", "thanks", "good", "bad", "open", "closed", "when"]
MakeRecord = Callable[..., Record]


@pytest.fixture(scope="session")
def framework() -> Framework:
    return load_framework("article")


@pytest.fixture(scope="session")
def make(framework: Framework) -> MakeRecord:
    def made(
        primary: str | None = None, supporting: tuple[str, ...] | None = None, details: Any = None, **facts: str
    ) -> Record:
        """A record of what the framework decides for these facts, or of another primary strategy for them."""
        known = {name: Fact(name, value, "edited") for name, value in facts.items()}
        more = {name: Fact(name, value, "edited") for name, value in (details or {}).items()}
        situation = Situation(known, more)
        chosen = decide(framework, facts).recommendation()
        if primary is not None:
            chosen = Recommendation(primary, chosen.supporting if supporting is None else supporting)
        reply = Reply("advice", "", "en", situation, recommendation=chosen, verdict=check(framework, situation, chosen))
        return make_record(reply, ["How?"], framework, corpus="c" * 64, weights={}, title="Case", at=AT)

    return made


def _tokenizer(folder: Path, **special: str) -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[EOS]", "user", "assistant", ":", "\n", *WORDS]
    model = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    model.pre_tokenizer = Whitespace()
    tokens = {"pad_token": "[PAD]", "unk_token": "[UNK]", "eos_token": "[EOS]", **special}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=model, model_max_length=64, **tokens)
    tokenizer.save_pretrained(folder)
    return tokenizer


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A model without training for each kind of script, as a folder that its library loads."""
    import torch

    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("models")
    return {
        "text": _encoder(root / "encoder"),
        "embedding": _encoder(root / "sentences"),
        "causal": _chat(root / "chat"),
        "seq2seq": _t5(root / "pairs"),
        "speech": _whisper(root / "speech"),
        "audio": _wav2vec(root / "clips"),
        "image": _vit(root / "pictures"),
        "tabular": "",
    }


def _encoder(folder: Path) -> str:
    from transformers import BertConfig, BertModel

    size = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=40, max_position_embeddings=64, **size)).save_pretrained(folder)
    _tokenizer(folder, cls_token="[CLS]", sep_token="[SEP]")
    return str(folder)


def _chat(folder: Path) -> str:
    from transformers import LlamaConfig, LlamaForCausalLM

    size = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64}
    special = {"bos_token_id": 4, "eos_token_id": 4, "pad_token_id": 0}
    LlamaForCausalLM(LlamaConfig(vocab_size=40, max_position_embeddings=256, **size, **special)).save_pretrained(folder)
    tokenizer = _tokenizer(folder)
    tokenizer.chat_template = (
        "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }} [EOS] {% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    tokenizer.save_pretrained(folder)
    return str(folder)


def _t5(folder: Path) -> str:
    from transformers import T5Config, T5ForConditionalGeneration

    size = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 2}
    special = {"decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 4}
    T5ForConditionalGeneration(T5Config(vocab_size=40, **size, **special)).save_pretrained(folder)
    _tokenizer(folder)
    return str(folder)


def _wav2vec(folder: Path) -> str:
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model

    convolutions = {"conv_dim": (16, 16), "conv_kernel": (10, 8), "conv_stride": (50, 40)}
    size = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64}
    shape = {"num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2, "num_feat_extract_layers": 2}
    Wav2Vec2Model(Wav2Vec2Config(**convolutions, **size, **shape, mask_time_prob=0.0)).save_pretrained(folder)
    Wav2Vec2FeatureExtractor().save_pretrained(folder)
    return str(folder)


def _whisper(folder: Path) -> str:
    from transformers import (
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperProcessor,
        WhisperTokenizer,
    )

    size = {"d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2}
    more = {"decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "num_mel_bins": 80}
    folder.mkdir()
    letters = [
        "<|endoftext|>",
        "<|startoftranscript|>",
        "<|notimestamps|>",
        "<|transcribe|>",
        *map(chr, range(33, 127)),
        "Ġ",
    ]
    (folder / "vocab.json").write_text(json.dumps({letter: i for i, letter in enumerate(letters)}), "utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    tokenizer = WhisperTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), pad_token="<|endoftext|>")
    special = {"pad_token_id": 0, "bos_token_id": 0, "eos_token_id": 0, "decoder_start_token_id": 1}
    config = WhisperConfig(vocab_size=len(tokenizer) + 8, max_target_positions=256, **size, **more, **special)
    model = WhisperForConditionalGeneration(config)
    model.generation_config.suppress_tokens = None
    model.generation_config.begin_suppress_tokens = None
    model.save_pretrained(folder)
    WhisperProcessor(WhisperFeatureExtractor(feature_size=80), tokenizer).save_pretrained(folder)
    return str(folder)


def _vit(folder: Path) -> str:
    import timm
    from timm.models import save_for_hf

    save_for_hf(timm.create_model("test_vit", pretrained=False, num_classes=3), folder)
    return f"local-dir:{folder}"


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A little data for each kind of script."""
    root = tmp_path_factory.mktemp("data")
    chance = np.random.default_rng(0)
    return {
        "text": _texts(root / "texts.csv", chance),
        "embedding": _pairs(root / "pairs.csv", chance),
        "causal": _chats(root / "chats.jsonl", chance),
        "seq2seq": _chats(root / "rows.jsonl", chance, messages=False),
        "speech": _speech(root / "speech", chance),
        "audio": _clips(root / "clips", chance),
        "image": _pictures(root / "pictures", chance),
        "tabular": _table(root / "table.csv", chance),
    }


def _said(chance: np.random.Generator, number: int, words: int = 5) -> str:
    return " ".join([*chance.choice(WORDS, words), str(number)])


def _texts(file: Path, chance: np.random.Generator) -> Path:
    rows = [f"{_said(chance, i)} {'bad' if i % 2 else 'good'},{'no' if i % 2 else 'yes'}" for i in range(48)]
    file.write_text("text,label\n" + "\n".join(rows) + "\n", "utf-8")
    return file


def _pairs(file: Path, chance: np.random.Generator) -> Path:
    rows = [f"{_said(chance, i)},{_said(chance, i, 8)}" for i in range(40)]
    file.write_text("query,passage\n" + "\n".join(rows) + "\n", "utf-8")
    return file


def _chats(file: Path, chance: np.random.Generator, *, messages: bool = True) -> Path:
    rows: list[dict[str, Any]] = [{"prompt": _said(chance, i), "completion": "thanks good open"} for i in range(36)]
    if messages:
        said = [{"role": "user", "content": "when open"}, {"role": "assistant", "content": "closed"}]
        rows.append({"messages": said})
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def _clips(folder: Path, chance: np.random.Generator) -> Path:
    from scipy.io import wavfile

    for label in ("low", "high"):
        (folder / label).mkdir(parents=True)
        for i in range(16):
            wave = np.sin(np.arange(4000) * (0.05 if label == "low" else 0.5)) + 0.1 * chance.normal(size=4000)
            if i % 2:
                wavfile.write(folder / label / f"{i}.wav", 8000, (wave * 8000).astype(np.int16))
            else:
                np.save(folder / label / f"{i}.npy", wave)
    return folder


def _speech(folder: Path, chance: np.random.Generator) -> Path:
    folder.mkdir()
    rows = []
    for i in range(12):
        np.save(folder / f"{i}.npy", chance.normal(size=8000))
        rows.append({"audio": f"{i}.npy", "text": f"good open {i}"})
    file = folder / "speech.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def _pictures(folder: Path, chance: np.random.Generator) -> Path:
    from PIL import Image

    for label, colour in (("red", 0), ("blue", 2)):
        (folder / label).mkdir(parents=True)
        for i in range(16):
            pixels = chance.integers(0, 60, (40, 40, 3), dtype=np.uint8)
            pixels[..., colour] += 150
            Image.fromarray(pixels).save(folder / label / f"{i}.png")
    return folder


def _table(file: Path, chance: np.random.Generator) -> Path:
    ages = chance.integers(10, 80, 120)
    rows = [f"{age},{chance.choice(['red', 'blue'])},{'old' if age > 45 else 'young'}" for age in ages]
    file.write_text("age,colour,label\n" + "\n".join(f"{i / 7:.3f},{row}" for i, row in enumerate(rows)), "utf-8")
    file.write_text("number," + file.read_text("utf-8"), "utf-8")
    return file
