"""Read a stream that may hang from plain code, and give it up in time.

The stream is an asynchronous one: only such a stream can be stopped while it waits for a server, its
connection closed with it.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing
from functools import lru_cache
from typing import Any, TypeVar

from rag.types import Generating

T = TypeVar("T")

_starting = threading.Lock()


def let_wait() -> Generator[Generating, None, float]:
    """Tell the listener that the model is asked next; gives the seconds that it waited before it went on."""
    began = time.monotonic()
    yield Generating()
    return time.monotonic() - began


def within(seconds: float, make: Callable[[], AsyncIterator[T]]) -> Iterator[T]:
    """Yield what `make()` yields, for at most so many seconds in all.

    When the time is over, or nobody reads any more, the stream is cancelled where it stands.

    Raises:
        TimeoutError: the time is over.
        BaseException: whatever the stream raised.
    """
    items: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    stopped = threading.Event()

    async def run() -> None:
        try:
            made: Any = make()
            async with aclosing(made) as stream:
                async for item in stream:
                    # `asyncio.wait_for` in a client can swallow being cancelled (Python 3.11).
                    if stopped.is_set():
                        return
                    items.put(("item", item))
                    await asyncio.sleep(0)  # others use the loop, too
            items.put(("end", None))
        except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
            items.put(("error", error))

    running = asyncio.run_coroutine_threadsafe(run(), _shared_loop())
    ends = time.monotonic() + seconds
    try:
        while True:
            try:
                kind, item = items.get(timeout=max(0.0, ends - time.monotonic()))
            except queue.Empty:
                raise TimeoutError from None
            if kind == "end":
                return
            if kind == "error":
                raise item
            yield item
    finally:
        stopped.set()
        running.cancel()


def _shared_loop() -> asyncio.AbstractEventLoop:
    with _starting:
        return _loop()


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    """One loop for all streams, in a thread of its own: clients keep connections that belong to it."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="rag-streams", daemon=True).start()
    return loop
