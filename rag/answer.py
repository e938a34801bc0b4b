"""Question + passages → a streamed, cited, checked answer: by the articles' own sentences, or a model.

The model is asked only when retrieval has something to offer, and only for what the articles' own sentences
do not say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.hostile import without_instructions
from rag.relevance import relevant_articles
from rag.settings import EXTRACTIVE
from rag.types import AnswerEvent, Passage, Retrieved, SearchResult
from rag.writing import Setup, Writing


@dataclass(frozen=True, slots=True)
class Answerer(Setup):
    """Writes answers. Built for each question, by `assistant.py`."""

    def stream(
        self, question: str, standalone: str, result: SearchResult, started: float, language: str
    ) -> Iterator[AnswerEvent]:
        """Yield the passages, pieces of text, and the checked answer last.

        `started` is `time.monotonic()` when the question came in. Never raises EngineError: when the
        model fails, the answer is taken from the best sentences and a notice says so.
        """
        yield Retrieved(result)
        usable = self._usable(result)
        writing = Writing(self, question, standalone, result, usable, started, language)
        if writing.surveys:
            yield replace(writing.survey(), engine=EXTRACTIVE)
        elif not usable or writing.confidence < self.threshold:
            yield writing.not_found()
        elif self.model is None or writing.needs_no_model:
            yield replace(writing.extract(), engine=EXTRACTIVE)
        else:
            yield from writing.generate()

    def _usable(self, result: SearchResult) -> tuple[Passage, ...]:
        """The passages of articles that know the places, people and years the question names."""
        articles = {p.source: self.article_text(p.source) for p in result.passages}
        relevant = relevant_articles(result.searched_for, result.language, articles)
        return tuple(without_instructions(p) for p in result.passages if p.source in relevant)
