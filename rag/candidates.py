"""Looking closely at the passages that were proposed: sentence by sentence, feature by feature."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rag.fusion import CROSS, SAME, Weights, sentence_scores
from rag.lexical import LexicalIndex, terms
from rag.question import Question
from rag.types import Article, Chunk
from rag.vietnamese import guess_language, syllables

_KEPT = 4096


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What does not depend on the question: worked out once for a chunk, then kept."""

    chunk: Chunk
    language: str
    sentences: npt.NDArray[np.float32]
    """Vectors, [sentences, dimension]; those of the chunk itself when it has no sentences."""
    terms: Mapping[str, tuple[int, ...]]
    """Index terms, without folded pairs, and the sentences in which they stand."""
    shingles: frozenset[tuple[str, ...]]
    """Word triples, by which copies are told."""


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
        words = syllables(chunk.searched_text)
        shingles = frozenset(tuple(words[start : start + 3]) for start in range(max(1, len(words) - 2)))
        where = {term: tuple(numbers) for term, numbers in found.items()}
        self._kept[row] = Reading(chunk, guess_language(chunk.searched_text[:400]), vectors, where, shingles)
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
    sentences = np.concatenate([reading.sentences for reading in readings])
    ends = np.cumsum([len(reading.sentences) for reading in readings])
    focus = {
        weights.name: legs.vector - share * legs.generic
        for weights, share in ((SAME, SAME_GENERIC), (CROSS, CROSS_GENERIC))
    }
    asked = np.stack([legs.vector, *focus.values()], axis=1)
    whole, near = passages @ asked, sentences @ asked
    best = np.maximum.reduceat(near, [0, *ends[:-1]])
    cosines = np.maximum(whole[:, 0], best[:, 0]).tolist()
    shares = {
        SAME.name: {name: values[rows].tolist() for name, values in legs.same.items()},
        CROSS.name: {name: values[rows].tolist() for name, values in legs.cross.items()},
    }
    coverage = {side: values[rows].tolist() for side, values in legs.coverage.items()}
    near_of = np.split(near, ends[:-1])
    found = []
    for number, (row, reading) in enumerate(zip(rows, readings, strict=True)):
        weights = legs.weights(reading.language)
        column = 1 if weights is SAME else 2
        held = (_syllable_shares if weights is SAME else _concept_shares)(legs, reading)
        covered = coverage[weights.name][number]
        features = {name: values[number] for name, values in shares[weights.name].items()}
        features["time_and_place"] = gained[number]
        features["passage"] = float(whole[number, column])
        features["sentence"] = float(best[number, column])
        if weights is SAME:
            features |= {"coverage": covered, "sentence_words": max(held)}
        else:
            features["sentence_concepts"] = max(held)
        score = weights.fuse(features) + gained[number] - weights.even
        fits = sentence_scores(near_of[number][:, column], np.array(held))
        found.append(
            Candidate(row, reading, features, weights, cosines[number], covered, score, tuple(fits.tolist()))
        )
    return found


def _syllable_shares(legs: Legs, reading: Reading) -> list[float]:
    """For each sentence, the share of the idf mass of the question's syllables."""
    shares = [0.0] * len(reading.sentences)
    for term, value in legs.idf.items():
        for sentence in reading.terms.get(term, ()):
            shares[sentence] += value
    return shares


def _concept_shares(legs: Legs, reading: Reading) -> list[float]:
    """For each sentence, the share of the idf mass of the question's concepts."""
    shares = [0.0] * len(reading.sentences)
    for concept, value in zip(legs.question.concepts, legs.concept_idf, strict=True):
        holding: set[int] = set()
        for wording in concept:
            first, *rest = (reading.terms.get(term, ()) for term in wording)
            holding.update(sentence for sentence in first if all(sentence in other for other in rest))
        for sentence in holding:
            shares[sentence] += value
    return shares


SAME_GENERIC = 0.25
CROSS_GENERIC = 0.5
"""How much of the generic question is taken off, for passages in the question's language and in another."""
