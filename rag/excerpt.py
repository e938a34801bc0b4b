"""The sentences of a passage that fit a question best, as one shorter text to read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from rag.types import Passage

SENTENCES = 3
"""Fewest sentences of an excerpt. On the development half of XQuAD the span reader finds more in the best
three than in the whole paragraph, and in less time."""
CHARACTERS = 200
"""Fewest characters: where lines are short, as in lists, three would be too few."""
_GAP = " "


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some sentences of a passage, in its order."""

    text: str
    pieces: tuple[tuple[int, int, int], ...]
    """Start in `text`, start in the passage's text, and length of each run of neighbouring sentences."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        """A span of `text` as offsets in the passage's text.

        Of one that crosses a gap the longer part: the passage does not hold its words in one place.
        """
        parts = []
        for begin, origin, length in self.pieces:
            first, last = max(start, begin), min(end, begin + length)
            if first < last:
                parts.append((first - begin + origin, last - begin + origin))
        return max(parts, key=lambda part: part[1] - part[0], default=(0, 0))


def excerpt(passage: Passage) -> Excerpt:
    """The best sentences of a passage; all of it where its sentences are not known."""
    text = passage.text
    ranked = sorted(
        (
            (-score, start - passage.start, end - passage.start)
            for score, (start, end) in zip(passage.sentence_scores, passage.sentences, strict=False)
            if text[start - passage.start : end - passage.start].strip()
        ),
    )
    kept: list[tuple[int, int]] = []
    for _, start, end in ranked:
        if len(kept) >= SENTENCES and sum(b - a for a, b in kept) >= CHARACTERS:
            break
        kept.append((start, end))
    if not kept or len(kept) == len(ranked):
        return Excerpt(text, ((0, 0, len(text)),))
    runs = _runs(text, sorted(kept))
    joined, pieces = "", []
    for start, end in runs:
        joined += _GAP if joined else ""
        pieces.append((len(joined), start, end - start))
        joined += text[start:end]
    return Excerpt(joined, tuple(pieces))


def _runs(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbours, with nothing but white space between them, become one."""
    runs = spans[:1]
    for (_, before), (start, end) in pairwise(spans):
        if text[before:start].strip():
            runs.append((start, end))
        else:
            runs[-1] = (runs[-1][0], end)
    return runs
