"""The page: what the bubble and the panel are given, and how the page is served."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from fake_assistant import ANSWER, QUOTE, FakeAssistant

from rag import web
from rag.types import Turn


def test_the_bubble_streams_and_ends_with_the_checked_answer():
    shown = list(web.answer_events(FakeAssistant(), " Ai chủ trì? ", []))
    assert [bubble for bubble, _ in shown[:-1]] == ["Ông Võ Trọng Hải ", "Ông Võ Trọng Hải nói bừa."]
    bubble, panel = shown[-1]
    assert bubble.startswith(r"Ông Võ Trọng Hải chủ trì hội nghị \[1\].")
    assert QUOTE in panel
    assert {panel for _, panel in shown[:-1]} == {""}


def test_history_reaches_the_assistant():
    assistant = FakeAssistant()
    history = [
        {"role": "user", "content": [{"type": "text", "text": "Ai chủ trì?"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Ông Hải."}]},
    ]
    list(web.answer_events(assistant, "Ở đâu?", history))
    assert assistant.asked[0][1] == (Turn("Ai chủ trì?", "Ông Hải."),)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], []),
        ([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], [Turn("a", "b")]),
        (
            [
                {"role": "user", "content": ["a", {"text": "b"}]},
                {"role": "assistant", "content": {"text": "c"}},
            ],
            [Turn("ab", "c")],
        ),
        ([{"role": "user", "content": "a"}], []),
        ([{"role": "assistant", "content": "greeting"}], []),
        (
            [
                {"role": "user", "content": [{"type": "file", "file": {"path": "x"}}]},
                {"role": "assistant", "content": "b"},
            ],
            [],
        ),
    ],
)
def test_history_comes_as_blocks_or_as_strings(history, expected):
    assert web.turns(history) == expected


def test_an_error_is_told_with_its_hint():
    ((bubble, panel),) = web.answer_events(FakeAssistant(), "broken?", [])
    assert (bubble, panel) == ("The language model failed. Try --llm extractive.", "")


def test_a_bug_is_left_to_gradio_which_shows_no_details():
    with pytest.raises(ZeroDivisionError):
        list(web.answer_events(FakeAssistant(), "bug?", []))


def test_an_empty_and_an_overlong_question_ask_nobody():
    assistant = FakeAssistant()
    assert list(web.answer_events(assistant, "  ", [])) == []
    ((bubble, _),) = web.answer_events(assistant, "a" * (web.LONGEST_QUESTION + 1), [])
    assert str(web.LONGEST_QUESTION) in bubble
    assert assistant.asked == []


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """`rag web` in a process of its own, as a user starts it: its address, and what it said at the end."""
    folder = tmp_path_factory.mktemp("web")
    command = [
        sys.executable,
        str(Path(__file__).parent / "fake_assistant.py"),
        "web",
        "--port",
        str(_free_port()),
    ]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "RAG_CACHE": str(folder)}
    process = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stderr.readline()
        yield line.split()[2].rstrip("/"), line
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=20)
        assert (process.returncode, rest) == (130, "Stopped.\n")
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_the_page_is_served_to_this_computer_only(served):
    address, line = served
    assert address.startswith("http://127.0.0.1:")
    assert "Ctrl-C" in line


@pytest.mark.slow
def test_the_page_loads_nothing_from_elsewhere(served):
    page = _get(served[0] + "/")
    loaded = re.findall(
        r"""<(?:script|img|iframe|link)[^>]*?(?:src|href)=["'](?:https?:)?//([^/"':]+)""", page
    )
    assert set(loaded) <= {"127.0.0.1"}


@pytest.mark.slow
def test_the_page_has_one_endpoint_and_it_answers(served):
    api = served[0] + "/gradio_api"
    assert list(json.loads(_get(f"{api}/info"))["named_endpoints"]) == ["/chat"]
    body = json.dumps({"data": [ANSWER.question]}).encode()
    request = urllib.request.Request(f"{api}/call/chat", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as reply:
        event = json.load(reply)["event_id"]
    lines = _get(f"{api}/call/chat/{event}").splitlines()
    last = json.loads([line for line in lines if line.startswith("data: ")][-1].removeprefix("data: "))
    assert "Võ Trọng Hải chủ trì" in json.dumps(last, ensure_ascii=False)
    assert QUOTE in json.dumps(last, ensure_ascii=False)


@pytest.mark.slow
def test_a_taken_port_is_one_clear_error(served):
    port = served[0].rsplit(":", 1)[1]
    command = [sys.executable, str(Path(__file__).parent / "fake_assistant.py"), "web", "--port", port]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: The page cannot be served on port {port}.\nHint: Choose another: rag web --port 0.\n"
    )


def _get(url):
    with urllib.request.urlopen(url, timeout=20) as reply:
        return reply.read().decode()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
