"""What a model writes, whichever provider it is: its end, its thoughts, and whether it is text at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from rag.errors import EngineError
from rag.phrases import phrase
from rag.stream import failure, is_prose, read

PATIENCE = 60
"""Seconds; nothing here waits for them."""


class Scripted(BaseChatModel):
    """Streams the chunks it is given, and fails at the end if it is told to."""

    chunks: list[AIMessageChunk]
    error: Any = None

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self.chunks:
            yield ChatGenerationChunk(message=chunk)
        if self.error:
            raise self.error


def scripted(*texts: str, error: Any = None, **metadata: str) -> Scripted:
    last = AIMessageChunk(content="", response_metadata=metadata)
    return Scripted(chunks=[*(AIMessageChunk(content=text) for text in texts), last], error=error)


def reason(model: Scripted) -> str:
    with pytest.raises(EngineError) as caught:
        list(read(model, [("user", "Ai?")], PATIENCE))
    return caught.value.reason


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"model_provider": "openai", "finish_reason": "stop"},
        {"model_provider": "anthropic", "stop_reason": "end_turn"},
        {"model_provider": "google_genai", "finish_reason": "STOP"},
        {"model_provider": "ollama", "done_reason": "stop"},
        {"model_provider": "google_genai", "finish_reason": "FinishReason.STOP"},
    ],
)
def test_a_stream_that_ends_well_is_all_there_is(metadata: dict[str, str]) -> None:
    assert "".join(read(scripted("Ông ", "Hải", **metadata), [("user", "Ai?")], PATIENCE)) == "Ông Hải"


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"model_provider": "openai"}, "cut"),
        ({"model_provider": "openai", "finish_reason": "length"}, "long"),
        ({"model_provider": "anthropic", "stop_reason": "max_tokens"}, "long"),
        ({"model_provider": "google_genai", "finish_reason": "MAX_TOKENS"}, "long"),
        ({"model_provider": "google_genai", "finish_reason": "SAFETY"}, "cut"),
        ({"model_provider": "anthropic", "stop_reason": "refusal"}, "cut"),
        ({"finish_reason": "length"}, "long"),
        ({"model_provider": "anthropic", "stop_reason": "model_context_window_exceeded"}, "long"),
        ({"model_provider": "google_genai", "finish_reason": "PROHIBITED_CONTENT"}, "cut"),
        ({"model_provider": "ollama", "done_reason": "unload"}, "cut"),
        ({"finish_reason": "abort"}, "cut"),
    ],
)
def test_a_stream_that_does_not_is_never_taken_for_finished(metadata: dict[str, str], expected: str) -> None:
    assert reason(scripted("Ông ", "Hải", **metadata)) == expected


def test_a_stream_that_is_too_long_is_left() -> None:
    pieces = [f"{number} em vào lớp, {number * 3} em ra trường. " * 200 for number in range(40)]
    assert reason(scripted(*pieces)) == "endless"


@pytest.mark.parametrize("piece", ["Hải ", "\n", "Có 12 xã về đích; ", "x"])
def test_the_same_again_and_again_is_left(piece: str) -> None:
    assert reason(scripted(*[piece * 10] * 40)) == "endless"


def test_a_list_whose_lines_look_alike_is_no_loop() -> None:
    lines = [f"- Xã số {number}\n" for number in range(60)]
    assert "".join(read(scripted(*lines), [("user", "Ai?")], PATIENCE)) == "".join(lines)


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>Ai?\n\nÔng Nam?</think>\n\nÔng Hải", "Ông Hải"),
        ("\n<think></think>Ông Hải", "Ông Hải"),
        ("<think>one</think><think>two</think>Ông Hải", "Ông Hải"),
        ("<think>never ends", ""),
        ("<thinner> Ông Hải", "<thinner> Ông Hải"),
        ("Ông <think> Hải", "Ông <think> Hải"),
        ("<thi", "<thi"),
    ],
)
def test_thoughts_are_not_passed_on_however_they_are_cut(text: str, shown: str, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert "".join(read(scripted(*pieces), [("user", "Ai?")], PATIENCE)) == shown


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError(), "slow"),
        (ConnectionRefusedError("no"), "unreachable"),
        (ValueError("No generation chunks were returned"), "silent"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "unreadable"),
        (RuntimeError("out of memory"), "error"),
        (EngineError("Mine.", reason="long"), "long"),
    ],
)
def test_what_a_client_raises_becomes_one_of_our_reasons(error: Exception, expected: str) -> None:
    assert reason(Scripted(chunks=[], error=error)) == expected


def test_a_client_that_raises_after_a_word_was_cut_off() -> None:
    assert reason(scripted("Ông", error=ConnectionResetError())) == "cut"


@pytest.mark.parametrize("language", ["vi", "en", "fr"])
@pytest.mark.parametrize(
    "name",
    ["slow", "unreachable", "status", "cut", "long", "endless", "silent", "unreadable", "error"],
)
def test_every_reason_can_be_told_in_one_line(name: str, language: str) -> None:
    error = failure(name, "500 {odd}")
    told = phrase(f"engine_{error.reason}", language).format(detail=error.detail)
    assert told.endswith(".")
    assert "\n" not in told
    assert error.hint


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("Ông Hải", True),
        ("[WA]", True),
        ("[1] Ông Hải", True),
        ("{Ông} Hải", True),
        ("2 < 3", True),
        ("", True),
        ('{"name": "search"}', False),
        ('[{"name": "search"}]', False),
        ("```json\n{}\n```", False),
        ("<tool_call>{}</tool_call>", False),
        ("<!DOCTYPE html><html></html>", False),
        ("Hi\ufffdu tr\ufffd\ufffdng", False),
        ("Hiệu trưởng Trần Thị Mận đánh trống khai giảng\ufffd", True),
    ],
)
def test_json_pages_and_scrambled_characters_are_no_prose(text: str, prose: bool) -> None:
    assert is_prose(text) is prose
