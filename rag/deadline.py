"""Run a stream that may hang, and give up in time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from rag.errors import EngineError

T = TypeVar("T")


def within(seconds: float, make: Callable[[], Iterator[T]]) -> Iterator[T]:
    """Yield what `make()` yields, for at most so many seconds in all.

    The stream runs in a thread of its own, because a server that never answers cannot be interrupted
    from outside; the thread ends by itself when the stream does.

    Raises:
        EngineError: the time is over, or the stream raised anything.
    """
    items: queue.Queue[tuple[str, T | BaseException | None]] = queue.Queue()
    stopped = threading.Event()

    def run() -> None:
        try:
            stream = make()
            try:
                for item in stream:
                    items.put(("item", item))
                    if stopped.is_set():
                        break
            finally:
                close = getattr(stream, "close", None)
                if close:
                    close()
            items.put(("end", None))
        except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
            items.put(("error", error))

    threading.Thread(target=run, daemon=True).start()
    ends = time.monotonic() + seconds
    try:
        while True:
            try:
                kind, item = items.get(timeout=max(0.0, ends - time.monotonic()))
            except queue.Empty:
                raise EngineError(
                    f"The language model did not finish within {seconds:.0f} s.",
                    "Raise RAG_DEADLINE, or use --llm extractive.",
                ) from None
            if kind == "end":
                return
            if kind == "error":
                assert isinstance(item, BaseException)
                if isinstance(item, EngineError):
                    raise item
                reason = " ".join(str(item).split()) or type(item).__name__
                raise EngineError(
                    f"The language model failed: {reason}",
                    "Check the model's server, or use --llm extractive.",
                ) from item
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
