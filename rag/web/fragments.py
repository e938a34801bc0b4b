"""Data → escaped HTML. The templates lie in `templates/`; Jinja2's autoescape is on for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.decode import harmless
from rag.durable import Standing
from rag.markup import web_address
from rag.render import one_line, reader_date, snippet
from rag.types import Article, Passage
from rag.web.history import Conversation, Exchange
from rag.web.texts import texts
from rag.wording import find_words, is_item, short_answers

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
_TRAILING_MARKERS = re.compile(r"(\s*\[\d+\])+(?=[.!?…]?\s*$)")


def render(template: str, language: str, **values: Any) -> str:
    """One of our templates. `t` holds the page's words; all values are escaped."""
    return (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(t=texts(language), language=language, **values)
    )


def exchange_html(
    exchange: Exchange,
    language: str,
    standings: Mapping[int, Standing] | None = None,
    *,
    elsewhere: bool = False,
) -> str:
    """A question with its answer.

    `standings` tells of citations whose source has changed since; `elsewhere` means that another tab is
    being answered.
    """
    return render(
        "exchange",
        language,
        exchange=exchange,
        answer=_answer(exchange),
        standings=_troubled(standings),
        elsewhere=elsewhere,
    )


def answer_html(exchange: Exchange, language: str) -> str:
    """The answer alone, when it has ended."""
    return render(
        "answer", language, exchange=exchange, answer=_answer(exchange), standings={}, elsewhere=False
    )


def sources_html(exchange: Exchange, language: str, standings: Mapping[int, Standing] | None = None) -> str:
    """What an answer cites, and apart from it what else was found."""
    answer = _answer(exchange) or {"citations": [], "retrieved": [], "status": ""}
    return _sources(exchange.id, answer, language, _troubled(standings))


def passages_html(exchange_id: str, passages: Sequence[Passage], language: str) -> str:
    """What was found, before anything is answered."""
    found = {"citations": [], "retrieved": [p.to_dict() for p in passages], "status": ""}
    return _sources(exchange_id, found, language, {})


def article_html(
    article: Article,
    language: str,
    *,
    quote: tuple[int, int] | None = None,
    span: tuple[int, int] | None = None,
    **about: Any,
) -> str:
    """A whole article. `quote` and `span` are offsets in its text: what is cited, and the answer in it."""
    return render("article", language, article=article, pieces=_pieces(article.text, quote, span), **about)


def conversations_html(conversations: Sequence[Conversation], language: str) -> str:
    """The list of earlier conversations."""
    return render("conversations", language, conversations=conversations)


def _sources(
    exchange_id: str, answer: Mapping[str, Any], language: str, standings: Mapping[int, Standing]
) -> str:
    quoted = [(c["source"], c["start"], c["end"]) for c in answer["citations"]]
    found = [
        passage
        for passage in answer["retrieved"]
        if not any(
            s == passage["source"] and passage["start"] <= b and e <= passage["end"] for s, b, e in quoted
        )
    ]
    return render(
        "sources", language, exchange_id=exchange_id, answer=answer, found=found, standings=standings
    )


def _answer(exchange: Exchange) -> dict[str, Any] | None:
    """The saved answer, its sentences freed of markers and joined with the citations they name."""
    if exchange.answer is None:
        return None
    by_number = {citation["n"]: citation for citation in exchange.answer["citations"]}
    short = exchange.answer.get("short_answer", "")
    sentences = [
        {
            "parts": _around(
                _TRAILING_MARKERS.sub("", sentence["text"]).strip(),
                [short, *_marked(sentence, by_number), *short_answers(short)],
            ),
            "item": is_item(sentence["text"]),
            "verdict": sentence["verdict"],
            "citations": [by_number[n] for n in sentence["citations"] if n in by_number],
        }
        for sentence in exchange.answer["sentences"]
    ]
    return {"searched_for": "", "notice": "", **exchange.answer, "sentences": sentences}


def _troubled(standings: Mapping[int, Standing] | None) -> dict[int, Standing]:
    return {n: s for n, s in (standings or {}).items() if s.state != "holds"}


def _pieces(
    text: str, quote: tuple[int, int] | None, span: tuple[int, int] | None
) -> tuple[str, list[tuple[str, bool]], str]:
    """What is before the quote, the quote in pieces (each with whether it is the answer), the rest."""
    if quote is None or not 0 <= quote[0] < quote[1] <= len(text):
        return text, [], ""
    start, end = quote
    if span is None or not start <= span[0] < span[1] <= end:
        return text[:start], [(text[start:end], False)], text[end:]
    inner = [(text[start : span[0]], False), (text[span[0] : span[1]], True), (text[span[1] : end], False)]
    return text[:start], [piece for piece in inner if piece[0]], text[end:]


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: harmless(value) if type(value) is str else value,
    )
    filters: dict[str, Callable[..., str]] = {
        "reader_date": reader_date,
        "snippet": snippet,
        "one_line": one_line,
        "web_address": web_address,
    }
    environment.filters.update(filters)
    return environment


def _marked(sentence: Mapping[str, Any], citations: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """The words that answer, in the quotes of a sentence: of several parts each has its own."""
    cited = [citations[n] for n in sentence["citations"] if n in citations]
    return [c["quote"][c["span"][0] - c["start"] : c["span"][1] - c["start"]] for c in cited if c.get("span")]


def _around(text: str, shorts: Sequence[str]) -> tuple[str, str, str]:
    """The text before, at and behind the first short answer in it; all of it before, when there is none."""
    for short in filter(None, shorts):
        if (start := find_words(text, short)) >= 0:
            return text[:start], text[start : start + len(short)], text[start + len(short) :]
    return text, "", ""
