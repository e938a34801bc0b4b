"""Does every question file tell the truth? Answers must stand in the sources that are named for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from eval.dataset import Dataset, Question
from eval.metrics.text import contains
from rag.types import Article


def faults(dataset: Dataset, articles: Iterable[Article]) -> list[str]:
    """One line for every contradiction between the questions and the articles; none when all is well.

    - A named source exists; an answerable question names at least one.
    - Every answer stands in one of the named sources (title and metadata of the article count as text).
    - Every fact of `all_of` has a way to say it that stands in one of them, and every source is needed for
      one.
    """
    texts = {article.source: _all_words(article) for article in articles}
    return [
        f"{question.id}: {fault}" for question in dataset.questions for fault in _faults(question, texts.get)
    ]


def _faults(question: Question, text: Callable[[str], str | None]) -> list[str]:
    found = [f"there is no source {source}" for source in question.sources if text(source) is None]
    if not question.answerable:
        return found
    if not question.sources:
        found.append("an answerable question names no source")
    known = [words for source in question.sources if (words := text(source)) is not None]
    found += [
        f"{answer!r} does not stand in its sources"
        for answer in question.answers
        if not _stands([answer], known)
    ]
    found += [f"none of {ways} stands in its sources" for ways in question.all_of if not _stands(ways, known)]
    return found


def _stands(ways: Iterable[str], texts: list[str]) -> bool:
    return any(contains(text, tuple(ways)) for text in texts)


def _all_words(article: Article) -> str:
    parts = (article.title, article.published, article.outlet, article.author, article.place, article.text)
    return "\n".join(part for part in parts if part)
