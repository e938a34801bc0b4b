"""An assistant without models or index: three articles, and answers chosen by the question.

`python -m fake_assistant ask …` runs the real command with it (for tests that need a process).
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace

from rag.errors import EngineError, IndexMissing, StoreError
from rag.settings import Settings
from rag.types import (
    Answer,
    AnswerEvent,
    Article,
    Citation,
    Delta,
    Filters,
    Generating,
    IndexReport,
    Passage,
    Retrieved,
    SearchResult,
    Sentence,
    Skipped,
    Turn,
)

TEXT = "Sáng 26-12, ông Võ Trọng Hải chủ trì hội nghị tại Hà Tĩnh.\n\nNăm 2023 có 12 xã về đích."
QUOTE = "Sáng 26-12, ông Võ Trọng Hải chủ trì hội nghị tại Hà Tĩnh."
ARTICLES = [
    Article(
        source=source,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        title=title,
        published=published,
        outlet=outlet,
        url=url,
    )
    for source, text, title, published, outlet, url in (
        (
            "2023-12-26-ha-tinh.md",
            TEXT,
            "Tổng kết năm 2023",
            "2023-12-26",
            "Báo Hà Tĩnh",
            "https://example.org/a?b=1",
        ),
        ("2022-09-08-dong-nai.md", "Đồng Nai sơ kết.", "Sơ kết ở Đồng Nai", "2022-09", "Báo Đồng Nai", ""),
        ("2023-01-03-quan-khu-4.md", "Quân khu 4 tổng kết.\n", "", None, "", ""),
    )
]
PASSAGE = Passage(
    id="p1",
    source="2023-12-26-ha-tinh.md",
    start=0,
    end=len(QUOTE),
    text=QUOTE,
    score=0.91,
    dense=0.88,
    lexical=0.95,
    title="Tổng kết năm 2023",
    published="2023-12-26",
    outlet="Báo Hà Tĩnh",
    explain={"rank_dense": 1, "coverage": 0.75},
)
ANSWER = Answer(
    question="Ai chủ trì hội nghị?",
    standalone_question="Ai chủ trì hội nghị?",
    language="vi",
    status="answered",
    answer="Ông Võ Trọng Hải chủ trì hội nghị [1]. Ông đến từ Huế.",
    sentences=(
        Sentence("Ông Võ Trọng Hải chủ trì hội nghị [1].", (1,), "supported"),
        Sentence("Ông đến từ Huế.", (), "unsupported"),
    ),
    citations=(
        Citation(
            n=1,
            source="2023-12-26-ha-tinh.md",
            quote=QUOTE,
            start=0,
            end=len(QUOTE),
            sha256=ARTICLES[0].sha256,
            title="Tổng kết năm 2023",
            published="2023-12-26",
            outlet="Báo Hà Tĩnh",
            url="https://example.org/a?b=1",
        ),
    ),
    retrieved=(PASSAGE,),
    engine="fake",
    timings_ms={"retrieve": 1, "first_token": 2, "total": 3},
)
NOT_FOUND = replace(
    ANSWER,
    language="en",
    status="not_found",
    answer="The articles do not say.",
    sentences=(),
    citations=(),
)


class FakeAssistant:
    """Answers `ANSWER`; the questions `missing?`, `broken?`, `no index?`, `stop?` and `bug?` do otherwise."""

    engine = "fake"
    model = None

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings(llm="extractive")
        self.asked: list[tuple[str, tuple[Turn, ...], Filters | None]] = []
        self.searched: list[tuple[str, int, Filters | None, bool]] = []
        self.rebuilt: list[bool] = []
        self.closed = False

    def index(self, progress=None, rebuild=False) -> IndexReport:
        self.rebuilt.append(rebuild)
        if progress:
            progress("reading", 1, 2)
            progress("reading", 2, 2)
            progress("embedding", 2, 2)
        return IndexReport(3, 4, 2, 1, 0, 0, (Skipped("b.xyz", "unsupported type"),), 0.5, "g1")

    def variant(self, **changes) -> FakeAssistant:
        """Another one that notes what it is asked in the same place."""
        other = copy(self)
        other.settings = self.settings.model_copy(update=changes)
        return other

    def search(self, question, k=None, filters=None, explain=False) -> SearchResult:
        self.searched.append((question, k, filters, explain))
        passage = PASSAGE if explain else replace(PASSAGE, explain={})
        return SearchResult(question, "ai chủ trì hội nghị Hà Tĩnh", "vi", (passage,), 0.8)

    def ask(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None) -> Answer:
        return list(self.stream(question, history, filters))[-1]

    def stream(self, question, history=(), filters=None) -> Iterator[AnswerEvent]:
        self.asked.append((question, tuple(history), filters))
        if question == "broken?":
            raise EngineError("The language model failed.", "Try --llm extractive.")
        if question == "no index?":
            raise IndexMissing("There is no index in x.", "Run `rag index` first.")
        if question == "stop?":
            raise KeyboardInterrupt
        if question == "bug?":
            raise ZeroDivisionError("division by zero")
        if question == "wait?":
            sys.stderr.write("waiting\n")
            time.sleep(60)
        yield Retrieved(SearchResult(question, question, "vi", (PASSAGE,), 0.8))
        if question == "missing?":  # as where no model has to be asked
            yield replace(NOT_FOUND, question=question)
            return
        yield Generating()
        yield Delta("Ông Võ Trọng Hải ")
        yield Delta("nói bừa.")
        yield replace(ANSWER, question=question)

    def warm_up(self) -> None:
        """Nothing to load."""

    def articles(self) -> list[Article]:
        return ARTICLES

    def chunk_counts(self) -> dict[str, int]:
        return {article.source: number for number, article in enumerate(ARTICLES, start=1)}

    def article(self, source: str) -> Article:
        for article in ARTICLES:
            if article.source == source:
                return article
        raise StoreError(f"There is no article '{source}' in the index.")

    def close(self) -> None:
        self.closed = True


if __name__ == "__main__":
    import rag.cli
    import rag.opening

    rag.opening.open_assistant = lambda settings, progress: FakeAssistant(settings)
    rag.cli.main()
