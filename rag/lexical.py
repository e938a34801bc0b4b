"""BM25 over Vietnamese keys: syllables and pairs, as written and folded, numbers, dates, abbreviations.

bm25s weighs the postings when the index is built; what is kept are plain arrays, memory-mapped, with terms
found by hash. Another engine can take its place behind `LexicalIndex.match` (above some 200,000 chunks one
that updates in place, such as tantivy).
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.abbreviations import learn, other_forms
from rag.dates import date_tokens, find_dates, number_tokens
from rag.errors import StoreError
from rag.restore import DiacriticRestorer, Pairs, surface
from rag.types import Chunk
from rag.vietnamese import WORD, fold, nfc, normal_form, syllables

LEXICAL_VERSION = "1"
"""Changes whenever the same chunks would give other terms or another layout on disk."""

Concept = tuple[tuple[str, ...], ...]
"""Something asked about, in several wordings; each wording is the terms that stand where it stands."""

_ARRAYS = ("terms", "data", "indices", "indptr")
_K1, _B = 1.2, 0.75
_PSEUDO_CHUNKS = 30

_COMMON = """và của là có các được trong những cho với không một người này đã khi đến từ để ra vào như
    cũng nhiều năm về tại do ở đó đầu trên sự lại sau việc theo còn hơn hay bị làm thì mà nhà trước hai đi
    phải nước nhất thể đang sẽ công thành chính ngày số nên bằng đồng lên đây qua nó họ ông giữa hoặc cùng
    rất thời điều tháng mình nếu vì hành động sinh thứ đối cách đều trở dân"""
COMMON_SYLLABLES = frozenset(normal_form(_COMMON).split())
"""Syllables that stand in most Vietnamese texts. In a small corpus their document frequency says little."""

QUESTION_SYLLABLES = frozenset(syllables("gì nào ai đâu bao nhiêu mấy sao là thế không khi tại"))
"""Words that ask. An answer does not repeat them, so they count for nothing in what a passage covers."""


def terms(text: str, abbreviations: Mapping[str, tuple[str, ...]] | None = None) -> list[str]:
    """All terms of a text, with repetition. The first character tells the kind; a pair holds a space.

    `=` syllable, `~` folded syllable, `#` number or date. With `abbreviations`, as when a chunk is indexed,
    the other forms of those that occur are added; a question goes without.
    """
    text = nfc(text)
    words = syllables(text)
    found: list[str] = []
    for sequence in filter(None, [words, *other_forms(text, words, abbreviations or {})]):
        for kind, keys in (("=", sequence), ("~", fold(" ".join(sequence)).split(" "))):
            found += [kind + key for key in keys]
            found += [f"{kind}{first} {second}" for first, second in itertools.pairwise(keys)]
    found += number_tokens(text)
    for date in find_dates(text):
        found += date_tokens(date)
    return found


@dataclass(frozen=True, slots=True)
class Match:
    """What the index says about some terms."""

    scores: npt.NDArray[np.float32]
    """Sum of BM25 scores, float32 [chunks]; 0 where nothing matches."""
    covered: npt.NDArray[np.float32]
    """Sum of the idf of those terms that the chunk holds, float32 [chunks]."""
    mass: float
    """Sum of the idf of all terms asked for, known to the corpus or not."""
    known: float
    """The part of `mass` that belongs to terms the corpus holds at all."""
    idf: npt.NDArray[np.float64]
    """Of each term, in the order asked for."""


class LexicalIndex:
    """Terms of every chunk. Rows are the positions of the chunks it was built from."""

    def __init__(
        self, arrays: Mapping[str, npt.NDArray], meta: Mapping[str, object], forms: Mapping[str, int]
    ) -> None:
        # Plain views: slicing a memmap object is ten times as slow, and the pages stay mapped all the same.
        plain = (np.asarray(arrays[name]) for name in _ARRAYS)
        self._terms, self._data, self._indices, self._indptr = plain
        self._meta = dict(meta)
        self._forms = forms
        self.n_chunks = int(str(meta["chunks"]))
        self.abbreviations: dict[str, tuple[str, ...]] = {
            short: tuple(names)
            for short, names in dict(meta["abbreviations"]).items()  # type: ignore[call-overload]
        }

    @classmethod
    def build(cls, chunks: Sequence[Chunk]) -> LexicalIndex:
        """Index `chunk.embedded_text` of every chunk; row i stands for `chunks[i]`."""
        texts = [chunk.embedded_text for chunk in chunks]
        abbreviations = learn(texts)
        numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
        rows = [[numbers[term] for term in terms(text, abbreviations)] for text in texts]
        forms: Counter[str] = Counter()
        for text in texts:
            forms.update(WORD.findall(surface(text)))
        ambiguous = {fold(form) for form in forms if fold(form) != form}
        meta = {
            "version": LEXICAL_VERSION,
            "chunks": len(rows),
            "abbreviations": {short: list(names) for short, names in abbreviations.items()},
        }
        kept = {form: count for form, count in sorted(forms.items()) if fold(form) in ambiguous}
        return cls(_weigh(rows, list(numbers)), meta, kept)

    def save(self, folder: Path) -> None:
        """Write the index into a folder, which is made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in zip(_ARRAYS, (self._terms, self._data, self._indices, self._indptr), strict=True):
            np.save(folder / f"{name}.npy", array)
        (folder / "meta.json").write_text(json.dumps(self._meta, ensure_ascii=False), encoding="utf-8")
        (folder / "forms.json").write_text(json.dumps(self._forms, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open a saved index; its arrays are memory-mapped.

        Raises:
            StoreError: the folder does not hold an index of this version.
        """
        hint = "Run `rag index` to build the index again."
        try:
            meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            forms = json.loads((folder / "forms.json").read_text(encoding="utf-8"))
            arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
        except (OSError, ValueError) as error:
            raise StoreError(f"The lexical index cannot be read: {error}.", hint) from error
        if meta.get("version") != LEXICAL_VERSION:
            raise StoreError("The lexical index was written by another version.", hint)
        return cls(arrays, meta, forms)

    def idf(self, names: Sequence[str]) -> npt.NDArray[np.float64]:
        """Inverse document frequency of terms (BM25 form), never negative.

        A small corpus knows little of the language: some imagined chunks, in half of which every common
        syllable stands, are counted in, so that `của` is not rare because twelve chunks happen to lack it.
        """
        first, last = self._spans(names)
        return self._idf(names, last - first)

    def match(self, names: Collection[str]) -> Match:
        """Score every chunk against terms, each counted once."""
        return self.match_groups([names])[0]

    def match_groups(self, groups: Sequence[Collection[str]]) -> list[Match]:
        """Score every chunk against each group of terms by itself, in one pass over the postings."""
        unique = [list(dict.fromkeys(group)) for group in groups]
        names = list(itertools.chain.from_iterable(unique))
        group_of = np.repeat(np.arange(len(unique)), [len(group) for group in unique])
        first, last = self._spans(names)
        frequency = last - first
        idf = self._idf(names, frequency)
        before = np.cumsum(frequency) - frequency
        postings = np.arange(frequency.sum()) + np.repeat(first - before, frequency)
        # bm25s has its own idf in the postings; ours takes its place.
        scale = idf / np.log(1 + (self.n_chunks - frequency + 0.5) / (frequency + 0.5))
        cells = self._indices[postings] + np.repeat(group_of * self.n_chunks, frequency)
        shape = len(unique), self.n_chunks
        size = len(unique) * self.n_chunks
        scores = np.bincount(cells, np.repeat(scale, frequency) * self._data[postings], size).astype(
            np.float32
        )
        covered = np.bincount(cells, np.repeat(idf, frequency), size).astype(np.float32)
        mass = np.bincount(group_of, idf, len(unique)).tolist()
        known = np.bincount(group_of, idf * (frequency > 0), len(unique)).tolist()
        ends = list(itertools.accumulate(len(group) for group in unique))
        idf_of = (idf[end - len(group) : end] for group, end in zip(unique, ends, strict=True))
        groups_of = zip(scores.reshape(shape), covered.reshape(shape), mass, known, idf_of, strict=True)
        return [Match(*group) for group in groups_of]

    def cover(self, concepts: Sequence[Concept]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
        """For every chunk the share of the concepts' idf mass that it holds, and the idf of each concept.

        A chunk holds a concept when all terms of one of its wordings stand in it.
        """
        names = [term for concept in concepts for wording in concept for term in wording]
        first, last = self._spans(names)
        spans = iter(zip(first.tolist(), last.tolist(), strict=True))
        covered, idf = np.zeros(self.n_chunks, np.float32), np.zeros(len(concepts))
        for number, concept in enumerate(concepts):
            holds = np.zeros(self.n_chunks, bool)
            for wording in concept:
                rows = [self._indices[slice(*next(spans))] for _ in wording]
                holds[functools.reduce(_both, rows)] = True
            frequency = np.count_nonzero(holds)
            idf[number] = math.log(1 + (self.n_chunks + _PSEUDO_CHUNKS - frequency + 0.5) / (frequency + 0.5))
            covered += holds * np.float32(idf[number])
        return covered / np.float32(idf.sum() or 1), idf

    @cached_property
    def restorer(self) -> DiacriticRestorer:
        """Restores diacritics as this corpus writes them."""

        def pair_counts(pairs: Pairs) -> list[float]:
            first, last = self._spans([f"={normal_form(one)} {normal_form(other)}" for one, other in pairs])
            counts: list[float] = (last - first).tolist()
            return counts

        return DiacriticRestorer(self._forms, pair_counts)

    def _idf(self, names: Sequence[str], frequency: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        seen = frequency + _PSEUDO_CHUNKS / 2 * np.array([name in _COMMON_TERMS for name in names], bool)
        return np.log(1 + (self.n_chunks + _PSEUDO_CHUNKS - seen + 0.5) / (seen + 0.5))

    def _spans(self, names: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Where the postings of terms begin and end; both 0 for a term that the corpus does not hold."""
        if not len(self._terms) or not names:
            nothing = np.zeros(len(names), np.int64)
            return nothing, nothing
        keys = np.array([_hash(name) for name in names], np.uint64)
        positions = np.minimum(self._terms.searchsorted(keys), len(self._terms) - 1)
        there = self._terms[positions] == keys
        return self._indptr[positions] * there, self._indptr[positions + 1] * there


def content_syllables(words: Sequence[str]) -> Iterator[str]:
    """The syllables that say what a question is about."""
    return (word for word in words if word not in QUESTION_SYLLABLES and word not in COMMON_SYLLABLES)


def _both(one: npt.NDArray[np.int32], other: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Rows that are in both; a term has each row once."""
    return np.intersect1d(one, other, assume_unique=True)


_COMMON_TERMS = frozenset(kind for word in COMMON_SYLLABLES for kind in (f"={word}", f"~{fold(word)}"))


@lru_cache(maxsize=1 << 16)
def _hash(term: str) -> int:
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _weigh(rows: list[list[int]], names: list[str]) -> dict[str, npt.NDArray]:
    """BM25 scores of all postings, columns in order of the hashes of their terms."""
    if not names:
        return {
            "terms": np.zeros(0, np.uint64),
            "data": np.zeros(0, np.float32),
            "indices": np.zeros(0, np.int32),
            "indptr": np.zeros(1, np.int64),
        }
    import bm25s

    hashes = np.array([_hash(name) for name in names], np.uint64)
    order = np.argsort(hashes)
    column = np.empty(len(names), np.int64)
    column[order] = np.arange(len(names))
    ranked = [column[row].tolist() for row in rows]
    engine = bm25s.BM25(k1=_K1, b=_B, method="lucene", csc_backend="auto")
    engine.index(
        (ranked, {str(number): number for number in range(len(names))}),
        create_empty_token=False,
        show_progress=False,
    )
    return {
        "terms": hashes[order],
        "data": np.asarray(engine.scores["data"], np.float32),
        "indices": np.asarray(engine.scores["indices"], np.int32),
        "indptr": np.asarray(engine.scores["indptr"], np.int64),
    }
