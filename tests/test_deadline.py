"""A stream that hangs is given up in time; one that fails tells why."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

import pytest

from rag.deadline import within
from rag.errors import EngineError


def test_a_stream_in_time_is_passed_on_in_order() -> None:
    assert list(within(5, lambda: iter(range(100)))) == list(range(100))


def test_none_is_an_item_like_others() -> None:
    assert list(within(5, lambda: iter([None, 1, None]))) == [None, 1, None]


def test_items_come_as_they_are_made() -> None:
    go_on = threading.Event()

    def stream() -> Iterator[int]:
        yield 1
        assert go_on.wait(5)
        yield 2

    items = within(10, stream)
    assert next(items) == 1
    go_on.set()
    assert list(items) == [2]


def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    release = threading.Event()

    def stream() -> Iterator[int]:
        release.wait(10)
        yield 1

    started = time.monotonic()
    with pytest.raises(EngineError, match="did not finish") as caught:
        list(within(0.1, stream))
    assert time.monotonic() - started < 2
    assert "RAG_DEADLINE" in caught.value.hint
    release.set()


def test_the_time_counts_for_all_items_together() -> None:
    def stream() -> Iterator[int]:
        for number in range(100):
            time.sleep(0.02)
            yield number

    got: list[int] = []
    with pytest.raises(EngineError, match="did not finish"):
        got.extend(within(0.2, stream))
    assert len(got) < 50


def test_no_time_left_is_no_time() -> None:
    with pytest.raises(EngineError, match="did not finish"):
        list(within(-1, lambda: iter(lambda: time.sleep(0.1), 1)))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("no such model"), "failed: no such model$"),
        (SystemExit("gone"), "failed: gone$"),
        (RuntimeError(), "failed: RuntimeError$"),
        (OSError("refused\n  (port 9)"), r"failed: refused \(port 9\)$"),
    ],
)
def test_a_failure_becomes_an_engine_error_with_its_cause(error: BaseException, reason: str) -> None:
    def stream() -> Iterator[int]:
        yield 1
        raise error

    items = within(5, stream)
    assert next(items) == 1
    with pytest.raises(EngineError) as caught:
        next(items)
    assert re.search(reason, caught.value.message)
    assert caught.value.__cause__ is error
    assert caught.value.hint


def test_a_stream_that_cannot_even_begin_is_a_failure_too() -> None:
    def make() -> Iterator[int]:
        raise ConnectionError("refused")

    with pytest.raises(EngineError, match="refused"):
        list(within(5, make))


def test_an_engine_error_passes_as_it_is() -> None:
    mine = EngineError("Out of memory.", "Close something.")

    def stream() -> Iterator[int]:
        raise mine
        yield

    with pytest.raises(EngineError) as caught:
        list(within(5, stream))
    assert caught.value is mine


def test_whoever_stops_reading_stops_the_stream() -> None:
    closed = threading.Event()
    made: list[int] = []

    def stream() -> Iterator[int]:
        try:
            for number in range(1000):
                made.append(number)
                time.sleep(0.005)
                yield number
        finally:
            closed.set()

    items = within(20, stream)
    next(items)
    items.close()  # type: ignore[attr-defined]
    assert closed.wait(5)
    assert len(made) < 500
