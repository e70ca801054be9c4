from collections.abc import Sequence

import pytest

from tunewise.types import Passage

TEXT = "# Small data\n\nFreeze the model’s early\nlayers. Train the rest.\n\n# Speed\n\nQuantize the model."


class SmallSources:
    """One article of two passages and one paper of one."""

    def __init__(self) -> None:
        middle = TEXT.index("# Speed")
        self._texts = {"article": TEXT, "lora2021": "LoRA adds no latency."}
        self._titles = {"article": "Deciding", "lora2021": "LoRA: Low-Rank Adaptation of Large Language Models"}
        self._passages = {
            "article": [
                Passage("A1", "article", "article", "Deciding", "Small data", 0, middle, TEXT[:middle]),
                Passage("A2", "article", "article", "Deciding", "Speed", middle, len(TEXT), TEXT[middle:]),
            ],
            "lora2021": [Passage("P1", "papers", "lora2021", "LoRA", "Abstract", 0, 21, "LoRA adds no latency.")],
        }

    def text(self, document: str) -> str | None:
        return self._texts.get(document)

    def title(self, document: str) -> str | None:
        return self._titles.get(document)

    def passages(self, document: str) -> Sequence[Passage]:
        return self._passages.get(document, [])


@pytest.fixture
def sources() -> SmallSources:
    return SmallSources()
