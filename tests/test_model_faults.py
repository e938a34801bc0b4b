"""Whatever a model's server does, the reader gets an honest answer in time, and nothing is left hanging."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from model_server import DONE, EVENTS, Connection, ModelServer, event, plain, serving
from typer.testing import CliRunner

import rag.cli
import rag.embed
import rag.opening
from rag.answer import Answerer
from rag.assistant import Assistant
from rag.deadline import _loop
from rag.llm import chat_model
from rag.phrases import phrase
from rag.prompts import load_prompt
from rag.settings import load_settings
from rag.types import Answer, AnswerEvent, Delta, SearchResult, Turn
from tests.test_answer import ARTICLE, PASSAGE, QUESTION
from tests.test_citations import TEXT
from tests.test_retrieve import HashEmbedder

pytest.importorskip("langchain_openai", reason="the extra 'openai' is not installed")

BEST = "Hiệu trưởng Trần Thị Mận đánh trống. [1]"
"""The best sentence of the passages: the extractive answer."""
DEADLINE = 1.5


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy stands between a test and its own computer."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def model_at(url: str, **settings: Any) -> Any:
    return chat_model(load_settings(llm="openai:mine", base_url=url, deadline=DEADLINE, **settings))


def events(model: Any, deadline: float = DEADLINE) -> Any:
    answerer = Answerer("openai:mine", model, load_prompt("answer"), lambda source: ARTICLE, 0.3, deadline)
    result = SearchResult(QUESTION, QUESTION, "vi", (PASSAGE,), 0.9)
    return answerer.stream(QUESTION, QUESTION, result, time.monotonic(), "vi")


def ask(behave: Callable[[Connection], None]) -> tuple[Answer, list[AnswerEvent]]:
    """The answer and what was streamed before it; afterwards nothing hangs, here or at the server."""
    with serving(behave) as server:
        started = time.monotonic()
        *before, last = events(model_at(server.url))
        assert time.monotonic() - started < DEADLINE + 5
        assert server.everyone_gone()
    assert nothing_running()
    assert isinstance(last, Answer)
    return last, before


def nothing_running(seconds: float = 10) -> bool:
    """Whether every stream has ended; those given up end a moment later."""
    ends = time.monotonic() + seconds
    while asyncio.all_tasks(_loop()) and time.monotonic() < ends:
        time.sleep(0.01)
    return not asyncio.all_tasks(_loop())


# --- a server that behaves


def well(connection: Connection) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    connection.send(EVENTS)
    connection.say("Hiệu trưởng", " Trần Thị", " Mận [W", "A]", ending="stop")
    connection.send(event({}, choices=[], usage=usage), DONE)
    connection.end()


def test_a_server_that_behaves_is_simply_used() -> None:
    with serving(well) as server:
        *before, last = events(model_at(server.url, max_answer_tokens=99, temperature=0.5))
    assert isinstance(last, Answer)
    assert (last.answer, last.notice) == ("Hiệu trưởng Trần Thị Mận [1]", "")
    assert last.tokens == {"prompt": 7, "answer": 3}
    assert len([each for each in before if isinstance(each, Delta)]) > 1
    (request,) = server.requests
    assert (request["model"], request["stream"], request["temperature"]) == ("mine", True, 0.5)
    assert request["max_tokens"] == 99
    assert request["stream_options"] == {"include_usage": True}
    assert [m["role"] for m in request["messages"]][:2] == ["system", "user"]
    assert QUESTION in request["messages"][-1]["content"]
    assert TEXT[:20] in request["messages"][-1]["content"]


def test_what_a_model_thinks_aloud_is_not_its_answer() -> None:
    def think(connection: Connection) -> None:
        connection.send(EVENTS)
        connection.say(
            "<th", "ink>Ông Nguyễn", " Văn Nam?</thi", "nk>\n\n", "Trần Thị", " Mận", ending="stop"
        )
        connection.send(DONE)
        connection.end()

    answer, before = ask(think)
    assert (answer.answer, answer.notice) == ("Trần Thị Mận [1]", "")
    assert "".join(each.text for each in before if isinstance(each, Delta)) == "Trần Thị Mận"


def test_what_drives_a_terminal_or_reorders_text_does_not_come_through() -> None:
    hostile = "Trần\x1b[31m Thị\u202e Mận\x9b\ud800"
    answer, before = ask(fault(hostile, STOP))
    assert "Trần\ufffd[31m Thị\ufffd Mận\ufffd\ufffd" in "".join(
        e.text for e in before if isinstance(e, Delta)
    )
    assert not set("\x1b\u202e\x9b\ud800") & set(json.dumps(answer.to_dict(), ensure_ascii=False))


# --- servers that do not


def fault(*said: str | bytes, then: str = "end") -> Callable[[Connection], None]:
    """Headers, some pieces of an answer or plain bytes, and then the end."""

    def behave(connection: Connection) -> None:
        connection.send(EVENTS)
        for each in said:
            connection.send(each) if isinstance(each, bytes) else connection.say(each)
        getattr(connection, then)()

    return behave


def respond(data: bytes) -> Callable[[Connection], None]:
    def behave(connection: Connection) -> None:
        connection.send(data)
        connection.end()

    return behave


def keep_alive_for_ever(connection: Connection) -> None:
    connection.send(EVENTS)
    while True:
        connection.send(b": still thinking\n\n")
        time.sleep(0.05)


def drip(connection: Connection) -> None:
    connection.send(EVENTS)
    for word in QUESTION.split():
        connection.say(f"{word} ")
        time.sleep(1)


def repeat(connection: Connection) -> None:
    connection.send(EVENTS)
    while True:
        connection.say("Hiệu trưởng của trường ")


def go_on(connection: Connection) -> None:
    connection.send(EVENTS)
    for number in itertools.count():
        connection.say(
            f"Năm {number} có {number * 7} em vào lớp và {number * 3} em ra trường, {number}. " * 50
        )


CHUNKED = EVENTS.replace(b"Connection: close", b"Transfer-Encoding: chunked")
LONG = EVENTS.replace(b"Connection: close", b"Content-Length: 9999")
STOP = event({}, "stop") + DONE
CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "search", "arguments": "{}"}}
FAULTS: dict[str, tuple[str, Callable[[Connection], None]]] = {
    "accepts and says nothing": ("slow", Connection.hang),
    "hangs after its headers": ("slow", fault(then="hang")),
    "keeps the connection alive and says nothing": ("slow", keep_alive_for_ever),
    "says a word, then waits": ("slow", fault("Bà", then="hang")),
    "a word a second": ("slow", drip),
    "no HTTP at all": ("unreachable", respond(b"SSH-2.0-OpenSSH_9.9\r\n")),
    "closes at once": ("unreachable", Connection.end),
    "redirects to itself": (
        "unreachable",
        respond(b"HTTP/1.1 307 Go\r\nLocation: /v1/chat/completions\r\nContent-Length: 0\r\n\r\n"),
    ),
    "reset in the middle": ("cut", fault("Bà Trần", " Thị", then="reset")),
    "closed in the middle": ("cut", fault("Hiệu trưởng Trần Thị Mận đánh", " trống lúc")),
    "closed in the middle of a chunk": ("cut", respond(CHUNKED + b"ff\r\n" + event({"content": "Bà"}))),
    "shorter than it said": ("cut", respond(LONG + event({"content": "Bà"}))),
    "stopped by a filter": ("cut", fault("Bà Trần", event({}, "content_filter"), DONE)),
    "reached its token limit": ("long", fault("Bà Trần", event({}, "length"), DONE)),
    "bad JSON in the stream": ("unreadable", fault("Bà", b"data: {\"choices\": [{\n\n", DONE)),
    "not UTF-8": ("unreadable", fault(event({"content": "Mận"}).decode().encode("utf-16"), DONE)),
    "another encoding": ("unreadable", fault(b"data: {\"choices\": \"M\xe2n\"}\n\n", DONE)),
    "scrambled characters": ("unreadable", fault("Hi\ufffdu tr\ufffd\ufffdng Tr\ufffdn", STOP)),
    "words out of nowhere": (
        "unreadable",
        fault(
            "Lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt ut labore.",
            STOP,
        ),
    ),
    "a call of a tool, as text": ("unreadable", fault('{"name": "search", "input": {}}', STOP)),
    "a call of a tool": ("silent", fault(event({"tool_calls": [CALL]}), event({}, "tool_calls"), DONE)),
    "nothing but the end": ("silent", fault(DONE)),
    "an empty body": ("silent", fault()),
    "white space": ("silent", fault(" ", "\n", STOP)),
    "thoughts only": ("silent", fault("<think>Bà Trần", STOP)),
    "a page instead of an answer": ("silent", respond(plain("200 OK", "<html>Log in</html>", "text/html"))),
    "the same for ever": ("endless", repeat),
    "more and more": ("endless", go_on),
    "an error in the stream": (
        "error",
        fault("Bà", b'data: {"error": {"message": "out of memory", "type": "server_error"}}\n\n'),
    ),
    "500": ("status", respond(plain("500 Oh", '{"error": {"message": "out of memory"}}'))),
    "502 with a page": ("status", respond(plain("502 Bad", f"<html>{'x' * 9999}</html>", "text/html"))),
    "401": ("status", respond(plain("401 No", '{"error": {"message": "Incorrect API key"}}'))),
    "404": ("status", respond(plain("404 No", '{"error": {"message": "model \'mine\' not found"}}'))),
    "429": ("status", respond(plain("429 No", '{"error": {"message": "too many"}}'))),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leaves_the_best_sentence_and_one_honest_line(name: str) -> None:
    reason, behave = FAULTS[name]
    answer, before = ask(behave)
    assert (answer.status, answer.answer) == ("answered", BEST)
    told = phrase(f"engine_{reason}", "vi").split("{")[0]
    assert answer.notice.startswith(told)
    assert answer.notice.endswith(phrase("instead", "vi"))
    assert len(answer.notice) < 300
    assert "\n" not in answer.notice
    assert "<think>" not in "".join(each.text for each in before if isinstance(each, Delta))


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        *_, last = events(model_at(f"http://127.0.0.1:{unused.getsockname()[1]}/v1"))
    assert (last.answer, last.notice.split(".")[0]) == (BEST, phrase("engine_unreachable", "vi").rstrip("."))
    assert nothing_running()


@pytest.mark.parametrize(
    ("name", "detail"),
    [("404", "404 model 'mine' not found"), ("500", "500 out of memory"), ("502 with a page", "502")],
)
def test_what_the_server_said_is_passed_on_in_short(name: str, detail: str) -> None:
    answer, _ = ask(FAULTS[name][1])
    assert f"{detail}." in answer.notice


@pytest.mark.parametrize(("then", "reason"), [("end", "cut"), ("reset", "cut"), ("hang", "slow")])
def test_what_was_finished_before_the_fault_is_kept_and_the_rest_is_not(then: str, reason: str) -> None:
    answer, _ = ask(fault("Trần Thị Mận đánh trống [WA]. ", "Trường có 412", then=then))
    assert answer.answer == "Trần Thị Mận đánh trống. [1]"
    assert answer.notice == f"{phrase(f'engine_{reason}', 'vi')} {phrase('so_far', 'vi')}"


def test_what_a_loop_says_again_and_again_is_said_once() -> None:
    def repeat_sentence(connection: Connection) -> None:
        connection.send(EVENTS)
        while True:
            connection.say("Trần Thị Mận đánh trống [WA]. ")

    answer, _ = ask(repeat_sentence)
    assert answer.answer == "Trần Thị Mận đánh trống. [1]"
    assert answer.notice.startswith(phrase("engine_endless", "vi"))


def test_what_was_finished_is_checked_as_ever() -> None:
    answer, _ = ask(fault("Ông Lê Văn Tám hát 5 bài [WA]. ", "Trường có", then="end"))
    assert answer.answer == BEST


def test_whoever_stops_reading_ends_the_connection() -> None:
    with serving(fault("Hiệu trưởng", " Trần", then="hang")) as server:
        stream = events(model_at(server.url), deadline=60)
        assert any(isinstance(each, Delta) for each in stream)
        assert server.someone_there()
        stream.close()
        assert server.everyone_gone()
    assert nothing_running()


# --- as people see it


SCHOOL = "Sáng 5/9/2021, Hiệu trưởng Trần Thị Mận đánh trống khai giảng Trường Hoa Sen."


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`rag` over one article, with a model that hangs after a few words."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "khai-giang.md").write_text(f"# Khai giảng\n\n{SCHOOL}\n", "utf-8")
    monkeypatch.setattr(rag.embed, "load_embedder", lambda *args: HashEmbedder())
    monkeypatch.setattr(rag.embed, "embedder_fingerprint", lambda settings: "hash")
    monkeypatch.setattr("rag.reading.THRESHOLD", 0.0)
    monkeypatch.setattr("rag.reading.THRESHOLD_WITHOUT_READER", 0.0)
    with serving(fault("Hiệu trưởng Trần", then="hang")) as server:
        settings = load_settings(
            corpus=tmp_path / "corpus",
            index=tmp_path / "index",
            cache=tmp_path / "cache",
            llm="openai:mine",
            reader=False,
            base_url=server.url,
            deadline=DEADLINE,
        )
        Assistant.open(settings).index()
        monkeypatch.setattr(rag.opening, "open_assistant", lambda *args: Assistant.open(settings))
        yield server
        assert server.everyone_gone()


NOTICE = f"{phrase('engine_slow', 'vi')} {phrase('instead', 'vi')}"


def test_rag_ask_shows_the_line(hanging: ModelServer) -> None:
    shown = CliRunner().invoke(rag.cli.app, ["ask", "Ai đánh trống khai giảng?"])
    assert shown.exit_code == 0, shown.output
    assert f"Lưu ý: {NOTICE}" in shown.stdout
    assert SCHOOL in shown.stdout


def test_json_holds_the_line(hanging: ModelServer) -> None:
    shown = CliRunner().invoke(rag.cli.app, ["ask", "Ai đánh trống khai giảng?", "--json"])
    answer = json.loads(shown.stdout)
    assert (answer["notice"], answer["answer"]) == (NOTICE, f"{SCHOOL} [1]")


def test_markdown_holds_the_line(hanging: ModelServer) -> None:
    shown = CliRunner().invoke(rag.cli.app, ["ask", "Ai đánh trống khai giảng?", "--markdown"])
    assert f"> Lưu ý: {NOTICE}" in shown.stdout


def test_rag_chat_shows_the_line_and_goes_on(hanging: ModelServer) -> None:
    shown = CliRunner().invoke(
        rag.cli.app, ["chat"], input="Ai đánh trống khai giảng?\nCòn năm 2021 thì sao?\n"
    )
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.count(f"Lưu ý: {NOTICE}") == 2


def test_a_follow_up_shares_the_deadline_with_its_answer(hanging: ModelServer) -> None:
    assistant = rag.opening.open_assistant()
    started = time.monotonic()
    answer = assistant.ask("Bà ấy làm gì ở đó?", [Turn("Ai đánh trống khai giảng?", "Trần Thị Mận")])
    assert time.monotonic() - started < DEADLINE + 3
    assert answer.notice
    assistant.close()


def test_answers_at_the_same_time_do_not_wait_for_each_other(hanging: ModelServer) -> None:
    assistant = rag.opening.open_assistant()
    assistant.search("khai giảng")
    answers: list[Answer] = []
    threads = [
        threading.Thread(target=lambda: answers.append(assistant.ask("Ai đánh trống khai giảng?")))
        for _ in range(6)
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started < 3 * DEADLINE
    assert [answer.notice for answer in answers] == [NOTICE] * 6
    assistant.close()
