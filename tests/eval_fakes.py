"""A small corpus and assistants that answer it in known ways, good and broken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from eval.dataset import Dataset, Question
from rag.errors import EngineError, StoreError
from rag.types import (
    Answer,
    AnswerEvent,
    Article,
    Citation,
    Delta,
    Filters,
    Passage,
    Retrieved,
    SearchResult,
    Sentence,
    Turn,
)

TEXTS = {
    "an.md": "Hội nghị diễn ra tại Vinh. Có 16 tập thể được khen.",
    "binh.md": "Lễ ra quân tổ chức ở Đồng Hới. Có 48 cá nhân được khen.",
    "chi.md": "Trời hôm nay đẹp. Không có tin gì thêm.",
}
QUESTIONS = Dataset(
    "small",
    (
        Question("q1", "Hội nghị diễn ra ở đâu?", answers=("Vinh",), sources=("an.md",)),
        Question("q2", "How many people were praised?", answers=("48",), sources=("binh.md",), lang="en"),
        Question(
            "q3", "Le ra quan o dau?", answers=("Đồng Hới",), sources=("binh.md",), lang="vi-unaccented"
        ),
        Question("q4", "Ai chủ trì hội nghị?", answerable=False),
    ),
)
WHERE = {
    "q1": ("an.md", "Hội nghị diễn ra tại Vinh."),
    "q2": ("binh.md", "Có 48 cá nhân được khen."),
    "q3": ("binh.md", "Lễ ra quân tổ chức ở Đồng Hới."),
}


def passage(source: str) -> Passage:
    text = TEXTS[source]
    return Passage("p-" + source, source, 0, len(text), text, score=0.5, dense=0.5, lexical=0.5)


class Fake:
    """Knows the right answer of every question, and how sure it is. The broken ones change single steps."""

    def __init__(self, dataset: Dataset = QUESTIONS) -> None:
        self.ids = {question.question: question.id for question in dataset.questions}
        self.asked: list[str] = []
        self.filters: list[Filters | None] = []

    def order(self, id: str) -> list[str]:
        best = WHERE.get(id, ("chi.md", ""))[0]
        return [best, *(source for source in TEXTS if source != best)]

    def cite(self, id: str) -> tuple[str, str] | None:
        """(source, quote), or None to refuse."""
        return WHERE.get(id)

    def sure(self, id: str) -> float:
        return 0.9 if id in WHERE else 0.1

    def search(self, question: str, k: int = 5, filters: Filters | None = None) -> SearchResult:
        passages = tuple(passage(source) for source in self.order(self.ids[question]))[:k]
        return SearchResult(question, question, "vi", passages, confidence=0.5)

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> Iterator[AnswerEvent]:
        self.asked.append(self.ids[question])
        self.filters.append(filters)
        found = self.search(question, 2)
        yield Retrieved(found)
        yield self.answer(question, found)

    def answer(self, question: str, found: SearchResult) -> Answer:
        id = self.ids[question]
        cited = self.cite(id)
        sentences: tuple[Sentence, ...] = ()
        citations: tuple[Citation, ...] = ()
        text = "Không tìm thấy."
        if cited:
            source, quote = cited
            start = TEXTS[source].find(quote)
            citations = (Citation(1, source, quote, start, start + len(quote), "0"),)
            text = f"{quote} [1]"
            sentences = (Sentence(text, (1,), "supported"),)
        return Answer(
            question, question, "vi", "answered" if cited else "not_found", text, sentences, citations,
            found.passages, "fake", {}, confidence=self.sure(id), answerable=found.confidence,
            tokens={"prompt": 100, "answer": 10},
        )  # fmt: skip

    def article(self, source: str) -> Article:
        if source not in TEXTS:
            raise StoreError(f"There is no article {source}.")
        text = TEXTS[source]
        return Article(source, text, hashlib.sha256(text.encode()).hexdigest())

    def articles(self) -> list[Article]:
        return [self.article(source) for source in TEXTS]


class Streaming(Fake):
    """Says the words one by one first."""

    def answer(self, question: str, found: SearchResult) -> Answer:
        return super().answer(question, found)

    def stream(self, question, history=(), filters=None):
        *first, last = super().stream(question, history, filters)
        yield from first
        yield Delta(last.answer)
        yield last


class AlwaysRefusing(Fake):
    def cite(self, id: str) -> tuple[str, str] | None:
        return None


class AlwaysFirstPassage(Fake):
    """Answers everything with the first sentence of the first article, whatever is asked."""

    def order(self, id: str) -> list[str]:
        return list(TEXTS)

    def cite(self, id: str) -> tuple[str, str] | None:
        return "an.md", "Hội nghị diễn ra tại Vinh."

    def sure(self, id: str) -> float:
        return 0.9


class RightTextWrongSource(Fake):
    """Says the right words, but claims to have them from an article that does not hold them."""

    def answer(self, question: str, found: SearchResult) -> Answer:
        from dataclasses import replace

        answer = super().answer(question, found)
        wrong = tuple(replace(each, source="chi.md") for each in answer.citations)
        return replace(answer, citations=wrong)


class Failing(Fake):
    """Fails at one question."""

    def answer(self, question: str, found: SearchResult) -> Answer:
        if self.ids[question] == "q2":
            raise EngineError("The model is gone.")
        return super().answer(question, found)
