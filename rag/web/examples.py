"""Questions made from the corpus at hand, so that a new reader sees what can be asked."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from rag.hostile import blanked, cleared
from rag.render import reader_date
from rag.types import Article

SHOWN = 4
TRIED = 12
LONGEST_TITLE = 70
_PLACES = frozenset("tỉnh huyện xã phường quận thị phố vực vùng miền đảo".split())
"""What stands before the name of a place."""
NAME_WORDS = (3, 4)
"""Shorter runs of capitals are mostly places, longer ones institutions."""
_RUN = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
"""Words with nothing but single spaces between them."""


def example_questions(
    articles: Sequence[Article], language: str, answered: Callable[[str], bool]
) -> list[str]:
    """A few questions about different articles that are answered: no example may lead nowhere.

    The same corpus gives the same questions.
    """
    chance = random.Random("".join(article.sha256 for article in articles))
    mixed = chance.sample(list(articles), min(len(articles), TRIED))
    make = _vietnamese if language.startswith("vi") else _english
    found: list[str] = []
    for position, article in enumerate(mixed):
        if len(found) == SHOWN:
            break
        wordings = list(make(article))
        for number in range(len(wordings)):  # so that neighbours are worded differently
            question = wordings[(position + number) % len(wordings)]
            if question not in found and answered(question):
                found.append(question)
                break
    return found


def _vietnamese(article: Article) -> Iterator[str]:
    date = reader_date(article.published, "vi")
    if article.place and date:
        when = f"ngày {date}" if date.count("/") == 2 else f"tháng {date}"
        yield f"Chuyện gì diễn ra ở {article.place} {when}?"
    if name := _name(article):
        yield f"{name} đã làm gì?"
    if title := _title(article):
        yield f"“{title}”: những điểm chính là gì?"


def _english(article: Article) -> Iterator[str]:
    if article.place and article.published:
        yield f"What happened in {article.place} in {article.published[:4]}?"
    if name := _name(article):
        yield f"What did {name} do?"
    if title := _title(article):
        yield f"What are the main points of “{title}”?"


def _name(article: Article) -> str:
    """Three or more capitalised words that stand together within sentences, most often; mostly a person."""
    names: Counter[str] = Counter()
    for run in _RUN.finditer(blanked(article.text)):
        words = run.group().split(" ")
        for capital, group in groupby(enumerate(words), key=lambda pair: pair[1].istitle()):
            members = list(group)
            first = members[0][0]
            if capital and len(members) in NAME_WORDS and first > 0 and words[first - 1] not in _PLACES:
                names[" ".join(word for _, word in members)] += 1
    known = (article.place, article.outlet, article.title)
    return next((name for name, _ in names.most_common() if not any(name in each for each in known)), "")


def _title(article: Article) -> str:
    title = " ".join(cleared(article.title).split())
    return title if len(title) <= LONGEST_TITLE else ""
