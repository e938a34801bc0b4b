"""Question → ranked passages: dense and lexical legs, fused, filtered, freed of copies.

Small corpora are compared exactly; above `EXACT` chunks each leg proposes candidates (Chroma for the dense
one) and only those are looked at closely.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rag.candidates import Candidate, Legs, Reader, SearchableIndex, look_closely
from rag.fusion import CROSS, SAME, Evidence, confidence, passage_score
from rag.hostile import without_instructions
from rag.lexical import LexicalIndex
from rag.question import Question, Terms, read_question
from rag.rerank import RERANKED, rerank
from rag.select import Picked, allowed_rows, pick, time_and_place
from rag.types import Article, Filters, Passage, SearchResult

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

    from rag.embed import Embedder
    from rag.rerank import Reranker

EXACT = 2000
"""Chunks up to which every passage is compared with the question."""
CANDIDATES = 64
"""How many passages each leg proposes."""
CLOSE = 16
"""How many of the proposed passages are read sentence by sentence."""

_GENERIC = {
    "vi": (
        "Ai chủ trì cuộc họp?",
        "Việc đó xảy ra khi nào?",
        "Nơi đó tên là gì?",
        "Có bao nhiêu người tham gia?",
        "Tại sao nó được xây dựng?",
        "Con sông bắt nguồn từ đâu?",
        "Công ty nào làm ra sản phẩm?",
        "Nguyên nhân chính của vấn đề là gì?",
        "Ai là tổng thống đầu tiên?",
        "Đã chi bao nhiêu tiền?",
    ),
    "en": (
        "Who led the meeting?",
        "When did it happen?",
        "What is the name of the place?",
        "How many people took part?",
        "Why was it built?",
        "Where does the river begin?",
        "Which company made the product?",
        "What are the main causes of the problem?",
        "Who was the first president?",
        "How much money was spent?",
    ),
}
"""Questions about nothing in particular. What a passage shares with them says nothing about this question."""


class Retriever:
    """Searches one open index. May be shared between threads."""

    def __init__(self, index: SearchableIndex, embedder: Embedder, reranker: Reranker | None = None) -> None:
        self._index = index
        self._embedder = embedder
        self._reranker = reranker
        self._lexical = LexicalIndex.load(index.path / "lexical")
        self._reader = Reader(index, self._lexical)
        self._n_chunks = len(index.chunks)
        small = self._n_chunks <= EXACT
        self._vectors = np.asarray(index.vectors(), np.float32) if small else index.vectors()
        self._generic: dict[str, npt.NDArray[np.float32]] = {}
        self._articles: dict[str, Article] = {}
        self._allowed: tuple[Filters | None, npt.NDArray[np.intp] | None] | None = None

    def search(
        self, question: str, *, k: int = 5, filters: Filters | None = None, explain: bool = False
    ) -> SearchResult:
        """The k passages most likely to answer a question, best first.

        A question in Vietnamese without diacritics is searched with its diacritics restored.

        Raises:
            StoreError: the index cannot be read.
        """
        read, candidates = self.candidates(question, filters)
        if not candidates or k < 1:
            return SearchResult(question, read.searched_for, read.language, ())
        sure = confidence(evidence(candidates))
        if self._reranker:
            candidates = rerank(self._reranker, read.searched_for, candidates)
        passages = tuple(self._passage(picked, sure, explain) for picked in pick(candidates, k))
        return SearchResult(question, read.searched_for, read.language, passages, sure)

    def candidates(self, question: str, filters: Filters | None = None) -> tuple[Question, list[Candidate]]:
        """The question as it was read, and every passage that was looked at closely, best first."""
        read = read_question(question, self._lexical)
        rows = self._allowed_rows(filters)
        if not read.text or not self._n_chunks or (rows is not None and not len(rows)):
            return read, []
        legs = self._legs(read)
        proposed = self._propose(legs, rows)
        readings = [self._reader.read(row) for row in proposed]
        gained = [time_and_place(read, self._article(reading.chunk.source)) for reading in readings]
        vectors = np.asarray(self._vectors[proposed], np.float32)
        found = look_closely(legs, proposed, readings, vectors, gained)
        return read, sorted(found, key=lambda candidate: (-candidate.score, candidate.row))

    def _allowed_rows(self, filters: Filters | None) -> npt.NDArray[np.intp] | None:
        """Rows of the chunks that filters let through; the last ones asked for are kept."""
        kept = self._allowed
        if kept is None or kept[0] != filters:
            kept = self._allowed = (filters, allowed_rows(self._index, filters))
        return kept[1]

    def _legs(self, question: Question) -> Legs:
        """Ask the encoder and the lexical index about the question."""
        vector = np.asarray(self._embedder.embed_questions([question.searched_for])[0], np.float32)
        same, covered, idf = self._shares(question.same)
        held, concept_idf = self._lexical.cover(question.concepts)
        return Legs(
            question,
            vector,
            self._generic_vector(question.language),
            same,
            cross={"concepts": held},
            coverage={"same": covered, "cross": held},
            idf=idf,
            concept_idf=tuple((concept_idf / (concept_idf.sum() or 1)).tolist()),
        )

    def _shares(
        self, groups: Mapping[str, Terms]
    ) -> tuple[dict[str, npt.NDArray[np.float32]], npt.NDArray[np.float32], dict[str, float]]:
        """For each group of terms the share of idf mass matched; for all but `exact`, that covered; for each
        syllable, its share of the idf mass of all."""
        shares: dict[str, npt.NDArray[np.float32]] = {}
        covered, mass = np.zeros(self._n_chunks, np.float32), 0.0
        matches = dict(zip(groups, self._lexical.match_groups(list(groups.values())), strict=True))
        for name, match in matches.items():
            shares[name] = (match.scores + match.covered) / np.float32(2 * match.mass or 1)
            if name != "exact":
                covered += match.covered
                mass += match.mass
        words = (*groups["words"], *groups["folded_words"])
        idf = np.concatenate([matches["words"].idf, matches["folded_words"].idf])
        syllables = dict(zip(words, (idf / (idf.sum() or 1)).tolist(), strict=True))
        return shares, covered / np.float32(mass or 1), syllables

    def _propose(self, legs: Legs, rows: npt.NDArray[np.intp] | None) -> list[int]:
        """Rows worth a closer look: the best by what is known without reading them."""
        pool = np.arange(self._n_chunks) if rows is None else rows
        sides = ((SAME, legs.same), (CROSS, legs.cross))
        lexical = [
            functools.reduce(np.add, [weights.of[name] * values for name, values in shares.items()])
            for weights, shares in sides
        ]
        if self._n_chunks > EXACT:
            near = [
                row for row, _ in self._index.nearest(legs.vector, CANDIDATES, None if rows is None else rows)
            ]
            legs_best = [_best(scores[pool], pool) for scores in lexical]
            pool = np.unique(np.concatenate([np.asarray(near, np.intp), *legs_best]))
        # Rows are ascending, so as many as there are chunks are all of them, and need no copying.
        all_of_them = len(pool) == self._n_chunks
        vectors = np.asarray(self._vectors if all_of_them else self._vectors[pool], np.float32)
        focuses = np.stack([legs.focus(weights) for weights, _ in sides], axis=1)
        dense = vectors @ focuses
        proposed: dict[int, None] = {}
        for column, (weights, _) in enumerate(sides):
            scores = dense[:, column] * np.float32(weights.of["passage"] + weights.of["sentence"])
            scores += lexical[column][pool]
            proposed.update(dict.fromkeys(pool[np.argsort(-scores, kind="stable")[:CLOSE]].tolist()))
        return list(proposed)

    def _generic_vector(self, language: str) -> npt.NDArray[np.float32]:
        """Mean vector of generic questions in a language; of all we have for one we have none in."""
        if language not in _GENERIC:
            language = "vi" if language == "und" else "en"
        if language not in self._generic:
            vectors = self._embedder.embed_questions(_GENERIC[language])
            self._generic[language] = np.asarray(vectors, np.float32).mean(axis=0)
        return self._generic[language]

    def _article(self, source: str) -> Article:
        if source not in self._articles:
            self._articles[source] = replace(self._index.article(source), text="")
        return self._articles[source]

    def _passage(self, picked: Picked, confidence: float, explain: bool) -> Passage:
        parts = picked.parts
        chunks = [part.reading.chunk for part in parts]
        source, start, end = chunks[0].source, chunks[0].start, chunks[-1].end
        article = self._article(source)
        return Passage(
            id="+".join(chunk.id for chunk in chunks),
            source=source,
            start=start,
            end=end,
            text=chunks[0].text if len(chunks) == 1 else self._index.article(source).text[start:end],
            score=passage_score(confidence, picked.behind),
            dense=min(1.0, max(0.0, *(part.cosine for part in parts))),
            lexical=min(1.0, max(part.coverage for part in parts)),
            title=article.title,
            published=article.published,
            outlet=article.outlet,
            url=article.url,
            sha256=article.sha256,
            place=article.place,
            sentences=tuple(itertools.chain.from_iterable(chunk.sentences for chunk in chunks)),
            sentence_scores=tuple(
                score for part in parts if part.reading.chunk.sentences for score in part.sentence_scores
            ),
            also_in=picked.also_in,
            explain=_explain(picked) if explain else {},
        )


def _best(scores: npt.NDArray[np.float32], rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The rows with the highest scores above 0."""
    order = np.argsort(-scores, kind="stable")[:CANDIDATES]
    return rows[order[scores[order] > 0]]


