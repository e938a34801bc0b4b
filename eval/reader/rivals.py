"""Paragraphs and sentences that look as if they answered a question, and do not."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np

from rag.vietnamese import WORD, guess_language

CONSIDERED = 5
"""How many of the nearest paragraphs are rivals."""


def words(text: str) -> list[str]:
    """The words of a text, in small letters, diacritics kept."""
    return [word.lower() for word in WORD.findall(text)]


class Rivals:
    """The paragraphs nearest to a question in words, of those that do not hold its answer."""

    def __init__(self, contexts: Sequence[str]) -> None:
        self.contexts = list(dict.fromkeys(contexts))
        self.engine = bm25s.BM25()
        self.engine.index([words(context) for context in self.contexts], show_progress=False)
        self.vocabulary = set(self.engine.vocab_dict)

    def __call__(self, question: str, context: str, answer: str) -> list[str]:
        """The nearest first. A question in another language is represented by its own paragraph."""
        asked = question if guess_language(question) == "vi" else context
        known = [word for word in words(asked) if word in self.vocabulary]
        scores = self.engine.get_scores(known) if known else np.zeros(len(self.contexts))
        nearest = (self.contexts[i] for i in np.argsort(-scores, kind="stable")[: 4 * CONSIDERED])
        return [each for each in nearest if each != context and answer not in each][:CONSIDERED]


def nearness(question: str, sentence: str) -> float:
    """Share of the question's words that stand in the sentence."""
    asked = set(words(question))
    return len(asked & set(words(sentence))) / max(1, len(asked))
