"""One question of one reader, from sending to the checked answer, as events.

Passages, and answers for which no model is asked, are shown at once, whoever else is being answered. The
offline model writes one answer at a time: whoever comes second waits in a line, and is told so.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.settings import OFFLINE_LLM
from rag.types import Answer, Delta, Filters, Generating, Retrieved, Turn

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
    one_by_one = assistant.settings.llm == OFFLINE_LLM
    place: object | None = None
    retrieved = False
    try:
        with closing(assistant.stream(question, turns, filters)) as events:  # type: ignore[type-var]
            for event in events:
                if not isinstance(event, Generating):
                    yield event
                elif one_by_one and place is None:
                    place = line.join()
                    if not retrieved and line.ahead(place):
                        asked = f"{turns[-1].question.rstrip(' ?')}? {question}" if turns else question
                        yield Retrieved(assistant.search(asked, filters=filters))
                    yield from _waited(line, place, stop)
                retrieved = retrieved or isinstance(event, Retrieved)
                if stop.is_set() and not isinstance(event, Answer):
                    yield Stopped()
                    return
    finally:
        if place is not None:
            line.leave(place)


def _waited(line: Line, place: object, stop: threading.Event) -> Iterator[Waiting]:
    """Until it is this place's turn, or the reader has seen enough."""
    told = 0
    while (ahead := line.ahead(place, PATIENCE if told else 0.0)) and not stop.is_set():
        if ahead != told:
            yield Waiting(ahead)
            told = ahead