def _explain(picked: Picked) -> dict[str, Any]:
    """What each feature is and what it adds to the score, in logits; of joined chunks, of the best one."""
    candidate = picked.best
    weights = candidate.weights
    adds = {name: weight * candidate.features.get(name, 0.0) for name, weight in weights.of.items()}
    adds |= {"time_and_place": candidate.features["time_and_place"], "even": -weights.even}
    if RERANKED in candidate.features:
        adds[RERANKED] = candidate.score - sum(adds.values())
    return {
        "language": candidate.reading.language,
        "weights": "same language" if weights is SAME else "other language",
        "features": {name: round(value, 4) for name, value in candidate.features.items()},
        "adds": {name: round(value, 3) for name, value in adds.items()},
        "logits": round(candidate.score, 3),
        "joined": len(picked.parts),
    }


def evidence(candidates: Sequence[Candidate]) -> Evidence:
    """What the candidates, best first, say about whether the answer is there."""
    first = candidates[0]
    return Evidence(
        sentence=first.features["sentence"],
        coverage=first.coverage,
        together=max(first.sentence_scores),
        same_language=first.weights is SAME,
    )


@functools.cache
def _passage_retriever() -> type[BaseRetriever]:
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
    from pydantic import ConfigDict

    class PassageRetriever(BaseRetriever):
        """LangChain documents for a question: the passage's text, and where it stands as metadata."""

        model_config = ConfigDict(arbitrary_types_allowed=True)
        retriever: Retriever
        k: int = 5
        filters: Filters | None = None

        def _get_relevant_documents(
            self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
        ) -> list[Document]:
            result = self.retriever.search(query, k=self.k if k is None else k, filters=self.filters)
            return [
                Document(
                    id=passage.id,
                    page_content=passage.text,
                    metadata={name: value for name, value in passage.to_dict().items() if name != "text"},
                )
                for passage in map(without_instructions, result.passages)
            ]

    PassageRetriever.model_rebuild(_types_namespace={"Retriever": Retriever, "Filters": Filters})
    return PassageRetriever


def __getattr__(name: str) -> Any:
    """`PassageRetriever` is made when first asked for: LangChain takes a second to import."""
    if name == "PassageRetriever":
        return _passage_retriever()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
