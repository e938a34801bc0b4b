"""Questions made from the corpus at hand, so that a new reader sees what can be asked."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from rag.render import reader_date
from rag.types import Article

SHOWN = 4
TRIED = 12
SURE = 0.3
"""Confidence of retrieval that an example must reach: no example may lead nowhere."""
LONGEST_TITLE = 90


def example_questions(
    articles: Sequence[Article], language: str, confidence: Callable[[str], float]
) -> list[str]:
    """A few questions about different articles, of which retrieval is sure.

    The same corpus gives the same questions.
    """
    chance = random.Random("".join(article.sha256 for article in articles))
    mixed = chance.sample(list(articles), min(len(articles), TRIED))
    vietnamese = language.startswith("vi")
    found: list[str] = []
    for position, article in enumerate(mixed):
        if len(found) == SHOWN:
            break
        wordings = list((_vietnamese if vietnamese else _english)(article))
        for number in range(len(wordings)):  # so that neighbours are worded differently
            question = wordings[(position + number) % len(wordings)]
            if question not in found and confidence(question) >= SURE:
                found.append(question)
                break
    return found


def _vietnamese(article: Article) -> Iterator[str]:
    date = reader_date(article.published, "vi")
    if article.place and date:
        when = f"ngày {date}" if date.count("/") == 2 else f"tháng {date}"
        yield f"Chuyện gì diễn ra ở {article.place} {when}?"
    if article.place:
        yield f"Ai được nhắc đến trong bài về {article.place}?"
    if title := _title(article):
        yield f"Bài “{title}” nói về điều gì?"


def _english(article: Article) -> Iterator[str]:
    if article.place and article.published:
        yield f"What happened in {article.place} in {article.published[:4]}?"
    if article.place:
        yield f"Who took part in the event in {article.place}?"
    if title := _title(article):
        yield f"What does “{title}” say?"


def _title(article: Article) -> str:
    title = " ".join(article.title.split())
    return title if len(title) <= LONGEST_TITLE else ""
