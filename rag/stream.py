"""What a chat model writes, until it ends well; else the reason why it did not.

Servers go away, hang, send something else than text, or break off. Each provider's client says so in
errors of its own; here they all become an EngineError with one of a few reasons.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from rag.deadline import within
from rag.decode import harmless
from rag.errors import EngineError
from rag.prompts import THOUGHT_ENDS

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

LONGEST = 100_000
"""Characters, thoughts included. No answer is so long, whatever a server was told."""
LONGEST_PERIOD, LOOPING = 120, 360
"""A text that ends in so many characters of one piece said again and again has no end."""
_DETAIL = 160

_ENDINGS = ("finish_reason", "stop_reason", "stopReason", "done_reason")
"""What providers call the reason why their model stopped."""
_TOO_LONG = {
    "length",
    "max_tokens",
    "model_length",
    "max_output_tokens",
    "model_context_window_exceeded",
    "token_limit",
}
_WHOLE = {
    "stop",
    "end_turn",
    "stop_sequence",
    "eos",
    "eos_token",
    "complete",
    "completed",
    "finish",
    "finished",
    "endoftext",
    "end_of_text",
    "normal",
}
"""All else that a model may stop for (a filter, an error, a full window) leaves the answer unfinished."""
_THOUGHT = "<think>"
_NO_PROSE = re.compile(
    r"\s*(```|\{\s*[\"'}]|\[\s*\{|<\|?(tool|function)|<!doctype|<html|<\?xml|\[TOOL_CALLS)", re.IGNORECASE
)


def read(
    model: BaseChatModel, messages: Sequence[Any], seconds: float, tokens: dict[str, int] | None = None
) -> Iterator[str]:
    """Yield the text a model writes, as it comes, without what it thinks aloud first.

    `tokens` is filled with `prompt` and `answer`, if the model counts them.

    Raises:
        EngineError: the time is over, the model cannot be reached, fails, writes nothing, repeats
            itself without end, or stops before its end. What was yielded before stands as it is.
    """
    yield from _without_thoughts(_texts(model, messages, seconds, {} if tokens is None else tokens))


def is_prose(text: str) -> bool:
    """Whether an answer is text at all: no JSON, no call of a tool, no page, no scrambled characters."""
    return not (_NO_PROSE.match(text) or text.count("\ufffd") * 20 > len(text))


def failure(reason: str, detail: str = "") -> EngineError:
    """The error for one of the reasons of `phrases.py`."""
    return EngineError(
        f"The language model failed ({reason}{': ' if detail else ''}{detail}).",
        "Check the model's server, raise RAG_DEADLINE, or use --llm extractive.",
        reason=reason,
        detail=detail,
    )


def _texts(
    model: BaseChatModel, messages: Sequence[Any], seconds: float, tokens: dict[str, int]
) -> Iterator[str]:
    length, tail = 0, ""
    told: dict[str, Any] = {}
    try:
        with closing(within(seconds, lambda: model.astream(messages))) as chunks:  # type: ignore[type-var]
            for chunk in chunks:
                if usage := getattr(chunk, "usage_metadata", None):
                    tokens |= {"prompt": usage["input_tokens"], "answer": usage["output_tokens"]}
                told |= chunk.response_metadata
                text = harmless(str(chunk.text))
                length, tail = length + len(text), (tail + text)[-LOOPING:]
                if length > LONGEST or _is_looping(tail):
                    raise failure("endless")
                yield text
    except EngineError:
        raise
    except Exception as error:
        raise _explained(error, begun=length > 0) from error
    if not length:
        raise failure("silent")
    ending = next((str(told[name]).lower().rpartition(".")[2] for name in _ENDINGS if told.get(name)), "")
    if ending in _TOO_LONG:
        raise failure("long")
    # A provider's stream says why it ended; one that does not was cut off on its way.
    if ending not in _WHOLE if ending else "model_provider" in told:
        raise failure("cut")


def _is_looping(tail: str) -> bool:
    return len(tail) == LOOPING and any(tail[n:] == tail[:-n] for n in range(1, LONGEST_PERIOD + 1))


def _without_thoughts(texts: Iterable[str]) -> Iterator[str]:
    """Text without the `<think>…</think>` that reasoning models put before it."""
    held, open_, decided = "", False, False
    for text in texts:
        if decided:
            yield text
            continue
        held += text
        begin = held.lstrip()
        if not open_ and begin.startswith(_THOUGHT):
            open_ = True
        if open_:
            _, ended, rest = held.partition(THOUGHT_ENDS)
            held = rest.lstrip() if ended else held[-len(THOUGHT_ENDS) :]
            open_ = not ended
        elif not _THOUGHT.startswith(begin):
            decided = True
            yield begin
    if not (open_ or decided):
        yield held


def _explained(error: Exception, *, begun: bool) -> EngineError:
    """A client's error as one of ours. Their classes are told by name: no client need be installed."""
    name = type(error).__name__
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    if isinstance(error, TimeoutError) or "Timeout" in name:
        return failure("slow")
    if isinstance(status, int):
        return failure("status", _shortened(f"{status} {_told_by_server(error)}"))
    if isinstance(error, UnicodeError | json.JSONDecodeError):
        return failure("unreadable")
    if isinstance(error, ConnectionError) or re.search("Connect|Protocol|ReadError", name):
        return failure("cut" if begun else "unreachable")
    if type(error) is ValueError and not begun:
        return failure("silent")  # LangChain's word for a stream without any chunk
    return failure("error", _shortened(str(error) or name))


def _told_by_server(error: Exception) -> str:
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else None
    return str(inner.get("message", "")) if isinstance(inner, dict) else ""


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _DETAIL else text[:_DETAIL] + "…"
