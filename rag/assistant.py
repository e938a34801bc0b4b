"""The one place where things are built: open, index, search, ask."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from rag.errors import RagError, SettingsError
from rag.hostile import blanked
from rag.settings import EXTRACTIVE, OFFLINE_LLM, Settings
from rag.types import (
    Answer,
    AnswerEvent,
    Article,
    Delta,
    Filters,
    Generating,
    IndexReport,
    Retrieved,
    SearchResult,
    Turn,
)

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.runnables import Runnable

    from rag.answer import Answerer
    from rag.embed import Embedder
    from rag.reader import Reader
    from rag.rerank import Reranker
    from rag.retrieve import Retriever
    from rag.store import Index

EACH = 3
"""So many times more passages are looked at where every article may have its own answer."""
RESERVE = 2.0
"""Seconds that a part of a question leaves to each that follows."""
Progress = Callable[[str, int, int], None]


class Assistant:
    """Answers questions over one folder of articles. Safe to share between threads.

    Models are loaded, and the index is opened, when they are first needed. When another process
    publishes a new generation, the next question already sees it.
    """

    def __init__(self, settings: Settings, progress: Progress | None = None) -> None:
        self.settings = settings
        self._progress = progress
        self._index: Index | None = None
        self._retriever: Retriever | None = None
        self._opening = threading.RLock()

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Assistant:
        """An assistant with these settings. `progress` hears of model preparation."""
        return cls(settings, progress)

    def close(self) -> None:
        """Release the index. The assistant can still be used; it opens the index again."""
        with self._opening:
            if self._index is not None:
                self._index.close()
                self._index = self._retriever = None

    def index(self, progress: Progress | None = None, *, rebuild: bool = False) -> IndexReport:
        """Bring the index in step with the corpus folder.

        Raises:
            CorpusError, IndexMismatch, IndexLocked, StoreError, ModelError: as `rag.ingest.ingest`.
        """
        from rag.embed import embedder_fingerprint, embedder_name
        from rag.ingest import ingest

        self._progress = progress or self._progress
        return ingest(
            self.settings.corpus,
            self.settings.index_dir,
            fingerprint=embedder_fingerprint(self.settings),
            embedder_name=embedder_name(self.settings),
            load_embedder=lambda: self._embedder,
            chunk_tokens=self.settings.chunk_tokens,
            progress=progress,
            rebuild=rebuild,
        )

    def search(
        self, question: str, k: int | None = None, filters: Filters | None = None, explain: bool = False
    ) -> SearchResult:
        """The passages most likely to answer a question, best first.

        Raises:
            IndexMissing, IndexMismatch, StoreError, ModelError
        """
        return self._opened_retriever().search(
            question, k=k or self.settings.passages, filters=filters or Filters(), explain=explain
        )

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> Iterator[AnswerEvent]:
        """Answer a question: first the passages, then text as it is written, the checked Answer last.

        Time that the listener takes at a Generating is not taken from the deadline.

        Raises:
            SettingsError: the question is empty.
            IndexMissing, IndexMismatch, StoreError, ModelError
        """
        from rag.answer import Answerer
        from rag.combine import combined
        from rag.compound import parts
        from rag.deadline import let_wait
        from rag.followup import needs_model
        from rag.overview import overview
        from rag.reading import threshold

        question = question.strip()
        if not question:
            raise SettingsError("The question is empty.", "Write what you want to know.")
        started = time.monotonic()
        self._opened_retriever()
        if needs_model(question, self._known(history)) and self.model:
            started += yield from let_wait()
        standalone, result = self.understand(question, history, filters)
        answerer = Answerer(
            engine=self.engine,
            model=self.model,
            prompt=self._prompts["answer"],
            article_text=lambda source: _known_of(self.article(source)),
            threshold=threshold(self.settings),
            deadline=self.settings.deadline,
            keep_unsupported=self.settings.unsupported == "strike",
            reader=self._reader,
            overview=lambda asked: overview(
                asked, lambda about: self.search(about, filters=filters), self.article
            ),
            reader_leads=self.settings.llm == OFFLINE_LLM,
        )
        language = _answer_language(result)
        if len(asked := parts(result.searched_for)) > 1:
            yield Retrieved(result)
            answers, started = yield from self._answered_in_turn(asked, answerer, filters, started, language)
            if any(answer.status == "answered" for answer in answers):
                yield combined(question, standalone, result, answers)
                return
            for event in answerer.stream(question, standalone, result, started, language):
                if not isinstance(event, Retrieved):
                    yield event
            return
        yield from answerer.stream(question, standalone, result, started, language)

    def _answered_in_turn(
        self,
        asked: Sequence[str],
        answerer: Answerer,
        filters: Filters | None,
        started: float,
        language: str,
    ) -> Generator[Delta | Generating, None, tuple[list[Answer], float]]:
        """Answer the parts of a question; a later one may point at those before it.

        Gives the answers, and `started` with the time added that the listener made it wait.
        """
        from rag.compound import standing_alone
        from rag.deadline import let_wait

        answers: list[Answer] = []
        shown = False
        for done, part in enumerate(asked):
            yield Delta("")  # whoever listens may want to stop here
            alone = standing_alone(part, answers[-1] if answers else None)
            found = self.search(alone or part, filters=filters)
            if alone is None:  # it asks about somebody whom the part before did not find
                found = replace(found, passages=())
            gap = " " if shown else ""
            # The first may have to wait for the model to load; the best sentences of the others take no time.
            timed = replace(answerer, deadline=answerer.deadline - RESERVE * (len(asked) - done - 1))
            for event in timed.stream(part, alone or part, found, started, language):
                if isinstance(event, Answer):
                    answers.append(event)
                elif isinstance(event, Generating):
                    started += yield from let_wait()
                elif isinstance(event, Delta):
                    yield Delta(gap + event.text)
                    gap, shown = "", True
        return answers, started

    def understand(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> tuple[str, SearchResult]:
        """The question as it stands alone, and what searching for that found. Raises as `search`."""
        from rag.asking import asks_each
        from rag.followup import begins_anew, make_standalone

        turns, known = self.settings.history_turns, self._known(history)
        # Of the deadline, half at most; the rest is for the answer.
        half = self.settings.deadline / 2
        standalone = make_standalone(question, known, self._prompts["standalone"], self.model, half, turns)
        each = asks_each(standalone)
        result = self.search(standalone, self.settings.passages * (EACH if each else 1), filters)
        if standalone != question:
            alone = self.search(question, filters=filters)
            if begins_anew(question, alone.confidence, result.confidence):
                return question, alone
        return standalone, replace(result, question=question)

    def _known(self, history: Sequence[Turn]) -> list[Turn]:
        """The turns that a question may point back at."""
        from rag.compound import turns_of

        return turns_of(list(history)) if self.settings.history_turns else []

    def ask(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None) -> Answer:
        """The checked answer to a question. Raises as `stream`."""
        for event in self.stream(question, history, filters):
            if isinstance(event, Answer):
                return event
        raise RagError("The question was not answered.", "This is a fault of the program; please report it.")

    def as_runnable(self) -> Runnable[str | Sequence[BaseMessage], AIMessage]:
        """For LangChain: a question, or messages that end with one → a message with standard citations."""
        from langchain_core.runnables import RunnableLambda

        from rag.annotations import as_message, conversation

        def answer(asked: str | Sequence[BaseMessage]) -> AIMessage:
            return as_message(self.ask(*conversation(asked)))

        return RunnableLambda(answer, name="rag")

    def articles(self) -> list[Article]:
        """All indexed articles, by source. Raises IndexMissing, StoreError."""
        return self._opened_index().articles()

    def article(self, source: str) -> Article:
        """One indexed article, as stored. Raises IndexMissing, StoreError (unknown source)."""
        return self._opened_index().article(source)

    def chunk_counts(self) -> dict[str, int]:
        """Chunks of each article; 0 for one that holds nothing to search."""
        return Counter(chunk.source for chunk in self._opened_index().chunks)

    def published(self) -> Index:
        """The published index itself, for what looks at all of it. Raises IndexMissing, StoreError."""
        return self._opened_index()

    def variant(self, **changes: Any) -> Assistant:
        """An assistant with other settings over the same index and embedder, and the same language model
        unless `llm` changes. Making one costs nothing."""
        return _Variant(self, self.settings.model_copy(update=changes))

    @property
    def engine(self) -> str:
        """What writes the answers, as shown to people."""
        if self.settings.llm == EXTRACTIVE:
            return EXTRACTIVE
        from rag.llm import engine_name

        return engine_name(self.settings)

    @cached_property
    def model(self) -> BaseChatModel | None:
        """The chat model; None for the extractive engine. Raises ModelError, SettingsError."""
        return self._load_model()

    def _load_model(self) -> BaseChatModel | None:
        if self.settings.llm == EXTRACTIVE:
            return None
        from rag.llm import chat_model

        return chat_model(self.settings, self._progress)

    def warm_up(self) -> None:
        """Load all that the first question needs: index, embedder, language model and its prompt's prefix.

        Raises as `stream`.
        """
        self.search("?")
        if self._reader is not None:
            self._reader.read("?", ["."])
        if self.model is not None and self.settings.llm == OFFLINE_LLM:  # others would cost, or may be away
            self.model.invoke(self._prompts["answer"].fill(passages="", question=""), max_tokens=1)

    @cached_property
    def _embedder(self) -> Embedder:
        from rag.embed import load_embedder

        return load_embedder(self.settings, self._progress)

    @cached_property
    def _reader(self) -> Reader | None:
        """The span reader; None when switched off, or without the embedder whose words it shares."""
        from rag.reader import is_used, load_reader

        return load_reader(self.settings, self._progress) if is_used(self.settings) else None

    @cached_property
    def _reranker(self) -> Reranker | None:
        if self.settings.reranker is None:
            return None
        from rag.rerank import CrossEncoderReranker

        return CrossEncoderReranker(self.settings.reranker)

    @cached_property
    def _prompts(self) -> dict:
        from rag.prompts import load_prompt

        return {name: load_prompt(name, self.settings.prompts) for name in ("answer", "standalone")}

    def _opened_retriever(self) -> Retriever:
        from rag.retrieve import Retriever

        with self._opening:
            index = self._opened_index()
            if self._retriever is None:
                self._retriever = Retriever(index, self._embedder, self._reranker)
            return self._retriever

    def _opened_index(self) -> Index:
        """The published generation, opened anew when another one was published."""
        from rag.embed import embedder_fingerprint, embedder_name
        from rag.store import open_index

        with self._opening:
            if self._index is None or self._index.stale():
                # The one that is left behind is closed when the last question that uses it is done.
                self._retriever = None
                self._index = open_index(
                    self.settings.index_dir, embedder_fingerprint(self.settings), embedder_name(self.settings)
                )
            return self._index


class _Variant(Assistant):
    """Shares all that is expensive with the assistant it was made from."""

    def __init__(self, origin: Assistant, settings: Settings) -> None:
        super().__init__(settings, origin._progress)
        self._origin = origin

    def close(self) -> None:
        """Nothing: the index is the origin's."""

    @cached_property
    def model(self) -> BaseChatModel | None:
        """The origin's model, or one of its own when the engine is another."""
        return self._origin.model if self.settings.llm == self._origin.settings.llm else self._load_model()

    @property
    def _embedder(self) -> Embedder:  # type: ignore[override]
        return self._origin._embedder

    @property
    def _reader(self) -> Reader | None:  # type: ignore[override]
        return self._origin._reader if self.settings.reader else None

    def _opened_retriever(self) -> Retriever:
        return self._origin._opened_retriever()

    def _opened_index(self) -> Index:
        return self._origin._opened_index()


@lru_cache(maxsize=64)
def _known_of(article: Article) -> str:
    parts = (
        article.title,
        article.place,
        article.published or "",
        article.outlet,
        article.author,
        article.text,
    )
    return blanked("\n".join(part for part in parts if part))


def _answer_language(result: SearchResult) -> str:
    """The language of the question, or that of the best passage when the question does not tell."""
    if result.language != "und":
        return result.language
    from rag.vietnamese import guess_language

    guessed = guess_language(result.passages[0].text) if result.passages else "und"
    return "en" if guessed == "und" else guessed
