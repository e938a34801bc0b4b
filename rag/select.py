"""Which passages may be shown and which are: filters, time and place, copies, several voices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.question import Question
from rag.types import Article, Chunk, Filters
from rag.vietnamese import fold, syllables

if TYPE_CHECKING:
    from rag.candidates import Candidate, SearchableIndex

_SAME_ARTICLE = 0.25
"""Logits that a passage loses for each better one of its article: other voices are heard sooner."""
_NEIGHBOUR, _AT_EDGE, _LONGEST = 2.0, 4.0, 3
"""How many logits behind the best passage a neighbour may be to be joined, and where the sentence that fits
best stands at their border; chunks in one passage."""
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
    if place and f" {place} " in question.plain:
        gained += _PLACE
    return gained


@dataclass(frozen=True, slots=True)
class Picked:
    """A passage to show: one chunk, or neighbouring ones of an article joined."""

    best: Candidate
    parts: tuple[Candidate, ...]
    """The chunks, `best` among them, in reading order."""
    also_in: tuple[str, ...]
    """Other sources that carry a copy of it."""
    behind: float
    """Logits behind the first passage picked; never less than for the one before."""


def pick(candidates: Sequence[Candidate], k: int) -> list[Picked]:
    """The k passages to show, best first.

    Neighbours of one article that are nearly as good as the best become one passage: the answer may begin in
    one and end in the next.

    Args:
        candidates: best first.
        k: how many.
    """
    distinct: list[Candidate] = []
    copies: dict[int, set[str]] = {}
    for candidate in candidates:
        original = next(
            (entry for entry in distinct if entry.reading.wording.is_copy(candidate.reading.wording)), None
        )
        if original is None:
            distinct.append(candidate)
            copies[candidate.row] = set()
        elif candidate.reading.chunk.source != original.reading.chunk.source:
            copies[original.row].add(candidate.reading.chunk.source)
        if len(distinct) >= 2 * k + 2:
            break
    chosen: list[Picked] = []
    voices: Counter[str] = Counter()
    top = 0.0
    while distinct and len(chosen) < k:
        scores = [c.score - _SAME_ARTICLE * voices[c.reading.chunk.source] for c in distinct]
        score = max(scores)
        best = distinct.pop(scores.index(score))
        top = top if chosen else score
        parts = _with_neighbours(best, distinct, top)
        also_in = set().union(*(copies[part.row] for part in parts)) - {best.reading.chunk.source}
        chosen.append(Picked(best, parts, tuple(sorted(also_in)), top - score))
        voices[best.reading.chunk.source] += 1
    return chosen


def _with_neighbours(best: Candidate, others: list[Candidate], top: float) -> tuple[Candidate, ...]:
    """The chunk and, taken out of the others, those before and after it that are nearly as good as `top`."""
    fits = best.sentence_scores
    parts = [best]
    for step, end in ((-1, 0), (1, -1)):
        while len(parts) < _LONGEST:
            chunk = parts[end].reading.chunk
            near = next((other for other in others if _follows(chunk, other.reading.chunk, step)), None)
            at_edge = parts[end] is best and fits and fits[end] == max(fits)
            if near is None or near.score < top - (_AT_EDGE if at_edge else _NEIGHBOUR):
                break
            others.remove(near)
            parts.insert(0 if step < 0 else len(parts), near)
    return tuple(parts)


def _follows(chunk: Chunk, other: Chunk, step: int) -> bool:
    """Whether another chunk stands one step after (or before) a chunk in its article."""
    return other.ordinal == chunk.ordinal + step and other.source == chunk.source
