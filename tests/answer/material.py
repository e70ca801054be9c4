"""The article and passages of it, for the tests of this folder."""

from pathlib import Path

from tunewise.types import Passage

ARTICLE = (Path(__file__).parents[2] / "corpus/documents/article.md").read_text(encoding="utf-8")


def passage(id_: str, first: str, last: str) -> Passage:
    """The passage of the article from the words `first` to the words `last`."""
    start = ARTICLE.index(first)
    end = ARTICLE.index(last, start) + len(last)
    return Passage(id_, "article", "article", "Deciding", "section", start, end, ARTICLE[start:end])
