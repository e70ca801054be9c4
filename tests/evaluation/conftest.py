import pytest

from tunewise.evaluation.scoring import Scorer
from tunewise.framework import load_framework
from tunewise.retrieval.corpus import Corpus, Document
from tunewise.types import Passage

TEXT = "# Small data\n\nFreeze the model’s early\nlayers. Train the rest.\n\n# Speed\n\nQuantize the model."
PAPER = "LoRA adds no latency."


def small_corpus() -> Corpus:
    """One article of two passages and one paper of one."""
    middle = TEXT.index("# Speed")
    title = "LoRA: Low-Rank Adaptation of Large Language Models"
    documents = {
        "article": Document("article", "article", "A", "Deciding", "", TEXT, {}),
        "lora2021": Document("lora2021", "papers", "P", title, "", PAPER, {}),
    }
    passages = (
        Passage("A1", "article", "article", "Deciding", "Small data", 0, middle, TEXT[:middle]),
        Passage("A2", "article", "article", "Deciding", "Speed", middle, len(TEXT), TEXT[middle:]),
        Passage("P1", "papers", "lora2021", "LoRA", "Abstract", 0, 21, PAPER),
    )
    return Corpus(documents, passages)


def small_scorer() -> Scorer:
    return Scorer(small_corpus(), load_framework())


@pytest.fixture
def scorer() -> Scorer:
    return small_scorer()
