"""A conversation as a document: Markdown with footnotes, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from rag.markup import escape_markdown, footnoted_markdown
from rag.render import one_line
from rag.types import Answer, Citation, Sentence
from rag.web.history import Conversation


def as_json(conversation: Conversation) -> str:
    """`{"id", "updated", "exchanges": […]}`; each answer is the JSON contract of `rag ask --json`."""
    exchanges = [
        {"question": each.question, "state": each.state, "answer": each.answer or None}
        for each in conversation.exchanges
    ]
    data = {"id": conversation.id, "updated": conversation.updated, "exchanges": exchanges}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def as_markdown(conversation: Conversation) -> str:
    """Each question as a heading, its answer with footnotes that are numbered through the whole document."""
    parts = [f"# {escape_markdown(one_line(conversation.title))}\n"]
    for number, exchange in enumerate(conversation.exchanges, start=1):
        parts.append(f"## {escape_markdown(one_line(exchange.question))}\n")
        if exchange.answer:
            body = footnoted_markdown(_answer(exchange.answer))
            parts.append(re.sub(r"(?<!\\)\[\^(\d+)\]", rf"[^{number}-\1]", body))
        else:
            parts.append(f"*{escape_markdown(one_line(exchange.draft)) or exchange.state}*\n")
    return "\n".join(parts)


def _answer(data: Mapping[str, Any]) -> Answer:
    """What of a saved answer a document shows."""
    return Answer(
        question=data["question"],
        standalone_question=data["standalone_question"],
        language=data["language"],
        status=data["status"],
        answer=data["answer"],
        sentences=tuple(Sentence(s["text"], tuple(s["citations"]), s["verdict"]) for s in data["sentences"]),
        citations=tuple(
            Citation(
                **{
                    name: c[name]
                    for name in (
                        "n",
                        "source",
                        "quote",
                        "start",
                        "end",
                        "sha256",
                        "title",
                        "published",
                        "outlet",
                        "url",
                    )
                }
            )
            for c in data["citations"]
        ),
        retrieved=(),
        engine=data["engine"],
        timings_ms={},
        notice=data.get("notice", ""),
    )
