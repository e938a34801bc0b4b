"""A stream that hangs is given up in time and stopped where it stands."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator

import pytest

from rag.deadline import within


async def counting(n: int, pause: float = 0.0) -> AsyncGenerator[int, None]:
    for number in range(n):
        if pause:
            await asyncio.sleep(pause)
        yield number


def test_a_stream_in_time_is_passed_on_in_order() -> None:
    assert list(within(5, lambda: counting(100))) == list(range(100))


def test_none_is_an_item_like_others() -> None:
    async def stream() -> AsyncGenerator[int | None, None]:
        yield None
        yield 1
        yield None

    assert list(within(5, stream)) == [None, 1, None]


def test_items_come_as_they_are_made() -> None:
    go_on = threading.Event()

    async def stream() -> AsyncGenerator[int, None]:
        yield 1
        assert await asyncio.to_thread(go_on.wait, 5)
        yield 2

    items = within(10, stream)
    assert next(items) == 1
    go_on.set()
    assert list(items) == [2]


def test_a_server_that_never_answers_is_given_up_in_time_and_left() -> None:
    left = threading.Event()

    async def stream() -> AsyncGenerator[int, None]:
        try:
            await asyncio.sleep(60)
            yield 1
        finally:
            left.set()

    started = time.monotonic()
    with pytest.raises(TimeoutError):
        list(within(0.1, stream))
    assert time.monotonic() - started < 2
    assert left.wait(5)


def test_the_time_counts_for_all_items_together() -> None:
    got: list[int] = []
    with pytest.raises(TimeoutError):
        got.extend(within(0.2, lambda: counting(100, pause=0.02)))
    assert len(got) < 50


def test_no_time_left_is_no_time() -> None:
    with pytest.raises(TimeoutError):
        list(within(-1, lambda: counting(100, pause=0.1)))


@pytest.mark.parametrize("error", [ValueError("no such model"), SystemExit("gone"), asyncio.CancelledError()])
def test_a_failure_is_raised_where_it_is_read(error: BaseException) -> None:
    async def stream() -> AsyncGenerator[int, None]:
        yield 1
        raise error

    items = within(5, stream)
    assert next(items) == 1
    with pytest.raises(type(error)) as caught:
        next(items)
    assert caught.value is error
    assert list(within(5, lambda: counting(2))) == [0, 1]


def test_a_stream_that_cannot_even_begin_is_a_failure_too() -> None:
    def make() -> AsyncGenerator[int, None]:
        raise ConnectionError("refused")

    with pytest.raises(ConnectionError, match="refused"):
        list(within(5, make))


def test_whoever_stops_reading_stops_the_stream() -> None:
    closed = threading.Event()
    made: list[int] = []

    async def stream() -> AsyncGenerator[int, None]:
        try:
            async for number in counting(1000, pause=0.005):
                made.append(number)
                yield number
        finally:
            closed.set()

    items = within(20, stream)
    next(items)
    items.close()  # type: ignore[attr-defined]
    assert closed.wait(5)
    assert len(made) < 500


def test_a_stream_that_never_waits_does_not_hold_up_others() -> None:
    endless = within(5, lambda: counting(10**9))
    next(endless)
    assert list(within(5, lambda: counting(3))) == [0, 1, 2]
    endless.close()  # type: ignore[attr-defined]


def test_a_stream_that_swallows_being_cancelled_is_stopped_all_the_same() -> None:
    closed = threading.Event()

    async def stubborn() -> AsyncGenerator[int, None]:
        try:
            while True:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(0.01)
                yield 1
        finally:
            closed.set()

    items = within(5, stubborn)
    next(items)
    items.close()  # type: ignore[attr-defined]
    assert closed.wait(5)
