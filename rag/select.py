"""Which passages may be shown and which are: filters, time and place, copies, several voices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.question import Question
from rag.types import Article, Filters
from rag.vietnamese import fold, syllables

if TYPE_CHECKING:
    from rag.candidates import Candidate, SearchableIndex

_COPY = 0.7
"""Share of common word triples above which two passages count as one."""
_SAME_ARTICLE = 0.25
"""Logits that a passage loses for each better one of its article: other voices are heard sooner."""
_TIME, _PLACE = 1.0, 1.0
"""Logits gained for each of year, month and day that question and article agree on; for the place."""


def allowed_rows(index: SearchableIndex, filters: Filters | None) -> npt.NDArray[np.intp] | None:
    """Rows of the chunks that filters let through, ascending; None when all of them are."""
    if filters is None or filters == Filters():
        return None
    sources = [article.source for article in index.articles() if _passes(article, filters)]
    return np.array(index.rows_of(sources), np.intp)


def _passes(article: Article, filters: Filters) -> bool:
    if article.source in filters.exclude or (filters.sources and article.source not in filters.sources):
        return False
    if filters.outlets and fold(article.outlet) not in {fold(outlet) for outlet in filters.outlets}:
        return False
    for limit, wrong_side in ((filters.since, -1), (filters.until, 1)):
        if limit:
            if not article.published:
                return False
            shared = min(len(limit), len(article.published))
            published, bound = article.published[:shared], limit[:shared]
            if (published > bound) - (published < bound) == wrong_side:
                return False
    return True


def time_and_place(question: Question, article: Article) -> float:
    """Logits gained by an article whose date or place the question names. Nothing is lost by another date."""
    gained = 0.0
    if article.published and question.dates:
        parts = [int(part) for part in article.published.split("-")]
        gained = max(
            sum(
                _TIME
                for named, part in zip((date.year, date.month, date.day), parts, strict=False)
                if named is not None and named == part
            )
            for date in question.dates
        )
    place = " ".join(syllables(fold(article.place)))
    if place and f" {place} " in f" {' '.join(syllables(fold(question.text)))} ":
        gained += _PLACE
    return gained


def pick(candidates: Sequence[Candidate], k: int) -> list[tuple[Candidate, tuple[str, ...]]]:
    """The k passages to show, best first, each with the other sources that carry a copy of it.

    Args:
        candidates: best first.
        k: how many.
    """
    distinct: list[tuple[Candidate, set[str]]] = []
    for candidate in candidates:
        copied = next((entry for entry in distinct if _is_copy(entry[0], candidate)), None)
        if copied is None:
            distinct.append((candidate, set()))
        elif candidate.reading.chunk.source != copied[0].reading.chunk.source:
            copied[1].add(candidate.reading.chunk.source)
        if len(distinct) >= 2 * k + 2:
            break
    chosen: list[tuple[Candidate, set[str]]] = []
    voices: dict[str, int] = {}
    while distinct and len(chosen) < k:
        best = max(distinct, key=lambda entry: _heard(entry[0], voices))
        distinct.remove(best)
        chosen.append(best)
        source = best[0].reading.chunk.source
        voices[source] = voices.get(source, 0) + 1
    return [(candidate, tuple(sorted(sources))) for candidate, sources in chosen]


def _heard(candidate: Candidate, voices: dict[str, int]) -> float:
    return candidate.score - _SAME_ARTICLE * voices.get(candidate.reading.chunk.source, 0)


def _is_copy(one: Candidate, other: Candidate) -> bool:
    """Whether two passages share most of their word triples."""
    first, second = one.reading.shingles, other.reading.shingles
    longer = max(len(first), len(second))
    return min(len(first), len(second)) >= _COPY * longer and len(first & second) >= _COPY * longer
