"""The best passages put in order by a cross-encoder, if the settings name one.

A cross-encoder reads question and passage together: better than comparing two vectors, and so slow that only
the best few are read. Off by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from rag.embed import load_by_name

if TYPE_CHECKING:
    from rag.candidates import Candidate

RERANKED = "reranker"
"""Name of the cross-encoder's score among the features of a passage."""
DEPTH = 10
"""How many of the best passages are read."""


class Reranker(Protocol):
    """Judges pairs of question and passage."""

    def scores(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """How well each text answers the question, [texts]; only their order counts."""


class CrossEncoderReranker:
    """Any Sentence Transformers cross-encoder with one label, by name or folder."""

    def __init__(self, model: str) -> None:
        """Load it.

        Raises:
            ModelError: it cannot be found or loaded.
        """
        self._model = load_by_name(
            model, _cross_encoder, "reranker", "or do without one: unset RAG_RERANKER."
        )

    def scores(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Scores [texts], on the model's own scale."""
        pairs = [(question, text) for text in texts]
        found = self._model.predict(pairs, batch_size=8, show_progress_bar=False)
        return np.asarray(found, np.float32).reshape(len(texts), -1)[:, -1]


def _cross_encoder(model: str, local_files_only: bool) -> Any:
    from sentence_transformers import CrossEncoder

    return CrossEncoder(model, local_files_only=local_files_only)


def rerank(reranker: Reranker, question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, the first `DEPTH` of them in the reranker's order.

    Cross-encoders differ in their scales, so only the order is taken from it: the first one gets the highest
    of the fused scores, the second the next, and what a score means stays the same.
    """
    first = candidates[:DEPTH]
    texts = [candidate.reading.chunk.embedded_text for candidate in first]
    judged = reranker.scores(question, texts).tolist()
    order = sorted(range(len(first)), key=lambda number: -judged[number])
    reordered = [
        replace(
            first[number],
            score=place.score,
            features={**first[number].features, RERANKED: judged[number]},
        )
        for place, number in zip(first, order, strict=True)
    ]
    return [*reordered, *candidates[DEPTH:]]
