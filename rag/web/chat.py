"""One question of one reader, from sending to the checked answer, as events.

Passages are shown at once, whoever else is being answered. The offline model answers one at a time: whoever
comes second waits in a line, and is told so.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.coreference import needs_history
from rag.settings import OFFLINE_LLM
from rag.types import Answer, Delta, Filters, Retrieved, Turn

if TYPE_CHECKING:
    from rag.assistant import Assistant

PATIENCE = 0.25
"""Seconds between two looks at whether somebody who waits has left."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The model is busy with so many answers that were asked for before."""

    ahead: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """The reader has seen enough."""


Event = Retrieved | Waiting | Delta | Answer | Stopped


class Line:
    """Lets one through at a time, in the order of coming."""

    def __init__(self) -> None:
        self._waiting: deque[object] = deque()
        self._moved = threading.Condition()

    def join(self) -> object:
        """A place at the end."""
        place = object()
        with self._moved:
            self._waiting.append(place)
        return place

    def held(self) -> bool:
        """Whether anybody has a place."""
        return bool(self._waiting)

    def ahead(self, place: object, seconds: float = 0.0) -> int:
        """How many are before this place; 0 means that it is its turn. Waits at most so long for that."""
        with self._moved:
            self._moved.wait_for(lambda: self._waiting[0] is place, seconds)
            return self._waiting.index(place)

    def leave(self, place: object) -> None:
        """Give up the place, or say that one is done."""
        with self._moved:
            self._waiting.remove(place)
            self._moved.notify_all()


def converse(
    assistant: Assistant,
    question: str,
    turns: Sequence[Turn],
    filters: Filters,
    line: Line,
    stop: threading.Event,
) -> Iterator[Event]:
    """Answer a question: the passages, then text, the checked Answer last, or Stopped once `stop` is set.

    Passages that were shown early may be followed by better ones, when the model has told what a
    follow-up means. Raises as `Assistant.stream`.
    """
    follows = bool(turns) and needs_history(question)
    standing = f"{turns[-1].question.rstrip(' ?')}? {question}" if follows else question
    if assistant.settings.llm != OFFLINE_LLM:
        if line.held():  # what answers is still being loaded
            yield Retrieved(assistant.search(standing, filters=filters))
        yield from _answered(assistant, question, turns, filters, stop)
        return
    place = line.join()
    try:
        ahead = line.ahead(place)
        if ahead or follows:  # the model has to be waited for
            yield Retrieved(assistant.search(standing, filters=filters))
        told = 0
        while ahead:
            if stop.is_set():
                yield Stopped()
                return
            if ahead != told:
                yield Waiting(ahead)
                told = ahead
            ahead = line.ahead(place, PATIENCE)
        yield from _answered(assistant, question, turns, filters, stop)
    finally:
        line.leave(place)


def _answered(
    assistant: Assistant, question: str, turns: Sequence[Turn], filters: Filters, stop: threading.Event
) -> Iterator[Event]:
    with closing(assistant.stream(question, turns, filters)) as events:  # type: ignore[type-var]
        for event in events:
            yield event
            if stop.is_set() and not isinstance(event, Answer):
                yield Stopped()
                return
