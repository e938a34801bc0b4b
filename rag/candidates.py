"""Looking closely at the passages that were proposed: sentence by sentence, feature by feature."""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rag.dates import number_tokens
from rag.fusion import CROSS, SAME, Floats, Weights, sentence_scores
from rag.lexical import Concept, LexicalIndex, terms
from rag.question import Question
from rag.types import Article, Chunk
from rag.vietnamese import guess_language, syllables

_KEPT = 4096
_COPY = 0.7
"""Share of common word triples above which two passages count as one."""


class SearchableIndex(Protocol):
    """What retrieval needs of an index; `rag.store.Index` has it."""

    path: Path
    chunks: Sequence[Chunk]

    def article(self, source: str) -> Article:
        """The stored article of that name."""

    def articles(self) -> list[Article]:
        """All articles."""

    def rows_of(self, sources: Collection[str]) -> list[int]:
        """Rows of the chunks of these sources, ascending."""

    def nearest(
        self, vector: npt.ArrayLike, k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """The k chunks nearest to a vector, as (row, cosine), best first."""

    def vectors(self) -> npt.NDArray[Any]:
        """Vectors of the chunks, [chunks, dimension]."""

    def sentence_vectors(self, row: int) -> npt.NDArray[Any]:
        """Vectors of the sentences of one chunk."""


class Wording:
    """The words of a passage, by which copies are told."""

    def __init__(self, text: str) -> None:
        words = syllables(text)
        self.text = text
        self.triples = frozenset(tuple(words[start : start + 3]) for start in range(max(1, len(words) - 2)))
        # So many of them that a copy must have one: most passages are told apart without counting.
        self._some = frozenset(
            itertools.islice(self.triples, math.floor((1 - _COPY) * len(self.triples)) + 1)
        )

    def is_copy(self, other: Wording) -> bool:
        """Whether two passages share most of their word triples."""
        if self._some.isdisjoint(other.triples):
            return False
        if len(self.triples & other.triples) < _COPY * max(len(self.triples), len(other.triples)):
            return False
        figures, others = set(number_tokens(self.text)), set(number_tokens(other.text))
        # Where each holds a number that the other lacks, one corrects the other.
        return not (figures - others and others - figures)


@dataclass(frozen=True, slots=True)
class Reading:
    """What does not depend on the question: worked out once for a chunk, then kept."""

    chunk: Chunk
    language: str
    sentences: npt.NDArray[np.float32]
    """Vectors, [sentences, dimension]; those of the chunk itself when it has no sentences."""
    terms: Mapping[str, tuple[int, ...]]
    """Index terms, without folded pairs, and the sentences in which they stand."""
    wording: Wording


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with what each leg says of it."""

    row: int
    reading: Reading
    features: Mapping[str, float]
    weights: Weights
    cosine: float
    """Of the question with the passage or its best sentence, whichever is higher; as the encoder gives it."""
    coverage: float
    """Share of the question's idf mass that stands in the passage."""
    score: float
    """Fused, in logits above even."""
    sentence_scores: tuple[float, ...] = ()
    """How well each sentence of the chunk fits the question, 0..1."""


class Reader:
    """Reads chunks and keeps what it read for the next question."""

    def __init__(self, index: SearchableIndex, lexical: LexicalIndex) -> None:
        self._index = index
        self._lexical = lexical
        self._kept: OrderedDict[int, Reading] = OrderedDict()

    def read(self, row: int) -> Reading:
        """The chunk at a row, with its sentences."""
        if row in self._kept:
            return self._kept[row]
        chunk = self._index.chunks[row]
        vectors = np.asarray(self._index.sentence_vectors(row), np.float32)
        if not len(vectors):
            vectors = np.asarray(self._index.vectors()[row : row + 1], np.float32)
        spans = chunk.sentences or ((chunk.start, chunk.end),)
        found: defaultdict[str, list[int]] = defaultdict(list)
        for number, (start, end) in enumerate(spans[: len(vectors)]):
            text = chunk.text[start - chunk.start : end - chunk.start]
            for term in set(terms(text, self._lexical.abbreviations)):
                if term[0] != "~" or " " not in term:
                    found[term].append(number)
        text = chunk.searched_text
        where = {term: tuple(numbers) for term, numbers in found.items()}
        self._kept[row] = Reading(chunk, guess_language(text[:400]), vectors, where, Wording(text))
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[row]


@dataclass(frozen=True, slots=True)
class Legs:
    """What the index says of every chunk, before any is read."""

    question: Question
    vector: npt.NDArray[np.float32]
    """Of the question, as the encoder gives it."""
    generic: npt.NDArray[np.float32]
    """What questions of this language have in common, to be taken off."""
    same: Mapping[str, npt.NDArray[np.float32]]
    cross: Mapping[str, npt.NDArray[np.float32]]
    coverage: Mapping[str, npt.NDArray[np.float32]]
    """Share of idf mass covered: `same` and `cross`."""
    idf: Mapping[str, float]
    """Share of each syllable, as written and folded, in the idf mass a sentence is looked through for."""
    concept_idf: tuple[float, ...]
    """Share of each of the question's concepts in their idf mass."""

    def weights(self, language: str) -> Weights:
        """Those for a passage of that language; an unknown language counts as the question's."""
        return (
            SAME
            if "und" in (language, self.question.language) or language == self.question.language
            else CROSS
        )

    def focus(self, weights: Weights) -> npt.NDArray[np.float32]:
        """The question's vector without some of what any question of its language has."""
        return self.vector - (SAME_GENERIC if weights is SAME else CROSS_GENERIC) * self.generic


def look_closely(
    legs: Legs,
    rows: Sequence[int],
    readings: Sequence[Reading],
    passages: npt.NDArray[np.float32],
    gained: Sequence[float],
) -> list[Candidate]:
    """All features of some passages, fused.

    Args:
        rows: of the passages in the index.
        readings: of each passage.
        passages: their vectors, [passages, dimension].
        gained: logits for time and place.
    """
    weights_of = [legs.weights(reading.language) for reading in readings]
    found: list[Candidate] = []
    for weights in (SAME, CROSS):
        if chosen := [number for number, each in enumerate(weights_of) if each is weights]:
            asked = (
                [rows[number] for number in chosen],
                [readings[number] for number in chosen],
                passages[chosen],
                np.array([gained[number] for number in chosen]),
            )
            found += _look_closely(legs, weights, *asked)
    return found


def _look_closely(
    legs: Legs,
    weights: Weights,
    rows: Sequence[int],
    readings: Sequence[Reading],
    passages: npt.NDArray[np.float32],
    gained: Floats,
) -> list[Candidate]:
    """The same for passages that one set of weights is for, all of them at once."""
    asked = np.stack([legs.vector, legs.focus(weights)], axis=1)
    whole, near = passages @ asked, np.concatenate([reading.sentences for reading in readings]) @ asked
    ends = list(itertools.accumulate(len(reading.sentences) for reading in readings))
    starts = [0, *ends[:-1]]
    best = np.maximum.reduceat(near, starts)
    held = (_syllable_shares if weights is SAME else _concept_shares)(legs, readings)
    covered = legs.coverage[weights.name][rows]
    shares = legs.same if weights is SAME else legs.cross
    features: dict[str, npt.NDArray[Any]] = {name: values[rows] for name, values in shares.items()}
    features |= {"time_and_place": gained, "passage": whole[:, 1], "sentence": best[:, 1]}
    if weights is SAME:
        features["coverage"] = covered
    features["sentence_words" if weights is SAME else "sentence_concepts"] = np.maximum.reduceat(held, starts)
    table = {name: values.astype(np.float64) for name, values in features.items()}
    scores = weights.fuse(table) + gained - weights.even
    fits = sentence_scores(near[:, 1], held).tolist()
    by_passage = zip(
        rows,
        readings,
        (dict(zip(table, values, strict=True)) for values in np.stack(list(table.values()), axis=1).tolist()),
        itertools.repeat(weights),
        np.maximum(whole[:, 0], best[:, 0]).tolist(),
        covered.tolist(),
        scores.tolist(),
        (tuple(fits[start:end]) for start, end in zip(starts, ends, strict=True)),
    )
    return [Candidate(*values) for values in by_passage]


def _syllable_shares(legs: Legs, readings: Sequence[Reading]) -> Floats:
    """For each sentence of all passages, the share of the idf mass of the question's syllables."""
    shares: list[float] = []
    for reading in readings:
        first = len(shares)
        shares += [0.0] * len(reading.sentences)
        for term, value in legs.idf.items():
            if term in reading.terms:
                for sentence in reading.terms[term]:
                    shares[first + sentence] += value
    return np.array(shares)


def _concept_shares(legs: Legs, readings: Sequence[Reading]) -> Floats:
    """For each sentence of all passages, the share of the idf mass of the question's concepts."""
    shares: list[float] = []
    for reading in readings:
        first = len(shares)
        shares += [0.0] * len(reading.sentences)
        for concept, value in zip(legs.question.concepts, legs.concept_idf, strict=True):
            for sentence in _holding(concept, reading):
                shares[first + sentence] += value
    return np.array(shares)


def _holding(concept: Concept, reading: Reading) -> set[int]:
    """The sentences of a passage in which all terms of one of a concept's wordings stand."""
    held: set[int] = set()
    for first, *rest in concept:
        if first in reading.terms:
            others = [reading.terms.get(term, ()) for term in rest]
            held.update(s for s in reading.terms[first] if all(s in other for other in others))
    return held


SAME_GENERIC = 0.25
CROSS_GENERIC = 0.5
"""How much of the generic question is taken off, for passages in the question's language and in another."""
