"""Answer ↔ LangChain messages, with citations in LangChain's standard form."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.content import Citation as StandardCitation
from langchain_core.messages.content import create_citation, create_text_block

from rag.types import Answer, Citation, Turn


def as_message(answer: Answer) -> AIMessage:
    """The answer as one text block, annotated with its citations.

    `start_index` and `end_index` of an annotation point at the sentence in the answer's text that cites;
    where the quote stands in its article is told in `extras`: `n`, `source`, `source_start`, `source_end`,
    `sha256`. Status, notice, engine, short answer and the question as understood are in `response_metadata`.
    """
    metadata = {
        "status": answer.status,
        "language": answer.language,
        "engine": answer.engine,
        "standalone_question": answer.standalone_question,
        "short_answer": answer.short_answer,
    }
    if answer.notice:
        metadata["notice"] = answer.notice
    return AIMessage(
        content_blocks=[create_text_block(answer.answer, annotations=[*_annotations(answer)])],
        response_metadata={**metadata, "output_version": "v1"},
        usage_metadata=_usage(answer.tokens) if answer.tokens else None,
    )


def conversation(asked: str | Sequence[BaseMessage]) -> tuple[str, list[Turn]]:
    """The question and the turns before it: of a plain question, or of messages that end with one."""
    if isinstance(asked, str):
        return asked, []
    turns: list[Turn] = []
    question = ""
    for message in asked:
        if isinstance(message, HumanMessage):
            question = message.text
        elif isinstance(message, AIMessage) and question:
            known = message.response_metadata
            short, standalone = (known.get(name, "") for name in ("short_answer", "standalone_question"))
            turns.append(Turn(question, message.text, short, standalone))
            question = ""
    return question, turns


def _annotations(answer: Answer) -> list[StandardCitation]:
    cited = {citation.n: citation for citation in answer.citations}
    annotations = []
    position = 0
    for sentence in answer.sentences:
        start = answer.answer.find(sentence.text, position)
        if start < 0:
            continue
        position = start + len(sentence.text)
        annotations += [_annotation(cited[n], start, position) for n in sentence.citations]
    return annotations


def _annotation(citation: Citation, start: int, end: int) -> StandardCitation:
    return create_citation(
        url=citation.url if citation.url.lower().startswith(("http://", "https://")) else None,
        title=citation.title or None,
        start_index=start,
        end_index=end,
        cited_text=citation.quote,
        n=citation.n,
        source=citation.source,
        source_start=citation.start,
        source_end=citation.end,
        sha256=citation.sha256,
    )


def _usage(tokens: dict[str, int]) -> UsageMetadata:
    prompt, written = tokens["prompt"], tokens["answer"]
    return UsageMetadata(input_tokens=prompt, output_tokens=written, total_tokens=prompt + written)
