"""What the page can do, without HTTP: ask, stop, open articles and conversations, export."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rag.durable import Standing, check
from rag.errors import RagError, SavedAnswerError, StoreError
from rag.render import reader_date
from rag.settings import EXTRACTIVE
from rag.types import Answer, Article, Delta, Filters, Retrieved, Turn
from rag.web import fragments
from rag.web.chat import Line, Stopped, Waiting, converse
from rag.web.examples import example_questions
from rag.web.feedback import record
from rag.web.history import Conversation, Exchange, History, new_id
from rag.web.options import chosen, read_filters
from rag.web.texts import LANGUAGES, texts

if TYPE_CHECKING:
    from rag.assistant import Assistant

LONGEST_QUESTION = 2000
"""Characters. The browser's own limit is not enforced on the server."""
CONVERSATIONS = "conversations"
"""In the index folder: they are about this corpus."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the browser sends it. Nothing in it is trusted."""

    question: str
    conversation: str = ""
    """Id of the conversation it belongs to; empty begins one."""
    instead_of: Sequence[str] = ()
    """Ids of the exchanges that are taken back (retry, edit); what another tab has added stays."""
    filters: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    wider: bool = False


class Service:
    """One for all readers. Each call names its owner, and touches nothing of others.

    `assistant` answers under the settings the page was started with, `history` holds the conversations.
    """

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.history = History(assistant.settings.index_dir / CONVERSATIONS)
        self._line = Line()
        self._loaded = False
        self._stops: dict[tuple[str, str], threading.Event] = {}
        self._examples: dict[tuple[str, str], list[str]] = {}
        self._making_examples = threading.Lock()

    def warm_up(self) -> None:
        """Load what answers need; those that the model writes wait in line meanwhile."""
        place = self._line.join()
        try:
            with suppress(RagError):  # whoever asks is told
                for language in LANGUAGES:
                    self.examples(language)
                self.assistant.variant(llm=EXTRACTIVE).ask("?")
                self.assistant.warm_up()
        finally:
            self._loaded = True
            self._line.leave(place)

    # --- asking

    def ask(self, owner: str, language: str, asked: Asked) -> Iterator[dict[str, Any]]:
        """Events for the page, from the first word to the checked answer; each carries finished HTML.

        Closing the generator stops the model, and keeps what was written.
        """
        question = asked.question.strip()
        if not question:
            return
        if len(question) > LONGEST_QUESTION:
            yield {"type": "refused", "text": texts(language)["too_long"].format(n=LONGEST_QUESTION)}
            return
        filters = read_filters({} if asked.wider else asked.filters)
        used = {name: value for name, value in asdict(filters).items() if value}
        exchange = Exchange(new_id(), question, filters=used)
        try:
            conversation = self.history.add(owner, asked.conversation, exchange, asked.instead_of)
        except StoreError as error:
            yield {"type": "refused", "text": str(error)}
            return
        turns = conversation.before(exchange.id).turns()
        yield {
            "type": "started",
            "conversation": conversation.id,
            "exchange": exchange.id,
            "exchanges": [each.id for each in conversation.exchanges],
            "html": fragments.exchange_html(exchange, language),
        }
        stop = self._stops[owner, exchange.id] = threading.Event()
        assistant = chosen(self.assistant, asked.settings, wider=asked.wider)
        try:
            with closing(converse(assistant, question, turns, filters, self._line, stop)) as events:  # type: ignore[type-var]
                for event in events:
                    exchange = _after(exchange, event)
                    yield from self._told(event, exchange, language)
        except RagError as error:
            exchange = replace(exchange, state="failed", error=str(error))
        except Exception:
            exchange = replace(exchange, state="failed")
            raise
        finally:
            if exchange.state == "writing":  # the browser has left
                exchange = replace(exchange, state="stopped")
            del self._stops[owner, exchange.id]
            self.history.put(owner, conversation.id, exchange)
        yield {
            "type": "finished",
            "state": exchange.state,
            "html": fragments.answer_html(exchange, language),
            **({"sources": fragments.sources_html(exchange, language)} if exchange.answer else {}),
        }

    def answer(self, question: str, turns: Sequence[Turn], filters: Filters) -> Answer:
        """The checked answer for a program, which waits in the same line as the readers.

        Raises as `Assistant.ask`.
        """
        events = converse(self.assistant, question, turns, filters, self._line, threading.Event())
        return next(event for event in events if isinstance(event, Answer))

    def stop(self, owner: str, exchange_id: str) -> dict[str, Any]:
        """Stop an answer that is being written."""
        stop = self._stops.get((owner, exchange_id))
        if stop:
            stop.set()
        return {"stopping": stop is not None}

    # --- reading

    def article(self, owner: str, language: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """An article as HTML: at a citation of a saved answer, or at a place named by its offsets."""
        conversation = self.history.load(owner, str(wanted.get("conversation", "")))
        exchange = conversation.exchange(str(wanted.get("exchange", ""))) if conversation else None
        citations = exchange.answer["citations"] if exchange and exchange.answer else []
        citation = next((c for c in citations if c["n"] == wanted.get("n")), None)
        source = citation["source"] if citation else str(wanted.get("source", ""))
        article = self._article_of(source)
        about: dict[str, Any] = {"count": len(citations) if citation else 0, "position": 0, "standing": None}
        numbers = [c["n"] for c in citations]
        at = numbers.index(citation["n"]) if citation else 0
        about |= {
            "position": at + 1,
            "previous": numbers[at - 1] if citation and at else None,
            "next": numbers[at + 1] if citation and at + 1 < len(numbers) else None,
        }
        if citation and exchange and exchange.answer:
            about["standing"] = self._standings(exchange).get(citation["n"])
        if article is None:
            gone = Article(source, texts(language)["gone"], "", str(citation["title"]) if citation else "")
            return {"html": fragments.article_html(gone, language, **about), "found": False}
        quote, span = _place(citation, about["standing"]) if citation else (_offsets(wanted), None)
        html = fragments.article_html(article, language, quote=quote, span=span, **about)
        return {"html": html, "found": True}

    def conversations(self, owner: str, language: str) -> dict[str, Any]:
        """The list of an owner's conversations."""
        return {"html": fragments.conversations_html(self.history.conversations(owner), language)}

    def open(self, owner: str, language: str, conversation_id: str) -> dict[str, Any]:
        """A saved conversation, and the sources of its last answer; says which sources have changed."""
        conversation = self.history.load(owner, conversation_id)
        if conversation is None:
            return {"found": False, "text": texts(language)["unknown_conversation"]}
        checked = [(exchange, self._standings(exchange)) for exchange in conversation.exchanges]
        now = {exchange.id for exchange in conversation.exchanges if (owner, exchange.id) in self._stops}
        return {
            "found": True,
            "html": "".join(
                fragments.exchange_html(e, language, s, elsewhere=e.id in now) for e, s in checked
            ),
            "sources": {e.id: fragments.sources_html(e, language, s) for e, s in checked if e.answer},
        }

    def delete(self, owner: str, language: str, conversation_id: str) -> dict[str, Any]:
        """Remove a conversation; gives the list without it."""
        self.history.delete(owner, conversation_id)
        return self.conversations(owner, language)

    def export(self, owner: str, conversation_id: str, kind: str) -> str:
        """A conversation as Markdown with footnotes, or as JSON; empty when there is none."""
        from rag.web.export import as_json, as_markdown

        conversation = self.history.load(owner, conversation_id) or Conversation(conversation_id)
        return as_json(conversation) if kind == "json" else as_markdown(conversation)

    def examples(self, language: str) -> dict[str, Any]:
        """Questions that the corpus at hand can answer."""
        try:
            articles = self.assistant.articles()
        except StoreError:
            return {"html": ""}
        key = (language, "".join(sorted(article.sha256 for article in articles)))
        with self._making_examples:
            if key not in self._examples:
                self._examples = {k: v for k, v in self._examples.items() if k[1] == key[1]}
                self._examples[key] = example_questions(articles, language, self._answered)
        return {"html": fragments.render("examples", language, examples=self._examples[key])}

    def choices(self, language: str) -> dict[str, Any]:
        """What the filters can be set to."""
        try:
            articles = self.assistant.articles()
        except StoreError:
            articles = []
        return {
            "outlets": sorted({article.outlet for article in articles if article.outlet}),
            "sources": [
                {
                    "source": article.source,
                    "title": " · ".join(
                        part
                        for part in (
                            reader_date(article.published, language),
                            article.title or article.source,
                        )
                        if part
                    ),
                }
                for article in articles
            ],
        }

    def feedback(self, owner: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what a reader thinks of an answer."""
        conversation = self.history.load(owner, str(given.get("conversation", "")))
        exchange = conversation.exchange(str(given.get("exchange", ""))) if conversation else None
        if conversation is None or exchange is None or exchange.answer is None:
            return {"kept": False}
        sources = {citation["source"] for citation in exchange.answer["citations"]}
        articles = {source: self._article_of(source) for source in sources}
        record(
            self.assistant.settings.index_dir,
            exchange.answer,
            good=given.get("good") is True,
            right_answer=str(given.get("right_answer", ""))[:LONGEST_QUESTION],
            no_answer=given.get("no_answer") is True,
            history=conversation.before(exchange.id).turns(),
            texts={source: article.text for source, article in articles.items() if article},
        )
        return {"kept": True}

    # --- inside

    def _told(self, event: object, exchange: Exchange, language: str) -> Iterator[dict[str, Any]]:
        """What the page is told at once; the checked answer and the end come with `finished`."""
        if isinstance(event, Retrieved):
            result = event.result
            searched = result.searched_for if result.searched_for != exchange.question else ""
            html = fragments.passages_html(exchange.id, result.passages, language)
            yield {"type": "found", "sources": html, "searched": searched}
        elif isinstance(event, Waiting):
            yield {"type": "waiting", "text": texts(language)["waiting" if self._loaded else "loading"]}
        elif isinstance(event, Delta):
            yield {"type": "delta", "text": event.text}

    def _answered(self, question: str) -> bool:
        return self.assistant.variant(llm=EXTRACTIVE).ask(question).status == "answered"

    def _article_of(self, source: str) -> Article | None:
        with suppress(StoreError):
            return self.assistant.article(source)
        return None

    def _standings(self, exchange: Exchange) -> dict[int, Standing]:
        """What has become of the citations of a saved answer."""
        if exchange.answer is None:
            return {}
        with suppress(SavedAnswerError):
            return {standing.n: standing for standing in check(exchange.answer, self._article_of)}
        return {}


def _after(exchange: Exchange, event: object) -> Exchange:
    if isinstance(event, Delta):
        return replace(exchange, draft=exchange.draft + event.text)
    if isinstance(event, Answer):
        return replace(exchange, state="done", answer=event.to_dict(), draft="")
    if isinstance(event, Stopped):
        return replace(exchange, state="stopped")
    return exchange


def _place(
    citation: Mapping[str, Any], standing: Standing | None
) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Where a citation's quote, and the answer in it, stand now."""
    if standing is not None and (standing.start is None or standing.end is None):
        return None, None
    start, end = citation["start"], citation["end"]
    if standing is not None and standing.state == "moved":
        return (standing.start, standing.end), None  # type: ignore[return-value]
    span = citation.get("span")
    return (start, end), (span[0], span[1]) if span else None


def _offsets(wanted: Mapping[str, Any]) -> tuple[int, int] | None:
    start, end = wanted.get("start"), wanted.get("end")
    return (start, end) if isinstance(start, int) and isinstance(end, int) else None
